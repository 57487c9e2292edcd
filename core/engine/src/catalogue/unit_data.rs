//! Serial numbers, data, barcode rules and tests of a recipe.
//!
//! All of them are found when the object is built, long before a number is drawn.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-1100",
        title: "A serial number definition is not UTF-8 text",
        meaning: "The file that `definition` names has a byte that is no text.",
        cause: "A wrong path, or an editor that saved it in another encoding.",
        remedy: "Save the definition as UTF-8.",
    },
    Entry {
        code: "IMP-1101",
        title: "A serial number definition is not RON, or a value is not one it can have",
        meaning: "The text does not parse at the place that is shown, or a value there is out of its range.",
        cause: "A missing bracket, more than 64 positions, a character in a position that is not printable ASCII.",
        remedy: "Correct the place that is shown. docs/recipe.md shows whole definitions.",
    },
    Entry {
        code: "IMP-1102",
        title: "A serial number definition has an unknown field or value",
        meaning: "A word stands where only certain ones may.",
        cause: "A misspelt field or kind of position.",
        remedy: "Take the name that the message proposes.",
    },
    Entry {
        code: "IMP-1103",
        title: "A counter cannot count",
        meaning: "Its `start` or `end` is none of its values, its step is 0, or it never comes from one to the other.",
        cause: "`start` and `end` the wrong way round for the direction, or written in another shape than the positions.",
        remedy: "Write `start` and `end` as the first and last value are to look.",
    },
    Entry {
        code: "IMP-1104",
        title: "A list of serial numbers cannot be used",
        meaning: "The CSV file has no such column, an empty, repeated or unprintable value in the line shown, no value at all, or too many.",
        cause: "A header that was not declared, a wrong `column`, an empty line with separators, two merged lists.",
        remedy: "Correct the line that is shown. Each value is used for one unit, so none may be there twice.",
    },
    Entry {
        code: "IMP-1105",
        title: "An encoding does not hold every serial number",
        meaning: "Some value of the definition cannot be written in the encoding that the recipe gives.",
        cause: "A number that needs more bytes, a letter in a number, a MAC address without twelve hexadecimal digits, `raw` for a list of different lengths.",
        remedy: "Choose an encoding, or a length, that holds every value.",
    },
    Entry {
        code: "IMP-1106",
        title: "A serial number definition has fewer values than one unit takes",
        meaning: "`per_unit` is more than all values there are.",
        cause: "A range or a list that is too short.",
        remedy: "Give more values, or lower `per_unit`.",
    },
    Entry {
        code: "IMP-1107",
        title: "Two serial numbers of a recipe draw from one counter",
        meaning: "Both definitions have the same `id`, so a unit would draw from the counter twice.",
        cause: "One definition file named twice, or a copied `id`.",
        remedy: "For several values a unit say `per_unit` in the definition. Otherwise give one another `id`.",
    },
    Entry {
        code: "IMP-1110",
        title: "A serial number or data lies over firmware",
        meaning: "A payload has data at the address shown, and the recipe does not say that the window may lie over it.",
        cause: "A place that the linker script does not leave free, or a wrong address.",
        remedy: "Leave a gap in the firmware. If it is meant to lie over it, say `into` that payload and `over: true`.",
    },
    Entry {
        code: "IMP-1111",
        title: "Two serial numbers or data windows lie at one address",
        meaning: "Both would be programmed to the address shown.",
        cause: "A wrong address or length, or more values a unit than there is room for.",
        remedy: "Move one of them.",
    },
    Entry {
        code: "IMP-1112",
        title: "An entry of the recipe names another that is not there",
        meaning: "A serial number, data or a test names a payload or a test that the recipe does not have.",
        cause: "A misspelt name, or an entry that was renamed.",
        remedy: "Take the name that the message proposes, or add the entry.",
    },
    Entry {
        code: "IMP-1113",
        title: "A window's length, source and encoding do not fit each other",
        meaning: "The value is longer than the window, or the encoding cannot hold what the source gives.",
        cause: "A SHA-256 in fewer than 32 bytes, a number in more than 8, a date longer than its window.",
        remedy: "docs/recipe.md says what goes with each source and encoding.",
    },
    Entry {
        code: "IMP-1114",
        title: "One name is both a serial number and data",
        meaning: "`--value NAME=...` could mean either.",
        cause: "A name that was used twice.",
        remedy: "Rename one of them.",
    },
    Entry {
        code: "IMP-1115",
        title: "Two things that are programmed apart share a unit of the memory",
        meaning: "The smallest unit that the memory programs at once would be programmed twice, which most flash does not take.",
        cause: "A window right behind the firmware, at an address that is no multiple of the unit.",
        remedy: "Move it to a unit of its own, or let both go `into` one payload.",
    },
    Entry {
        code: "IMP-1120",
        title: "The barcode rules contradict themselves",
        meaning: "A range leaves the characters, covers one that is no digit, has `min` above `max`, or there are more than two.",
        cause: "Characters counted from 1, or a range over letters.",
        remedy: "Count characters from 0, and give ranges over digits.",
    },
    Entry {
        code: "IMP-1130",
        title: "A payload waits for tests that are not there",
        meaning: "The payload says `after_tests`, and the recipe has no `tests`.",
        cause: "Tests that were taken out.",
        remedy: "Add `tests`, or take `after_tests` away.",
    },
    Entry {
        code: "IMP-1131",
        title: "Two tests have one name",
        meaning: "Scripts and results name a test, so each needs a name of its own.",
        cause: "A copied entry.",
        remedy: "Rename one of them.",
    },
];
