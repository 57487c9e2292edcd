//! What differs from unit to unit: serial numbers, data, run tests; and what the image says of wire, supply and plan.
//!
//! The engine is called directly, and what the board then holds is compared with what a person would work out by hand.
#![allow(clippy::unwrap_used)]

mod plan;
mod run_tests;
mod silicon;
mod values;
mod wire;

use imprint::{
    Inputs, Permit, RunOptions, Silent, Twin,
    report::{Failure, Outcome, UnitReport},
};
use imprint_tests::{Direct, Recipe, Workshop};
use std::sync::{Arc, Mutex};

/// Cells of a board's main flash.
pub(crate) fn flash(twin: &Twin, offset: u64, len: usize) -> Vec<u8> {
    let state = twin.board().save();
    let mut cells = vec![0xFF; len];
    for run in &state.memories[0].runs {
        for (at, byte) in (run.offset..).zip(&run.data) {
            if let Some(index) = at.checked_sub(offset)
                && (index as usize) < len
            {
                cells[index as usize] = *byte;
            }
        }
    }
    cells
}

/// Runs an image on a board; how often the gate was asked.
pub(crate) fn run(
    direct: &Direct,
    image: &[u8],
    twin: &Twin,
    inputs: Inputs,
    answer: Option<Permit>,
) -> (UnitReport, usize) {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let gate = answer.map(|permit| {
        let gate = move |_: Option<&[u8]>| -> Result<Permit, Failure> {
            *count.lock().unwrap() += 1;
            Ok(permit.clone())
        };
        Box::new(gate) as Box<dyn imprint::Gate>
    });
    let options = RunOptions {
        gate,
        inputs,
        ..RunOptions::default()
    };
    let report = direct.run_with(image, twin, options, &mut Silent);
    let asked = *asked.lock().unwrap();
    (report, asked)
}

pub(crate) fn image(workshop: &Workshop, recipe: &Recipe) -> Vec<u8> {
    workshop.read(&workshop.image("unit", recipe))
}

#[track_caller]
pub(crate) fn passed(report: &UnitReport) {
    assert_eq!(report.outcome, Outcome::Pass, "{:#?}", report.failure);
}

pub(crate) fn code(report: &UnitReport) -> &str {
    report.failure.as_ref().map_or("none", |it| &it.code)
}
