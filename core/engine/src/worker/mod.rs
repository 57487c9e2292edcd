//! The worker process: where a unit runs, apart from the program that asked for it.
//!
//! A script or a plugin may crash, loop or allocate without end. In a process of its own, under limits of the system, that
//! costs one unit. The worker is the same executable; the two speak JSON lines: the request, then `cancel` if need be and
//! the answer of the gate, one way; messages the other way. The image goes over as an open descriptor, so that no path is opened twice.

mod client;
mod conversation;
mod gate;
mod group;
mod limits;
mod request;
mod sandbox;
mod serve;
mod transcript;

pub use crate::place::Where;
pub use client::{Canceller, WorkerProcess};
pub use conversation::Ended;
pub use limits::WORKER_MEMORY_LEN_MAX;
pub use request::{Dump, Message, Request};
pub use serve::serve;
