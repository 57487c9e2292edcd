//! A serial number of this unit: one value, drawn with the permit.

use super::{Result, Serial, argument};
use imprint_image::serial::Encoding;
use rhai::{Blob, ImmutableString, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Name in the recipe.
    #[rhai_fn(get = "name", pure)]
    pub fn name(serial: &mut Serial) -> ImmutableString {
        serial.name.as_str().into()
    }

    /// The value as it is shown and recorded.
    #[rhai_fn(get = "text", pure)]
    pub fn text(serial: &mut Serial) -> ImmutableString {
        serial.value.text.as_str().into()
    }

    /// The value's own bytes: one a position, or the text of a list.
    #[rhai_fn(get = "bytes", pure)]
    pub fn bytes(serial: &mut Serial) -> Blob {
        serial.value.bytes.clone()
    }

    /// The value as a number; fails where its text is none.
    #[rhai_fn(get = "number", pure, return_raw)]
    pub fn number(context: NativeCallContext, serial: &mut Serial) -> Result<i64> {
        let bytes = serial
            .value
            .encode(&Encoding::Little { len: 8 })
            .map_err(|error| argument(&context, error.to_string()))?;
        let number = bytes.first_chunk().copied().unwrap_or_default();
        Ok(i64::from_le_bytes(number))
    }
}
