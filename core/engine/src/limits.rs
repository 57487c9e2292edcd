//! Every bound of the engine, each with its reason.
//!
//! A script comes from whoever signed the image, which is not a promise that it ends or fits. Bounds that a recipe may
//! lower or raise are in `Limits`; the others are constants.

use std::time::Duration;

/// Bounds of one unit. A recipe names the two times; the rest is the engine's.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest time a script may compute, host calls excluded.
    pub script_time: Duration,
    /// Longest time of the whole unit.
    pub unit_time: Duration,
    /// Most operations a script may execute.
    pub operations: u64,
    /// Most memory the process may use while a script runs, in bytes.
    pub memory_len: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            script_time: Duration::from_millis(5_000),
            unit_time: Duration::from_millis(120_000),
            operations: OPERATIONS_MAX,
            memory_len: MEMORY_LEN_MAX,
        }
    }
}

/// Operations of a script: some ten seconds of computing, far beyond what a programming script needs.
pub const OPERATIONS_MAX: u64 = 50_000_000;
/// Memory of the process. Rhai's own limits bound single values, not their number.
pub const MEMORY_LEN_MAX: usize = 96 << 20;
/// Findings in one script or module: more than anybody reads at once, and each costs a search for its line.
pub const FINDINGS_MAX: usize = 500;
/// Script text: the longest known production scripts are a tenth of this.
pub const SCRIPT_LEN_MAX: usize = 256 << 10;
/// Depth of an expression at the top and in a function; fits a 2 MiB stack in a release build.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// Depth of an expression in a function.
pub const EXPRESSION_DEPTH_IN_FUNCTION_MAX: usize = 32;
/// Nested calls: a script is a list of steps, not a recursion.
pub const CALL_LEVELS_MAX: usize = 16;
/// Length of a string in bytes: a line of a log, a certificate.
pub const STRING_LEN_MAX: usize = 16 << 10;
/// Items of an array, bytes of a blob. Each push walks the array, so this also bounds time.
pub const ARRAY_COUNT_MAX: usize = 16 << 10;
/// Properties of a map.
pub const MAP_COUNT_MAX: usize = 256;
/// Variables in scope at once.
pub const VARIABLES_MAX: usize = 128;
/// Functions of a script and its modules.
pub const FUNCTIONS_MAX: usize = 256;
/// Modules a script may import.
pub const MODULES_MAX: usize = 8;
/// Stack of the thread a script runs on. Evaluation at the depths above overflows 1 MiB.
pub const SCRIPT_STACK_LEN: usize = 8 << 20;
/// How often the watchdog looks at the clock: the grain of every deadline.
pub const WATCHDOG_PERIOD: Duration = Duration::from_millis(10);
/// Time `on_abort` has after a failure: to log, or to reset the target. Less than a worker gets past its unit's time.
pub const ABORT_TIME: Duration = Duration::from_millis(500);
/// Lines of a unit's log.
pub const LOG_LINES_MAX: usize = 1_000;
/// Length of one line of the log in bytes.
pub const LOG_LINE_LEN_MAX: usize = 256;
/// Records of a unit.
pub const RECORDS_MAX: usize = 256;
/// Times a unit may write a record, the same one again included: each is told to whoever watches, and kept there.
pub const RECORD_WRITES_MAX: usize = 4_096;
/// Length of a record's name in bytes.
pub const RECORD_NAME_LEN_MAX: usize = 128;
/// Length of a record's value in bytes.
pub const RECORD_LEN_MAX: usize = 4 << 10;
/// Steps of a unit. With all of them, and full records and log, a report still fits a worker's line.
pub const STEPS_MAX: usize = 4_096;
/// Changes of one kind that are kept: a script has as many steps at most, and what one of them changes mostly hangs together.
pub const CHANGES_MAX: usize = STEPS_MAX;
/// Longest wait until whoever watches has been told of a change that is about to begin. One who is slower is not waited for.
pub const ANNOUNCE_TIME: Duration = Duration::from_millis(500);
/// Length of what a step says it works on, in bytes: the name of a payload, a range.
pub const STEP_DETAIL_LEN_MAX: usize = 128;
/// Length of what is told of a thrown value, in bytes: it may be a map of maps.
pub const THROWN_LEN_MAX: usize = 1 << 10;
/// Bytes a script may read from the target at once: a blob.
pub const READ_LEN_MAX: usize = ARRAY_COUNT_MAX;
/// Bytes a family command may take and give.
pub const COMMAND_LEN_MAX: usize = 4 << 10;
/// Length of a unique identifier in bytes: the longest known has 16.
pub const UID_LEN_MAX: usize = 64;
/// Text a run test may print, in bytes.
pub const TEST_OUTPUT_LEN_MAX: usize = 64 << 10;
/// Named results of a run test.
pub const TEST_RESULTS_MAX: usize = 128;
/// Attempts to read the flash of a chip that has just been protected.
pub const PROTECT_PROOF_READS: u32 = 3;
/// Largest board file: a megabyte of flash in hexadecimal, with room.
pub const BOARD_FILE_LEN_MAX: u64 = 64 << 20;
/// Bytes of a payload in memory at once. Pieces end at multiples of this address, so that no page of a flash is split
/// between two of them.
pub const PIECE_LEN: u64 = 64 << 10;
/// Lines of the wire's transcript that a test keeps: what came after a failure must not push out what was before it.
pub const WIRE_LINES_MAX: usize = 4_096;
/// Length of such a line in bytes. A block of words is as long as the block.
pub const WIRE_LINE_LEN_MAX: usize = 160;
/// Lines that are shown before a failure.
pub const WIRE_LINES_BEFORE: usize = 20;
/// Lines that are shown after it.
pub const WIRE_LINES_AFTER: usize = 5;
/// Units of one test: a batch. A test that needs more has a loop that does not end.
pub const TEST_UNITS_MAX: usize = 100;
/// Lines of one console. A place in a script has 16 bits for its line.
pub const CONSOLE_LINES_MAX: usize = 60_000;
/// Length of a value as it is shown, in bytes.
pub const SHOWN_LEN_MAX: usize = 1 << 10;
/// Bytes of a blob that are shown.
pub const SHOWN_BLOB_LEN_MAX: usize = 64;
