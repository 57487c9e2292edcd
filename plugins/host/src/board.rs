//! A family's board on a twin: its table as `Peripherals`, and the twin's `Chip` as its host table.

use crate::{
    call::{borrow, plugin_call},
    limits::{BOARD_STATE_LEN_MAX, WINDOWS_MAX},
};
use imprint_plugin_abi::*;
use imprint_twin::{
    Access, BusFault, Chip, DebugAccess, EraseTime, Master, Peripherals, ResetKind,
};
use std::{
    cell::UnsafeCell,
    ffi::c_void,
    mem::size_of,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice,
};

/// Makes the peripherals of a family's chips.
#[derive(Clone)]
pub struct BoardFactory {
    family: String,
    table: &'static imprint_board,
}

impl BoardFactory {
    pub(crate) fn new(family: &str, table: &'static imprint_board) -> Self {
        Self {
            family: family.into(),
            table,
        }
    }

    /// The board's own table, checked.
    pub fn functions(&self) -> &'static imprint_board {
        self.table
    }

    /// Makes the peripherals of one chip, with the unique identifier this chip has.
    pub fn open(
        &self,
        chip: &mut dyn Chip,
        device: &str,
        uid: &[u8],
    ) -> Result<Box<dyn Peripherals>, String> {
        let Some(open) = self.table.open else {
            return Err(format!("`{}` has no board", self.family));
        };
        let mut session: *mut c_void = ptr::null_mut();
        let result = with_chip(chip, |host| {
            // SAFETY: the family's function with arguments that outlive the call.
            plugin_call(|error| unsafe {
                open(
                    host,
                    borrow(device),
                    uid.as_ptr(),
                    uid.len(),
                    &raw mut session,
                    error,
                )
            })
        });
        result.map_err(|failure| format!("the board of `{}`: {}", self.family, failure.message))?;
        let mut peripherals = PluginPeripherals {
            table: self.table,
            session,
            windows: Vec::new(),
        };
        peripherals.windows = peripherals
            .read_windows()
            .ok_or_else(|| format!("the board of `{}` gives no valid windows", self.family))?;
        Ok(Box::new(peripherals))
    }

    /// What a twin takes to make its peripherals.
    pub fn maker(
        &self,
        device: &str,
    ) -> impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String> + Send + use<>
    {
        let (factory, device) = (self.clone(), device.to_owned());
        move |chip, uid| factory.open(chip, &device, uid)
    }
}

/// One chip's peripherals.
struct PluginPeripherals {
    table: &'static imprint_board,
    session: *mut c_void,
    windows: Vec<Range<u64>>,
}

// SAFETY: calls on one session may come from different threads as long as they do not overlap (ABI, ownership rule 5), and
// every method that uses the session takes `&mut self`.
unsafe impl Send for PluginPeripherals {}

impl Drop for PluginPeripherals {
    fn drop(&mut self) {
        if let Some(close) = self.table.close {
            // SAFETY: made by `open` of this board, and closed once.
            unsafe { close(self.session) };
        }
    }
}

impl PluginPeripherals {
    fn read_windows(&mut self) -> Option<Vec<Range<u64>>> {
        let Some(function) = self.table.windows else {
            return Some(Vec::new());
        };
        let (mut list, mut count) = (ptr::null(), 0);
        // SAFETY: the family's function with its own session.
        let status = unsafe { function(self.session, &raw mut list, &raw mut count) };
        if status != IMPRINT_OK || count > WINDOWS_MAX || (list.is_null() && count != 0) {
            return None;
        }
        if count == 0 {
            return Some(Vec::new());
        }
        // SAFETY: the family gives so many windows, valid until `close`.
        let windows: &[imprint_window] = unsafe { slice::from_raw_parts(list, count) };
        windows
            .iter()
            .map(|window| Some(window.start..window.start.checked_add(window.len)?))
            .collect()
    }
}

fn master(master: Master) -> u32 {
    match master {
        Master::Core => IMPRINT_MASTER_CORE,
        Master::Debugger => IMPRINT_MASTER_DEBUGGER,
    }
}

fn faulted(status: imprint_status) -> Result<(), BusFault> {
    if status == IMPRINT_OK {
        Ok(())
    } else {
        Err(BusFault)
    }
}

impl Peripherals for PluginPeripherals {
    fn windows(&self) -> Vec<Range<u64>> {
        self.windows.clone()
    }

    fn reset(&mut self, chip: &mut dyn Chip, kind: ResetKind) {
        let kind = match kind {
            ResetKind::PowerOn => IMPRINT_RESET_POWER_ON,
            ResetKind::System => IMPRINT_RESET_SYSTEM,
        };
        if let Some(function) = self.table.reset {
            // SAFETY: the family's function with its own session.
            with_chip(chip, |host| unsafe { function(self.session, host, kind) });
        }
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        let function = self.table.read.ok_or(BusFault)?;
        let (from, address, size) = (master(access.master), access.address, access.size.into());
        let mut value = 0;
        // SAFETY: the family's function with its own session.
        let status = with_chip(chip, |host| unsafe {
            function(self.session, host, from, address, size, &raw mut value)
        });
        faulted(status).map(|()| value)
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        let function = self.table.write.ok_or(BusFault)?;
        let (from, address, size) = (master(access.master), access.address, access.size.into());
        // SAFETY: the family's function with its own session.
        faulted(with_chip(chip, |host| unsafe {
            function(self.session, host, from, address, size, value)
        }))
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let function = self.table.cell_write.ok_or(BusFault)?;
        let (from, address, size) = (master(access.master), access.address, access.size.into());
        // SAFETY: the family's function with its own session.
        faulted(with_chip(chip, |host| unsafe {
            function(self.session, host, from, address, size, value)
        }))
    }

    fn ap_read(&mut self, chip: &mut dyn Chip, ap: u8, register: u8) -> Option<u32> {
        let function = self.table.ap_read?;
        let mut value = 0;
        // SAFETY: the family's function with its own session.
        let status = with_chip(chip, |host| unsafe {
            function(
                self.session,
                host,
                ap.into(),
                register.into(),
                &raw mut value,
            )
        });
        (status == IMPRINT_OK).then_some(value)
    }

    fn ap_write(&mut self, chip: &mut dyn Chip, ap: u8, register: u8, value: u32) -> Option<()> {
        let function = self.table.ap_write?;
        // SAFETY: the family's function with its own session.
        let status = with_chip(chip, |host| unsafe {
            function(self.session, host, ap.into(), register.into(), value)
        });
        (status == IMPRINT_OK).then_some(())
    }

    fn save(&mut self) -> Vec<u8> {
        let Some(function) = self.table.save else {
            return Vec::new();
        };
        let mut state = Vec::new();
        // Once to learn the length, once to fill. The state does not change in between.
        for _ in 0..2 {
            let mut len = 0;
            // SAFETY: the family's function with its own session; the buffer is valid for its length.
            let status =
                unsafe { function(self.session, state.as_mut_ptr(), state.len(), &raw mut len) };
            if status == IMPRINT_OK && len <= state.len() {
                state.truncate(len);
                return state;
            }
            state.resize(len.min(BOARD_STATE_LEN_MAX), 0);
        }
        Vec::new()
    }

    fn load(&mut self, state: &[u8]) -> bool {
        let Some(function) = self.table.load else {
            return state.is_empty();
        };
        // SAFETY: the family's function with its own session; the data is valid for its length.
        unsafe { function(self.session, state.as_ptr(), state.len()) == IMPRINT_OK }
    }
}

/// What `imprint_board_host::ctx` points to during one call.
struct Context<'a> {
    chip: UnsafeCell<&'a mut dyn Chip>,
}

/// Runs `body` with a host table for `chip`, which is of no use afterwards.
pub fn with_chip<T>(chip: &mut dyn Chip, body: impl FnOnce(*const imprint_board_host) -> T) -> T {
    let context = Context {
        chip: UnsafeCell::new(chip),
    };
    let table = imprint_board_host {
        struct_size: size_of::<imprint_board_host>() as u32,
        reserved: 0,
        ctx: (&raw const context).cast_mut().cast(),
        now_ns: Some(now_ns),
        is_busy: Some(is_busy),
        peek: Some(peek),
        poke: Some(poke),
        program: Some(program),
        erase: Some(erase),
        set_debug_access: Some(set_debug_access),
        set_core_clock: Some(set_core_clock),
        set_interrupt: Some(set_interrupt),
        request_reset: Some(request_reset),
        property: Some(property),
    };
    body(&raw const table)
}

/// Runs `body` on the chip of a table. `None` for null pointers and panics, which do not leave this function.
///
/// # Safety
/// `host` is null, or a table of `with_chip` whose call is not over, on the thread of that call.
unsafe fn on_chip<T>(
    host: *const imprint_board_host,
    body: impl FnOnce(&mut dyn Chip) -> T,
) -> Option<T> {
    // SAFETY: as this function's caller promises; `ctx` is set by `with_chip`.
    let context = unsafe { host.as_ref()?.ctx.cast::<Context<'_>>().as_ref() }?;
    // SAFETY: no function of a chip calls into the plugin, so there is one use at a time.
    let chip = unsafe { &mut **context.chip.get() };
    catch_unwind(AssertUnwindSafe(|| body(chip))).ok()
}

/// The status of an operation on cells.
fn status_of(result: Option<Result<(), BusFault>>) -> imprint_status {
    match result {
        Some(Ok(())) => IMPRINT_OK,
        Some(Err(BusFault)) => IMPRINT_E_TARGET,
        None => IMPRINT_E_INVALID_ARGUMENT,
    }
}

unsafe extern "C" fn now_ns(host: *const imprint_board_host) -> u64 {
    // SAFETY: the table is the plugin's argument and valid until this call returns.
    unsafe { on_chip(host, |chip| chip.now_ns()) }.unwrap_or(0)
}

unsafe extern "C" fn is_busy(host: *const imprint_board_host) -> u8 {
    // SAFETY: as above.
    unsafe { on_chip(host, |chip| chip.is_busy()) }
        .unwrap_or(false)
        .into()
}

unsafe extern "C" fn peek(
    host: *const imprint_board_host,
    address: u64,
    buffer: *mut u8,
    len: usize,
) -> imprint_status {
    if buffer.is_null() || len > isize::MAX as usize {
        return IMPRINT_E_INVALID_ARGUMENT;
    }
    // SAFETY: as above; the buffer is the plugin's and valid for its length.
    status_of(unsafe {
        on_chip(host, |chip| {
            chip.peek(address, slice::from_raw_parts_mut(buffer, len))
        })
    })
}

unsafe extern "C" fn poke(
    host: *const imprint_board_host,
    address: u64,
    data: *const u8,
    len: usize,
) -> imprint_status {
    if data.is_null() || len > isize::MAX as usize {
        return IMPRINT_E_INVALID_ARGUMENT;
    }
    // SAFETY: as above; the data is the plugin's and valid for its length.
    status_of(unsafe {
        on_chip(host, |chip| {
            chip.poke(address, slice::from_raw_parts(data, len))
        })
    })
}

unsafe extern "C" fn program(
    host: *const imprint_board_host,
    address: u64,
    data: *const u8,
    len: usize,
) -> imprint_status {
    if data.is_null() || len > isize::MAX as usize {
        return IMPRINT_E_INVALID_ARGUMENT;
    }
    // SAFETY: as above; the data is the plugin's and valid for its length.
    status_of(unsafe {
        on_chip(host, |chip| {
            chip.program(address, slice::from_raw_parts(data, len))
        })
    })
}

unsafe extern "C" fn erase(
    host: *const imprint_board_host,
    address: u64,
    len: u64,
    time: u32,
) -> imprint_status {
    let time = match time {
        IMPRINT_ERASE_FREE => EraseTime::Free,
        IMPRINT_ERASE_SECTOR => EraseTime::Sector,
        IMPRINT_ERASE_ALL => EraseTime::All,
        _ => return IMPRINT_E_INVALID_ARGUMENT,
    };
    // SAFETY: as above.
    status_of(unsafe { on_chip(host, |chip| chip.erase(address, len, time)) })
}

unsafe extern "C" fn set_debug_access(host: *const imprint_board_host, access: u32) {
    let access = match access {
        IMPRINT_DEBUG_OPEN => DebugAccess::Open,
        IMPRINT_DEBUG_NO_FLASH => DebugAccess::NoFlash,
        // What is not known is closed: a twin that is too open would hide a mistake.
        _ => DebugAccess::Closed,
    };
    // SAFETY: as above.
    unsafe { on_chip(host, |chip| chip.set_debug_access(access)) };
}

unsafe extern "C" fn set_core_clock(
    host: *const imprint_board_host,
    khz: u32,
    flash_wait_states: u32,
) {
    // SAFETY: as above.
    unsafe { on_chip(host, |chip| chip.set_core_clock(khz, flash_wait_states)) };
}

unsafe extern "C" fn set_interrupt(host: *const imprint_board_host, line: u32, level: u8) {
    // SAFETY: as above.
    unsafe { on_chip(host, |chip| chip.set_interrupt(line, level != 0)) };
}

unsafe extern "C" fn request_reset(host: *const imprint_board_host, kind: u32) {
    let kind = if kind == IMPRINT_RESET_POWER_ON {
        ResetKind::PowerOn
    } else {
        ResetKind::System
    };
    // SAFETY: as above.
    unsafe { on_chip(host, |chip| chip.request_reset(kind)) };
}

unsafe extern "C" fn property(
    host: *const imprint_board_host,
    name: imprint_str,
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
) -> imprint_status {
    if name.data.is_null() || len.is_null() || (buffer.is_null() && cap != 0) || name.len > 1024 {
        return IMPRINT_E_INVALID_ARGUMENT;
    }
    // SAFETY: not null, and the plugin's text is valid until this call returns.
    let Ok(name) =
        std::str::from_utf8(unsafe { slice::from_raw_parts(name.data.cast(), name.len) })
    else {
        return IMPRINT_E_INVALID_ARGUMENT;
    };
    // SAFETY: as above.
    let value = unsafe { on_chip(host, |chip| chip.property(name).map(str::to_owned)) }.flatten();
    let Some(value) = value else {
        return IMPRINT_E_UNSUPPORTED;
    };
    let copied = value.len().min(cap);
    // SAFETY: `len` is valid, and the buffer has room for `cap` bytes, which are not less.
    unsafe {
        *len = value.len();
        ptr::copy_nonoverlapping(value.as_ptr(), buffer, copied);
    }
    IMPRINT_OK
}
