//! Every bound on foreign text, in one place; they hold before anything is made of it.

/// Longest file, in bytes. Scripts that people keep have some dozen lines.
pub const FILE_LEN_MAX: usize = 256 << 10;

/// Most lines of a file.
pub const LINE_COUNT_MAX: usize = 2048;

/// Longest line, in bytes, before and after placeholders are filled in: a command and a Windows path of 260 characters,
/// in UTF-8.
pub const LINE_LEN_MAX: usize = 1024;

/// Longest text for a placeholder, in bytes: the longest path in a recipe.
pub const PARAMETER_LEN_MAX: usize = 255;

/// Highest number of a placeholder. Callers of the compilers use one digit.
pub const PARAMETER_NUMBER_MAX: u32 = 99;

/// Most firmware files, and most serial files: what a recipe may have.
pub const FILE_COUNT_MAX: usize = 256;

/// Longest script that is made, in bytes: what a script may have. Placeholders and long queues make it grow.
pub const SCRIPT_LEN_MAX: usize = 1 << 20;

/// Longest name in a recipe, in bytes.
pub const NAME_LEN_MAX: usize = 64;

/// Longest file name, in bytes: what a path in a recipe and a file system take.
pub const FILE_NAME_LEN_MAX: usize = 255;

/// Time of a unit where a recipe gives none, in milliseconds; delays of the script are added to it.
pub const UNIT_TIME_MS: u64 = 60_000;

/// Longest time a recipe may give one unit, in milliseconds: a day.
pub const UNIT_TIME_MAX_MS: u64 = 24 * 3600 * 1000;
