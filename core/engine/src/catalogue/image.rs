//! Images: opening and reading them.
//!
//! Nothing of a refused image was executed, and no target was touched.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2100",
        title: "The file is not an image",
        meaning: "The file does not begin as an image does.",
        cause: "An object that was not sealed, a transfer as text, or another file.",
        remedy: "Give a `.sap` file. An object is sealed first: `imprint seal X.sapobj --sap -o X.sap --key SIGNING.key`.",
    },
    Entry {
        code: "IMP-2101",
        title: "The image has an unknown format version",
        meaning: "The image was made in a version of the format that this program does not read.",
        cause: "A newer Imprint sealed it.",
        remedy: "Use a newer Imprint, or seal the object again with this one.",
    },
    Entry {
        code: "IMP-2102",
        title: "The image uses an unknown cryptographic suite",
        meaning: "The header names a suite of algorithms that this program does not have.",
        cause: "A newer Imprint sealed it, or the header is damaged.",
        remedy: "Use a newer Imprint, or seal the object again with this one.",
    },
    Entry {
        code: "IMP-2103",
        title: "The image's header is damaged",
        meaning: "The fixed header contradicts itself or a limit, or has bits set that must be zero.",
        cause: "A damaged file, or one that was changed on purpose.",
        remedy: "Copy the image again from where it came from. It must not be used.",
    },
    Entry {
        code: "IMP-2104",
        title: "The image is cut short",
        meaning: "The file ends before the length that its header gives.",
        cause: "A transfer that broke off, or a full disk.",
        remedy: "Copy the image again from where it came from.",
    },
    Entry {
        code: "IMP-2105",
        title: "There is something behind the image that is no grant",
        meaning: "The file goes on behind the image, and what follows is not whole grant records.",
        cause: "Two files were joined, or a grant was appended only in part.",
        remedy: "Copy the image again. Grants can also be kept beside it, in `FILE.grants`.",
    },
    Entry {
        code: "IMP-2106",
        title: "The image is signed by nobody who is trusted, or by too few",
        meaning: "None of the keys that signed the image is trusted here, or fewer than a root document asks for.",
        cause: "The signer's public key was not given with `--trust`, the image is from somebody else, or signatures of the role release or policy are missing.",
        remedy: "Compare the key id with the signer's, on another way than the image came, and then trust that key.",
    },
    Entry {
        code: "IMP-2107",
        title: "A signature of the image does not hold",
        meaning: "The header, the manifest or a signature is not what was signed, or the signatures are not in their order.",
        cause: "A damaged file, or one that was changed on purpose.",
        remedy: "Copy the image again from where it came from. It must not be used.",
    },
    Entry {
        code: "IMP-2108",
        title: "The image's manifest cannot be read",
        meaning: "The signature holds, and what was signed is no manifest.",
        cause: "A program that writes images wrongly.",
        remedy: "Tell the signer: the image was signed like this.",
    },
    Entry {
        code: "IMP-2109",
        title: "The image needs a feature that this version does not know",
        meaning: "The manifest has a critical key that this program does not know.",
        cause: "A newer Imprint sealed it and uses something new.",
        remedy: "Use a newer Imprint.",
    },
    Entry {
        code: "IMP-2110",
        title: "The image is a Job, which needs a cloud",
        meaning: "A Job asks a virtual factory for leave before each unit, and there is none here.",
        cause: "A `.job` file was given to a command that runs SAP images.",
        remedy: "Run it where a cloud is connected, or seal a SAP of the object: `imprint seal X.sapobj --sap ..`.",
    },
    Entry {
        code: "IMP-2111",
        title: "The image's index is damaged",
        meaning: "A tile of the index has another hash than the one above it, or the root in the signed manifest.",
        cause: "A damaged file, or one that was changed on purpose or while it was read.",
        remedy: "Copy the image again from where it came from. It must not be used.",
    },
    Entry {
        code: "IMP-2112",
        title: "A chunk of the image is damaged",
        meaning: "A chunk has another hash than the index says, or does not decrypt.",
        cause: "A damaged file, or one that was changed on purpose or while it was read.",
        remedy: "Copy the image again from where it came from. It must not be used.",
    },
    Entry {
        code: "IMP-2113",
        title: "The sealed object cannot be used",
        meaning: "All hashes hold, and what was sealed is no sound object.",
        cause: "A program that writes images wrongly.",
        remedy: "Tell the signer: the image was signed like this.",
    },
    Entry {
        code: "IMP-2114",
        title: "The image's manifest and object contradict each other",
        meaning: "The manifest says something else about the object than the object itself.",
        cause: "A program that writes images wrongly, or a signer who wants to mislead.",
        remedy: "Do not use the image, and tell its signer.",
    },
    Entry {
        code: "IMP-2115",
        title: "Something in the image points past its end",
        meaning: "A read was asked for that goes past the end of the object or payload.",
        cause: "A script or program that counts wrongly.",
        remedy: "Check the offset and the length against `imprint inspect`.",
    },
    Entry {
        code: "IMP-2116",
        title: "The image cannot be read",
        meaning: "The system refuses to read the file.",
        cause: "A wrong path, missing permission, a failing disk, or a network that went away.",
        remedy: "Check the file and its medium.",
    },
    Entry {
        code: "IMP-2117",
        title: "The image has no payload of that name",
        meaning: "A payload was asked for by a name that the image does not have.",
        cause: "A misspelt name, or an image of an older recipe.",
        remedy: "`imprint inspect FILE` lists the payloads.",
    },
];
