//! Scripts, before and while they run.
//!
//! What can be found before production is; the rest ends one unit.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-3001",
        title: "The script is not Rhai",
        meaning: "The parser cannot read the script at the place that is shown.",
        cause: "A missing bracket or semicolon, or `eval`, `Fn`, `curry` and closures, which a programming script does not have.",
        remedy: "Correct the place that is shown. `docs/script-guide.md` has the language on one page.",
    },
    Entry {
        code: "IMP-3002",
        title: "The script calls a function that does not exist",
        meaning: "No function of the script, its modules or the engine has that name.",
        cause: "A misspelt name.",
        remedy: "Take the name that the message proposes; `imprint script reference` lists all.",
    },
    Entry {
        code: "IMP-3003",
        title: "The script calls a function with arguments it does not take",
        meaning: "A function of that name exists, and none takes these arguments.",
        cause: "An argument too many or too few, or of another type.",
        remedy: "The message shows how it is called; `imprint script reference` lists all.",
    },
    Entry {
        code: "IMP-3004",
        title: "A comparison is an operand of `&`, `|` or `^`",
        meaning: "In Rhai, as in C, `a & b != 0` means `a & (b != 0)`.",
        cause: "Brackets were left out when a bit was tested.",
        remedy: "Write `(a & b) != 0`.",
    },
    Entry {
        code: "IMP-3005",
        title: "The script has no `main(unit)`",
        meaning: "A unit is programmed by calling `main(unit)`, and the script has no such function.",
        cause: "Another name or another number of parameters, or a module given as the script.",
        remedy: "Put the steps into `fn main(unit) { .. }`.",
    },
    Entry {
        code: "IMP-3006",
        title: "The script names a payload, setting, memory or module that is not there",
        meaning: "The recipe or the device has nothing of that kind and name.",
        cause: "A misspelt name, or a recipe or device that changed.",
        remedy: "Take the name that the message proposes, or add it to the recipe.",
    },
    Entry {
        code: "IMP-3007",
        title: "The script has a call whose right the recipe does not list",
        meaning: "The call would be refused when the line runs, because the image does not grant its right.",
        cause: "A new step in the script, and `rights` of the recipe left as they were.",
        remedy: "Add the right to `rights` of the recipe if the step is meant.",
    },
    Entry {
        code: "IMP-3008",
        title: "The script is longer than a script may be",
        meaning: "The script, or one of its modules, has more than 256 KiB.",
        cause: "Data was written into the script.",
        remedy: "Put data into payloads and settings.",
    },
    Entry {
        code: "IMP-3010",
        title: "The script failed the unit: `throw`, `fail`, `ensure`",
        meaning: "The script itself found that the unit is not good.",
        cause: "What the message says: a test value out of its range, a wrong chip.",
        remedy: "Look at the line that is shown and at the records and log of the unit.",
    },
    Entry {
        code: "IMP-3011",
        title: "An argument is out of its range",
        meaning: "A function was given a value that it cannot work with.",
        cause: "A computed address, length or time that is wrong.",
        remedy: "The message has what was expected and what was found.",
    },
    Entry {
        code: "IMP-3012",
        title: "A line could not be executed: a type, an index, arithmetic",
        meaning: "The line is sound Rhai and failed with the values it had.",
        cause: "A text where a number belongs, an index past the end, a division by zero.",
        remedy: "Look at the values in the line that is shown; `unit.log(..)` shows them in a run.",
    },
    Entry {
        code: "IMP-3020",
        title: "The script computed longer than it may",
        meaning: "The time of the script itself, without the calls it makes to the chip, is over.",
        cause: "A loop that does not end, or bytes moved one by one.",
        remedy: "Find the loop, or raise `script_time_ms` in the recipe.",
    },
    Entry {
        code: "IMP-3021",
        title: "The script executed more operations than it may",
        meaning: "The script ran more than 50 million operations.",
        cause: "A loop that does not end, or bytes moved one by one.",
        remedy: "Find the loop. Bytes are moved by `program`, `verify` and `crc32`, not by the script.",
    },
    Entry {
        code: "IMP-3022",
        title: "The script used more memory than it may",
        meaning: "The process has more memory in use than a script may cause.",
        cause: "Arrays or texts that grow in a loop.",
        remedy: "Keep data in payloads: their bytes never enter the script.",
    },
    Entry {
        code: "IMP-3023",
        title: "Calls or expressions are nested deeper than they may be",
        meaning: "Functions call each other too deeply, or one expression has too many levels.",
        cause: "A recursion, or a very long expression.",
        remedy: "Use a loop in place of the recursion; split the expression into statements.",
    },
    Entry {
        code: "IMP-3024",
        title: "A value is larger than a script's value may be",
        meaning: "A text, array, map or blob grew over its limit, or there are too many variables.",
        cause: "Data that is collected in a loop, or firmware as a literal.",
        remedy: "Keep firmware in payloads, and record results as they come.",
    },
    Entry {
        code: "IMP-3025",
        title: "The unit has more records, log lines or bytes than it may",
        meaning: "A limit of one unit's report, or of one read, is reached.",
        cause: "A record or log line in a loop, or a large memory read into the script.",
        remedy: "Record a summary. Compare with `verify` or sum with `crc32`, which run on the target.",
    },
    Entry {
        code: "IMP-3030",
        title: "The script engine failed",
        meaning: "The engine that runs scripts, or the thread it runs on, ended unexpectedly.",
        cause: "A mistake in Imprint, or a machine without memory.",
        remedy: "Report it with the script. Erase the target before the next attempt.",
    },
];
