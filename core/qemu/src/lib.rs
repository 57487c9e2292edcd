//! Boards of QEMU as probes: a chip model that nobody here wrote, behind the wire where a twin stands.
//!
//! QEMU has no debug port. It has a remote debugger, which reaches the core, and a test protocol (qtest), which reaches the
//! buses as a core does, flash controller included. This crate makes of the two what a probe meets on a wire: a debug port,
//! a memory access port, a ROM table and the core's debug registers. The engine above runs unchanged.
//!
//! It is the only code beside the worker's client that starts another program. What is told of QEMU was observed in
//! version 7.2.
#![forbid(unsafe_code)]

mod board;
mod bus;
mod core;
mod debug_port;
mod error;
mod gdb;
mod limits;
mod process;
mod qtest;
mod registers;
mod rom_table;

pub use board::{MACHINES, QemuBoard};
pub use error::QemuError;
