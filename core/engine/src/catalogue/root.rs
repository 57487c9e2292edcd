//! Root documents: who may do what for an owner.
//!
//! A refused document changes nothing: what was trusted before is trusted still.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2013",
        title: "The file is not a root document",
        meaning: "The file does not begin as a root document does.",
        cause: "Another file was given for the owner's `.root` file.",
        remedy: "Give the `.root` file of the owner.",
    },
    Entry {
        code: "IMP-2014",
        title: "The root document has an unknown format version",
        meaning: "The file begins as a root document of a version that this program does not know.",
        cause: "A newer Imprint made it.",
        remedy: "Use a newer Imprint.",
    },
    Entry {
        code: "IMP-2015",
        title: "The root document is damaged",
        meaning: "The file is cut or too long, or its body is not in the only encoding there is, or has no name or number.",
        cause: "A transfer that broke off, or a program that writes root documents wrongly.",
        remedy: "Copy the root document again. It must not be used.",
    },
    Entry {
        code: "IMP-2016",
        title: "The roles of the root document cannot be",
        meaning: "A role that must be there is missing, has no keys, too many or one twice, or a threshold it cannot reach.",
        cause: "A slip when the document was made.",
        remedy: "Give the roles root and release their keys, and each role a threshold from 1 to the number of its keys; that of distributor is 1.",
    },
    Entry {
        code: "IMP-2017",
        title: "The signatures of the root document do not hold",
        meaning: "A signature does not hold, or they are not in their order, or one signer is there twice.",
        cause: "A damaged file, or one that was changed on purpose.",
        remedy: "Copy the root document again. It must not be used.",
    },
    Entry {
        code: "IMP-2018",
        title: "Too few have signed the root document",
        meaning: "A root document needs the threshold of its own role root, and of that of the document before it.",
        cause: "A key that must sign was not given, or a document of somebody who has only some of the keys.",
        remedy: "Sign it with enough keys of the old and of the new role root, all at once.",
    },
    Entry {
        code: "IMP-2019",
        title: "The root document is signed by a stranger",
        meaning: "Only keys of the old and of the new role root may sign a root document, and another one did.",
        cause: "A key of another role was given to sign with.",
        remedy: "Sign it again with keys of the role root alone.",
    },
    Entry {
        code: "IMP-2020",
        title: "The root document is of another owner",
        meaning: "A root document takes the place of an earlier one of the same owner, and this one names another.",
        cause: "Documents of two owners were mixed up.",
        remedy: "Give the documents of each owner on their own.",
    },
    Entry {
        code: "IMP-2021",
        title: "The root document does not follow the last one",
        meaning: "Its number is not the one behind the highest number accepted so far.",
        cause: "An older document was given, or one between was left out.",
        remedy: "Give the documents one after the other in the order of their numbers. An older one is never taken.",
    },
];
