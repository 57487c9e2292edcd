//! A device family: the behaviour of chips that data cannot say.
//!
//! Order of calls: `open` (no target access), `unlock` (debug port only, and only when the script asks), then the
//! host attaches, `identify`, then anything. A null `erase` or `program` means that the host uses the algorithm the
//! device's description names.

use crate::{
    host::imprint_host,
    types::{imprint_error, imprint_status, imprint_str},
};
use core::ffi::c_void;

/// A name with one sentence about it.
#[repr(C)]
pub struct imprint_named {
    /// The name a script writes.
    pub name: imprint_str,
    /// One sentence, shown in listings.
    pub summary: imprint_str,
}

/// One device family.
#[repr(C)]
pub struct imprint_family {
    /// Size of this struct as the plugin compiled it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The id that `family` in a device's description names, for example `nordic.nrf5`.
    pub id: imprint_str,
    /// One sentence about the family.
    pub summary: imprint_str,
    /// Number of `options`.
    pub option_count: usize,
    /// Options that `option_read` and `option_write` know.
    pub options: *const imprint_named,
    /// Number of `commands`.
    pub command_count: usize,
    /// Commands that `command` knows.
    pub commands: *const imprint_named,
    /// Opens a session for `device`. Does not touch the target. Required.
    pub open: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            device: imprint_str,
            session: *mut *mut c_void,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Ends a session. Required.
    pub close: Option<unsafe extern "C" fn(session: *mut c_void)>,
    /// Reads what chip is there and writes a short description to `text`. `IMPRINT_E_MISMATCH` when it is another
    /// device than the session's.
    pub identify: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            text: *mut u8,
            cap: usize,
            len: *mut usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Opens a locked target by erasing it. Only the debug port extension is offered.
    pub unlock: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Reads the unique identifier, in the order the chip's memory has it.
    pub read_uid: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            uid: *mut u8,
            cap: usize,
            len: *mut usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Erases `len` bytes from `address`, whole sectors.
    pub erase: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            address: u64,
            len: u64,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Programs erased memory.
    pub program: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            address: u64,
            data: *const u8,
            len: usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Writes what protects the target against readout. The host resets the target afterwards and proves it.
    pub protect: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Tells whether the target is protected. May be called before the target is attached.
    pub is_protected: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            is_protected: *mut u8,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Reads an option by name.
    pub option_read: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            name: imprint_str,
            value: *mut u64,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Writes an option by name.
    pub option_write: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            name: imprint_str,
            value: u64,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Runs one of the family's own commands.
    pub command: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_host,
            name: imprint_str,
            input: *const u8,
            input_len: usize,
            output: *mut u8,
            output_cap: usize,
            output_len: *mut usize,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// The table of a family extension (`IMPRINT_EXT_BOARD`), or null. Static for the life of the process.
    pub extension: Option<unsafe extern "C" fn(id: imprint_str) -> *const c_void>,
}
