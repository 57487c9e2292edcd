//! Bounds on what comes from plugins, each with its reason.

/// Most families in one plugin.
pub const FAMILIES_MAX: usize = 256;

/// Most options or commands in one family: the UICR of one chip has some sixty words.
pub const NAMED_MAX: usize = 1024;

/// Longest id, name or summary, in bytes: one sentence.
pub const TEXT_LEN_MAX: usize = 1024;

/// Longest sentence in an error, in bytes.
pub const MESSAGE_LEN_MAX: usize = 1024;

/// Longest description that `identify` gives, in bytes.
pub const IDENTITY_LEN_MAX: usize = 1024;

/// Longest unique identifier, in bytes: chips have 8 to 16.
pub const UID_LEN_MAX: usize = 64;

/// Longest output of a family's command, in bytes.
pub const COMMAND_OUTPUT_LEN_MAX: usize = 64 << 10;

/// Most log lines kept from one call, and the length of each in bytes: what a unit's log shows of one step.
pub const LOG_LINES_MAX: usize = 1000;
/// See `LOG_LINES_MAX`.
pub const LOG_LINE_LEN_MAX: usize = 1024;

/// Most windows of a board.
pub const WINDOWS_MAX: usize = 256;

/// Largest state of a board, in bytes: what is neither in cells nor lost without power.
pub const BOARD_STATE_LEN_MAX: usize = 1 << 20;
