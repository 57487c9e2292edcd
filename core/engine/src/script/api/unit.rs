//! `unit`: the one target being programmed, and what the image brings for it.

use super::{Chip, Data, Payload, Result, Serial, Unit, argument, record};
use imprint_image::serial::RawValue;
use rhai::{Blob, Dynamic, ImmutableString, Map, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Attaches to the target, as the recipe's `link` says, and checks that it is the image's device.
    #[rhai_fn(name = "connect", return_raw)]
    pub fn connect(context: NativeCallContext, unit: &mut Unit) -> Result<Chip> {
        unit.0.call(&context, |session| session.connect(None))?;
        Ok(Chip(unit.0.clone()))
    }

    /// Attaches with options: `#{ under_reset: true }` holds the reset line meanwhile.
    #[rhai_fn(name = "connect", return_raw)]
    pub fn connect_with(context: NativeCallContext, unit: &mut Unit, options: Map) -> Result<Chip> {
        let mut under_reset = None;
        for (name, value) in &options {
            match (name.as_str(), value.as_bool()) {
                ("under_reset", Ok(flag)) => under_reset = Some(flag),
                _ => {
                    return Err(argument(
                        &context,
                        format!("connect takes `under_reset: bool`, found `{name}`"),
                    ));
                }
            }
        }
        unit.0
            .call(&context, |session| session.connect(under_reset))?;
        Ok(Chip(unit.0.clone()))
    }

    /// Opens a locked target by erasing it. Before `connect`; needs the right `unlock_by_erase`.
    #[rhai_fn(return_raw)]
    pub fn unlock(context: NativeCallContext, unit: &mut Unit) -> Result<()> {
        unit.0.call(&context, |session| session.unlock())
    }

    /// Tells whether the target is protected against readout. Works before `connect`.
    #[rhai_fn(return_raw)]
    pub fn is_protected(context: NativeCallContext, unit: &mut Unit) -> Result<bool> {
        unit.0.call(&context, |session| session.is_protected())
    }

    /// A payload of the image, by its name in the recipe.
    #[rhai_fn(return_raw)]
    pub fn payload(context: NativeCallContext, unit: &mut Unit, name: &str) -> Result<Payload> {
        unit.0
            .call(&context, |session| session.payload_exists(name))?;
        Ok(Payload {
            shared: unit.0.clone(),
            name: name.to_string(),
        })
    }

    /// A serial number of this unit, by its name in the recipe. The first call draws all of them with the permit.
    #[rhai_fn(name = "serial", return_raw)]
    pub fn serial(context: NativeCallContext, unit: &mut Unit, name: &str) -> Result<Serial> {
        drawn(&context, unit, name, 0)
    }

    /// One of several values of a serial number, counted from 0.
    #[rhai_fn(name = "serial", return_raw)]
    pub fn serial_of(
        context: NativeCallContext,
        unit: &mut Unit,
        name: &str,
        index: i64,
    ) -> Result<Serial> {
        drawn(&context, unit, name, index)
    }

    /// A data window of the image, by its name in the recipe.
    #[rhai_fn(return_raw)]
    pub fn data(context: NativeCallContext, unit: &mut Unit, name: &str) -> Result<Data> {
        unit.0.call(&context, |session| session.data_exists(name))?;
        Ok(Data {
            shared: unit.0.clone(),
            name: name.to_string(),
        })
    }

    /// Gives a data window its value: bytes, text or a number. Its recipe says `source: script`.
    #[rhai_fn(return_raw)]
    pub fn set_data(
        context: NativeCallContext,
        unit: &mut Unit,
        name: &str,
        value: Dynamic,
    ) -> Result<()> {
        let value = if let Ok(number) = value.as_int() {
            RawValue::Integer(number)
        } else if let Some(bytes) = value.read_lock::<Blob>() {
            RawValue::Bytes(bytes.clone())
        } else if value.is_string() || value.is_char() {
            RawValue::Text(value.to_string())
        } else {
            return Err(argument(
                &context,
                format!(
                    "data is a blob, text or a number, found {}",
                    context.engine().map_type_name(value.type_name())
                ),
            ));
        };
        unit.0
            .call(&context, |session| session.set_data(name, value))
    }

    /// A value that was handed in for this unit, as text.
    #[rhai_fn(return_raw)]
    pub fn value(
        context: NativeCallContext,
        unit: &mut Unit,
        name: &str,
    ) -> Result<ImmutableString> {
        unit.0
            .call(&context, |session| session.value(name))
            .map(Into::into)
    }

    /// The text that was scanned for this unit.
    #[rhai_fn(get = "barcode", pure, return_raw)]
    pub fn barcode(context: NativeCallContext, unit: &mut Unit) -> Result<ImmutableString> {
        unit.0
            .call(&context, |session| session.barcode())
            .map(Into::into)
    }

    /// The name of the station.
    #[rhai_fn(get = "station", pure, return_raw)]
    pub fn station(context: NativeCallContext, unit: &mut Unit) -> Result<ImmutableString> {
        unit.0
            .call(&context, |session| session.station())
            .map(Into::into)
    }

    /// A setting of the recipe, as text.
    #[rhai_fn(return_raw)]
    pub fn setting(
        context: NativeCallContext,
        unit: &mut Unit,
        name: &str,
    ) -> Result<ImmutableString> {
        unit.0
            .call(&context, |session| session.setting(name))
            .map(Into::into)
    }

    /// Name of the device the image is for.
    #[rhai_fn(get = "device", pure)]
    pub fn device(unit: &mut Unit) -> ImmutableString {
        unit.0.session().device_name().into()
    }

    /// Writes a value to the report of the unit. The same name again replaces it.
    #[rhai_fn(name = "record", return_raw)]
    pub fn record_value(
        context: NativeCallContext,
        unit: &mut Unit,
        name: &str,
        value: Dynamic,
    ) -> Result<()> {
        let record = record(&context, name, &value)?;
        unit.0.call(&context, |session| session.record(record))
    }

    /// Writes a line to the log of the unit.
    #[rhai_fn(return_raw)]
    pub fn log(context: NativeCallContext, unit: &mut Unit, text: &str) -> Result<()> {
        unit.0.call(&context, |session| session.log("script", text))
    }

    /// Waits, in milliseconds of target time.
    #[rhai_fn(return_raw)]
    pub fn delay_ms(context: NativeCallContext, unit: &mut Unit, ms: i64) -> Result<()> {
        let ms = u64::try_from(ms)
            .map_err(|_| argument(&context, format!("a delay cannot be negative, found {ms}")))?;
        unit.0.call(&context, |session| session.delay_ms(ms))
    }
}

fn drawn(context: &NativeCallContext, unit: &Unit, name: &str, index: i64) -> Result<Serial> {
    let value = unit
        .0
        .call(context, |session| session.serial(name, index))?;
    Ok(Serial {
        name: name.to_string(),
        index,
        value,
    })
}
