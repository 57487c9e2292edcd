//! Strict, deterministic CBOR (RFC 8949 section 4.2.1): one value has one encoding, and any other is refused.
//!
//! Decoders take what they expect and nothing else; what they have read is encoded again and compared, which finds every
//! long form and every key out of order without a rule for each.

use minicbor::{Decoder, Encoder, decode::Error};
use std::convert::Infallible;

pub(crate) type Out = Encoder<Vec<u8>>;
pub(crate) type In<'a> = Decoder<'a>;
pub(crate) type Decoded<T> = Result<T, Error>;

/// What can be written and read.
pub(crate) trait Code: Sized {
    /// Appends it.
    fn put(&self, out: &mut Out) -> Result<(), minicbor::encode::Error<Infallible>>;
    /// Takes it off the front.
    fn take(input: &mut In<'_>) -> Decoded<Self>;

    /// Its bytes.
    fn to_cbor(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        // Writing to memory cannot fail.
        let _ = self.put(&mut out);
        out.into_writer()
    }

    /// From exactly these bytes. The error says what was wrong.
    fn from_cbor(bytes: &[u8]) -> Result<Self, String> {
        let mut input = Decoder::new(bytes);
        let value = Self::take(&mut input).map_err(|error| error.to_string())?;
        if input.position() != bytes.len() {
            return Err(format!("{} bytes follow", bytes.len() - input.position()));
        }
        if value.to_cbor() != bytes {
            return Err("not in the one form that it is written in".into());
        }
        Ok(value)
    }
}

pub(crate) type Put = Result<(), minicbor::encode::Error<Infallible>>;

/// The head of an array of exactly `len` items.
pub(crate) fn array(input: &mut In<'_>, len: u64) -> Decoded<()> {
    match input.array()? {
        Some(found) if found == len => Ok(()),
        _ => Err(Error::message(format!("expected an array of {len}"))),
    }
}

/// The head of an array of at most `max` items: how many.
pub(crate) fn count(input: &mut In<'_>, max: usize) -> Decoded<usize> {
    match input.array()? {
        Some(found) if found <= max as u64 => Ok(found as usize),
        _ => Err(Error::message(format!(
            "expected an array of at most {max}"
        ))),
    }
}

/// A byte string of exactly `N` bytes.
pub(crate) fn bytes<const N: usize>(input: &mut In<'_>) -> Decoded<[u8; N]> {
    let found = input.bytes()?;
    found
        .try_into()
        .map_err(|_| Error::message(format!("expected {N} bytes, found {}", found.len())))
}

/// Items one after the other, behind the head of their array.
pub(crate) fn put_all<'a, T: Code + 'a>(
    items: impl ExactSizeIterator<Item = &'a T>,
    out: &mut Out,
) -> Put {
    out.array(items.len() as u64)?;
    for item in items {
        item.put(out)?;
    }
    Ok(())
}

/// An array of at most `max` items.
pub(crate) fn take_all<T: Code>(input: &mut In<'_>, max: usize) -> Decoded<Vec<T>> {
    let count = count(input, max)?;
    // Grown as items are there: the head of an array promises nothing.
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(T::take(input)?);
    }
    Ok(items)
}

/// A refusal of a value that has the right type.
pub(crate) fn wrong<T>(message: &str) -> Decoded<T> {
    Err(Error::message(message))
}

macro_rules! code_of_bytes {
    ($($name:ident),*) => {
        $(impl Code for crate::ids::$name {
            fn put(&self, out: &mut Out) -> Put {
                out.bytes(&self.0)?;
                Ok(())
            }
            fn take(input: &mut In<'_>) -> Decoded<Self> {
                bytes(input).map(crate::ids::$name)
            }
        })*
    };
}
code_of_bytes!(
    DeploymentId,
    AttemptId,
    SerialId,
    DefinitionHash,
    ValueHash,
    StationId,
    ImageId,
    RequestHash,
    KeyShare
);

impl Code for crate::LeaseId {
    fn put(&self, out: &mut Out) -> Put {
        self.0.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        input.u64().map(crate::LeaseId)
    }
}

impl Code for [u8; 32] {
    fn put(&self, out: &mut Out) -> Put {
        out.bytes(self)?;
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        bytes(input)
    }
}

/// Two things that belong together.
impl<A: Code, B: Code> Code for (A, B) {
    fn put(&self, out: &mut Out) -> Put {
        out.array(2)?;
        self.0.put(out)?;
        self.1.put(out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        array(input, 2)?;
        Ok((A::take(input)?, B::take(input)?))
    }
}

/// A list in a message.
impl<T: Code> Code for Vec<T> {
    fn put(&self, out: &mut Out) -> Put {
        put_all(self.iter(), out)
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        take_all(input, crate::limits::LIST_COUNT_MAX)
    }
}

/// A struct is the array of its fields.
macro_rules! code_of_struct {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl Code for $name {
            fn put(&self, out: &mut Out) -> Put {
                out.array([$(stringify!($field)),+].len() as u64)?;
                $(self.$field.put(out)?;)+
                Ok(())
            }
            fn take(input: &mut In<'_>) -> Decoded<Self> {
                crate::cbor::array(input, [$(stringify!($field)),+].len() as u64)?;
                Ok($name { $($field: Code::take(input)?),+ })
            }
        }
    };
}
pub(crate) use code_of_struct;

/// An enum is an array of the variant's number and its one content, or its number alone.
macro_rules! code_of_enum {
    ($name:ident { $($number:literal => $variant:ident $(($content:ident))?),+ $(,)? }) => {
        impl Code for $name {
            fn put(&self, out: &mut Out) -> Put {
                match self {
                    $($name::$variant $(($content))? => {
                        out.array(1 $(+ { let _ = $content; 1 })?)?.u8($number)?;
                        $($content.put(out)?;)?
                    })+
                }
                Ok(())
            }
            fn take(input: &mut In<'_>) -> Decoded<Self> {
                // A wrong length shows when it is written again.
                input.array()?;
                match input.u8()? {
                    $($number => Ok($name::$variant $(({
                        let $content = Code::take(input)?;
                        $content
                    }))?),)+
                    _ => crate::cbor::wrong(concat!("unknown kind of ", stringify!($name))),
                }
            }
        }
    };
}
pub(crate) use code_of_enum;

impl Code for u64 {
    fn put(&self, out: &mut Out) -> Put {
        out.u64(*self)?;
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        input.u64()
    }
}

impl Code for crate::Uid {
    fn put(&self, out: &mut Out) -> Put {
        out.bytes(self.as_bytes())?;
        Ok(())
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        crate::Uid::new(input.bytes()?).ok_or_else(|| Error::message("not the length of a UID"))
    }
}

impl<T: Code> Code for Option<T> {
    fn put(&self, out: &mut Out) -> Put {
        match self {
            Some(value) => value.put(out),
            None => out.null().map(|_| ()),
        }
    }
    fn take(input: &mut In<'_>) -> Decoded<Self> {
        if input.datatype()? == minicbor::data::Type::Null {
            input.null()?;
            return Ok(None);
        }
        T::take(input).map(Some)
    }
}
