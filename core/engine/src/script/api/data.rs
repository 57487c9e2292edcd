//! A data window of the image: bytes that differ from unit to unit.

use super::{Data, Result};
use rhai::{Blob, ImmutableString, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Name in the recipe.
    #[rhai_fn(get = "name", pure)]
    pub fn data_name(data: &mut Data) -> ImmutableString {
        data.name.as_str().into()
    }

    /// The bytes that are programmed, all of the window. Fails while its value is not known.
    #[rhai_fn(get = "bytes", pure, return_raw)]
    pub fn data_bytes(context: NativeCallContext, data: &mut Data) -> Result<Blob> {
        data.shared
            .call(&context, |session| session.data_bytes(&data.name))
    }
}
