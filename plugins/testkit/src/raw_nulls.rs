//! Calls with null where something should be.

use crate::{
    bench::Bench,
    process::crumb,
    raw::{HostKind, Results, text, with_kind},
    session::Session,
};
use imprint_plugin_abi::*;
use imprint_plugin_host::Family;
use std::ptr;

/// One call with null somewhere.
pub struct NullCall {
    pub at: &'static str,
    /// It has to be refused; else it only has to come back.
    pub wants_refusal: bool,
    call: fn(&Family, &mut Session, &mut Bench) -> Option<imprint_status>,
}

impl NullCall {
    /// The status. `None` where the function itself is null.
    pub fn run(
        &self,
        family: &Family,
        session: &mut Session,
        bench: &mut Bench,
    ) -> Option<imprint_status> {
        crumb(|| self.at.into());
        bench.begin();
        (self.call)(family, session, bench)
    }
}

/// Makes one call: what it is, whether it is to be refused, the table, the function and its arguments, with names for what
/// is not null.
macro_rules! null_calls {
    ($($at:literal $refused:literal $function:ident ($($argument:expr),*);)+) => {
        &[$(NullCall {
            at: $at,
            wants_refusal: $refused,
            call: |family, session, bench| {
                let function = family.functions().$function?;
                let pointer = session.pointer.0;
                let mut results = Results::new(1024);
                let mut made = ptr::null_mut();
                let status = with_kind(bench, HostKind::Present, |host| {
                    let a = Arguments {
                        session: pointer,
                        host,
                        buffer: results.buffer.pointer(),
                        cap: results.buffer.cap,
                        len: &raw mut results.len,
                        number: &raw mut results.number,
                        flag: &raw mut results.flag,
                        made: &raw mut made,
                    };
                    let _ = &a;
                    // SAFETY: the family's function; each argument is valid for the call, or null, which it has to bear.
                    unsafe { function($($argument(&a)),*) }
                });
                // What a call opens that should have been refused stays open: it is the plugin's mistake.
                Some(status)
            },
        }),+]
    };
}

/// What an argument can be, apart from null.
struct Arguments {
    session: *mut std::ffi::c_void,
    host: *const imprint_host,
    buffer: *mut u8,
    cap: usize,
    len: *mut usize,
    number: *mut u64,
    flag: *mut u8,
    made: *mut *mut std::ffi::c_void,
}

fn session(a: &Arguments) -> *mut std::ffi::c_void {
    a.session
}
fn host(a: &Arguments) -> *const imprint_host {
    a.host
}
fn buffer(a: &Arguments) -> *mut u8 {
    a.buffer
}
fn cap(a: &Arguments) -> usize {
    a.cap
}
fn len(a: &Arguments) -> *mut usize {
    a.len
}
fn number(a: &Arguments) -> *mut u64 {
    a.number
}
fn flag(a: &Arguments) -> *mut u8 {
    a.flag
}
fn made(a: &Arguments) -> *mut *mut std::ffi::c_void {
    a.made
}
fn null<T>(_: &Arguments) -> *mut T {
    ptr::null_mut()
}
fn none<T>(_: &Arguments) -> *const T {
    ptr::null()
}
fn name(_: &Arguments) -> imprint_str {
    text("a-name")
}
/// Null with a length: what no text is.
fn no_name(_: &Arguments) -> imprint_str {
    imprint_str {
        data: ptr::null(),
        len: 4,
    }
}
fn empty(_: &Arguments) -> imprint_str {
    imprint_str {
        data: ptr::null(),
        len: 0,
    }
}
fn four(_: &Arguments) -> usize {
    4
}
fn zero(_: &Arguments) -> u64 {
    0
}
fn zero_len(_: &Arguments) -> usize {
    0
}

/// All of them. The error is null in each, because a caller may want none.
pub fn all() -> &'static [NullCall] {
    null_calls! {
        "open with a null host" true open(none, name, made, null);
        "open with a null session" true open(host, name, null, null);
        "open with a null name" true open(host, no_name, made, null);
        "identify with a null session" true identify(null, host, buffer, cap, len, null);
        "identify with a null host" true identify(session, none, buffer, cap, len, null);
        "identify with a null buffer" true identify(session, host, null, cap, len, null);
        "identify with a null length" true identify(session, host, buffer, cap, null, null);
        "read_uid with a null session" true read_uid(null, host, buffer, cap, len, null);
        "read_uid with a null host" true read_uid(session, none, buffer, cap, len, null);
        "read_uid with a null buffer" true read_uid(session, host, null, cap, len, null);
        "read_uid with a null length" true read_uid(session, host, buffer, cap, null, null);
        "unlock with a null session" true unlock(null, host, null);
        "unlock with a null host" true unlock(session, none, null);
        "erase with a null session" true erase(null, host, zero, zero, null);
        "erase with a null host" true erase(session, none, zero, zero, null);
        "program with a null session" true program(null, host, zero, none, zero_len, null);
        "program with a null host" true program(session, none, zero, none, zero_len, null);
        "program with null data" true program(session, host, zero, none, four, null);
        "protect with a null session" true protect(null, host, null);
        "protect with a null host" true protect(session, none, null);
        "is_protected with a null session" true is_protected(null, host, flag, null);
        "is_protected with a null host" true is_protected(session, none, flag, null);
        "is_protected with a null result" true is_protected(session, host, null, null);
        "option_read with a null session" true option_read(null, host, name, number, null);
        "option_read with a null host" true option_read(session, none, name, number, null);
        "option_read with a null name" true option_read(session, host, no_name, number, null);
        "option_read with an empty name" false option_read(session, host, empty, number, null);
        "option_read with a null result" true option_read(session, host, name, null, null);
        "option_write with a null session" true option_write(null, host, name, zero, null);
        "option_write with a null host" true option_write(session, none, name, zero, null);
        "option_write with a null name" true option_write(session, host, no_name, zero, null);
        "command with a null session" true command(null, host, name, none, zero_len, buffer, cap, len, null);
        "command with a null host" true command(session, none, name, none, zero_len, buffer, cap, len, null);
        "command with a null name" true command(session, host, no_name, none, zero_len, buffer, cap, len, null);
        "command with null input" true command(session, host, name, none, four, buffer, cap, len, null);
    }
}
