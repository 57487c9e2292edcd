//! A `Board` as a table of C functions, and the twin's table as a `Chip`.

use crate::{
    board::{Access, Board, BusFault, Chip, DebugAccess, EraseTime, Master, ResetKind},
    error::{Error, Result},
    glue::{bytes, guard, guard_infallible, install_panic_hook, out, put, text},
};
use imprint_plugin_abi::{
    IMPRINT_DEBUG_CLOSED, IMPRINT_DEBUG_NO_FLASH, IMPRINT_DEBUG_OPEN, IMPRINT_ERASE_ALL,
    IMPRINT_ERASE_FREE, IMPRINT_ERASE_SECTOR, IMPRINT_MASTER_DEBUGGER, IMPRINT_OK,
    IMPRINT_RESET_POWER_ON, IMPRINT_RESET_SYSTEM, imprint_board, imprint_board_host, imprint_error,
    imprint_status, imprint_str, imprint_window,
};
use std::{ffi::c_void, mem::size_of, ptr};

/// Longest property, in bytes.
const PROPERTY_LEN_MAX: usize = 4096;

/// The table of a board, static and immutable.
#[repr(transparent)]
pub struct BoardTable(imprint_board);

impl BoardTable {
    /// The table of `B`.
    pub const fn of<B: Board>() -> Self {
        Self(imprint_board {
            struct_size: size_of::<imprint_board>() as u32,
            reserved: 0,
            open: Some(open::<B>),
            close: Some(close::<B>),
            windows: Some(windows::<B>),
            reset: Some(reset::<B>),
            read: Some(read::<B>),
            write: Some(write::<B>),
            cell_write: Some(cell_write::<B>),
            ap_read: Some(ap_read::<B>),
            ap_write: Some(ap_write::<B>),
            save: Some(save::<B>),
            load: Some(load::<B>),
        })
    }

    pub(crate) fn table(&'static self) -> *const imprint_board {
        &raw const self.0
    }
}

/// What a session pointer points to.
struct Session<B> {
    board: B,
    windows: Vec<imprint_window>,
}

/// Runs `body` on a session. Errors have no text after `open`: they are bus faults.
///
/// # Safety
/// `session` is null or was made by `open::<B>`.
unsafe fn with_session<B: Board>(
    session: *mut c_void,
    body: impl FnOnce(&mut Session<B>) -> Result<()>,
) -> imprint_status {
    let call = || {
        // SAFETY: as this function's caller promises; calls on one session never overlap.
        body(unsafe { session.cast::<Session<B>>().as_mut() }.ok_or_else(null)?)
    };
    // SAFETY: null pointers are allowed.
    unsafe { guard(ptr::null(), ptr::null_mut(), call) }
}

/// Runs `body` on a session with the chip it belongs to.
///
/// # Safety
/// `session` is null or was made by `open::<B>`; `host` is null or valid during the call.
unsafe fn with_chip<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    body: impl FnOnce(&mut B, &mut dyn Chip) -> Result<()>,
) -> imprint_status {
    // SAFETY: as this function's caller promises.
    unsafe {
        with_session::<B>(session, |session| {
            body(&mut session.board, &mut HostChip::new(host)?)
        })
    }
}

fn null() -> Error {
    Error::invalid_argument("null pointer")
}

fn bus_fault(_: BusFault) -> Error {
    Error::target("bus fault")
}

unsafe extern "C" fn open<B: Board>(
    host: *const imprint_board_host,
    device: imprint_str,
    uid: *const u8,
    uid_len: usize,
    session: *mut *mut c_void,
    error: *mut imprint_error,
) -> imprint_status {
    install_panic_hook();
    let call = || {
        // SAFETY: the arguments are the caller's and valid until this call returns.
        let (session, device, uid, mut chip) = unsafe {
            (
                out(session)?,
                text(device)?,
                bytes(uid, uid_len)?,
                HostChip::new(host)?,
            )
        };
        *session = ptr::null_mut();
        let board = B::open(&mut chip, device, uid)?;
        let windows = board
            .windows()
            .into_iter()
            .map(|range| imprint_window {
                start: range.start,
                len: range.end - range.start,
            })
            .collect();
        *session = Box::into_raw(Box::new(Session { board, windows })).cast();
        Ok(())
    };
    // SAFETY: as above.
    unsafe { guard(ptr::null(), error, call) }
}

unsafe extern "C" fn close<B: Board>(session: *mut c_void) {
    if session.is_null() {
        return;
    }
    // SAFETY: made by `open::<B>`, and closed once.
    guard_infallible(|| drop(unsafe { Box::from_raw(session.cast::<Session<B>>()) }));
}

unsafe extern "C" fn windows<B: Board>(
    session: *mut c_void,
    windows: *mut *const imprint_window,
    count: *mut usize,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<B>(session, |session| {
            *out(windows)? = session.windows.as_ptr();
            *out(count)? = session.windows.len();
            Ok(())
        })
    }
}

unsafe extern "C" fn reset<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    kind: u32,
) -> imprint_status {
    let kind = if kind == IMPRINT_RESET_POWER_ON {
        ResetKind::PowerOn
    } else {
        ResetKind::System
    };
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            board.reset(chip, kind);
            Ok(())
        })
    }
}

fn access(master: u32, address: u32, size: u32) -> Result<Access> {
    if !matches!(size, 1 | 2 | 4) || !address.is_multiple_of(size) {
        return Err(Error::invalid_argument(
            "not an aligned transfer of 1, 2 or 4 bytes",
        ));
    }
    let master = if master == IMPRINT_MASTER_DEBUGGER {
        Master::Debugger
    } else {
        Master::Core
    };
    Ok(Access {
        master,
        address,
        size: size as u8,
    })
}

unsafe extern "C" fn read<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    master: u32,
    address: u32,
    size: u32,
    value: *mut u32,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            let access = access(master, address, size)?;
            *out(value)? = board.read(chip, access).map_err(bus_fault)?;
            Ok(())
        })
    }
}

unsafe extern "C" fn write<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    master: u32,
    address: u32,
    size: u32,
    value: u32,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            board
                .write(chip, access(master, address, size)?, value)
                .map_err(bus_fault)
        })
    }
}

unsafe extern "C" fn cell_write<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    master: u32,
    address: u32,
    size: u32,
    value: u32,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            board
                .cell_write(chip, access(master, address, size)?, value)
                .map_err(bus_fault)
        })
    }
}

fn no_port() -> Error {
    Error::unsupported("no such access port")
}

unsafe extern "C" fn ap_read<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    ap: u32,
    number: u32,
    value: *mut u32,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            *out(value)? = board.ap_read(chip, ap, number).ok_or_else(no_port)?;
            Ok(())
        })
    }
}

unsafe extern "C" fn ap_write<B: Board>(
    session: *mut c_void,
    host: *const imprint_board_host,
    ap: u32,
    number: u32,
    value: u32,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_chip::<B>(session, host, |board, chip| {
            board.ap_write(chip, ap, number, value).ok_or_else(no_port)
        })
    }
}

unsafe extern "C" fn save<B: Board>(
    session: *mut c_void,
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<B>(session, |session| {
            put(&session.board.save(), buffer, cap, len)
        })
    }
}

unsafe extern "C" fn load<B: Board>(
    session: *mut c_void,
    data: *const u8,
    len: usize,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<B>(session, |session| {
            if session.board.load(bytes(data, len)?) {
                Ok(())
            } else {
                Err(Error::invalid_argument("not the state of this board"))
            }
        })
    }
}

/// The twin's table, valid for one call.
struct HostChip<'a> {
    table: &'a imprint_board_host,
}

impl HostChip<'_> {
    /// # Safety
    /// `host` is null, or valid for the value's life.
    unsafe fn new(host: *const imprint_board_host) -> Result<Self> {
        // SAFETY: as this function's caller promises.
        let table = unsafe { host.as_ref() }.ok_or_else(null)?;
        if (table.struct_size as usize) < size_of::<imprint_board_host>() {
            return Err(Error::invalid_argument("the twin's table is too short"));
        }
        Ok(Self { table })
    }
}

/// The result of a call of the twin; a function it does not offer is a fault.
fn answered(status: Option<imprint_status>) -> Result<(), BusFault> {
    if status == Some(IMPRINT_OK) {
        Ok(())
    } else {
        Err(BusFault)
    }
}

impl Chip for HostChip<'_> {
    fn now_ns(&self) -> u64 {
        // SAFETY: the twin's function with its own table.
        self.table
            .now_ns
            .map_or(0, |function| unsafe { function(self.table) })
    }

    fn is_busy(&self) -> bool {
        // SAFETY: the twin's function with its own table.
        self.table
            .is_busy
            .is_some_and(|function| unsafe { function(self.table) } != 0)
    }

    fn peek(&self, address: u64, buffer: &mut [u8]) -> Result<(), BusFault> {
        // SAFETY: the twin's function with its own table; the buffer is valid for its length.
        answered(self.table.peek.map(|function| unsafe {
            function(self.table, address, buffer.as_mut_ptr(), buffer.len())
        }))
    }

    fn poke(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        // SAFETY: the twin's function with its own table; the data is valid for its length.
        answered(
            self.table.poke.map(|function| unsafe {
                function(self.table, address, data.as_ptr(), data.len())
            }),
        )
    }

    fn program(&mut self, address: u64, data: &[u8]) -> Result<(), BusFault> {
        // SAFETY: the twin's function with its own table; the data is valid for its length.
        answered(
            self.table.program.map(|function| unsafe {
                function(self.table, address, data.as_ptr(), data.len())
            }),
        )
    }

    fn erase(&mut self, address: u64, len: u64, time: EraseTime) -> Result<(), BusFault> {
        let time = match time {
            EraseTime::Free => IMPRINT_ERASE_FREE,
            EraseTime::Sector => IMPRINT_ERASE_SECTOR,
            EraseTime::All => IMPRINT_ERASE_ALL,
        };
        // SAFETY: the twin's function with its own table.
        answered(
            self.table
                .erase
                .map(|function| unsafe { function(self.table, address, len, time) }),
        )
    }

    fn set_debug_access(&mut self, access: DebugAccess) {
        let access = match access {
            DebugAccess::Open => IMPRINT_DEBUG_OPEN,
            DebugAccess::NoFlash => IMPRINT_DEBUG_NO_FLASH,
            DebugAccess::Closed => IMPRINT_DEBUG_CLOSED,
        };
        if let Some(function) = self.table.set_debug_access {
            // SAFETY: the twin's function with its own table.
            unsafe { function(self.table, access) };
        }
    }

    fn set_core_clock(&mut self, khz: u32, flash_wait_states: u32) {
        if let Some(function) = self.table.set_core_clock {
            // SAFETY: the twin's function with its own table.
            unsafe { function(self.table, khz, flash_wait_states) };
        }
    }

    fn set_interrupt(&mut self, line: u32, level: bool) {
        if let Some(function) = self.table.set_interrupt {
            // SAFETY: the twin's function with its own table.
            unsafe { function(self.table, line, level.into()) };
        }
    }

    fn request_reset(&mut self, kind: ResetKind) {
        let kind = match kind {
            ResetKind::PowerOn => IMPRINT_RESET_POWER_ON,
            ResetKind::System => IMPRINT_RESET_SYSTEM,
        };
        if let Some(function) = self.table.request_reset {
            // SAFETY: the twin's function with its own table.
            unsafe { function(self.table, kind) };
        }
    }

    fn property(&self, name: &str) -> Option<String> {
        let function = self.table.property?;
        let mut buffer = vec![0_u8; PROPERTY_LEN_MAX];
        let mut len = 0;
        let name = imprint_str {
            data: name.as_ptr().cast(),
            len: name.len(),
        };
        // SAFETY: the twin's function with its own table; buffer and text outlive the call.
        let status = unsafe {
            function(
                self.table,
                name,
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut len,
            )
        };
        if status != IMPRINT_OK || len > buffer.len() {
            return None;
        }
        buffer.truncate(len);
        String::from_utf8(buffer).ok()
    }
}
