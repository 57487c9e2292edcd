//! Recipes, and the files they name.
//!
//! A recipe is written by hand, so the place of a mistake matters more than its number.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-1020",
        title: "The recipe is larger than is read",
        meaning: "The recipe has more than 1 MiB of text.",
        cause: "Data was written into the recipe, or another file was named.",
        remedy: "Put data into payload files and name them in the recipe.",
    },
    Entry {
        code: "IMP-1021",
        title: "The recipe is not RON, or a value is not one a recipe can have",
        meaning: "The text does not parse at the place that is shown, or a value there is out of its range.",
        cause: "A missing comma or bracket, a text where a number belongs, a time of zero.",
        remedy: "Correct the place that is shown. The README that `imprint new` writes shows a whole recipe.",
    },
    Entry {
        code: "IMP-1022",
        title: "The recipe has an unknown field or value",
        meaning: "A word stands where only certain ones may.",
        cause: "A misspelt field or right, or a recipe for a newer Imprint.",
        remedy: "Take the name that the message proposes, or use the Imprint that knows it.",
    },
    Entry {
        code: "IMP-1023",
        title: "`--set` names a setting that the recipe does not have",
        meaning: "A setting can be replaced on the command line only if the recipe has it.",
        cause: "A misspelt name, or a recipe from before the setting.",
        remedy: "Take the name that the message proposes, or add it to `settings` of the recipe.",
    },
    Entry {
        code: "IMP-1024",
        title: "`--set` cannot be read",
        meaning: "What follows `--set` is not NAME=VALUE with a name and a value that a setting can have.",
        cause: "A missing `=`, or a shell that split the value at a space.",
        remedy: "Write `--set NAME=VALUE`, in quotes if the value has spaces.",
    },
    Entry {
        code: "IMP-1025",
        title: "The recipe file cannot be read",
        meaning: "The system refuses to read the recipe, or it is not UTF-8 text.",
        cause: "A wrong path, missing permission, or another file.",
        remedy: "Check the path. `imprint new DIR` makes a project with a recipe.",
    },
    Entry {
        code: "IMP-1030",
        title: "A file that the recipe names is not there",
        meaning: "No file has the path that the recipe gives.",
        cause: "A misspelt path, or firmware that was not built yet.",
        remedy: "Paths are relative to the recipe's folder. Build the firmware first.",
    },
    Entry {
        code: "IMP-1031",
        title: "A file that the recipe names lies outside of its folder",
        meaning: "The path, or a link in it, leads out of the recipe's folder.",
        cause: "`..` or an absolute path, or a symbolic link to another place.",
        remedy: "Copy the file into the recipe's folder. A recipe then builds the same on every machine.",
    },
    Entry {
        code: "IMP-1032",
        title: "The recipe names something that is not a plain file",
        meaning: "At the path is a folder, a pipe, a socket or a device.",
        cause: "A folder was named in place of a file in it.",
        remedy: "Name a plain file.",
    },
    Entry {
        code: "IMP-1033",
        title: "A file that the recipe names is larger than is read",
        meaning: "The file is longer than a file of its kind may be.",
        cause: "The wrong file, or data in a script.",
        remedy: "Check that it is the right file.",
    },
    Entry {
        code: "IMP-1034",
        title: "A file that the recipe names cannot be read",
        meaning: "The file is there, and the system refuses to read it.",
        cause: "Missing permission, or a failing disk.",
        remedy: "Check the permissions of the file.",
    },
];
