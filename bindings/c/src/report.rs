//! What became of a unit.

use crate::{
    boundary::{address_of, c_text, free},
    failure::imprint_failure,
};
use imprint_facade::{Outcome, UnitReport, to_json};
use std::{
    ffi::{CString, c_char},
    ptr,
};

/// Every step of the script succeeded.
pub const IMPRINT_OUTCOME_PASS: u32 = 1;
/// Something failed.
pub const IMPRINT_OUTCOME_FAIL: u32 = 2;
/// Somebody cancelled.
pub const IMPRINT_OUTCOME_CANCELLED: u32 = 3;

/// A unit without a number.
const NO_ORDINAL: i64 = -1;

/// What became of a unit. Its texts and its failure live as long as it does.
pub struct imprint_report {
    outcome: u32,
    ordinal: i64,
    uid: Option<CString>,
    failure: Option<imprint_failure>,
    json: CString,
}

impl imprint_report {
    pub(crate) fn new(report: &UnitReport) -> imprint_report {
        imprint_report {
            outcome: match report.outcome {
                Outcome::Pass => IMPRINT_OUTCOME_PASS,
                Outcome::Fail => IMPRINT_OUTCOME_FAIL,
                Outcome::Cancelled => IMPRINT_OUTCOME_CANCELLED,
            },
            ordinal: report
                .ordinal
                .and_then(|ordinal| i64::try_from(ordinal).ok())
                .unwrap_or(NO_ORDINAL),
            uid: report.uid.as_deref().map(c_text),
            failure: report.failure.as_ref().map(imprint_failure::new),
            json: c_text(&to_json(report)),
        }
    }
}

/// How the unit ended: one of `IMPRINT_OUTCOME_`; 0 of null.
///
/// # Safety
/// `report` is null or a report that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_outcome(report: *const imprint_report) -> u32 {
    // SAFETY: the caller vouches for it.
    unsafe { report.as_ref() }.map_or(0, |report| report.outcome)
}

/// The number of the unit among all that were permitted, from 0; -1 where nobody counts, where it was not permitted, and of
/// null.
///
/// # Safety
/// As `imprint_report_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_ordinal(report: *const imprint_report) -> i64 {
    // SAFETY: the caller vouches for it.
    unsafe { report.as_ref() }.map_or(NO_ORDINAL, |report| report.ordinal)
}

/// The target's unique identifier in hexadecimal. Null where it was not read.
///
/// # Safety
/// As `imprint_report_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_uid(report: *const imprint_report) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { report.as_ref() }.and_then(|report| report.uid.as_ref()))
}

/// What failed; it goes with the report and is not freed. Null after a pass, and of null.
///
/// # Safety
/// As `imprint_report_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_failure(
    report: *const imprint_report,
) -> *const imprint_failure {
    // SAFETY: the caller vouches for it.
    let failure = unsafe { report.as_ref() }.and_then(|report| report.failure.as_ref());
    failure.map_or(ptr::null(), ptr::from_ref)
}

/// All of it as a JSON object: steps with their times, records, changes, log. As `imprint run --json` prints it. Null of null.
///
/// # Safety
/// As `imprint_report_outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_json(report: *const imprint_report) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { report.as_ref() }.map(|report| &report.json))
}

/// Frees a report. Null is allowed.
///
/// # Safety
/// `report` is null or a report that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_report_free(report: *mut imprint_report) {
    // SAFETY: the caller vouches for it.
    unsafe { free(report) }
}
