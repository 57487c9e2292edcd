//! The verbs of scripts.

use super::Unsigned;
use clap::{Args, Subcommand, ValueEnum};
use imprint::image::recipe::Right;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Script {
    /// Find in a script what would fail when the line runs
    Check {
        /// The script, or a recipe (*.ron): its script, and all the names that it may use
        file: PathBuf,
        /// The device whose memories the script names; a recipe names its own
        #[arg(long, value_name = "NAME")]
        device: Option<String>,
        /// How to show findings
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Run the tests of scripts, each on a new virtual board
    Test(ScriptTest),
    /// Try single lines on a virtual board or a chip
    #[command(after_long_help = TRY_HELP)]
    Try(ScriptTry),
    /// Print the functions a script can call, as Markdown
    Reference,
    /// Write the definitions of these functions for editors (*.d.rhai)
    Definitions {
        /// The folder to write them to; it is made if need be
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Put modules of the library beside a recipe, or list what there is
    Library {
        /// Names of the modules [default: list all]
        #[arg(value_name = "MODULE")]
        modules: Vec<String>,
        /// The recipe's folder; what is there is never replaced
        #[arg(long, value_name = "DIR", default_value = ".")]
        to: PathBuf,
    },
}

/// What the console is, for `--help`.
const TRY_HELP: &str = "\
Lines of Rhai, with `unit` and, after `unit.connect()`, `chip`. What has a value shows it; variables and
functions stay; open brackets go on in the next line. Tab completes, Ctrl-C ends a line that runs, Ctrl-D
or `:quit` the console, `:help` shows more. The history is `console-history` in the --home folder.

Each line has the bounds of a script: 5 s of computing, 120 s in all, 50 million operations.

Without a terminal, lines are read from standard input; the exit code is 1 if one of them failed.";

#[derive(Debug, Args)]
pub struct ScriptTry {
    /// What it is tried on: `twin:DEVICE` a new virtual board, `twin:FILE` one in a file, which is saved at the end, `probe` or
    /// `probe:SELECTOR` a chip behind a probe
    #[arg(long, value_name = "UNIT")]
    pub on: String,
    /// The device of a chip behind a probe
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// A right that lines have; may be repeated: mass_erase, unlock_by_erase, option_bytes, one_time, protect
    #[arg(long, value_name = "RIGHT", value_parser = right)]
    pub allow: Vec<Right>,
    #[command(flatten)]
    pub unsigned: Unsigned,
}

fn right(text: &str) -> Result<Right, String> {
    let found = Right::ALL.into_iter().find(|right| right.name() == text);
    found.ok_or_else(|| {
        let known = Right::ALL.map(Right::name).join(", ");
        format!("it is one of {known}")
    })
}

#[derive(Debug, Args)]
pub struct ScriptTest {
    /// The folder: the functions `test_..` in its files `*_test.rhai` are run. What is under test is the recipe NAME.ron of
    /// NAME_test.rhai where there is one, else recipe.ron
    pub dir: PathBuf,
    /// Run only the tests whose name has this text; `FILE::NAME` is looked at
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Chooses what is left to chance, the identifiers of the chips among it [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Replace a setting of the recipe; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    #[command(flatten)]
    pub unsigned: Unsigned,
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: with the line, and what to do
    Text,
    /// A line each, for editors: FILE:LINE:COLUMN: SEVERITY[CODE]: WHAT; WHAT TO DO
    Short,
    /// One object, for editors and programs
    Json,
}
