//! Virtual boards: a chip with its debug port at register level.
#![forbid(unsafe_code)]

mod access_port;
mod board;
mod bus;
mod cells;
mod core_debug;
mod cpu;
mod debug_port;
mod die;
mod error;
mod fault;
mod fpb;
mod halting;
pub mod limits;
mod link;
pub mod machine;
mod nvic;
mod peripherals;
mod random;
mod rom_table;
mod scs;
mod state;
mod systick;

pub use board::{Board, BoardOptions, Statistics};
pub use cpu::Registers;
pub use debug_port::{Port, WireFault};
pub use error::TwinError;
pub use fault::Fault;
pub use link::{Link, TRANSFER_BITS};
pub use machine::{Machine, StepOutcome};
pub use peripherals::{
    Access, BusFault, Chip, DebugAccess, EraseTime, Master, Peripherals, ResetKind,
};
pub use state::{BoardState, CellRun, MemoryState};
