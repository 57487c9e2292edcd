//! Units: what is permitted to them, what they are given, what their target must be.
//!
//! Most of it is found before the wire moves, the rest before anything that cannot be taken back.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-8190",
        title: "A value does not fit where it goes",
        meaning: "A value that was given, scanned, read or found by a test cannot be written in the encoding or the length that the recipe declares.",
        cause: "A text that is too long, letters where a number is declared, an address without all of its digits.",
        remedy: "Give a value that fits, or change the window in the recipe.",
    },
    Entry {
        code: "IMP-8195",
        title: "The unit failed before it was permitted",
        meaning: "`on_abort` asked for something that changes the target, of a unit that was never permitted to. Nothing was changed.",
        cause: "A script whose `on_abort` erases, programs or protects.",
        remedy: "Let `on_abort` log, read and reset. It may change a target that the unit was permitted to change.",
    },
    Entry {
        code: "IMP-8196",
        title: "Who permits units did not answer",
        meaning: "The worker asked its client for the permit and heard nothing in time. The target was not changed.",
        cause: "A journal on a disk that hangs, or a cloud that cannot be reached.",
        remedy: "Check the place that counts units, and run again.",
    },
];
