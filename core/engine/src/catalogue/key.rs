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
    Entry {
        code: "IMP-2010",
        title: "The key is under a passphrase",
        meaning: "The key file is sound, and its key can only be taken out with its passphrase.",
        cause: "No passphrase was given.",
        remedy: "Give it: `--passphrase-file FILE`.",
    },
    Entry {
        code: "IMP-2011",
        title: "The passphrase is wrong, or the key file was changed",
        meaning: "The box around the key does not open. It does not tell a wrong passphrase from a changed file.",
        cause: "A mistyped passphrase; one in a file may have a space or a line too many.",
        remedy: "Try the passphrase again. If it is right, take the key file from its backup.",
    },
    Entry {
        code: "IMP-2012",
        title: "The cost of the passphrase is out of its range",
        meaning: "A file says how much memory and time it costs to try a passphrase, and this one asks for too much or too little.",
        cause: "A file that somebody changed, or that a program wrote with another idea of cost.",
        remedy: "Lock the key again: 8 to 1,048,576 KiB, 1 to 16 passes, 1 to 4 lanes with 8 KiB each.",
    },
    Entry {
        code: "IMP-2022",
        title: "The passphrase is empty",
        meaning: "A key is not put under an empty passphrase, which protects nothing.",
        cause: "An empty file of the passphrase, or only return was typed.",
        remedy: "Give a passphrase, or leave the key file plain.",
    },
    Entry {
        code: "IMP-2023",
        title: "The key ring cannot be read",
        meaning: "The system refuses to read the folder or a file in it.",
        cause: "A wrong path, or files that belong to another user.",
        remedy: "Check the path and the permissions.",
    },
    Entry {
        code: "IMP-2024",
        title: "The key ring has too many files",
        meaning: "More files are in the folder than are read.",
        cause: "A folder that is used for something else too.",
        remedy: "Give the ring a folder of its own, and remove what is not used.",
    },
    Entry {
        code: "IMP-2025",
        title: "The file does not belong in a key ring",
        meaning: "A ring holds public keys of signers, secret keys of its station, and root documents.",
        cause: "The secret key of a signer or the public key of a station was given.",
        remedy: "Give the other half of the pair.",
    },
    Entry {
        code: "IMP-2026",
        title: "The key ring has no such entry",
        meaning: "Nothing in the ring has that id.",
        cause: "It was removed before, or the id belongs to another ring.",
        remedy: "`imprint keyring list` names what is there.",
    },
    Entry {
        code: "IMP-2027",
        title: "The key is not under a passphrase",
        meaning: "The key file is plain, so there is nothing to unlock.",
        cause: "The file was unlocked before, or another one was meant.",
        remedy: "Use the key file as it is.",
    },
];
