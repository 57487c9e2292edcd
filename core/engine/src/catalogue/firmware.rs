//! Firmware files.
//!
//! What is wrong with a file is found when the object is built, so none of it reaches a target.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-1001",
        title: "The firmware file has nothing to program",
        meaning: "The file was read as one of the known formats and has no byte for the target's memory.",
        cause: "The firmware's build wrote an empty file, or an ELF file without loadable segments.",
        remedy: "Build the firmware again and look at the file's length. A payload has at least one byte.",
    },
    Entry {
        code: "IMP-1002",
        title: "The firmware file is larger than is read",
        meaning: "The file has more bytes than the 64 MiB that are read of a firmware file.",
        cause: "A text format of large data, or the wrong file: a disk image, an archive.",
        remedy: "Name the right file, split it into several payloads, or convert it to a binary format.",
    },
    Entry {
        code: "IMP-1003",
        title: "A raw firmware file needs an address in the recipe",
        meaning: "The content is none of ELF, Intel HEX, S-record and UF2, so it is a raw file, which does not say where it goes.",
        cause: "A `.bin` file without `address`, or a damaged file of another format.",
        remedy: "Say where it goes: `Payload(file: \"..\", address: 0x1000)`. If the file is no raw one, build it again.",
    },
    Entry {
        code: "IMP-1004",
        title: "The recipe gives an address to a file that has its own",
        meaning: "The recipe has an `address` for a file whose format carries its addresses.",
        cause: "A raw file was replaced by an ELF, HEX, S-record or UF2 file and the recipe was left as it was.",
        remedy: "Remove `address`. If the file is raw and only looks like another format, add `format: raw`.",
    },
    Entry {
        code: "IMP-1005",
        title: "The firmware file is cut short",
        meaning: "The file ends before what its format announces.",
        cause: "A transfer that broke off, a full disk, or a build that is still writing.",
        remedy: "Copy or build the file again.",
    },
    Entry {
        code: "IMP-1006",
        title: "A checksum in the firmware file does not hold",
        meaning: "A line of the file has another sum than the one written at its end.",
        cause: "A bit changed in a transfer, or somebody edited the file by hand.",
        remedy: "Build the file again. Do not correct the sum: nobody knows which byte is wrong.",
    },
    Entry {
        code: "IMP-1007",
        title: "The firmware file has something its format does not allow",
        meaning: "The file begins as its format does and then has something that the format has no place for.",
        cause: "A damaged file, a file of another format, or a tool that writes its own dialect.",
        remedy: "Build the file again, or name its `format` in the recipe if it was taken for another.",
    },
    Entry {
        code: "IMP-1008",
        title: "The firmware file is for another kind of processor",
        meaning: "The ELF file is not for a 32-bit little-endian ARM core.",
        cause: "The build for the host or for another board was named.",
        remedy: "Give the firmware that was built for the target's core.",
    },
    Entry {
        code: "IMP-1009",
        title: "The firmware file gives an address more than once",
        meaning: "Two places of the file have data for the same address.",
        cause: "Sections that overlap in the linker script, or two files that were joined into one.",
        remedy: "Look at the linker script or map file at the address, and build again.",
    },
    Entry {
        code: "IMP-1010",
        title: "The firmware file leaves the 32-bit address space",
        meaning: "Data would lie past 0xffffffff, which no target here can address.",
        cause: "A wrong `address` in the recipe, or a damaged address record.",
        remedy: "Check the address in the recipe and in the linker script.",
    },
    Entry {
        code: "IMP-1011",
        title: "The firmware file is scattered in too many pieces",
        meaning: "The file has more separate pieces than are kept of one payload.",
        cause: "A file that was made of single bytes or lines with gaps.",
        remedy: "Fill the gaps in the firmware's build, or convert the file to a raw one.",
    },
];
