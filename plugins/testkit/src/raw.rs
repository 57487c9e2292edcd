//! Calls of a family at the C ABI, with buffers whose ends are watched and hosts of several kinds.

use crate::bench::Bench;
use imprint_plugin_abi::*;
use imprint_plugin_host::{Family, with_host};
use std::{
    ffi::c_void,
    mem::{size_of, transmute},
    ptr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Bytes after each buffer that nobody may write.
const GUARD_LEN: usize = 64;
const GUARD: u8 = 0xA5;

/// Calls of function pointers that lie beyond the size of an old host's table.
static BEYOND: AtomicUsize = AtomicUsize::new(0);
/// Calls through a host table whose call was over.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// How often a plugin called what lies beyond an old host's table.
pub fn calls_beyond() -> usize {
    BEYOND.load(Ordering::Relaxed)
}

/// How often a plugin used a host table after its call.
pub fn calls_of_kept_hosts() -> usize {
    KEPT.load(Ordering::Relaxed)
}

/// A buffer with watched bytes after it.
pub struct Guarded {
    bytes: Vec<u8>,
    pub cap: usize,
}

impl Guarded {
    pub fn new(cap: usize) -> Self {
        Self {
            bytes: vec![GUARD; cap + GUARD_LEN],
            cap,
        }
    }

    pub fn pointer(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }

    pub fn overran(&self) -> bool {
        self.bytes[self.cap..].iter().any(|byte| *byte != GUARD)
    }

    /// The first `len` bytes, at most all.
    pub fn filled(&self, len: usize) -> &[u8] {
        &self.bytes[..len.min(self.cap)]
    }
}

/// Which host a plugin meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// The present one.
    Present,
    /// One of ABI 1.0: what comes after its table is not its.
    Old,
    /// One that notices when its table is used after the call.
    Watching,
}

/// What a call asks of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Identify,
    Unlock,
    ReadUid,
    Erase { address: u64, len: u64 },
    Program { address: u64, data: Vec<u8> },
    Protect,
    IsProtected,
    OptionRead { name: String },
    OptionWrite { name: String, value: u64 },
    Command { name: String, input: Vec<u8> },
}

/// Room for what a call gives.
pub struct Results {
    pub buffer: Guarded,
    pub len: usize,
    pub number: u64,
    pub flag: u8,
}

impl Results {
    pub fn new(cap: usize) -> Self {
        Self {
            buffer: Guarded::new(cap),
            len: 0,
            number: 0,
            flag: 0,
        }
    }
}

/// Room for the explanation of a failure.
pub struct ErrorSlot {
    pub raw: imprint_error,
    pub message: Guarded,
}

impl ErrorSlot {
    pub fn new(cap: usize) -> Self {
        let mut message = Guarded::new(cap);
        let raw = imprint_error {
            struct_size: size_of::<imprint_error>() as u32,
            detail: 0,
            address: IMPRINT_NO_ADDRESS,
            message: message.pointer().cast(),
            message_cap: cap,
            message_len: 0,
        };
        Self { raw, message }
    }
}

/// Text of the ABI.
pub fn text(text: &str) -> imprint_str {
    imprint_str {
        data: text.as_ptr().cast(),
        len: text.len(),
    }
}

/// A session's pointer, which may go from thread to thread.
#[derive(Clone, Copy)]
pub struct SessionPointer(pub *mut c_void);

// SAFETY: calls on one session may come from different threads as long as they do not overlap (ABI, ownership rule 5).
unsafe impl Send for SessionPointer {}

/// Opens a session. The status, and the pointer that was given.
pub fn open(
    family: &Family,
    bench: &mut Bench,
    kind: HostKind,
    device: &str,
    error: &mut ErrorSlot,
) -> (imprint_status, SessionPointer) {
    let mut session = ptr::null_mut();
    let Some(function) = family.functions().open else {
        return (IMPRINT_E_UNSUPPORTED, SessionPointer(session));
    };
    let status = with_kind(bench, kind, |host| {
        // SAFETY: the family's function with arguments that outlive the call.
        unsafe { function(host, text(device), &raw mut session, &raw mut error.raw) }
    });
    (status, SessionPointer(session))
}

/// Closes a session, once.
pub fn close(family: &Family, session: SessionPointer) {
    if let Some(function) = family.functions().close {
        // SAFETY: made by `open` of this family; whoever holds it closes it once.
        unsafe { function(session.0) };
    }
}

/// Calls the family. `None` where the function is null.
pub fn call(
    family: &Family,
    session: SessionPointer,
    bench: &mut Bench,
    kind: HostKind,
    op: &Op,
    results: &mut Results,
    error: Option<&mut ErrorSlot>,
) -> Option<imprint_status> {
    let functions = family.functions();
    let error = error.map_or(ptr::null_mut(), |error| &raw mut error.raw);
    let session = session.0;
    let (cap, len) = (results.buffer.cap, &raw mut results.len);
    let (number, flag) = (&raw mut results.number, &raw mut results.flag);
    let buffer = results.buffer.pointer();
    // The functions are looked up before the host is made, so that a null one costs nothing.
    macro_rules! run {
        ($function:ident $(, $argument:expr)*) => {{
            let function = functions.$function?;
            with_kind(bench, kind, |host| {
                // SAFETY: the family's function with its own session and arguments that outlive the call.
                unsafe { function(session, host $(, $argument)*, error) }
            })
        }};
    }
    Some(match op {
        Op::Identify => run!(identify, buffer, cap, len),
        Op::Unlock => run!(unlock),
        Op::ReadUid => run!(read_uid, buffer, cap, len),
        Op::Erase { address, len } => run!(erase, *address, *len),
        Op::Program { address, data } => run!(program, *address, data.as_ptr(), data.len()),
        Op::Protect => run!(protect),
        Op::IsProtected => run!(is_protected, flag),
        Op::OptionRead { name } => run!(option_read, text(name), number),
        Op::OptionWrite { name, value } => run!(option_write, text(name), *value),
        Op::Command { name, input } => run!(
            command,
            text(name),
            input.as_ptr(),
            input.len(),
            buffer,
            cap,
            len
        ),
    })
}

/// A host's table, with what a plugin finds when it reads on.
#[repr(C)]
struct Table {
    host: imprint_host,
    beyond: [Option<unsafe extern "C" fn() -> imprint_status>; 16],
}

/// A table that lives as long as the process, so that a plugin that keeps its address finds traps there and not another
/// call's memory.
struct Kept(*mut Table);

// SAFETY: who takes it out of the list has it alone; a plugin that keeps the address is what the kit looks for.
unsafe impl Send for Kept {}

/// Tables that no call uses.
static FREE: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Runs `body` with a host table of that kind.
pub fn with_kind<T>(
    bench: &mut Bench,
    kind: HostKind,
    body: impl FnOnce(*const imprint_host) -> T,
) -> T {
    with_host(bench, |host| {
        // SAFETY: the host's own table, valid here.
        let host = unsafe { ptr::read(host) };
        let after = match kind {
            HostKind::Old => Some(beyond as unsafe extern "C" fn() -> imprint_status),
            HostKind::Present | HostKind::Watching => None,
        };
        let table = Table {
            host,
            beyond: [after; 16],
        };
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let kept = match free {
            Some(kept) => {
                // SAFETY: made by `Box::into_raw`, and used by nobody else.
                unsafe { ptr::write(kept.0, table) };
                kept
            }
            None => Kept(Box::into_raw(Box::new(table))),
        };
        let result = body(kept.0.cast());
        let trap = Table {
            host: trap(),
            beyond: [None; 16],
        };
        // SAFETY: the call is over, so nobody may use the table any more; no reference to it exists.
        unsafe { ptr::write(kept.0, trap) };
        // A watched one is never used again, so that whoever uses it is noticed.
        if kind != HostKind::Watching {
            FREE.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(kept);
        }
        result
    })
}

unsafe extern "C" fn beyond() -> imprint_status {
    BEYOND.fetch_add(1, Ordering::Relaxed);
    IMPRINT_E_UNSUPPORTED
}

unsafe extern "C" fn kept() -> imprint_status {
    KEPT.fetch_add(1, Ordering::Relaxed);
    IMPRINT_E_INVALID_ARGUMENT
}

unsafe extern "C" fn kept_null() -> *const c_void {
    KEPT.fetch_add(1, Ordering::Relaxed);
    ptr::null()
}

/// A table whose functions only count.
fn trap() -> imprint_host {
    type Plain = unsafe extern "C" fn() -> imprint_status;
    /// A function of no arguments in the place of one with some.
    ///
    /// # Safety
    /// `F` is an optional C function that returns an integer or nothing.
    unsafe fn as_function<F>(plain: Plain) -> F {
        let slot: Option<Plain> = Some(plain);
        assert_eq!(size_of::<F>(), size_of::<Option<Plain>>());
        // SAFETY: both are function pointers; with the C calling convention a callee may leave arguments unread.
        unsafe { std::mem::transmute_copy(&slot) }
    }
    type Extension =
        unsafe extern "C" fn(host: *const imprint_host, id: imprint_str) -> *const c_void;
    // SAFETY: each field is an optional C function that returns an integer or nothing; `extension` gets one that returns
    // a pointer.
    unsafe {
        imprint_host {
            struct_size: size_of::<imprint_host>() as u32,
            abi_major: IMPRINT_ABI_MAJOR,
            abi_minor: IMPRINT_ABI_MINOR,
            ctx: ptr::null_mut(),
            mem_read: as_function(kept),
            mem_write: as_function(kept),
            call: as_function(kept),
            delay_us: as_function(kept),
            progress: as_function(kept),
            log: as_function(kept),
            is_cancelled: as_function(kept),
            property: as_function(kept),
            extension: Some(transmute::<
                unsafe extern "C" fn() -> *const c_void,
                Extension,
            >(kept_null)),
        }
    }
}
