//! What came of a unit, as a test reads it.

use crate::{
    report::{Outcome, UnitReport, Value},
    script::api::integer,
};
use rhai::{Array, Dynamic, ImmutableString, Map, plugin::*};
use std::sync::Arc;

/// The report of a unit.
#[derive(Clone)]
pub(crate) struct UnitResult(Arc<UnitReport>);

impl UnitResult {
    pub(super) fn new(report: UnitReport) -> Self {
        Self(Arc::new(report))
    }
}

#[export_module]
pub(super) mod functions {
    /// How it ended: `"pass"`, `"fail"`, `"cancelled"`.
    #[rhai_fn(get = "outcome", pure)]
    pub fn outcome(result: &mut UnitResult) -> ImmutableString {
        match result.0.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Cancelled => "cancelled",
        }
        .into()
    }

    /// Code of its failure; `()` after a pass.
    #[rhai_fn(get = "code", pure)]
    pub fn code(result: &mut UnitResult) -> Dynamic {
        let failure = result.0.failure.as_ref();
        failure.map_or(Dynamic::UNIT, |failure| failure.code.as_str().into())
    }

    /// Its failure, with `code`, `message` and `address`; `()` after a pass.
    #[rhai_fn(get = "failure", pure)]
    pub fn failure(result: &mut UnitResult) -> Dynamic {
        let failure = result.0.failure.clone();
        failure.map_or(Dynamic::UNIT, Dynamic::from)
    }

    /// What the script recorded, by name.
    #[rhai_fn(get = "records", pure)]
    pub fn records(result: &mut UnitResult) -> Map {
        let records = result.0.records.iter();
        records
            .map(|record| (record.name.as_str().into(), super::value(&record.value)))
            .collect()
    }

    /// Names of its steps in their order: `["connect", "permit", "erase", ..]`.
    #[rhai_fn(get = "steps", pure)]
    pub fn steps(result: &mut UnitResult) -> Array {
        let steps = result.0.steps.iter();
        steps.map(|step| step.name.as_str().into()).collect()
    }

    /// Lines of its log.
    #[rhai_fn(get = "log", pure)]
    pub fn log(result: &mut UnitResult) -> Array {
        let log = result.0.log.iter();
        log.map(|line| line.text.as_str().into()).collect()
    }

    /// Its serial numbers by name, each an array of texts; none before they are drawn.
    #[rhai_fn(get = "serials", pure)]
    pub fn serials(result: &mut UnitResult) -> Map {
        let serials = result.0.serials.iter();
        serials
            .map(|(name, texts)| {
                let texts: Array = texts.iter().map(|text| text.as_str().into()).collect();
                (name.as_str().into(), texts.into())
            })
            .collect()
    }

    /// The number of the unit among those that were permitted, from 0; `()` for one that was not.
    #[rhai_fn(get = "ordinal", pure)]
    pub fn ordinal(result: &mut UnitResult) -> Dynamic {
        let ordinal = result.0.ordinal;
        ordinal.map_or(Dynamic::UNIT, |ordinal| Dynamic::from_int(integer(ordinal)))
    }

    /// Whether anything of the chip's memory was changed, or had begun to be.
    #[rhai_fn(get = "changed", pure)]
    pub fn changed(result: &mut UnitResult) -> bool {
        !result.0.changes.is_empty()
    }

    /// Time of the unit on the chip's clock, in microseconds.
    #[rhai_fn(get = "virtual_us", pure)]
    pub fn virtual_us(result: &mut UnitResult) -> i64 {
        integer(result.0.time.virtual_us.unwrap_or_default())
    }

    /// Transfers on the wire.
    #[rhai_fn(get = "transfers", pure)]
    pub fn transfers(result: &mut UnitResult) -> i64 {
        integer(result.0.transfer_count)
    }
}

fn value(value: &Value) -> Dynamic {
    match value {
        Value::Bool(flag) => Dynamic::from_bool(*flag),
        Value::Integer(number) => Dynamic::from_int(*number),
        Value::Text(text) => text.as_str().into(),
    }
}
