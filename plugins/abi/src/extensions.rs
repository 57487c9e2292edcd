//! Host extensions: the debug port itself, and the core.
//!
//! Most families need neither. They are for chips that are locked (no memory access until something happened on the
//! debug port) or whose core has to be driven by hand.

use crate::{
    host::imprint_host,
    types::{imprint_error, imprint_status},
};

/// Id of `imprint_debug_port`.
pub const IMPRINT_EXT_DEBUG_PORT: &str = "imprint.debug-port/1";
/// Id of `imprint_core`.
pub const IMPRINT_EXT_CORE: &str = "imprint.core/1";

/// Raw access to the debug port and its access ports (ADIv5). Offered in every call that may touch the target, also
/// before the target is attached.
#[repr(C)]
pub struct imprint_debug_port {
    /// Size of this struct as the host compiled it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// `[session]` Reads debug port register `number` (0x0, 0x4, 0x8, 0xC).
    pub dp_read: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            number: u32,
            value: *mut u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Writes debug port register `number`.
    pub dp_write: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            number: u32,
            value: u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Reads register `number` (0x00 to 0xFC) of access port `ap`.
    pub ap_read: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            ap: u32,
            number: u32,
            value: *mut u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Writes register `number` of access port `ap`.
    pub ap_write: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            ap: u32,
            number: u32,
            value: u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Drives the reset line: 1 holds the target in reset, 0 releases it.
    pub reset_line: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            asserted: u8,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
}

/// Control of the core. Offered once the target is attached.
#[repr(C)]
pub struct imprint_core {
    /// Size of this struct as the host compiled it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// `[session]` Halts the core.
    pub halt: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Lets the core run.
    pub run: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Executes one instruction.
    pub step: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Resets the target; `halt` 1 stops it before its first instruction.
    pub reset: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            halt: u8,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Reads core register `number`, numbered as DCRSR.REGSEL (ARMv7-M Architecture Reference Manual C1.6.3).
    pub register_read: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            number: u32,
            value: *mut u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// `[session]` Writes core register `number`.
    pub register_write: Option<
        unsafe extern "C" fn(
            host: *const imprint_host,
            number: u32,
            value: u32,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
}
