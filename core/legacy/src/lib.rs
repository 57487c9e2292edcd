//! Legacy import: a script file (`.cfg`) of PEmicro's programmers becomes a recipe and a Rhai script.
//!
//! Such a file has two-letter commands, set-up lines that begin with `:`, comments after `;` and placeholders `/PARAMn/`.
//! What has a counterpart is carried over; everything else is a [`Finding`] with its line, and stands at its place in the
//! script as a comment. A script that lacks something refuses to run until a person has seen to it: a production that
//! silently does less than it did is worse than none. Pure text to text; reading and writing files is the caller's.
#![forbid(unsafe_code)]

mod argument;
mod error;
mod files;
mod finding;
mod import;
pub mod limits;
mod line;
mod module;
mod output;
mod queue;
mod serial;
mod setup;

pub use error::LegacyError;
pub use files::FileNeeded;
pub use finding::{Cause, Finding};
pub use import::{Imported, Options, import};
pub use line::decode;
pub use serial::SerialFile;
