//! A session of a family, and what its calls answer.

use crate::{
    bench::Bench,
    process::crumb,
    raw::{self, ErrorSlot, HostKind, Op, Results, SessionPointer},
    subject::Site,
    verdict::{Step, failed, not_applicable},
};
use imprint_plugin_abi::*;
use imprint_plugin_host::{Family, limits};
use std::fmt;

/// Room for a message: no sentence needs more.
const MESSAGE_CAP: usize = 1024;

/// Room for a result: as much as a host gives.
fn result_cap(op: &Op) -> usize {
    match op {
        Op::Identify => limits::IDENTITY_LEN_MAX,
        Op::ReadUid => limits::UID_LEN_MAX,
        Op::Command { .. } => limits::COMMAND_OUTPUT_LEN_MAX,
        _ => 0,
    }
}

/// What a call answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: imprint_status,
    /// The whole of it, as the plugin says.
    pub message: String,
    pub address: Option<u64>,
    pub bytes: Vec<u8>,
    pub number: u64,
    pub flag: bool,
    /// A rule that each call has to keep, and this one did not.
    pub misbehaved: Option<String>,
}

impl Answer {
    fn new(status: imprint_status, error: &ErrorSlot, results: &Results) -> Self {
        let len = error.raw.message_len.min(MESSAGE_CAP);
        let message = error.message.filled(len);
        let misbehaved = if error.message.overran() {
            Some("bytes written after the end of the message buffer".to_string())
        } else if results.buffer.overran() {
            Some("bytes written after the end of the result buffer".to_string())
        } else if status == IMPRINT_OK && results.len > results.buffer.cap {
            let (len, cap) = (results.len, results.buffer.cap);
            Some(format!("success with {len} bytes in a buffer of {cap}"))
        } else {
            None
        };
        Self {
            status,
            message: String::from_utf8_lossy(message).into_owned(),
            address: (error.raw.address != IMPRINT_NO_ADDRESS).then_some(error.raw.address),
            bytes: results.buffer.filled(results.len).to_vec(),
            number: results.number,
            flag: results.flag != 0,
            misbehaved,
        }
    }

    pub fn is_ok(&self) -> bool {
        self.status == IMPRINT_OK
    }

    /// The family or the device does not offer it.
    pub fn is_unsupported(&self) -> bool {
        self.status == IMPRINT_E_UNSUPPORTED
    }

    /// The call is to succeed.
    pub fn expect_ok(&self, at: &str) -> Step {
        self.expect(at, self.is_ok(), "IMPRINT_OK")
    }

    /// What every call has to keep, and this.
    pub fn expect(&self, at: &str, holds: bool, expected: &str) -> Step {
        if let Some(misbehaved) = &self.misbehaved {
            return failed(at, "results within the buffers of the caller", misbehaved);
        }
        if !holds {
            return failed(at, expected, self.to_string());
        }
        Ok(())
    }

    /// The call may answer anything but a panic.
    pub fn expect_no_panic(&self, at: &str) -> Step {
        let holds = self.status != IMPRINT_E_PANIC;
        self.expect(at, holds, "any answer but a panic")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&status_name(self.status))?;
        if !self.is_ok() && !self.message.is_empty() {
            write!(f, " \"{}\"", self.message.escape_debug())?;
        }
        match self.address {
            Some(address) => write!(f, " at {address:#010x}"),
            None => Ok(()),
        }
    }
}

/// A status as the header names it.
pub fn status_name(status: imprint_status) -> String {
    let name = match status {
        IMPRINT_OK => "IMPRINT_OK",
        IMPRINT_E_INVALID_ARGUMENT => "IMPRINT_E_INVALID_ARGUMENT",
        IMPRINT_E_PANIC => "IMPRINT_E_PANIC",
        IMPRINT_E_UNSUPPORTED => "IMPRINT_E_UNSUPPORTED",
        IMPRINT_E_CANCELLED => "IMPRINT_E_CANCELLED",
        IMPRINT_E_TARGET => "IMPRINT_E_TARGET",
        IMPRINT_E_DEVICE => "IMPRINT_E_DEVICE",
        IMPRINT_E_MISMATCH => "IMPRINT_E_MISMATCH",
        IMPRINT_E_LOCKED => "IMPRINT_E_LOCKED",
        other => return format!("status {other}"),
    };
    name.into()
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Identify => f.write_str("identify"),
            Op::Unlock => f.write_str("unlock"),
            Op::ReadUid => f.write_str("read_uid"),
            Op::Erase { address, len } => write!(f, "erase({address:#010x}, {len:#x} bytes)"),
            Op::Program { address, data } => {
                write!(f, "program({address:#010x}, {:#x} bytes)", data.len())
            }
            Op::Protect => f.write_str("protect"),
            Op::IsProtected => f.write_str("is_protected"),
            Op::OptionRead { name } => write!(f, "option_read(`{name}`)"),
            Op::OptionWrite { name, value } => write!(f, "option_write(`{name}`, {value:#x})"),
            Op::Command { name, .. } => write!(f, "command(`{name}`)"),
        }
    }
}

/// An open session. Closed when it is dropped.
pub struct Session {
    family: Family,
    pub pointer: SessionPointer,
    pub kind: HostKind,
    is_open: bool,
}

impl Session {
    /// Opens a session with the bench's device, whatever comes of it.
    pub fn try_open(
        site: &Site,
        bench: &mut Bench,
        kind: HostKind,
        device: &str,
    ) -> Result<Session, Answer> {
        crumb(|| format!("open(`{device}`)"));
        bench.begin();
        let mut error = ErrorSlot::new(MESSAGE_CAP);
        let (status, pointer) = raw::open(&site.family, bench, kind, device, &mut error);
        if status == IMPRINT_OK {
            return Ok(Session {
                family: site.family.clone(),
                pointer,
                kind,
                is_open: true,
            });
        }
        Err(Answer::new(status, &error, &Results::new(0)))
    }

    /// Opens a session, which is another case's business.
    pub fn open(site: &Site, bench: &mut Bench) -> Step<Session> {
        Session::open_as(site, bench, HostKind::Present)
    }

    /// The same with a host of that kind.
    pub fn open_as(site: &Site, bench: &mut Bench, kind: HostKind) -> Step<Session> {
        match Session::try_open(site, bench, kind, &site.device.name) {
            Ok(session) => Ok(session),
            Err(answer) => not_applicable(format!(
                "no session can be opened, see the case `opens`: {answer}"
            )),
        }
    }

    /// Calls the family.
    pub fn call(&mut self, bench: &mut Bench, op: &Op) -> Answer {
        self.call_with(bench, op, result_cap(op), MESSAGE_CAP)
    }

    /// The same with room for so many bytes of result and message.
    pub fn call_with(
        &mut self,
        bench: &mut Bench,
        op: &Op,
        result_cap: usize,
        message_cap: usize,
    ) -> Answer {
        let (status, error, results) = self.call_raw(bench, op, result_cap, message_cap);
        Answer::new(status, &error, &results)
    }

    /// The same with all that the plugin wrote.
    pub fn call_raw(
        &mut self,
        bench: &mut Bench,
        op: &Op,
        result_cap: usize,
        message_cap: usize,
    ) -> (imprint_status, ErrorSlot, Results) {
        crumb(|| match bench.trouble {
            Some((at, trouble)) => format!("{op}, {trouble:?} at callback {at}"),
            None => op.to_string(),
        });
        bench.begin();
        let mut error = ErrorSlot::new(message_cap);
        let mut results = Results::new(result_cap);
        let (pointer, kind) = (self.pointer, self.kind);
        let slot = Some(&mut error);
        let status = raw::call(&self.family, pointer, bench, kind, op, &mut results, slot);
        let status = status.unwrap_or(IMPRINT_E_UNSUPPORTED);
        (status, error, results)
    }

    /// Ends the session.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.is_open) {
            crumb(|| "close".into());
            raw::close(&self.family, self.pointer);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}
