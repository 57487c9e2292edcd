//! The schema of `devices/*.ron`: what is known about a chip as data.
//!
//! A device is data (this crate) plus behaviour (a family plugin). It is plain serde types, so that the image can
//! freeze it, the twin can be built from it, and the wire can be driven by it, without knowing each other.
#![forbid(unsafe_code)]

mod algorithm;
mod algorithm_file;
mod check;
mod device;
mod inspect;
mod load;
mod memory;
mod place;
mod twin;

pub use algorithm::{Algorithm, AlgorithmRef, FrozenDevice};
pub use algorithm_file::ALGORITHM_FILE_LEN_MAX;
pub use device::{Core, Device, Guarded, Revision, Swd, Uid};
pub use inspect::Mistake;
pub use load::DeviceError;
pub use memory::{Memory, MemoryKind, Nor, Sectors, Timing};
pub use place::{Step, place_of};
pub use twin::{Jtag, RomTable, TestAccessPort, TwinData};
