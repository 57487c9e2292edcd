//! Objects: building them, reading them; and writing files.
//!
//! What an object cannot be made of is refused before there is an image.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-1040",
        title: "The script or a module is not UTF-8 text",
        meaning: "There is a byte at the offset shown that is no text.",
        cause: "The file was saved in another encoding, or is no script.",
        remedy: "Save the file as UTF-8.",
    },
    Entry {
        code: "IMP-1041",
        title: "The recipe is for another device than the data given",
        meaning: "The recipe names one part number, and the device data handed in is of another.",
        cause: "A program that embeds the engine looked up the wrong device.",
        remedy: "Hand in the data of the device that the recipe names.",
    },
    Entry {
        code: "IMP-1042",
        title: "A payload lies outside of the device's memories",
        meaning: "Data of the payload has an address at which the device has no memory.",
        cause: "A linker script for another part number, or a raw file with a wrong `address`.",
        remedy: "Check the linker script against `imprint device show NAME`.",
    },
    Entry {
        code: "IMP-1043",
        title: "A payload lies in memory that cannot be programmed",
        meaning: "The memory there was written by the chip's factory and is read-only.",
        cause: "A firmware file that was read back from a chip with all its memories.",
        remedy: "Leave that range out of the firmware file.",
    },
    Entry {
        code: "IMP-1044",
        title: "A payload lies in memory for which the recipe lacks the right",
        meaning: "Writing that memory needs a right which the recipe does not list.",
        cause: "Option bytes or one-time memory in the firmware file: on purpose, or left in by the linker script.",
        remedy: "If it is meant, add the right to `rights` of the recipe. If not, leave the range out.",
    },
    Entry {
        code: "IMP-1045",
        title: "Two payloads lie at one address",
        meaning: "Both payloads have data for the address shown.",
        cause: "Boot loader and application were linked for the same place.",
        remedy: "Move one. If one is meant to lie over the other, say `window: true` in its Payload.",
    },
    Entry {
        code: "IMP-1060",
        title: "The file is not an object",
        meaning: "The file does not begin as an object does.",
        cause: "An image, a recipe or another file was given where an object belongs.",
        remedy: "Give a `.sapobj` file; `imprint build RECIPE.ron -o X.sapobj` makes one.",
    },
    Entry {
        code: "IMP-1061",
        title: "The object has an unknown format version",
        meaning: "The object was made in a version of the format that this program does not read.",
        cause: "It was built by a newer Imprint.",
        remedy: "Use the Imprint that made it, or build it again with this one.",
    },
    Entry {
        code: "IMP-1062",
        title: "The object is cut short or lengthened",
        meaning: "The file's length is not the one its directory gives.",
        cause: "A transfer that broke off, or something was appended.",
        remedy: "Copy the object again, or build it again.",
    },
    Entry {
        code: "IMP-1063",
        title: "The object is larger than is read",
        meaning: "The object has more bytes than are held in memory.",
        cause: "Payloads that are too large together.",
        remedy: "Make the payloads smaller, or several images of them.",
    },
    Entry {
        code: "IMP-1064",
        title: "A part of the object is damaged",
        meaning: "A part has another SHA-256 than the directory says, or does not read as what it is.",
        cause: "A bit changed in a transfer or on a disk, or somebody edited the file.",
        remedy: "Build the object again: `imprint build RECIPE.ron -o X.sapobj`.",
    },
    Entry {
        code: "IMP-1090",
        title: "A file cannot be written; nothing of it is left",
        meaning: "The system refused to make, fill or rename the file.",
        cause: "The folder does not exist, may not be written, or its disk fails.",
        remedy: "Check the folder and its permissions. What was at the path before is unchanged.",
    },
    Entry {
        code: "IMP-1091",
        title: "The disk is full; nothing of the file is left",
        meaning: "There was no room for the whole file, or the user's quota is used up.",
        cause: "A full disk.",
        remedy: "Make room and try again. What was at the path before is unchanged.",
    },
    Entry {
        code: "IMP-1092",
        title: "The file exists already and is never replaced",
        meaning: "There is a file at the path, and this kind of file is never written over: a lost key cannot be made again.",
        cause: "A key of that name was made before.",
        remedy: "Choose another name, or remove the file first if it is really not needed.",
    },
    Entry {
        code: "IMP-1093",
        title: "A link, a folder, a device, a pipe or a socket is where a file should be written; it stays",
        meaning: "Only a plain file is replaced. What is at the path is none, and is unchanged.",
        cause: "An output such as `/dev/null`, or a symbolic link.",
        remedy: "Name a plain file, or the file that the link leads to.",
    },
];
