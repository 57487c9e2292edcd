//! Devices out of what others describe: a CMSIS-Pack, a flash algorithm file (FLM), a target description of probe-rs.
//!
//! A description says where the memories are and has the code that erases and programs them. It does not say how a chip is
//! identified, protected or unlocked, nor how long its cells take: what is assumed instead is told with the device, so that
//! a person can put it right.
//!
//! Bytes in, texts out; reads and writes no file.
#![forbid(unsafe_code)]

mod description;
mod error;
mod flm;
mod limits;
mod make;
mod pack;
mod pdsc;
mod target;
mod text;

pub use error::PackError;
pub use make::{Choice, Imported, ImportedAlgorithm, import, names};
