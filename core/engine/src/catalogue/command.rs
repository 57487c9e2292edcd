//! The command line, programs that embed the engine, and the files that both name.
//!
//! A mistake here has done nothing yet.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-9001",
        title: "An argument cannot be used",
        meaning: "An argument of the command line is not of a form that it takes.",
        cause: "A typing error, or two options that exclude each other.",
        remedy: "The message says what was expected; `imprint VERB --help` has the forms.",
    },
    Entry {
        code: "IMP-9002",
        title: "A file or folder exists already",
        meaning: "Something is where the command would make a new file or folder.",
        cause: "The command ran before.",
        remedy: "Choose another name, or remove it first.",
    },
    Entry {
        code: "IMP-9003",
        title: "A file to write is also read, or would be written twice",
        meaning: "An output is, under this or another name, an input or another output. Nothing was written.",
        cause: "A slip in the command line that would have cost a key or an image.",
        remedy: "Name another file to write.",
    },
    Entry {
        code: "IMP-9010",
        title: "A file or folder cannot be read",
        meaning: "The system refuses to read it, or it is a pipe where a plain file belongs.",
        cause: "A wrong path or missing permission.",
        remedy: "Check the path and its permissions.",
    },
    Entry {
        code: "IMP-9011",
        title: "A file or folder cannot be written",
        meaning: "The system refuses to write it.",
        cause: "A folder that does not exist, missing permission, or a full disk.",
        remedy: "Check that the folder exists, may be written and has room.",
    },
    Entry {
        code: "IMP-9012",
        title: "The user's configuration folder is not known",
        meaning: "The system does not say where the user's configuration lies.",
        cause: "A service without a home folder.",
        remedy: "Name one with `--home DIR` or the variable IMPRINT_HOME.",
    },
    Entry {
        code: "IMP-9030",
        title: "An argument of a call cannot be used",
        meaning: "A program that embeds the engine called it with something that it cannot work with: null where a handle \
                  belongs, a text that is not UTF-8, a struct without its size, a place that is none.",
        cause: "A call before it failed, and that was not asked; or a slip.",
        remedy: "Look at the message, which names the argument, and check what the call before returned.",
    },
    Entry {
        code: "IMP-9031",
        title: "A file that a program named cannot be read",
        meaning: "The system refuses to read it, or it is no plain file.",
        cause: "A wrong path or missing permission.",
        remedy: "Check the path, which is seen from the folder the program runs in, and its permissions.",
    },
    Entry {
        code: "IMP-9032",
        title: "The library itself failed",
        meaning: "A call ended by a mistake in Imprint. The program that called goes on.",
        cause: "A defect, or a system that has no more threads or memory.",
        remedy: "Report it, with what was called. Treat a unit that was running as changed.",
    },
];
