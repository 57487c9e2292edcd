//! Maps as sorted lists of pairs.
//!
//! Deterministic CBOR (RFC 8949 section 4.2.1) sorts text keys by length first; lists keep the order that people expect.

use minicbor::{
    Decode, Decoder, Encode, Encoder,
    decode::Error as DecodeError,
    encode::{Error as EncodeError, Write},
};
use std::collections::BTreeMap;

pub(crate) fn encode<C, K, V, W>(
    map: &BTreeMap<K, V>,
    encoder: &mut Encoder<W>,
    context: &mut C,
) -> Result<(), EncodeError<W::Error>>
where
    K: Encode<C>,
    V: Encode<C>,
    W: Write,
{
    encoder.array(map.len() as u64)?;
    for (key, value) in map {
        encoder.array(2)?;
        key.encode(encoder, context)?;
        value.encode(encoder, context)?;
    }
    Ok(())
}

pub(crate) fn decode<'b, C, K, V>(
    decoder: &mut Decoder<'b>,
    context: &mut C,
) -> Result<BTreeMap<K, V>, DecodeError>
where
    K: Decode<'b, C> + Ord,
    V: Decode<'b, C>,
{
    // A wrong order or a repeated key shows when the map is written again and compared.
    decoder.array_iter_with::<C, (K, V)>(context)?.collect()
}
