//! The table of a family as a foreign host meets it: pointers that are null, buffers that are short, old hosts.
#![allow(clippy::unwrap_used)]

use imprint_plugin::{
    DeviceFamily, Error, Result, Target,
    abi::{
        IMPRINT_ABI_MAJOR, IMPRINT_E_DEVICE, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_UNSUPPORTED,
        IMPRINT_NO_ADDRESS, IMPRINT_OK, IMPRINT_PLUGIN_MAGIC, imprint_error, imprint_family,
        imprint_host, imprint_str,
    },
};
use std::{ffi::c_void, mem::size_of, ptr};

struct Plain;

impl DeviceFamily for Plain {
    const ID: &'static str = "test.plain";
    const SUMMARY: &'static str = "Does little";

    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self)
    }

    fn read_uid(&mut self, _target: &mut Target<'_>) -> Result<Vec<u8>> {
        Ok(vec![1, 2, 3, 4])
    }

    fn protect(&mut self, _target: &mut Target<'_>) -> Result<()> {
        Err(Error::device("grün").at(0x1000).with_detail(9))
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        target.read(0, &mut [0])?;
        Ok("here".into())
    }
}

imprint_plugin::plugin! { id: "org.example.plain", families: [Plain] }

fn family() -> &'static imprint_family {
    // SAFETY: the table is static, and the macro above gave it one family.
    unsafe { &**(*PLUGIN.table()).families }
}

fn text(text: &str) -> imprint_str {
    imprint_str {
        data: text.as_ptr().cast(),
        len: text.len(),
    }
}

/// A host that offers nothing.
fn host() -> imprint_host {
    imprint_host {
        struct_size: size_of::<imprint_host>() as u32,
        abi_major: IMPRINT_ABI_MAJOR,
        abi_minor: 0,
        ctx: ptr::null_mut(),
        mem_read: None,
        mem_write: None,
        call: None,
        delay_us: None,
        progress: None,
        log: None,
        is_cancelled: None,
        property: None,
        extension: None,
    }
}

fn error(message: &mut [u8]) -> imprint_error {
    imprint_error {
        struct_size: size_of::<imprint_error>() as u32,
        detail: 0,
        address: IMPRINT_NO_ADDRESS,
        message: message.as_mut_ptr().cast(),
        message_cap: message.len(),
        message_len: 0,
    }
}

fn open() -> *mut c_void {
    let mut session = ptr::null_mut();
    // SAFETY: the arguments outlive the call.
    let status =
        unsafe { family().open.unwrap()(&host(), text("any"), &raw mut session, ptr::null_mut()) };
    assert_eq!(status, IMPRINT_OK);
    session
}

fn close(session: *mut c_void) {
    // SAFETY: made by `open`, closed once.
    unsafe { family().close.unwrap()(session) };
}

#[test]
fn the_table() {
    // SAFETY: the table is static.
    let plugin = unsafe { &*PLUGIN.table() };
    assert_eq!(plugin.magic, IMPRINT_PLUGIN_MAGIC);
    assert_eq!((plugin.family_count, plugin.reserved), (1, 0));
    assert!(
        family().erase.is_none() && family().program.is_none(),
        "the host's flash path"
    );
    // SAFETY: the text outlives the call.
    assert!(unsafe { family().extension.unwrap()(text("imprint.board/1")) }.is_null());
}

#[test]
fn null_pointers() {
    let (family, host, session) = (family(), host(), open());
    let null_error = ptr::null_mut();
    // SAFETY: what is null on purpose is what is tested; the rest outlives the calls.
    let statuses = unsafe {
        let mut out = ptr::null_mut();
        let (mut uid, mut len) = ([0; 8], 0);
        [
            family.open.unwrap()(ptr::null(), text("any"), &raw mut out, null_error),
            family.open.unwrap()(&host, text("any"), ptr::null_mut(), null_error),
            family.open.unwrap()(
                &host,
                imprint_str {
                    data: ptr::null(),
                    len: 3,
                },
                &raw mut out,
                null_error,
            ),
            family.protect.unwrap()(ptr::null_mut(), &host, null_error),
            family.protect.unwrap()(session, ptr::null(), null_error),
            family.read_uid.unwrap()(session, &host, ptr::null_mut(), 8, &raw mut len, null_error),
            family.read_uid.unwrap()(
                session,
                &host,
                uid.as_mut_ptr(),
                8,
                ptr::null_mut(),
                null_error,
            ),
        ]
    };
    assert_eq!(statuses, [IMPRINT_E_INVALID_ARGUMENT; 7]);
    close(ptr::null_mut());
    close(session);
}

#[test]
fn a_host_that_is_too_old() {
    let session = open();
    let mut old = host();
    old.struct_size = 40;
    let mut message = [0; 128];
    let mut error = error(&mut message);
    // SAFETY: the arguments outlive the call.
    let status = unsafe { family().protect.unwrap()(session, &old, &raw mut error) };
    assert_eq!(status, IMPRINT_E_INVALID_ARGUMENT);
    let len = error.message_len;
    assert_eq!(
        &message[..len],
        b"the host table has 40 bytes, expected at least 88"
    );
    close(session);
}

/// The sentence has 5 bytes, the character in its middle two.
fn check_message(cap: usize, expect: &str) {
    let session = open();
    let mut message = vec![b'?'; cap];
    let mut error = error(&mut message);
    // SAFETY: the arguments outlive the call.
    let status = unsafe { family().protect.unwrap()(session, &host(), &raw mut error) };
    assert_eq!(status, IMPRINT_E_DEVICE);
    assert_eq!(
        (error.message_len, error.address, error.detail),
        (5, 0x1000, 9)
    );
    assert!(message.starts_with(expect.as_bytes()), "{cap}: {message:?}");
    assert!(
        message[expect.len()..].iter().all(|byte| *byte == b'?'),
        "{cap}: {message:?}"
    );
    close(session);
}

#[test]
fn messages_are_cut_at_a_character() {
    check_message(0, "");
    check_message(1, "g");
    check_message(2, "gr");
    check_message(3, "gr");
    check_message(4, "grü");
    check_message(5, "grün");
    check_message(100, "grün");
}

#[test]
fn results_that_do_not_fit() {
    let session = open();
    let (mut uid, mut len) = ([0_u8; 3], 0);
    let mut message = [0; 128];
    let mut error = error(&mut message);
    // SAFETY: the arguments outlive the call.
    let status = unsafe {
        family().read_uid.unwrap()(
            session,
            &host(),
            uid.as_mut_ptr(),
            3,
            &raw mut len,
            &raw mut error,
        )
    };
    assert_eq!((status, len, uid), (IMPRINT_E_INVALID_ARGUMENT, 4, [0; 3]));
    close(session);
}

#[test]
fn what_neither_side_offers() {
    let session = open();
    let (mut buffer, mut len) = ([0_u8; 8], 0);
    let mut message = [0; 128];
    let mut error = error(&mut message);
    // SAFETY: the arguments outlive the calls.
    let (unlock, identify) = unsafe {
        (
            family().unlock.unwrap()(session, &host(), ptr::null_mut()),
            family().identify.unwrap()(
                session,
                &host(),
                buffer.as_mut_ptr(),
                8,
                &raw mut len,
                &raw mut error,
            ),
        )
    };
    assert_eq!(
        (unlock, identify),
        (IMPRINT_E_UNSUPPORTED, IMPRINT_E_UNSUPPORTED)
    );
    let len = error.message_len;
    assert_eq!(&message[..len], b"the host does not offer mem_read");
    close(session);
}
