//! The engine's own codes. Other crates name theirs; the `catalogue` has all of them.

/// The recipe file cannot be read.
pub const RECIPE_UNREADABLE: &str = "IMP-1025";
/// The script is not Rhai.
pub const SCRIPT_SYNTAX: &str = "IMP-3001";
/// A script calls a function that does not exist.
pub const SCRIPT_UNKNOWN_FUNCTION: &str = "IMP-3002";
/// A script calls a function with a number of arguments it does not take.
pub const SCRIPT_ARGUMENT_COUNT: &str = "IMP-3003";
/// A comparison is an operand of `&`, `|` or `^`.
pub const SCRIPT_PRECEDENCE: &str = "IMP-3004";
/// A script has no `main(unit)`.
pub const SCRIPT_NO_MAIN: &str = "IMP-3005";
/// A script names a payload, setting, memory or module that the image does not have.
pub const SCRIPT_UNKNOWN_NAME: &str = "IMP-3006";
/// A script has a call whose right the image does not grant.
pub const SCRIPT_RIGHT: &str = "IMP-3007";
/// The script is longer than a script may be.
pub const SCRIPT_TOO_LONG: &str = "IMP-3008";
/// The script failed by itself: `throw`, `fail`, `ensure`.
pub const SCRIPT_FAILED: &str = "IMP-3010";
/// An argument is out of its range.
pub const SCRIPT_ARGUMENT: &str = "IMP-3011";
/// Any other error while a line ran: a type, an index, arithmetic.
pub const SCRIPT_RUNTIME: &str = "IMP-3012";
/// The script computed longer than it may.
pub const SCRIPT_TIME: &str = "IMP-3020";
/// The script executed more operations than it may.
pub const SCRIPT_OPERATIONS: &str = "IMP-3021";
/// The script used more memory than it may.
pub const SCRIPT_MEMORY: &str = "IMP-3022";
/// Calls or expressions are nested deeper than they may be.
pub const SCRIPT_DEPTH: &str = "IMP-3023";
/// A value is larger than a script's value may be.
pub const SCRIPT_VALUE_SIZE: &str = "IMP-3024";
/// The script asked for more records or bytes than a unit may have.
pub const UNIT_LIMIT: &str = "IMP-3025";
/// A statement of the script is never reached.
pub const SCRIPT_UNREACHABLE: &str = "IMP-3040";
/// A script uses a variable that does not exist.
pub const SCRIPT_UNKNOWN_VARIABLE: &str = "IMP-3041";
/// A script reads a property that a value does not have.
pub const SCRIPT_UNKNOWN_PROPERTY: &str = "IMP-3042";
/// The script engine itself failed.
pub const SCRIPT_ENGINE: &str = "IMP-3030";

/// A test expected something else.
pub const ASSERTION: &str = "IMP-3050";
/// A test expected a failure, and there was none or another.
pub const EXPECTED_ERROR: &str = "IMP-3051";
/// There is nothing to test.
pub const NO_TESTS: &str = "IMP-3052";
/// A function `test_..` does not take what a test is given.
pub const TEST_PARAMETERS: &str = "IMP-3053";
/// The console has had more lines than it can number.
pub const CONSOLE_LINES: &str = "IMP-3060";

/// Plugins that nobody has signed were allowed, and the unit is on no twin.
pub const UNSIGNED_OFF_TWIN: &str = "IMP-5015";

/// The test code gave another exit code than 0.
pub const TEST_FAILED: &str = "IMP-4101";
/// The test code gave no such result.
pub const TEST_RESULT_MISSING: &str = "IMP-4102";
/// The test code cannot be run as it lies.
pub const TEST_NOT_RUNNABLE: &str = "IMP-4103";
/// The chip can still be read after it was protected.
pub const NOT_PROTECTED: &str = "IMP-4104";
/// Something needs `unit.connect()` first, or must come before it.
pub const WRONG_ORDER: &str = "IMP-4105";
/// A memory cannot do what was asked.
pub const MEMORY_KIND: &str = "IMP-4106";
/// The device has no unique identifier that its maker documents.
pub const NO_UID: &str = "IMP-4107";

/// A payload waits for tests that have not passed.
pub const TESTS_FIRST: &str = "IMP-4108";
/// The target's supply is not the image's.
pub const WRONG_SUPPLY: &str = "IMP-4109";

/// The installed plugin is older than the image asks for.
pub const FAMILY_VERSION: &str = "IMP-5120";
/// The plugin has no board, so there is no twin.
pub const NO_BOARD: &str = "IMP-5121";

/// The unit was cancelled.
pub const CANCELLED: &str = "IMP-8001";
/// The unit took longer than its recipe allows.
pub const UNIT_TIME: &str = "IMP-8002";
/// The image does not grant the right.
pub const RIGHT_MISSING: &str = "IMP-8003";
/// A script wrote to what erases, programs or protects the chip, or to the core's debug registers.
pub const GUARDED: &str = "IMP-8004";
/// The image may not be run on this station.
pub const STATION_NOT_ALLOWED: &str = "IMP-8134";
/// The scanned text does not select the image.
pub const BARCODE_REFUSED: &str = "IMP-8180";
/// A value, a scanned text, a name or a time was not handed in.
pub const VALUE_MISSING: &str = "IMP-8182";
/// A value that was handed in for a serial number is none of its values.
pub const VALUE_REFUSED: &str = "IMP-8183";
/// Data is to be programmed that has no value yet.
pub const DATA_MISSING: &str = "IMP-8184";
/// The target's silicon is older than the image allows.
pub const REVISION_OLD: &str = "IMP-8185";
/// The image restricts the revision, and it cannot be told.
pub const REVISION_UNKNOWN: &str = "IMP-8186";
/// An object was to be run.
pub const NOT_EXECUTABLE: &str = "IMP-8187";
/// The permit lacks the values of a serial number.
pub const SERIAL_MISSING: &str = "IMP-8188";
/// The image counts units, and nobody is there who does.
pub const NOT_COUNTED: &str = "IMP-8189";
/// The unit failed before it was permitted, and its target stays as it is.
pub const GATE_SHUT: &str = "IMP-8195";
/// Who permits units did not answer.
pub const GATE_SILENT: &str = "IMP-8196";
/// The record of a unit could not be kept.
pub const RECORD_NOT_KEPT: &str = "IMP-8200";
/// A transcript is written of an encrypted image.
pub const PLAIN_TRANSCRIPT: &str = "IMP-7140";
/// The worker process ended before it reported.
pub const WORKER_ENDED: &str = "IMP-8010";
/// The worker process could not be started or spoken to.
pub const WORKER_FAILED: &str = "IMP-8011";

/// A script cannot catch these: it was told to stop, or reached for what it may not do.
pub(crate) fn is_final(code: &str) -> bool {
    matches!(
        code,
        CANCELLED | UNIT_TIME | RIGHT_MISSING | GUARDED | REVISION_OLD | REVISION_UNKNOWN
    )
}
