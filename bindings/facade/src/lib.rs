//! What the bindings to C and to Python share: the engine behind a few plain calls.
//!
//! A program in another language has paths and texts, not readers and gates. So here files are named, a station's books
//! are a folder, and a unit is one value that is asked what it lacks and then run. Everything else is the engine's; a
//! binding adds what its language needs and nothing that decides.

mod engine;
mod error;
mod file;
mod image;
mod probe;
mod unit;

pub use engine::{DeviceInfo, Engine, EngineOptions};
pub use error::{INTERNAL, invalid};
pub use image::{Image, ImageFacts, ImageOptions};
pub use imprint::{
    CancelToken, Event, Input, Observer,
    report::{Failure, Outcome, Record, Step, UnitReport, Value},
};
pub use probe::{Probe, probes};
pub use unit::{Unit, UnitOptions};

/// The version of the library, as in `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Plain data as JSON: a report, an event, a failure. The fields are those of the command's `--json`.
pub fn to_json(data: &impl serde::Serialize) -> String {
    // Plain data with texts as keys can always be written.
    serde_json::to_string(data).unwrap_or_default()
}
