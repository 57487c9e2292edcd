//! What went over a wire, as text: each transfer a line, with its time, its values and its answer.
//!
//! The lines are for people and for [`Reader`], so there is one type for both: an [`Entry`] is written by its `Display` and
//! read back as the same. A transcript may come from anybody, and is read a line at a time under bounds. The format is in
//! `docs/transcript.md`.
#![forbid(unsafe_code)]

mod entry;
mod error;
mod header;
mod limits;
mod parse;
mod reader;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use entry::{Action, Entry, Fault, Port, Stop};
pub use error::TranscriptError;
pub use header::{Clock, Header};
pub use limits::{LINE_LEN_MAX, PASS_NS_MAX};
pub use reader::Reader;
