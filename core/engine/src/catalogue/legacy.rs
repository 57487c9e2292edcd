//! Importing script files of another programmer: what stops it, and what one line can lose.
//!
//! Codes from 1160 are findings: the import succeeds, and the script it writes refuses to run until a person has seen
//! to them, but for 1168, which only tells.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-1150",
        title: "The script file to import is larger than is read",
        meaning: "The file has more than 256 KiB. Scripts that people keep have some dozen lines.",
        cause: "Another file was named: firmware, or an image.",
        remedy: "Name the `.cfg` file.",
    },
    Entry {
        code: "IMP-1151",
        title: "The script file to import has more lines than are read",
        meaning: "The file has more than 2048 lines.",
        cause: "Another file was named, or a script that a program wrote.",
        remedy: "Name the `.cfg` file, or import it in parts.",
    },
    Entry {
        code: "IMP-1152",
        title: "A line of the script file to import is longer than is read",
        meaning: "The line has more than 1024 bytes, placeholders filled in.",
        cause: "Another file was named, or a placeholder stands in one line many times.",
        remedy: "Look at the line that the message names.",
    },
    Entry {
        code: "IMP-1153",
        title: "A text for a placeholder of the script file cannot be used",
        meaning: "The text is too long or has a control character, its number is too high, or no line has a placeholder of \
                  that number.",
        cause: "A slip in the number after `--param`, or a script that no longer has the placeholder.",
        remedy: "Write `--param N=TEXT` for each `/PARAMN/` that the file has, and for no other.",
    },
    Entry {
        code: "IMP-1154",
        title: "The script file to import names more files than a recipe may have",
        meaning: "The script names more than 256 firmware files, or as many serial files.",
        cause: "A script that a program wrote.",
        remedy: "Import it in parts.",
    },
    Entry {
        code: "IMP-1155",
        title: "The script file to import has no command",
        meaning: "Nothing in the file is a command: all of it is empty, comments or set-up lines.",
        cause: "Another file was named.",
        remedy: "Name the `.cfg` file that has CM, QO, PM and the like.",
    },
    Entry {
        code: "IMP-1156",
        title: "The script file to import becomes a longer script than there may be",
        meaning: "The statements for its commands are more than 1 MiB, which is the most a script may have.",
        cause: "A long queue that is programmed very often, or long placeholders.",
        remedy: "Import it in parts.",
    },
    Entry {
        code: "IMP-1160",
        title: "Import, a line: a command that nobody documented",
        meaning: "The line begins with a word whose meaning is not published. Nothing of it is in the script.",
        cause: "A function of one algorithm, or a misspelt command.",
        remedy: "Find out what it does there, and write it at its place in the script.",
    },
    Entry {
        code: "IMP-1161",
        title: "Import, a line: a known command without a counterpart",
        meaning: "What the command does is done in another way here, or its arguments are not published.",
        cause: "VV, PT, commands for ranges, and commands for a person at the host.",
        remedy: "Do as the finding proposes.",
    },
    Entry {
        code: "IMP-1162",
        title: "Import, a line: a set-up line, whose effect is the recipe's or the station's business",
        meaning: "Of the lines that begin with `:` only the description is carried over.",
        cause: "Settings of power, link or image.",
        remedy: "Set in the recipe what the finding proposes, then remove the line `fail(..)` of the script.",
    },
    Entry {
        code: "IMP-1163",
        title: "Import, a line: an argument that is missing or cannot be read, or a placeholder without a text",
        meaning: "The command is known, but not what it works on.",
        cause: "`--param` was not given, a raw file without an address, or a number in an unknown form.",
        remedy: "Give the text with `--param`, or correct the line, and import again.",
    },
    Entry {
        code: "IMP-1164",
        title: "Import, a line: a command that has nothing to work on where it stands",
        meaning: "No module was chosen, no file queued, or no serial file chosen before it.",
        cause: "A part of a script, or lines in another order.",
        remedy: "Put the missing command before it, and import again.",
    },
    Entry {
        code: "IMP-1165",
        title: "Import, a line: a serial number, the format of whose file is not published",
        meaning: "Serial files are not read. A definition to be completed was written in its place.",
        cause: "The script chooses and programs a serial number: CS and PS.",
        remedy: "Complete the definition from the serial file, and take recipe and script lines out of their comments.",
    },
    Entry {
        code: "IMP-1166",
        title: "Import, a line: a module of which nothing says which memory it is",
        meaning: "The algorithm is not the first one of the script, and no base address tells which memory it programs.",
        cause: "CM without a base address, no `--device`, or an address that is in no memory of the device.",
        remedy: "Give `--device` and base addresses, or name the memory in the script.",
    },
    Entry {
        code: "IMP-1167",
        title: "Import, a line: the device, which no line names",
        meaning: "A script file names an algorithm, not a device, and `--device` was not given.",
        cause: "`--device` is missing.",
        remedy: "Import again with `--device PART`; `imprint device list` shows the parts.",
    },
    Entry {
        code: "IMP-1168",
        title: "Import, a line: carried over, but what it does now differs",
        meaning: "The line is in the script. How it is done is another way, which stops nothing.",
        cause: "CM, whose algorithm now comes from the device description; VC, whose sums are now CRC-32.",
        remedy: "Nothing has to be done.",
    },
];
