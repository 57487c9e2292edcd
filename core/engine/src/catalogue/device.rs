//! Device descriptions.
//!
//! They are data with checks, so a wrong one is refused before it is used.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-6000",
        title: "The device file is larger than is read",
        meaning: "The file has more than 256 KiB.",
        cause: "Another file with the ending `.ron`.",
        remedy: "Keep only device descriptions in a folder of devices.",
    },
    Entry {
        code: "IMP-6001",
        title: "The device file is not RON, or not a device",
        meaning: "The text does not parse as a device at the line and column shown.",
        cause: "A misspelt field, a missing comma, or a field of a newer version.",
        remedy: "Correct the place that is shown; `docs/device-files.md` describes every field.",
    },
    Entry {
        code: "IMP-6002",
        title: "The device description contradicts itself",
        meaning: "The file parses, and two of its facts cannot both be true.",
        cause: "Sectors that do not fill their memory, memories that overlap, a name twice.",
        remedy: "Compare with the chip's datasheet.",
    },
    Entry {
        code: "IMP-6003",
        title: "There is no device of that name",
        meaning: "None of the folders of devices has a description of that name.",
        cause: "A misspelt part number, or a folder that was not given.",
        remedy: "`imprint device list` shows the known ones; `--devices DIR` adds more.",
    },
    Entry {
        code: "IMP-6004",
        title: "A folder or file of device descriptions cannot be read",
        meaning: "The system refuses to read it.",
        cause: "A wrong path after `--devices`, or missing permission.",
        remedy: "Name a folder of device descriptions with `--devices DIR`.",
    },
];
