//! Running a unit.

use crate::{
    boundary::{guarded, handle, optional_text, table, text, texts},
    cancel::imprint_cancel,
    engine::imprint_engine,
    failure::imprint_failure,
    image::imprint_image,
    observer::{Callbacks, imprint_log_fn, imprint_progress_fn, imprint_record_fn},
    prompt::{imprint_prompt, imprint_prompt_fn},
    report::imprint_report,
};
use imprint_facade::{CancelToken, Failure, Unit, UnitOptions, invalid};
use std::{
    collections::BTreeMap,
    ffi::{c_char, c_void},
};

/// How a unit is run. Set `struct_size` and `on`; what is left out is null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct imprint_run_options {
    /// `sizeof(struct imprint_run_options)`.
    pub struct_size: usize,
    /// Where: `twin:DEVICE` a new virtual board, `twin:./FILE` one in a file, `probe` the only probe, `probe:SELECTOR` one of
    /// several.
    pub on: *const c_char,
    /// What is handed in: `NAME=VALUE`. A list of texts ends with a null pointer.
    pub values: *const *const c_char,
    /// The text that was scanned from the unit.
    pub barcode: *const c_char,
    /// Stops the unit from another thread.
    pub cancel: *const imprint_cancel,
    /// Given to each callback as it is.
    pub user: *mut c_void,
    /// Told how far the unit is.
    pub on_progress: imprint_progress_fn,
    /// Told what the script records.
    pub on_record: imprint_record_fn,
    /// Told what is logged.
    pub on_log: imprint_log_fn,
    /// Asked, before anything is touched, for each input that the image needs and that was not given.
    pub on_prompt: imprint_prompt_fn,
}

/// Runs one unit, in this process, and returns when it has ended: a report, whether it passed or not. Null and a failure
/// where the unit did not begin: then nothing was touched and nothing is counted. Any thread; several at once with the
/// same engine and image. All callbacks come on the thread that called, before this returns.
///
/// # Safety
/// `engine` and `image` are null or not freed; `options` points to as many bytes as its size says; `failure` is null or
/// points to a place that is null or a failure. The callbacks return: they neither throw nor jump out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_run(
    engine: *const imprint_engine,
    image: *const imprint_image,
    options: *const imprint_run_options,
    failure: *mut *mut imprint_failure,
) -> *mut imprint_report {
    let run = || {
        // SAFETY: the caller vouches for the handles and for the size of the options.
        let (engine, image, options) = unsafe {
            let engine = handle(engine, "engine")?;
            let image = handle(image, "image")?;
            (engine, image, table(options, "options")?)
        };
        // SAFETY: the list ends with null and texts with zero, as the header says.
        let unit_options = unsafe {
            UnitOptions {
                on: text(options.on, "on")?,
                values: values(&texts(options.values, "values")?)?,
                barcode: optional_text(options.barcode, "barcode")?,
            }
        };
        // SAFETY: it is null or a token that is not freed.
        let cancel = unsafe { options.cancel.as_ref() };
        let cancel = cancel.map_or_else(CancelToken::new, |cancel| cancel.0.clone());
        let mut unit = engine.0.unit(&image.image, unit_options)?;
        if options.on_prompt.is_some() {
            prompt(&mut unit, options.on_prompt, options.user)?;
        }
        let imprint_run_options {
            user,
            on_progress,
            on_record,
            on_log,
            ..
        } = options;
        let mut callbacks = Callbacks::new(user, on_progress, on_record, on_log);
        let report = unit.run(cancel, &mut callbacks)?;
        Ok(imprint_report::new(&report))
    };
    // SAFETY: the caller vouches for `failure`.
    unsafe { guarded(failure, run) }
}

/// Asks for all that is missing.
fn prompt(unit: &mut Unit, ask: imprint_prompt_fn, user: *mut c_void) -> Result<(), Failure> {
    for input in unit.missing()? {
        let mut prompt = imprint_prompt::new(&input);
        if let Some(ask) = ask {
            // SAFETY: the caller of `imprint_run` gave it for this, with this `user`.
            unsafe { ask(user, &raw mut prompt) };
        }
        if let Some(text) = prompt.into_answer()? {
            unit.give(&input, text);
        }
    }
    Ok(())
}

fn values(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_string(), value.to_string())),
        None => Err(invalid(
            format!("`{text}` is no value with a name"),
            "write NAME=VALUE",
        )),
    };
    texts.iter().map(pair).collect()
}
