//! A payload of the image: a handle. Its bytes never enter the script.

use super::{Payload, Result, integer};
use rhai::{ImmutableString, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Name in the recipe.
    #[rhai_fn(get = "name", pure)]
    pub fn name(payload: &mut Payload) -> ImmutableString {
        payload.name.as_str().into()
    }

    /// Bytes in all its segments.
    #[rhai_fn(get = "len", pure, return_raw)]
    pub fn len(context: NativeCallContext, payload: &mut Payload) -> Result<i64> {
        payload
            .shared
            .call(&context, |session| session.payload_facts(&payload.name))
            .map(|facts| integer(facts.len))
    }

    /// Lowest address.
    #[rhai_fn(get = "start", pure, return_raw)]
    pub fn start(context: NativeCallContext, payload: &mut Payload) -> Result<i64> {
        payload
            .shared
            .call(&context, |session| session.payload_facts(&payload.name))
            .map(|facts| integer(facts.start))
    }

    /// SHA-256 of the file it was made from, in hexadecimal.
    #[rhai_fn(get = "sha256", pure, return_raw)]
    pub fn sha256(context: NativeCallContext, payload: &mut Payload) -> Result<ImmutableString> {
        payload
            .shared
            .call(&context, |session| session.payload_facts(&payload.name))
            .map(|facts| facts.sha256.into())
    }
}
