//! The C ABI between Imprint (the host) and a device-family plugin.
//!
//! Only `repr(C)` types over integers, pointers and lengths: no Rust type crosses the boundary, so a plugin may be
//! written in any language and with any compiler. `plugins/include/imprint_plugin.h` is generated from these files.
//!
//! # Ownership
//! 1. Who allocates frees. No memory changes owner across the boundary.
//! 2. Every pointer argument is valid until the call returns, not longer. That holds for the host table too: it is an
//!    argument of every call and must not be kept.
//! 3. `imprint_plugin`, `imprint_family`, extension tables and their strings are static and immutable for the life of
//!    the process. A plugin is never unloaded.
//! 4. A session is made by `open` and ended by `close` exactly once. `close` cannot fail and does not touch the target.
//! 5. Calls on one session never overlap and may come from different threads; different sessions run in parallel.
//!
//! # Growth
//! Tables grow at the end only; every table begins with the size its writer compiled it with, and a reader asks
//! before it touches a field added after 1.0. A null function pointer means "not offered". There are no enums, no
//! `bool`, no bit fields and no unions, because their layout depends on the compiler.
#![no_std]
#![allow(non_camel_case_types)]

mod board;
mod extensions;
mod family;
mod host;
mod plugin;
mod types;

pub use board::*;
pub use extensions::*;
pub use family::*;
pub use host::*;
pub use plugin::*;
pub use types::*;
