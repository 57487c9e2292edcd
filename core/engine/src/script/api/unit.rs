//! `unit`: the one target being programmed, and what the image brings for it.

use super::{Chip, Payload, Result, Unit, argument, record};
use rhai::{Dynamic, ImmutableString, Map, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Attaches to the target and checks that it is the image's device.
    #[rhai_fn(name = "connect", return_raw)]
    pub fn connect(context: NativeCallContext, unit: &mut Unit) -> Result<Chip> {
        unit.0.call(&context, |session| session.connect(false))?;
        Ok(Chip(unit.0.clone()))
    }

    /// Attaches with options: `#{ under_reset: true }` holds the reset line meanwhile.
    #[rhai_fn(name = "connect", return_raw)]
    pub fn connect_with(context: NativeCallContext, unit: &mut Unit, options: Map) -> Result<Chip> {
        let mut under_reset = false;
        for (name, value) in &options {
            match (name.as_str(), value.as_bool()) {
                ("under_reset", Ok(flag)) => under_reset = flag,
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
