//! What a script can call: functions on `unit`, `chip`, a memory and a payload, and a few values.
//!
//! A script is the control plane; bytes move in Rust. So firmware is a handle, never a blob, and each function here
//! only translates its arguments and hands over to the unit.

// What `export_module` generates takes each argument with `unwrap`, after Rhai has checked its type.
#![allow(clippy::unwrap_used)]

mod chip;
mod crc;
mod data;
mod memory;
mod payload;
mod replaced;
mod serial;
mod test_result;
mod unit;
mod values;

pub(crate) use test_result::TestResult;

use crate::{
    codes,
    report::{Failure, Record, Value, to_hex},
    script::watch::Watch,
    unit::UnitSession,
};
use imprint_image::serial::SerialValue;
use rhai::{Blob, Dynamic, Engine, EvalAltResult, Module, NativeCallContext, Position};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a failing function gives.
pub(crate) type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

/// The unit a script works on, as its handles share it.
pub(crate) struct Shared {
    session: Mutex<UnitSession>,
    turn: Mutex<Turn>,
}

/// What holds while one piece of script runs: a whole one, or a line of the console.
struct Turn {
    watch: Arc<Watch>,
    /// The first failure that ends the unit whatever the script does: some of Rhai's own functions swallow errors.
    ended: Option<Failure>,
}

impl Shared {
    /// Shares a unit with the script that is about to run.
    pub(crate) fn new(session: UnitSession, watch: Arc<Watch>) -> Arc<Self> {
        Arc::new(Self {
            session: Mutex::new(session),
            turn: Mutex::new(Turn { watch, ended: None }),
        })
    }

    /// Begins the next piece of script on the same unit.
    pub(crate) fn begin(&self, watch: Arc<Watch>) {
        *self.turn() = Turn { watch, ended: None };
    }

    /// Ends the unit for whoever still has a handle of it.
    pub(crate) fn close(&self, failure: Failure) {
        self.turn().ended.get_or_insert(failure);
    }

    /// The failure that ended the unit, whatever became of it in the script.
    pub(crate) fn ended(&self) -> Option<Failure> {
        self.turn().ended.clone()
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The unit. One script runs on one thread, so nobody waits here.
    pub(crate) fn session(&self) -> MutexGuard<'_, UnitSession> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the unit back when the script has ended.
    pub(crate) fn into_session(self) -> UnitSession {
        self.session
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something on the unit; its time is not the script's.
    fn call<T>(
        &self,
        context: &NativeCallContext,
        work: impl FnOnce(&mut UnitSession) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        if let Some(failure) = self.ended() {
            return Err(end(failure, context));
        }
        let watch = self.turn().watch.clone();
        let _host_call = watch.host_call();
        let mut session = self.session();
        work(&mut session).map_err(|failure| {
            if !codes::is_final(&failure.code) && !session.is_refusal(&failure) {
                return raise(failure, context.call_position());
            }
            // Only the first counts; later ones are its consequences.
            self.close(failure.clone());
            end(failure, context)
        })
    }
}

/// The unit, as `main(unit)` gets it.
#[derive(Clone)]
pub(crate) struct Unit(pub(crate) Arc<Shared>);

/// The target, once connected.
#[derive(Clone)]
pub(crate) struct Chip(pub(crate) Arc<Shared>);

/// One memory of the target.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) len: u64,
}

/// A payload of the image.
#[derive(Clone)]
pub(crate) struct Payload {
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: String,
}

/// One value of a serial number of this unit.
#[derive(Clone)]
pub(crate) struct Serial {
    pub(crate) name: String,
    pub(crate) index: i64,
    pub(crate) value: SerialValue,
}

/// A data window of the image.
#[derive(Clone)]
pub(crate) struct Data {
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: String,
}

/// All functions, with their documentation.
pub(crate) fn module() -> Module {
    let mut module = Module::new();
    module.combine_flatten(rhai::exported_module!(unit::functions));
    module.combine_flatten(rhai::exported_module!(chip::functions));
    module.combine_flatten(rhai::exported_module!(memory::functions));
    module.combine_flatten(rhai::exported_module!(payload::functions));
    module.combine_flatten(rhai::exported_module!(serial::functions));
    module.combine_flatten(rhai::exported_module!(data::functions));
    module.combine_flatten(rhai::exported_module!(test_result::functions));
    module.combine_flatten(rhai::exported_module!(values::functions));
    module.combine_flatten(rhai::exported_module!(replaced::functions));
    module
}

/// The names scripts and messages use for the types.
pub(crate) fn register_types(engine: &mut Engine) {
    engine
        .register_type_with_name::<Unit>("Unit")
        .register_type_with_name::<Chip>("Chip")
        .register_type_with_name::<Memory>("Memory")
        .register_type_with_name::<Payload>("Payload")
        .register_type_with_name::<Serial>("Serial")
        .register_type_with_name::<Data>("Data")
        .register_type_with_name::<TestResult>("TestResult")
        .register_type_with_name::<Failure>("Failure")
        .register_type_with_name::<Blob>("Blob");
}

/// Turns a failure into what travels through Rhai, and what a script may catch.
pub(crate) fn raise(failure: Failure, position: Position) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(failure),
        position,
    ))
}

/// What ends a script, with its place: Rhai puts the place of the outermost call in its stead.
#[derive(Clone)]
pub(crate) struct End {
    pub(crate) failure: Failure,
    /// The module it happened in; empty for the script itself.
    pub(crate) script: String,
    pub(crate) position: Position,
}

/// The same for what a script must not swallow: it ends the script.
pub(crate) fn end(failure: Failure, context: &NativeCallContext) -> Box<EvalAltResult> {
    let position = context.call_position();
    let end = End {
        failure,
        script: context.call_source().unwrap_or_default().to_string(),
        position,
    };
    Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(end), position))
}

pub(crate) fn argument(
    context: &NativeCallContext,
    message: impl Into<String>,
) -> Box<EvalAltResult> {
    raise(
        Failure::new(codes::SCRIPT_ARGUMENT, message),
        context.call_position(),
    )
}

pub(crate) fn address(context: &NativeCallContext, value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| {
        argument(
            context,
            format!("an address cannot be negative, found {value}"),
        )
    })
}

pub(crate) fn length(context: &NativeCallContext, value: i64) -> Result<u64> {
    match u64::try_from(value) {
        Ok(len) if len > 0 => Ok(len),
        _ => Err(argument(
            context,
            format!("a length must be at least 1, found {value}"),
        )),
    }
}

pub(crate) fn integer(value: u64) -> i64 {
    // Rhai has one integer type of 64 bits; the bits are kept, as its own literals do.
    value as i64
}

/// Makes a record of a script's value.
fn record(context: &NativeCallContext, name: &str, value: &Dynamic) -> Result<Record> {
    let value = if let Ok(flag) = value.as_bool() {
        Value::Bool(flag)
    } else if let Ok(number) = value.as_int() {
        Value::Integer(number)
    } else if let Some(bytes) = value.read_lock::<Blob>() {
        Value::Text(to_hex(&bytes))
    } else if value.is_string() || value.is_char() || value.is_float() {
        Value::Text(value.to_string())
    } else {
        return Err(argument(
            context,
            format!(
                "a record is a bool, a number, text or a blob, found {}",
                context.engine().map_type_name(value.type_name())
            ),
        ));
    };
    Ok(Record {
        name: name.to_string(),
        value,
    })
}
