//! How things look on a terminal. Everything else in the house is data.

mod contents;
mod failure;
mod hex;
mod progress;
mod report;
mod table;
mod units;
mod visible;

pub use contents::{contents, facts_text, grant, manifest, plan};
pub use failure::{failure, warning};
pub use hex::{from_hex, hex};
pub use progress::Bars;
pub use report::report;
pub use table::table;
pub use units::{bytes, duration};
pub use visible::{visible, visible_lines};
