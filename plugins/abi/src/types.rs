//! What every call uses: strings, status codes, the error a callee fills.
//!
//! Codes are few and stable; a number is never used again for something else.

use core::ffi::c_char;

/// UTF-8 text: pointer and length, no terminating zero. 16 bytes on 64-bit hosts, passed by value.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct imprint_str {
    /// First byte; may be null when `len` is 0.
    pub data: *const c_char,
    /// Length in bytes.
    pub len: usize,
}

/// 0 for success, else one of `IMPRINT_E_*`. An unknown code from a newer side is an ordinary failure.
pub type imprint_status = i32;

/// Success.
pub const IMPRINT_OK: imprint_status = 0;
/// An argument is null, out of range or not UTF-8.
pub const IMPRINT_E_INVALID_ARGUMENT: imprint_status = 1;
/// The callee panicked; the session is poisoned and only `close` is left.
pub const IMPRINT_E_PANIC: imprint_status = 2;
/// The callee does not offer this.
pub const IMPRINT_E_UNSUPPORTED: imprint_status = 3;
/// The user cancelled, or the deadline of the unit passed.
pub const IMPRINT_E_CANCELLED: imprint_status = 4;
/// The probe or the target did not answer.
pub const IMPRINT_E_TARGET: imprint_status = 5;
/// The device reported that erase, program or another operation failed.
pub const IMPRINT_E_DEVICE: imprint_status = 6;
/// Something was read that is not what was expected; `address` is the first difference.
pub const IMPRINT_E_MISMATCH: imprint_status = 7;
/// The target is protected against debug access.
pub const IMPRINT_E_LOCKED: imprint_status = 8;

/// `imprint_error::address` when the failure has no address.
pub const IMPRINT_NO_ADDRESS: u64 = u64::MAX;

/// Where a callee explains a failure. Owned by the caller, who resets it before the call and reads it only after a
/// status other than `IMPRINT_OK`.
#[repr(C)]
pub struct imprint_error {
    /// Size of this struct as the caller compiled it.
    pub struct_size: u32,
    /// The callee's own code, for the log; 0 for none.
    pub detail: u32,
    /// Target address of the failure, or `IMPRINT_NO_ADDRESS`.
    pub address: u64,
    /// The caller's buffer for a sentence in UTF-8, without terminating zero.
    pub message: *mut c_char,
    /// Capacity of `message` in bytes.
    pub message_cap: usize,
    /// Bytes the whole sentence needs, which may be more than `message_cap`; the text is cut at a character.
    pub message_len: usize,
}
