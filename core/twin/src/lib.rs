//! Virtual boards: a chip with its debug port at register level, on a virtual clock. Names no chip.
//!
//! A `Board` is what a probe sees: transfers to the debug port, sequences, pins, time. Behind it, from the wire inwards:
//! `link` (prices), `debug_port` and `access_port`, `bus` (who answers an address) with the `die` (memories, map,
//! clock, cells) and the family's `Peripherals`, and the `cpu` with its private peripherals (`scs`, `nvic`, `systick`,
//! `fpb`, `halting`). `serve` is what programs of others speak to a board. Nothing here reads a real clock or makes a thread: the same transfers give the same answers at
//! the same virtual nanosecond on every machine.
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
pub mod serve;
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
