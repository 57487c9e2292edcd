//! A `DeviceFamily` as a table of C functions, and the plugin's table.

use crate::{
    error::{Error, Result},
    family::{DeviceFamily, str_of},
    glue::{bytes, guard, guard_infallible, install_panic_hook, out, put, text},
    glue_board::BoardTable,
    glue_host::HostCalls,
    target::Target,
};
use imprint_plugin_abi::{
    IMPRINT_ABI_MAJOR, IMPRINT_ABI_MINOR, IMPRINT_EXT_BOARD, IMPRINT_PLUGIN_MAGIC, imprint_error,
    imprint_family, imprint_host, imprint_plugin, imprint_status, imprint_str,
};
use std::{ffi::c_void, mem::size_of, ptr};

/// The table of a plugin, static and immutable.
#[repr(transparent)]
pub struct Plugin(imprint_plugin);

// SAFETY: the table and all it points to are static and never written.
unsafe impl Sync for Plugin {}

impl Plugin {
    /// The plugin `id` with its families. Use [`plugin!`](crate::plugin) or [`export_plugin!`](crate::export_plugin).
    pub const fn new(id: &'static str, version: &'static str, families: &'static [Family]) -> Self {
        Self(imprint_plugin {
            magic: IMPRINT_PLUGIN_MAGIC,
            struct_size: size_of::<imprint_plugin>() as u32,
            abi_major: IMPRINT_ABI_MAJOR,
            abi_minor: IMPRINT_ABI_MINOR,
            host_minor_min: 0,
            reserved: 0,
            id: str_of(id),
            version: str_of(version),
            family_count: families.len(),
            families: families.as_ptr().cast(),
        })
    }

    /// The table, as the exported function returns it.
    pub fn table(&'static self) -> *const imprint_plugin {
        &raw const self.0
    }
}

/// The table of a family, static and immutable.
#[repr(transparent)]
pub struct Family(&'static imprint_family);

// SAFETY: the table and all it points to are static and never written.
unsafe impl Sync for Family {}

impl Family {
    /// The table of `F`.
    pub const fn of<F: DeviceFamily>() -> Self {
        Self(Table::<F>::FAMILY)
    }
}

/// Where the constants of one family live.
struct Table<F>(F);

impl<F: DeviceFamily> Table<F> {
    const BOARD: &'static Option<BoardTable> = &F::BOARD;

    const FAMILY: &'static imprint_family = &imprint_family {
        struct_size: size_of::<imprint_family>() as u32,
        reserved: 0,
        id: str_of(F::ID),
        summary: str_of(F::SUMMARY),
        option_count: F::OPTIONS.len(),
        options: F::OPTIONS.as_ptr().cast(),
        command_count: F::COMMANDS.len(),
        commands: F::COMMANDS.as_ptr().cast(),
        open: Some(open::<F>),
        close: Some(close::<F>),
        identify: Some(identify::<F>),
        unlock: Some(unlock::<F>),
        read_uid: Some(read_uid::<F>),
        erase: if F::OWN_FLASH { Some(erase::<F>) } else { None },
        program: if F::OWN_FLASH {
            Some(program::<F>)
        } else {
            None
        },
        protect: Some(protect::<F>),
        is_protected: Some(is_protected::<F>),
        option_read: Some(option_read::<F>),
        option_write: Some(option_write::<F>),
        command: Some(command::<F>),
        extension: Some(extension::<F>),
    };
}

/// What a session pointer points to.
struct Session<F> {
    family: F,
    /// A panic left the family in the middle of something.
    poisoned: bool,
}

/// Runs `body` on a session.
///
/// # Safety
/// `session` is null or was made by `open::<F>`; `host` and `error` as for `guard`.
unsafe fn with_session<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    error: *mut imprint_error,
    body: impl FnOnce(&mut F, &mut Target<'_>) -> Result<()>,
) -> imprint_status {
    let call = || {
        // SAFETY: as this function's caller promises; calls on one session never overlap.
        let session = unsafe { session.cast::<Session<F>>().as_mut() }
            .ok_or_else(|| Error::invalid_argument("null pointer for the session"))?;
        // SAFETY: as this function's caller promises.
        let mut target = Target::new(unsafe { HostCalls::new(host) }?);
        if session.poisoned {
            return Err(Error::panic(
                "the session is poisoned by an earlier panic; close it",
            ));
        }
        // Stays set when `body` unwinds.
        session.poisoned = true;
        let result = body(&mut session.family, &mut target);
        session.poisoned = false;
        result.and_then(|()| target.late())
    };
    // SAFETY: as this function's caller promises.
    unsafe { guard(host, error, call) }
}

unsafe extern "C" fn open<F: DeviceFamily>(
    host: *const imprint_host,
    device: imprint_str,
    session: *mut *mut c_void,
    error: *mut imprint_error,
) -> imprint_status {
    install_panic_hook();
    let call = || {
        // SAFETY: the arguments are the caller's and valid until this call returns.
        let (session, device) = unsafe { (out(session)?, text(device)?) };
        *session = ptr::null_mut();
        // SAFETY: as above.
        let mut target = Target::new(unsafe { HostCalls::new(host) }?);
        let family = F::open(&mut target, device)?;
        *session = Box::into_raw(Box::new(Session {
            family,
            poisoned: false,
        }))
        .cast();
        Ok(())
    };
    // SAFETY: as above.
    unsafe { guard(host, error, call) }
}

unsafe extern "C" fn close<F: DeviceFamily>(session: *mut c_void) {
    if session.is_null() {
        return;
    }
    // SAFETY: made by `open::<F>`, and closed once.
    guard_infallible(|| drop(unsafe { Box::from_raw(session.cast::<Session<F>>()) }));
}

unsafe extern "C" fn identify<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            put(family.identify(target)?.as_bytes(), buffer, cap, len)
        })
    }
}

unsafe extern "C" fn unlock<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe { with_session::<F>(session, host, error, F::unlock) }
}

unsafe extern "C" fn read_uid<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    uid: *mut u8,
    cap: usize,
    len: *mut usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            put(&family.read_uid(target)?, uid, cap, len)
        })
    }
}

unsafe extern "C" fn erase<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    address: u64,
    len: u64,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            check_range(address, len)?;
            family.erase(target, address, len)
        })
    }
}

unsafe extern "C" fn program<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    address: u64,
    data: *const u8,
    len: usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            check_range(address, len as u64)?;
            family.program(target, address, bytes(data, len)?)
        })
    }
}

unsafe extern "C" fn protect<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe { with_session::<F>(session, host, error, F::protect) }
}

unsafe extern "C" fn is_protected<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    is_protected: *mut u8,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            *out(is_protected)? = family.is_protected(target)?.into();
            Ok(())
        })
    }
}

unsafe extern "C" fn option_read<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    name: imprint_str,
    value: *mut u64,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            *out(value)? = family.option_read(target, text(name)?)?;
            Ok(())
        })
    }
}

unsafe extern "C" fn option_write<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    name: imprint_str,
    value: u64,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            family.option_write(target, text(name)?, value)
        })
    }
}

unsafe extern "C" fn command<F: DeviceFamily>(
    session: *mut c_void,
    host: *const imprint_host,
    name: imprint_str,
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_cap: usize,
    output_len: *mut usize,
    error: *mut imprint_error,
) -> imprint_status {
    // SAFETY: the arguments are the caller's and valid until this call returns.
    unsafe {
        with_session::<F>(session, host, error, |family, target| {
            let result = family.command(target, text(name)?, bytes(input, input_len)?)?;
            put(&result, output, output_cap, output_len)
        })
    }
}

unsafe extern "C" fn extension<F: DeviceFamily>(id: imprint_str) -> *const c_void {
    // SAFETY: the text is the caller's and valid until this call returns.
    let id = unsafe { text(id) };
    match (id, Table::<F>::BOARD) {
        (Ok(IMPRINT_EXT_BOARD), Some(board)) => board.table().cast(),
        _ => ptr::null(),
    }
}

fn check_range(address: u64, len: u64) -> Result<()> {
    address.checked_add(len).map(|_| ()).ok_or_else(|| {
        Error::invalid_argument(format!(
            "{len:#x} bytes from {address:#x} pass the end of the address space"
        ))
    })
}
