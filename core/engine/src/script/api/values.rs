//! Small helpers that every script of the field needs.

use super::{Result, argument};
use crate::{
    codes,
    report::{Failure, to_hex},
};
use rhai::{Blob, Dynamic, ImmutableString, Map, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Bytes as hexadecimal digits.
    #[rhai_fn(name = "hex")]
    pub fn hex_blob(bytes: Blob) -> ImmutableString {
        to_hex(&bytes).into()
    }

    /// A number as `0x` and eight or more hexadecimal digits.
    #[rhai_fn(name = "hex")]
    pub fn hex_number(number: i64) -> ImmutableString {
        format!("{number:#010x}").into()
    }

    /// Bytes from hexadecimal digits.
    #[rhai_fn(return_raw)]
    pub fn from_hex(context: NativeCallContext, digits: &str) -> Result<Blob> {
        crate::report::from_hex(digits)
            .ok_or_else(|| argument(&context, "expected an even number of hexadecimal digits"))
    }

    /// CRC-32 (IEEE 802.3) of bytes.
    pub fn crc32(bytes: Blob) -> i64 {
        i64::from(crc32fast::hash(&bytes))
    }

    /// Any CRC of 8 to 32 bits of bytes: `#{ width: 16, polynomial: 0x1021, initial: 0xFFFF, reflected: false, final_xor: 0 }`.
    /// `initial`, `reflected` and `final_xor` may be left out.
    #[rhai_fn(return_raw)]
    pub fn crc(context: NativeCallContext, bytes: Blob, parameters: Map) -> Result<i64> {
        super::super::crc::crc(&context, &bytes, &parameters)
    }

    /// Ends the unit as failed, with a reason.
    #[rhai_fn(return_raw)]
    pub fn fail(context: NativeCallContext, reason: &str) -> Result<()> {
        Err(super::super::raise(
            Failure::new(codes::SCRIPT_FAILED, reason),
            context.call_position(),
        ))
    }

    /// Ends the unit as failed unless the condition holds.
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, condition: bool, reason: &str) -> Result<()> {
        if condition {
            return Ok(());
        }
        Err(super::super::raise(
            Failure::new(codes::SCRIPT_FAILED, reason),
            context.call_position(),
        ))
    }

    /// Stable code of a caught failure.
    #[rhai_fn(get = "code", pure)]
    pub fn failure_code(failure: &mut Failure) -> ImmutableString {
        failure.code.as_str().into()
    }

    /// Sentence of a caught failure.
    #[rhai_fn(get = "message", pure)]
    pub fn failure_message(failure: &mut Failure) -> ImmutableString {
        failure.message.as_str().into()
    }

    /// Address of a caught failure, or `()`.
    #[rhai_fn(get = "address", pure)]
    pub fn failure_address(failure: &mut Failure) -> Dynamic {
        failure
            .address
            .map_or(Dynamic::UNIT, |address| Dynamic::from_int(address as i64))
    }

    /// A caught failure as text.
    #[rhai_fn(name = "to_string", name = "print", pure)]
    pub fn failure_text(failure: &mut Failure) -> ImmutableString {
        failure.to_string().into()
    }

    /// Address arithmetic on a byte of a blob, which is not a whole number of Rhai's.
    #[rhai_fn(name = "+")]
    pub fn add(left: i64, right: u8) -> i64 {
        left.wrapping_add(i64::from(right))
    }

    /// See `+`.
    #[rhai_fn(name = "&")]
    pub fn and(left: u8, right: i64) -> i64 {
        i64::from(left) & right
    }

    /// See `+`.
    #[rhai_fn(name = "|")]
    pub fn or(left: i64, right: u8) -> i64 {
        left | i64::from(right)
    }
}
