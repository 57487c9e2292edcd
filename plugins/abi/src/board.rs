//! The family's board: its chips' peripherals, for the twin.
//!
//! The twin has the core, the debug port, RAM, the cells of non-volatile memory and the clock; the board has what is
//! the chip's own: flash controller, identity, protection, option bytes. With it, one shared library and one device
//! file are a whole device.

use crate::types::{imprint_error, imprint_status, imprint_str};
use core::ffi::c_void;

/// Id of `imprint_board`.
pub const IMPRINT_EXT_BOARD: &str = "imprint.board/1";

/// A reset that also loads what is loaded at power-on.
pub const IMPRINT_RESET_POWER_ON: u32 = 0;
/// A reset by the reset line or by the core (AIRCR.SYSRESETREQ).
pub const IMPRINT_RESET_SYSTEM: u32 = 1;

/// An erase that takes no time of its own, because another one covers it.
pub const IMPRINT_ERASE_FREE: u32 = 0;
/// Takes the memory's time for one sector.
pub const IMPRINT_ERASE_SECTOR: u32 = 1;
/// Takes the memory's time for a whole erase.
pub const IMPRINT_ERASE_ALL: u32 = 2;

/// The debugger reaches everything.
pub const IMPRINT_DEBUG_OPEN: u32 = 0;
/// The debugger reaches RAM and peripherals; non-volatile memory answers it with a bus fault.
pub const IMPRINT_DEBUG_NO_FLASH: u32 = 1;
/// The memory access port answers every transfer with a fault.
pub const IMPRINT_DEBUG_CLOSED: u32 = 2;

/// The transfer comes from the core.
pub const IMPRINT_MASTER_CORE: u32 = 0;
/// The transfer comes from the debugger, over the memory access port.
pub const IMPRINT_MASTER_DEBUGGER: u32 = 1;

/// Addresses whose reads and writes the board answers.
#[repr(C)]
pub struct imprint_window {
    /// First address.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
}

/// What the twin offers a board during a call. Addresses are the chip's. Cells are the bytes of non-volatile memory.
#[repr(C)]
pub struct imprint_board_host {
    /// Size of this struct as the host compiled it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The host's own.
    pub ctx: *mut c_void,
    /// Virtual time since power-on, in nanoseconds.
    pub now_ns: Option<unsafe extern "C" fn(host: *const imprint_board_host) -> u64>,
    /// 1 while a flash operation is under way.
    pub is_busy: Option<unsafe extern "C" fn(host: *const imprint_board_host) -> u8>,
    /// Reads cells or RAM, without protection, time or side effects.
    pub peek: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            address: u64,
            buffer: *mut u8,
            len: usize,
        ) -> imprint_status,
    >,
    /// Sets cells or RAM as the factory does, without time.
    pub poke: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            address: u64,
            data: *const u8,
            len: usize,
        ) -> imprint_status,
    >,
    /// Programs cells: bits go from 1 to 0 only. Takes the memory's time for one programming unit.
    pub program: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            address: u64,
            data: *const u8,
            len: usize,
        ) -> imprint_status,
    >,
    /// Erases cells. `time` is `IMPRINT_ERASE_*`.
    pub erase: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            address: u64,
            len: u64,
            time: u32,
        ) -> imprint_status,
    >,
    /// Sets what the debugger reaches, `IMPRINT_DEBUG_*`.
    pub set_debug_access:
        Option<unsafe extern "C" fn(host: *const imprint_board_host, access: u32)>,
    /// Sets the clock of the core in kHz and the wait states of a flash read in core cycles.
    pub set_core_clock: Option<
        unsafe extern "C" fn(host: *const imprint_board_host, khz: u32, flash_wait_states: u32),
    >,
    /// Drives an interrupt line of the NVIC.
    pub set_interrupt:
        Option<unsafe extern "C" fn(host: *const imprint_board_host, line: u32, level: u8)>,
    /// Resets the chip after this call, `IMPRINT_RESET_*`.
    pub request_reset: Option<unsafe extern "C" fn(host: *const imprint_board_host, kind: u32)>,
    /// A property of the device, as `imprint_host::property`.
    pub property: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            name: imprint_str,
            buffer: *mut u8,
            cap: usize,
            len: *mut usize,
        ) -> imprint_status,
    >,
}

/// The extension table. A status other than `IMPRINT_OK` from `read`, `write` or `cell_write` is a bus fault.
#[repr(C)]
pub struct imprint_board {
    /// Size of this struct as the plugin compiled it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Makes the peripherals of one chip, with the unique identifier this chip has, and pokes what the factory
    /// programs.
    pub open: Option<
        unsafe extern "C" fn(
            host: *const imprint_board_host,
            device: imprint_str,
            uid: *const u8,
            uid_len: usize,
            session: *mut *mut c_void,
            error: *mut imprint_error,
        ) -> imprint_status,
    >,
    /// Ends it.
    pub close: Option<unsafe extern "C" fn(session: *mut c_void)>,
    /// The windows of `read` and `write`; valid until `close`.
    pub windows: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            windows: *mut *const imprint_window,
            count: *mut usize,
        ) -> imprint_status,
    >,
    /// The chip was reset, `IMPRINT_RESET_*`.
    pub reset: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            kind: u32,
        ) -> imprint_status,
    >,
    /// A read of `size` 1, 2 or 4 bytes inside a window. `master` is `IMPRINT_MASTER_*`.
    pub read: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            master: u32,
            address: u32,
            size: u32,
            value: *mut u32,
        ) -> imprint_status,
    >,
    /// A write inside a window.
    pub write: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            master: u32,
            address: u32,
            size: u32,
            value: u32,
        ) -> imprint_status,
    >,
    /// A write to a non-volatile memory, which the flash controller takes or refuses.
    pub cell_write: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            master: u32,
            address: u32,
            size: u32,
            value: u32,
        ) -> imprint_status,
    >,
    /// Reads register `number` of a further access port; `IMPRINT_E_UNSUPPORTED` where there is none.
    pub ap_read: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            ap: u32,
            number: u32,
            value: *mut u32,
        ) -> imprint_status,
    >,
    /// Writes register `number` of a further access port.
    pub ap_write: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            host: *const imprint_board_host,
            ap: u32,
            number: u32,
            value: u32,
        ) -> imprint_status,
    >,
    /// Writes the state that survives a power cycle and is not in cells; `len` receives what is needed.
    pub save: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            buffer: *mut u8,
            cap: usize,
            len: *mut usize,
        ) -> imprint_status,
    >,
    /// Takes back what `save` wrote.
    pub load: Option<
        unsafe extern "C" fn(session: *mut c_void, data: *const u8, len: usize) -> imprint_status,
    >,
}
