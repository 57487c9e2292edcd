//! Units: what is permitted to them, what they are given, what their target must be.
//!
//! Most of it is found before the wire moves, the rest before anything that cannot be taken back.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-8180",
        title: "The scanned text does not select the image",
        meaning: "The image has rules for barcodes, and the scanned text does not keep them. No target was touched.",
        cause: "The label of another product, or a scanner that adds characters.",
        remedy: "Scan again, or take the image that is meant.",
    },
    Entry {
        code: "IMP-8182",
        title: "A value was not given",
        meaning: "The image is made of something that differs from unit to unit and that must be handed in: a value, a scanned text, the name of the station, the time.",
        cause: "A run without `--value`, `--barcode` or `--station-name`, or a misspelt name.",
        remedy: "Give what the message names.",
    },
    Entry {
        code: "IMP-8183",
        title: "A given serial number cannot be",
        meaning: "The value that was handed in for a serial number does not keep its definition.",
        cause: "A misspelt number, or one of another product.",
        remedy: "Give a number that fits. The message says what was expected where.",
    },
    Entry {
        code: "IMP-8184",
        title: "Data has no value yet",
        meaning: "Data was to be programmed whose value only the script, the target or a run test knows, and none has given it. Nothing was drawn or changed for it.",
        cause: "A script that programs before it sets the data, runs the test or connects.",
        remedy: "Give the value before, as the message says.",
    },
    Entry {
        code: "IMP-8185",
        title: "The target's silicon is older than the image allows",
        meaning: "The image is restricted to a least revision of the device. Nothing was changed.",
        cause: "A part of an older revision in the socket.",
        remedy: "Take parts of a newer revision, or an image that allows this one.",
    },
    Entry {
        code: "IMP-8186",
        title: "The revision of the target cannot be told",
        meaning: "The image is restricted to a least revision, and the device data does not say where the revision is, or the target is locked.",
        cause: "A device file without `revision`, or a script that unlocks.",
        remedy: "Add `revision` to the device file and build again; unlock with an image that has no such restriction.",
    },
    Entry {
        code: "IMP-8187",
        title: "An object is not executable",
        meaning: "The file is the frozen recipe, which nobody has signed.",
        cause: "The wrong file: `.sapobj` in place of `.sap` or `.job`.",
        remedy: "Seal it, then run the image.",
    },
    Entry {
        code: "IMP-8188",
        title: "The permit lacks a serial number",
        meaning: "Who permits units answered without the values that the image needs, or with others.",
        cause: "A gate of another program that does not know the image.",
        remedy: "Look at the program that answers. The accounts of a state folder always give them.",
    },
    Entry {
        code: "IMP-8189",
        title: "Nobody keeps count",
        meaning: "The image counts its units, or draws serial numbers, and was run without anybody who keeps count. No target was touched.",
        cause: "A run without a folder for the accounts.",
        remedy: "Name one: `--state DIR`. A program that embeds the engine hands in a gate.",
    },
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
    Entry {
        code: "IMP-8200",
        title: "The unit's record cannot be kept",
        meaning: "The file of `--records`, or the store that a program handed in, did not take the record. A unit that had passed is told as failed, because nobody could prove it.",
        cause: "A full disk, a file that may not be written, or something else than a file at its path.",
        remedy: "Make room or mend the path, then program the unit again.",
    },
];
