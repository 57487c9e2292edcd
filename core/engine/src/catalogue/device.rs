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
    Entry {
        code: "IMP-6010",
        title: "A fact for the twin cannot be",
        meaning: "Under `twin` there is a number that no chip of this kind has.",
        cause: "A digit that was copied wrongly, or the figures of another core.",
        remedy: "Look it up in the core's reference manual, or read it from a chip: `imprint run --transcript FILE`.",
    },
    Entry {
        code: "IMP-6011",
        title: "A figure has no source",
        meaning: "The device file has times or addresses, and does not say what document they are from.",
        cause: "A file that was begun and not finished.",
        remedy: "Name the document with its revision, and the table; nobody can check a figure without.",
    },
    Entry {
        code: "IMP-6020",
        title: "The file is nothing that becomes a device",
        meaning: "It begins neither as an archive nor as an ELF file, and is no text with chips in it.",
        cause: "A wrong file, or one that was not unpacked.",
        remedy: "Give the pack itself (.pack), a flash algorithm (.FLM), or a target description of probe-rs (.yaml).",
    },
    Entry {
        code: "IMP-6021",
        title: "The CMSIS-Pack cannot be used",
        meaning: "Its archive or its package description is damaged, or names what is not in it.",
        cause: "A download that was cut off, or a pack that was repacked without its folder structure.",
        remedy: "Get the pack again from its maker; the message says which file and line of it.",
    },
    Entry {
        code: "IMP-6022",
        title: "The flash algorithm cannot be used",
        meaning: "The ELF file lacks a section, a function or the table that a flash algorithm has.",
        cause: "Another ELF file, or an algorithm for another programmer.",
        remedy: "Take the .FLM of the chip's CMSIS-Pack.",
    },
    Entry {
        code: "IMP-6023",
        title: "The target description cannot be used",
        meaning: "The YAML does not follow the schema of probe-rs 0.32, or contradicts itself.",
        cause: "A description of another version, or a slip in one that was written by hand.",
        remedy: "Correct the place that is shown.",
    },
    Entry {
        code: "IMP-6024",
        title: "The description is larger than is read",
        meaning: "The file, or one inside the pack, exceeds the bound that is shown.",
        cause: "A damaged archive, or a file that is no description.",
        remedy: "Give the pack as its maker publishes it.",
    },
    Entry {
        code: "IMP-6025",
        title: "The file has several devices",
        meaning: "A pack describes a family, and nothing says which part is meant.",
        cause: "A missing `--device`.",
        remedy: "List them with `imprint device import FILE --list`, and choose one with `--device NAME`.",
    },
    Entry {
        code: "IMP-6026",
        title: "The file has no device of that name",
        meaning: "The parts in the file have other names.",
        cause: "A misspelt part number, or another pack.",
        remedy: "List the names with `imprint device import FILE --list`.",
    },
    Entry {
        code: "IMP-6027",
        title: "The description leaves something out",
        meaning: "Without it there is no device that could be programmed; the message says what.",
        cause: "A flash algorithm alone knows no RAM and no core; some packs have no algorithm.",
        remedy: "Say it with the option that is shown, or take it from a known device: `--like NAME`.",
    },
    Entry {
        code: "IMP-6028",
        title: "The core is not one that is programmed",
        meaning: "The device has another core than a Cortex-M0, M0+, M3 or M4.",
        cause: "A newer or larger chip.",
        remedy: "Choose another device; further cores are not supported yet.",
    },
    Entry {
        code: "IMP-6029",
        title: "The description gives no sound device",
        meaning: "What came out of the description contradicts itself, or has a name that no file can have.",
        cause: "A description that does not fit its own algorithm.",
        remedy: "Write the device file by hand, with the datasheet beside it: `docs/device-files.md`.",
    },
    Entry {
        code: "IMP-6030",
        title: "The file of an algorithm is not the one that the device names",
        meaning: "It lies beside the device file and has another name, other code, or no code.",
        cause: "A file that was edited, or that belongs to another pack.",
        remedy: "Import the pack again: `imprint device import`.",
    },
];
