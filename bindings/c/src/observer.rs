//! What the other side is told while a unit runs.

use crate::boundary::{address_of, c_text};
use imprint_facade::{Event, Observer, Step, Value};
use std::ffi::{CString, c_char, c_void};

/// A step began.
pub const IMPRINT_STEP_STARTED: u32 = 1;
/// A step came further.
pub const IMPRINT_STEP_PROGRESS: u32 = 2;
/// A step ended.
pub const IMPRINT_STEP_FINISHED: u32 = 3;

/// How far a unit is. It lives as long as the callback that is given it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct imprint_progress {
    /// The size the library knows: a field behind it is not there.
    pub struct_size: usize,
    /// One of `IMPRINT_STEP_`.
    pub kind: u32,
    /// Of a step that ended: 1 if it succeeded, else 0.
    pub ok: u32,
    /// What is done, as in `program`.
    pub step: *const c_char,
    /// On what, as in `firmware`.
    pub detail: *const c_char,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all; 0 where it is not known.
    pub total: u64,
}

/// A value that the script recorded. It lives as long as the callback that is given it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct imprint_record {
    /// The size the library knows: a field behind it is not there.
    pub struct_size: usize,
    /// Its name.
    pub name: *const c_char,
    /// Its value as text: digits, `true`, `false`, or the text itself.
    pub value: *const c_char,
}

/// Tells how far a unit is.
pub type imprint_progress_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, progress: *const imprint_progress)>;
/// Tells what was recorded.
pub type imprint_record_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, record: *const imprint_record)>;
/// Tells a line of the log: who wrote it (`script`, `family`, `test`), and the text.
pub type imprint_log_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, source: *const c_char, text: *const c_char)>;

/// Calls the callbacks that are there.
pub(crate) struct Callbacks {
    pub(crate) user: *mut c_void,
    pub(crate) on_progress: imprint_progress_fn,
    pub(crate) on_record: imprint_record_fn,
    pub(crate) on_log: imprint_log_fn,
    /// The step under way: its name, on what, and its bytes in all.
    step: (CString, CString, u64),
}

impl Callbacks {
    pub(crate) fn new(
        user: *mut c_void,
        on_progress: imprint_progress_fn,
        on_record: imprint_record_fn,
        on_log: imprint_log_fn,
    ) -> Callbacks {
        Callbacks {
            user,
            on_progress,
            on_record,
            on_log,
            step: Default::default(),
        }
    }

    fn progress(&self, kind: u32, ok: bool, done: u64) {
        let (step, detail, total) = &self.step;
        let progress = imprint_progress {
            struct_size: size_of::<imprint_progress>(),
            kind,
            ok: ok.into(),
            step: step.as_ptr(),
            detail: detail.as_ptr(),
            done,
            total: *total,
        };
        if let Some(on_progress) = self.on_progress {
            // SAFETY: the caller of `imprint_run` gave it for this, with this `user`.
            unsafe { on_progress(self.user, &raw const progress) };
        }
    }

    fn finished(&mut self, step: &Step) {
        self.step = (c_text(&step.name), c_text(&step.detail), step.len);
        self.progress(IMPRINT_STEP_FINISHED, step.ok, step.len);
    }

    fn recorded(&self, name: &str, value: &Value) {
        let Some(on_record) = self.on_record else {
            return;
        };
        let name = c_text(name);
        let value = c_text(&match value {
            Value::Bool(flag) => flag.to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text.clone(),
        });
        let record = imprint_record {
            struct_size: size_of::<imprint_record>(),
            name: address_of(Some(&name)),
            value: address_of(Some(&value)),
        };
        // SAFETY: as above.
        unsafe { on_record(self.user, &raw const record) };
    }
}

impl Observer for Callbacks {
    fn event(&mut self, event: &Event) {
        match event {
            Event::StepStarted { name, detail, len } => {
                self.step = (c_text(name), c_text(detail), *len);
                self.progress(IMPRINT_STEP_STARTED, false, 0);
            }
            Event::Progress { done, total, .. } => {
                self.step.2 = *total;
                self.progress(IMPRINT_STEP_PROGRESS, false, *done);
            }
            Event::StepFinished(step) => self.finished(step),
            Event::Recorded(record) => self.recorded(&record.name, &record.value),
            Event::Logged(line) => {
                if let Some(on_log) = self.on_log {
                    let (source, text) = (c_text(&line.source), c_text(&line.text));
                    // SAFETY: as above.
                    unsafe { on_log(self.user, source.as_ptr(), text.as_ptr()) };
                }
            }
            // The report has what was changed; and no unsigned plugin is ever loaded for who calls this.
            Event::Changing(_) | Event::UnsignedPlugin { .. } => {}
        }
    }
}
