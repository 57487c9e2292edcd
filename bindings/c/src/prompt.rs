//! What an image asks the operator for.

use crate::boundary::{address_of, c_text, optional_text};
use imprint_facade::{Failure, Input};
use std::ffi::{CString, c_char};

/// The text that is scanned from this unit.
pub const IMPRINT_PROMPT_BARCODE: u32 = 1;
/// What the station is called.
pub const IMPRINT_PROMPT_STATION_NAME: u32 = 2;
/// A value that the image takes from outside; its name says which.
pub const IMPRINT_PROMPT_VALUE: u32 = 3;

/// A question. It lives as long as the callback that is given it.
pub struct imprint_prompt {
    kind: u32,
    name: CString,
    answer: Option<Result<String, Failure>>,
}

/// Asks a question.
pub type imprint_prompt_fn =
    Option<unsafe extern "C" fn(user: *mut std::ffi::c_void, prompt: *mut imprint_prompt)>;

impl imprint_prompt {
    pub(crate) fn new(input: &Input) -> imprint_prompt {
        let (kind, name) = match input {
            Input::Barcode => (IMPRINT_PROMPT_BARCODE, "barcode"),
            Input::StationName => (IMPRINT_PROMPT_STATION_NAME, "station_name"),
            Input::Value(name) => (IMPRINT_PROMPT_VALUE, name.as_str()),
        };
        imprint_prompt {
            kind,
            name: c_text(name),
            answer: None,
        }
    }

    /// What was answered, if anything was.
    pub(crate) fn into_answer(self) -> Result<Option<String>, Failure> {
        self.answer.transpose()
    }
}

/// What is asked for: one of `IMPRINT_PROMPT_`; 0 of null.
///
/// # Safety
/// `prompt` is null or the one of the callback under way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_prompt_kind(prompt: *const imprint_prompt) -> u32 {
    // SAFETY: the caller vouches for it.
    unsafe { prompt.as_ref() }.map_or(0, |prompt| prompt.kind)
}

/// The name of the value; `barcode` and `station_name` for those. Null of null.
///
/// # Safety
/// As `imprint_prompt_kind`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_prompt_name(prompt: *const imprint_prompt) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { prompt.as_ref() }.map(|prompt| &prompt.name))
}

/// Answers: `text` is copied. The last answer counts; without one, the input stays missing and the image decides.
///
/// # Safety
/// As `imprint_prompt_kind`; `text` is null or ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_prompt_answer(prompt: *mut imprint_prompt, text: *const c_char) {
    // SAFETY: the caller vouches for both.
    let (prompt, text) = unsafe { (prompt.as_mut(), optional_text(text, "answer")) };
    if let Some(prompt) = prompt {
        prompt.answer = text.transpose();
    }
}
