//! What the host offers a family during a call.
//!
//! `[session]` functions may be called only by the thread that is inside a call on this session. `[any]` functions
//! may be called by any thread until that call returns.

use crate::types::{imprint_error, imprint_status, imprint_str};
use core::ffi::c_void;

/// Levels of `imprint_host::log`.
pub const IMPRINT_LOG_ERROR: u32 = 1;
/// Something a person should look at.
pub const IMPRINT_LOG_WARN: u32 = 2;
/// What is being done.
pub const IMPRINT_LOG_INFO: u32 = 3;
/// Detail for who debugs the plugin.
pub const IMPRINT_LOG_DEBUG: u32 = 4;

/// A call of code that lies in the target's memory.
#[repr(C)]
pub struct imprint_call {
    /// Size of this struct as the caller compiled it.
    pub struct_size: u32,
    /// Longest time to wait for the return, in milliseconds of target time.
    pub timeout_ms: u32,
    /// Address of the function; bit 0 is ignored.
    pub entry: u64,
    /// Initial stack pointer.
    pub stack: u64,
    /// Value of R9, the static base of position-independent code.
    pub static_base: u64,
    /// R0 to R3.
    pub args: [u64; 4],
}

/// The host's functions. Every failing function explains itself in `error`, which may be null.
#[repr(C)]
pub struct imprint_host {
    /// Size of this struct as the host compiled it.
    pub struct_size: u32,
    /// `IMPRINT_ABI_MAJOR` of the host.
    pub abi_major: u16,
    /// `IMPRINT_ABI_MINOR` of the host.
    pub abi_minor: u16,
    /// The host's own.
    pub ctx: *mut c_void,
    /// `[session]` Reads `len` bytes of the target's memory.
    pub mem_read: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            address: u64,
            buffer: *mut u8,
            len: usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Writes `len` bytes to the target's memory. Aligned words are written as words; 2 aligned bytes are
    /// one transfer of 16 bits, because some flash controllers take nothing else.
    pub mem_write: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            address: u64,
            buffer: *const u8,
            len: usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Calls code on the target; `result` receives R0.
    pub call: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            call: *const imprint_call,
            result: *mut u64,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Waits; wakes early with `IMPRINT_E_CANCELLED`. The only way to wait.
    pub delay_us: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            us: u64,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Reports progress of the current call, in bytes or steps.
    pub progress: Option<unsafe extern "C" fn(host: *const imprint_host, done: u64, total: u64)>,
    /// `[any]` Writes a line to the log of the unit; `level` is `IMPRINT_LOG_*`.
    pub log:
        Option<unsafe extern "C" fn(host: *const imprint_host, level: u32, message: imprint_str)>,
    /// `[any]` 1 when the unit is to stop.
    pub is_cancelled: Option<unsafe extern "C" fn(host: *const imprint_host) -> u8>,
    /// `[session]` A property of the device, from `properties` in its description. `len` receives the bytes the
    /// value needs; `IMPRINT_E_UNSUPPORTED` when there is none of that name.
    pub property: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            name: imprint_str,
            buffer: *mut u8,
            cap: usize,
            len: *mut usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` The table of a host extension (`IMPRINT_EXT_*`), or null. Valid until the call returns.
    pub extension:
        Option<unsafe extern "C" fn(host: *const imprint_host, id: imprint_str) -> *const c_void>,
}
