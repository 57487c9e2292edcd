//! Keys and key files.
//!
//! All keys look alike, so a wrong one is told by what it is for.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2001",
        title: "The file is not a key",
        meaning: "The file does not begin as any key file does.",
        cause: "Another file was given, or a key of another program.",
        remedy: "Give a key file of Imprint; `imprint key new NAME` makes a pair.",
    },
    Entry {
        code: "IMP-2002",
        title: "The key is of an unknown kind or version",
        meaning: "The file begins as a key file of Imprint and is of a kind that this program does not know.",
        cause: "A newer Imprint made it.",
        remedy: "Use the Imprint that made it.",
    },
    Entry {
        code: "IMP-2003",
        title: "The key is for another purpose",
        meaning: "The file is a sound key, and not of the kind that is needed here.",
        cause: "The secret key was given for the public one, or a station's for a signer's.",
        remedy: "Give the key that the message asks for; `imprint key show FILE` tells what a key is.",
    },
    Entry {
        code: "IMP-2004",
        title: "The key file is damaged",
        meaning: "The file begins as a key, and its digits are missing, wrong, or no key of that kind.",
        cause: "A line that was cut when it was copied, or an editor that changed it.",
        remedy: "Copy the key file again. A public key can be asked for again, a secret one comes from your backup.",
    },
    Entry {
        code: "IMP-2005",
        title: "The key file cannot be read",
        meaning: "The system refuses to read the file.",
        cause: "A wrong path, or a secret key that belongs to another user.",
        remedy: "Check the path and the permissions.",
    },
];
