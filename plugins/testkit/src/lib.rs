//! The conformance kit: does a device-family plugin keep the rules of the ABI?
//!
//! Each rule that a program can test is a [`Case`] with a name, a purpose and the rule it stands for. A case runs in a
//! process of its own, so that a plugin that crashes, hangs or panics is a finding and not the end of the check
//! ([`check`]). The chip is a twin: the family's own board where it has one, else a plain one. The kit's host can do what
//! a real one rarely does: be old, cancel at the seventh callback, fail at the eighth, lose power at each write.
//!
//! An author runs it as `imprint plugin check FILE --device FILE.ron`, or as an ordinary test, with the plugin linked in:
//!
//! ```text
//! // tests/conformance.rs
//! imprint_testkit::conformance!(acme_one::PLUGIN, "devices/ACME1.ron");
//! ```

mod bench;
mod case;
mod cases;
mod chip;
mod library;
mod nor;
mod process;
mod raw;
mod raw_board;
mod raw_nulls;
mod raw_tables;
mod session;
mod subject;
mod verdict;
mod wire;

pub use case::{Case, Scope, cases};
pub use process::{Report, Row, check, families, families_here, run_here};
pub use subject::{BoardKind, Origin, Subject};
pub use verdict::{Finding, Verdict};

#[doc(hidden)]
pub use imprint_plugin_abi as abi;
#[doc(hidden)]
pub use process::conformance;

/// Makes the test `conformance`: every case of the kit, each in a process of its own, on a plugin that is linked in.
///
/// The first argument is the plugin's table as `imprint_plugin::plugin!` makes it, the others are device descriptions,
/// relative to the crate's folder.
#[macro_export]
macro_rules! conformance {
    ($plugin:expr, $($device:expr),+ $(,)?) => {
        #[test]
        fn conformance() {
            let folder = ::std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
            let devices = [$(folder.join($device)),+];
            let wanted = ::std::env::var($crate::CASE_VARIABLE).ok();
            $crate::conformance(|| ($plugin).table(), &devices, wanted.as_deref());
        }
    };
}

/// Names the case that a process of `conformance!` is to run.
#[doc(hidden)]
pub const CASE_VARIABLE: &str = "IMPRINT_TESTKIT_CASE";
