//! The host table: what a family may do to its target during a call.
//!
//! A table lives for one call. Functions marked `[session]` in the ABI work only on the thread that made the call; the two
//! marked `[any]`, log and cancellation, touch nothing that this thread uses. No panic leaves a function.

use crate::{
    call::printable,
    error::FamilyStatus,
    host::{
        Cancellation, HostCall, HostCore, HostDebugPort, HostError, HostResult, HostTarget,
        LogLevel,
    },
    limits::{LOG_LINE_LEN_MAX, LOG_LINES_MAX},
};
use imprint_plugin_abi::*;
use std::{
    any::Any,
    cell::UnsafeCell,
    ffi::c_void,
    mem::{forget, size_of},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice,
    sync::{Mutex, PoisonError},
    thread::{self, ThreadId},
};

/// What `imprint_host::ctx` points to during one call.
struct Context<'a> {
    /// Used only by `thread`.
    target: UnsafeCell<&'a mut dyn HostTarget>,
    thread: ThreadId,
    cancelled: Cancellation,
    /// Lines of any thread, handed on by `thread`.
    lines: Mutex<Vec<(u32, String)>>,
}

impl Context<'_> {
    fn hand_lines_on(&self, target: &mut dyn HostTarget) {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        for (level, line) in lines {
            target.log(log_level(level), &line);
        }
    }
}

fn log_level(level: u32) -> LogLevel {
    match level {
        IMPRINT_LOG_ERROR => LogLevel::Error,
        IMPRINT_LOG_WARN => LogLevel::Warn,
        IMPRINT_LOG_INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Runs `body` with a host table for `target`, which is of no use afterwards.
pub fn with_host<T>(target: &mut dyn HostTarget, body: impl FnOnce(*const imprint_host) -> T) -> T {
    let cancelled = target.cancellation();
    let context = Context {
        target: UnsafeCell::new(target),
        thread: thread::current().id(),
        cancelled,
        lines: Mutex::default(),
    };
    let table = imprint_host {
        struct_size: size_of::<imprint_host>() as u32,
        abi_major: IMPRINT_ABI_MAJOR,
        abi_minor: IMPRINT_ABI_MINOR,
        ctx: (&raw const context).cast_mut().cast(),
        mem_read: Some(mem_read),
        mem_write: Some(mem_write),
        call: Some(call),
        delay_us: Some(delay_us),
        progress: Some(progress),
        log: Some(log),
        is_cancelled: Some(is_cancelled),
        property: Some(property),
        extension: Some(extension),
    };
    let result = body(&raw const table);
    // SAFETY: the call is over, so nobody else uses the target.
    context.hand_lines_on(unsafe { &mut **context.target.get() });
    result
}

/// The context of the call that `host` belongs to.
///
/// # Safety
/// `host` is null, or a table of `with_host` whose call is not over.
unsafe fn context<'a>(host: *const imprint_host) -> Option<&'a Context<'a>> {
    // SAFETY: as this function's caller promises; `ctx` is set by `with_host`.
    unsafe { host.as_ref()?.ctx.cast::<Context<'a>>().as_ref() }
}

fn bad_argument(message: &str) -> HostError {
    HostError {
        status: FamilyStatus::InvalidArgument,
        address: None,
        message: message.into(),
    }
}

fn not_offered(what: &str) -> HostError {
    let message = format!("the host does not offer {what} here");
    HostError {
        status: FamilyStatus::Unsupported,
        address: None,
        message,
    }
}

/// Runs a `[session]` function. Failures and panics become a status.
///
/// # Safety
/// As for `context`; `error` is null or an error struct.
unsafe fn session(
    host: *const imprint_host,
    error: *mut imprint_error,
    body: impl FnOnce(&mut dyn HostTarget) -> HostResult<()>,
) -> imprint_status {
    let run = || {
        // SAFETY: as this function's caller promises.
        let context =
            unsafe { context(host) }.ok_or_else(|| bad_argument("the host table is null"))?;
        if context.thread != thread::current().id() {
            return Err(bad_argument(
                "called from another thread than the call came on",
            ));
        }
        // SAFETY: only this thread gets here, and no host function calls into the plugin, so there is one use at a time.
        let target = unsafe { &mut **context.target.get() };
        context.hand_lines_on(target);
        body(target)
    };
    let failure = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => return IMPRINT_OK,
        Ok(Err(failure)) => failure,
        Err(payload) => HostError {
            status: FamilyStatus::Panic,
            address: None,
            message: format!("the host panicked: {}", panic_text(payload)),
        },
    };
    // SAFETY: as this function's caller promises.
    unsafe { explain(error, &failure) };
    failure.status.number()
}

fn panic_text(payload: Box<dyn Any + Send>) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned());
    // A payload may panic again when it is dropped.
    forget(payload);
    text.unwrap_or_else(|| "no text".into())
}

/// # Safety
/// `error` is null or an error struct.
unsafe fn explain(error: *mut imprint_error, failure: &HostError) {
    // SAFETY: as this function's caller promises.
    let Some(error) = (unsafe { error.as_mut() }) else {
        return;
    };
    if (error.struct_size as usize) < size_of::<imprint_error>() {
        return;
    }
    error.detail = 0;
    error.address = failure.address.unwrap_or(IMPRINT_NO_ADDRESS);
    error.message_len = failure.message.len();
    let cut = failure
        .message
        .floor_char_boundary(error.message_cap.min(failure.message.len()));
    if !error.message.is_null() {
        // SAFETY: `message` has room for `message_cap` bytes, and `cut` is not more.
        unsafe { ptr::copy_nonoverlapping(failure.message.as_ptr(), error.message.cast(), cut) };
    }
}

/// # Safety
/// `data` is null or valid for `len` bytes.
unsafe fn bytes<'a>(data: *const u8, len: usize) -> HostResult<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || len > isize::MAX as usize {
        return Err(bad_argument("null pointer with a length"));
    }
    // SAFETY: not null, and as this function's caller promises.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// # Safety
/// `buffer` is null or valid for `len` bytes and used by nobody else.
unsafe fn buffer_of<'a>(buffer: *mut u8, len: usize) -> HostResult<&'a mut [u8]> {
    if len == 0 {
        return Ok(&mut []);
    }
    if buffer.is_null() || len > isize::MAX as usize {
        return Err(bad_argument("null pointer with a length"));
    }
    // SAFETY: not null, and as this function's caller promises.
    Ok(unsafe { slice::from_raw_parts_mut(buffer, len) })
}

/// # Safety
/// `out` is null or valid.
unsafe fn put<T>(out: *mut T, value: T) -> HostResult<()> {
    // SAFETY: as this function's caller promises.
    *unsafe { out.as_mut() }.ok_or_else(|| bad_argument("null pointer for a result"))? = value;
    Ok(())
}

/// # Safety
/// `text` is valid.
unsafe fn text_of<'a>(text: imprint_str) -> HostResult<&'a str> {
    // SAFETY: as this function's caller promises.
    let bytes = unsafe { bytes(text.data.cast(), text.len) }?;
    std::str::from_utf8(bytes).map_err(|_| bad_argument("a name is not UTF-8"))
}

unsafe extern "C" fn mem_read(
    host: *const imprint_host,
    address: u64,
    buffer: *mut u8,
    len: usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        session(host, error, |target| {
            target.read(address, buffer_of(buffer, len)?)
        })
    }
}

unsafe extern "C" fn mem_write(
    host: *const imprint_host,
    address: u64,
    data: *const u8,
    len: usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        session(host, error, |target| {
            target.write(address, bytes(data, len)?)
        })
    }
}

unsafe extern "C" fn call(
    host: *const imprint_host,
    call: *const imprint_call,
    result: *mut u64,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        session(host, error, |target| {
            let call = call
                .as_ref()
                .ok_or_else(|| bad_argument("null pointer for the call"))?;
            if (call.struct_size as usize) < size_of::<imprint_call>() {
                return Err(bad_argument("the call struct is too short"));
            }
            let call = HostCall {
                timeout_ms: call.timeout_ms,
                entry: call.entry,
                stack: call.stack,
                static_base: call.static_base,
                args: call.args,
            };
            put(result, target.call(&call)?)
        })
    }
}

unsafe extern "C" fn delay_us(
    host: *const imprint_host,
    us: u64,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { session(host, error, |target| target.delay_us(us)) }
}

unsafe extern "C" fn progress(host: *const imprint_host, done: u64, total: u64) {
    // SAFETY: the table is the plugin's argument and valid until this call returns.
    unsafe {
        session(host, ptr::null_mut(), |target| {
            target.progress(done, total);
            Ok(())
        })
    };
}

unsafe extern "C" fn log(host: *const imprint_host, level: u32, message: imprint_str) {
    let run = || {
        // SAFETY: the arguments are the plugin's and valid until this call returns.
        let (Some(context), Ok(line)) =
            (unsafe { (context(host), bytes(message.data.cast(), message.len)) })
        else {
            return;
        };
        let line = printable(&String::from_utf8_lossy(
            &line[..line.len().min(LOG_LINE_LEN_MAX)],
        ));
        let mut lines = context.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < LOG_LINES_MAX {
            lines.push((level, line));
        }
    };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(run)) {
        forget(payload);
    }
}

unsafe extern "C" fn is_cancelled(host: *const imprint_host) -> u8 {
    // SAFETY: the table is the plugin's argument and valid until this call returns.
    let run = || unsafe { context(host) }.is_some_and(|context| (context.cancelled)());
    // A host that cannot tell stops the unit.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(true).into()
}

unsafe extern "C" fn property(
    host: *const imprint_host,
    name: imprint_str,
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        session(host, error, |target| {
            let name = text_of(name)?;
            let value = target
                .property(name)
                .ok_or_else(|| not_offered(&format!("a property `{name}`")))?;
            put(len, value.len())?;
            let copied = value.len().min(cap);
            buffer_of(buffer, copied)?.copy_from_slice(&value.as_bytes()[..copied]);
            Ok(())
        })
    }
}

unsafe extern "C" fn extension(host: *const imprint_host, id: imprint_str) -> *const c_void {
    let mut table: *const c_void = ptr::null();
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        session(host, ptr::null_mut(), |target| {
            match text_of(id)? {
                IMPRINT_EXT_DEBUG_PORT if target.debug_port().is_some() => {
                    table = (&raw const DEBUG_PORT).cast();
                }
                IMPRINT_EXT_CORE if target.core().is_some() => table = (&raw const CORE).cast(),
                _ => {}
            }
            Ok(())
        })
    };
    table
}

static DEBUG_PORT: imprint_debug_port = imprint_debug_port {
    struct_size: size_of::<imprint_debug_port>() as u32,
    reserved: 0,
    dp_read: Some(dp_read),
    dp_write: Some(dp_write),
    ap_read: Some(ap_read),
    ap_write: Some(ap_write),
    reset_line: Some(reset_line),
};

static CORE: imprint_core = imprint_core {
    struct_size: size_of::<imprint_core>() as u32,
    reserved: 0,
    halt: Some(core_halt),
    run: Some(core_run),
    step: Some(core_step),
    reset: Some(core_reset),
    register_read: Some(register_read),
    register_write: Some(register_write),
};

/// # Safety
/// As for `session`.
unsafe fn port(
    host: *const imprint_host,
    error: *mut imprint_error,
    body: impl FnOnce(&mut dyn HostDebugPort) -> HostResult<()>,
) -> imprint_status {
    // SAFETY: as this function's caller promises.
    unsafe {
        session(host, error, |target| {
            body(
                target
                    .debug_port()
                    .ok_or_else(|| not_offered("the debug port"))?,
            )
        })
    }
}

/// # Safety
/// As for `session`.
unsafe fn core(
    host: *const imprint_host,
    error: *mut imprint_error,
    body: impl FnOnce(&mut dyn HostCore) -> HostResult<()>,
) -> imprint_status {
    // SAFETY: as this function's caller promises.
    unsafe {
        session(host, error, |target| {
            body(target.core().ok_or_else(|| not_offered("the core"))?)
        })
    }
}

/// A register of the debug port or of an access port: a multiple of 4 up to `last`.
fn register(number: u32, last: u8) -> HostResult<u8> {
    match u8::try_from(number) {
        Ok(register) if register <= last && register % 4 == 0 => Ok(register),
        _ => Err(bad_argument(&format!("there is no register {number:#x}"))),
    }
}

fn access_port(number: u32) -> HostResult<u8> {
    u8::try_from(number).map_err(|_| bad_argument(&format!("there is no access port {number}")))
}

unsafe extern "C" fn dp_read(
    host: *const imprint_host,
    number: u32,
    value: *mut u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        port(host, error, |port| {
            put(value, port.dp_read(register(number, 0x0C)?)?)
        })
    }
}

unsafe extern "C" fn dp_write(
    host: *const imprint_host,
    number: u32,
    value: u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        port(host, error, |port| {
            port.dp_write(register(number, 0x0C)?, value)
        })
    }
}

unsafe extern "C" fn ap_read(
    host: *const imprint_host,
    ap: u32,
    number: u32,
    value: *mut u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        port(host, error, |port| {
            put(
                value,
                port.ap_read(access_port(ap)?, register(number, 0xFC)?)?,
            )
        })
    }
}

unsafe extern "C" fn ap_write(
    host: *const imprint_host,
    ap: u32,
    number: u32,
    value: u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe {
        port(host, error, |port| {
            port.ap_write(access_port(ap)?, register(number, 0xFC)?, value)
        })
    }
}

unsafe extern "C" fn reset_line(
    host: *const imprint_host,
    asserted: u8,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { port(host, error, |port| port.reset_line(asserted != 0)) }
}

unsafe extern "C" fn core_halt(
    host: *const imprint_host,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| core.halt()) }
}

unsafe extern "C" fn core_run(
    host: *const imprint_host,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| core.run()) }
}

unsafe extern "C" fn core_step(
    host: *const imprint_host,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| core.step()) }
}

unsafe extern "C" fn core_reset(
    host: *const imprint_host,
    halt: u8,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| core.reset(halt != 0)) }
}

unsafe extern "C" fn register_read(
    host: *const imprint_host,
    number: u32,
    value: *mut u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| put(value, core.register_read(number)?)) }
}

unsafe extern "C" fn register_write(
    host: *const imprint_host,
    number: u32,
    value: u32,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the plugin's and valid until this call returns.
    unsafe { core(host, error, |core| core.register_write(number, value)) }
}
