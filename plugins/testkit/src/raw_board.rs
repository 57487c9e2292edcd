//! Calls of a board with null where something should be.

use crate::{chip::KitChip, process::crumb, raw::text};
use imprint_plugin_abi::*;
use imprint_plugin_host::{BoardFactory, with_chip};
use std::{ffi::c_void, ptr};

/// One call with null somewhere.
pub struct NullCall {
    pub at: &'static str,
    call: fn(&imprint_board, *mut c_void, *const imprint_board_host) -> Option<imprint_status>,
}

impl NullCall {
    /// The status on a board of its own. `None` where the function itself is null, or the board does not open.
    pub fn run(
        &self,
        factory: &BoardFactory,
        chip: &mut KitChip,
        device: &str,
        uid: &[u8],
    ) -> Option<imprint_status> {
        crumb(|| self.at.into());
        let table = factory.functions();
        let (open, close) = (table.open?, table.close?);
        let mut session = ptr::null_mut();
        with_chip(chip, |host| {
            // SAFETY: the board's function with arguments that outlive the call.
            let status = unsafe {
                open(
                    host,
                    text(device),
                    uid.as_ptr(),
                    uid.len(),
                    &raw mut session,
                    ptr::null_mut(),
                )
            };
            if status != IMPRINT_OK {
                return None;
            }
            let status = (self.call)(table, session, host);
            // SAFETY: made by `open` of this board, and closed once.
            unsafe { close(session) };
            status
        })
    }
}

/// Makes one call: what it is, and how.
macro_rules! null_calls {
    ($($at:literal $function:ident |$session:ident, $host:ident| ($($argument:expr),*);)+) => {
        &[$(NullCall {
            at: $at,
            call: |table, $session, $host| {
                let _ = ($session, $host);
                let function = table.$function?;
                // SAFETY: the board's function; each argument is valid for the call, or null, which it has to bear.
                Some(unsafe { function($($argument),*) })
            },
        }),+]
    };
}

/// All of them.
pub fn all() -> &'static [NullCall] {
    null_calls! {
        "imprint_board::open with a null host" open |s, h| (ptr::null(), text("device"), ptr::null(), 0, &mut ptr::null_mut(), ptr::null_mut());
        "imprint_board::open with a null session" open |s, h| (h, text("device"), ptr::null(), 0, ptr::null_mut(), ptr::null_mut());
        "imprint_board::windows with a null session" windows |s, h| (ptr::null_mut(), &mut ptr::null(), &mut 0);
        "imprint_board::windows with a null result" windows |s, h| (s, ptr::null_mut(), ptr::null_mut());
        "imprint_board::reset with a null session" reset |s, h| (ptr::null_mut(), h, IMPRINT_RESET_POWER_ON);
        "imprint_board::reset with a null host" reset |s, h| (s, ptr::null(), IMPRINT_RESET_POWER_ON);
        "imprint_board::read with a null session" read |s, h| (ptr::null_mut(), h, IMPRINT_MASTER_CORE, 0x4000_0000, 4, &mut 0);
        "imprint_board::read with a null host" read |s, h| (s, ptr::null(), IMPRINT_MASTER_CORE, 0x4000_0000, 4, &mut 0);
        "imprint_board::read with a null result" read |s, h| (s, h, IMPRINT_MASTER_CORE, 0x4000_0000, 4, ptr::null_mut());
        "imprint_board::write with a null session" write |s, h| (ptr::null_mut(), h, IMPRINT_MASTER_CORE, 0x4000_0000, 4, 0);
        "imprint_board::cell_write with a null session" cell_write |s, h| (ptr::null_mut(), h, IMPRINT_MASTER_CORE, 0, 4, 0);
        "imprint_board::ap_read with a null session" ap_read |s, h| (ptr::null_mut(), h, 1, 0, &mut 0);
        "imprint_board::ap_write with a null session" ap_write |s, h| (ptr::null_mut(), h, 1, 0, 0);
        "imprint_board::save with a null session" save |s, h| (ptr::null_mut(), ptr::null_mut(), 0, &mut 0);
        "imprint_board::save with a null length" save |s, h| (s, ptr::null_mut(), 0, ptr::null_mut());
        "imprint_board::load with a null session" load |s, h| (ptr::null_mut(), ptr::null(), 0);
        "imprint_board::load with null data" load |s, h| (s, ptr::null(), 4);
    }
}
