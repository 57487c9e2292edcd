//! Why an object cannot be built or read.

use crate::{
    payload::PayloadError,
    recipe::{Right, SourceError},
    serial::SerialError,
};

/// A recipe from which no object can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A file that cannot be read.
    #[error("{what}: {error}")]
    Source {
        /// What the file is.
        what: String,
        /// Why.
        error: SourceError,
    },
    /// A firmware file that cannot be used.
    #[error("payload `{payload}`: {error}")]
    Payload {
        /// The payload.
        payload: String,
        /// Why.
        error: Box<PayloadError>,
    },
    /// A script or module that is not text.
    #[error("{what}: expected UTF-8 text, found another byte at offset {offset:#x}")]
    NotText {
        /// The file.
        what: String,
        /// Of the first byte that is not text.
        offset: usize,
    },
    /// Given the data of another device than the recipe names.
    #[error("the recipe is for the device `{expected}`, found the data of `{found}`")]
    WrongDevice {
        /// Of the recipe.
        expected: String,
        /// Given.
        found: String,
    },
    /// No memory there.
    #[error("{what}: {device} has no memory at {address:#010x}")]
    Outside {
        /// The payload, serial number or data.
        what: String,
        /// The device.
        device: String,
        /// First address without memory.
        address: u64,
        /// The memory next to it, as text with its range.
        nearest: Option<String>,
    },
    /// A memory that nobody can write.
    #[error(
        "{what}: the memory `{memory}` at {address:#010x} was written by the factory and is read-only"
    )]
    ReadOnly {
        /// The payload, serial number or data.
        what: String,
        /// The memory.
        memory: String,
        /// First address of it in the memory.
        address: u64,
    },
    /// Not allowed to go there.
    #[error("{what}: writing the memory `{memory}` at {address:#010x} needs the right `{right}`")]
    RightMissing {
        /// The payload, serial number or data.
        what: String,
        /// The memory.
        memory: String,
        /// First address of it in the memory.
        address: u64,
        /// The right.
        right: Right,
    },
    /// Two payloads at one address.
    #[error("payloads `{first}` and `{second}` both lie at {address:#010x}")]
    Overlap {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// First common address, as the second has it.
        address: u64,
    },
    /// A serial number that there cannot be.
    #[error("serial `{serial}`: {error}")]
    Serial {
        /// The serial number.
        serial: String,
        /// Why.
        error: Box<SerialError>,
    },
    /// Two serial numbers of one counter.
    #[error("serials `{first}` and `{second}` both draw from `{id}`")]
    SameCounter {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// The counter.
        id: String,
    },
    /// A serial number or data where firmware is.
    #[error("{window} and {payload} both lie at {address:#010x}")]
    OverPayload {
        /// The serial number or data.
        window: String,
        /// The payload.
        payload: String,
        /// First common address.
        address: u64,
        /// Whether it is the payload that the window goes into.
        is_own: bool,
    },
    /// Two serial numbers or data at one address.
    #[error("{first} and {second} both lie at {address:#010x}")]
    WindowsOverlap {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// First common address.
        address: u64,
    },
    /// Two that are programmed one after the other, in one unit of a memory.
    #[error(
        "{first} at {address:#010x} and {second} lie in one unit of {unit_len} bytes, which is programmed once"
    )]
    SharedUnit {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// Of the first.
        address: u64,
        /// Smallest unit that the memory programs at once, in bytes.
        unit_len: u64,
    },
    /// The parts are each within their limits, but not together.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

impl BuildError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BuildError::Source { error, .. } => error.code(),
            BuildError::Payload { error, .. } => error.code(),
            BuildError::NotText { .. } => "IMP-1040",
            BuildError::WrongDevice { .. } => "IMP-1041",
            BuildError::Outside { .. } => "IMP-1042",
            BuildError::ReadOnly { .. } => "IMP-1043",
            BuildError::RightMissing { .. } => "IMP-1044",
            BuildError::Overlap { .. } => "IMP-1045",
            BuildError::Serial { error, .. } => error.code(),
            BuildError::SameCounter { .. } => "IMP-1107",
            BuildError::OverPayload { .. } => "IMP-1110",
            BuildError::WindowsOverlap { .. } => "IMP-1111",
            BuildError::SharedUnit { .. } => "IMP-1115",
            BuildError::Object(error) => error.code(),
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            BuildError::Source { error, .. } => return error.help(),
            BuildError::Payload { error, .. } => return error.help(),
            BuildError::NotText { .. } => "save the script as UTF-8".into(),
            BuildError::WrongDevice { .. } => "give the data of the recipe's device".into(),
            BuildError::Outside { nearest, .. } => match nearest {
                Some(memory) => format!("the nearest memory is {memory}; check the linker script"),
                None => "the device file names no memory".into(),
            },
            BuildError::ReadOnly { .. } => "leave it out of the firmware".into(),
            BuildError::RightMissing { right, .. } => {
                format!("add `{right}` to `rights` of the recipe if that is meant")
            }
            BuildError::Overlap { .. } => {
                "if one is meant to lie over the other, say `window: true` in its Payload".into()
            }
            BuildError::Serial { error, .. } => return error.help(),
            BuildError::SameCounter { .. } => {
                "for several values a unit, say `per_unit` in the definition".into()
            }
            BuildError::OverPayload { is_own: true, .. } => {
                "if it is meant to lie over the firmware, say `over: true`".into()
            }
            BuildError::OverPayload { payload, .. } => {
                format!("only what goes `into` {payload} may lie over it, with `over: true`")
            }
            BuildError::WindowsOverlap { .. } => "move one of them".into(),
            BuildError::SharedUnit { .. } => {
                "move one of them, or let both go `into` one payload".into()
            }
            BuildError::Object(error) => return error.help(),
        })
    }
}

/// Bytes that are no sound object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// Something else altogether.
    #[error("the file is not an Imprint object")]
    NotAnObject,
    /// Made by another version of the format.
    #[error("the object has format version {found}, expected 1")]
    Version {
        /// Of the file.
        found: u16,
    },
    /// Cut short or lengthened.
    #[error("the object has {found} bytes, expected {expected}")]
    Length {
        /// By its directory.
        expected: u64,
        /// Of the file.
        found: u64,
    },
    /// Beyond the limit.
    #[error("the object has {len} bytes, at most {len_max} are read")]
    TooLarge {
        /// Its length.
        len: u64,
        /// The limit.
        len_max: u64,
    },
    /// A part of it is not as it was made.
    #[error("the object's {part} is damaged: {message}")]
    Damaged {
        /// Which part.
        part: String,
        /// How it shows.
        message: String,
    },
}

impl ObjectError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ObjectError::NotAnObject => "IMP-1060",
            ObjectError::Version { .. } => "IMP-1061",
            ObjectError::Length { .. } => "IMP-1062",
            ObjectError::TooLarge { .. } => "IMP-1063",
            ObjectError::Damaged { .. } => "IMP-1064",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            ObjectError::Version { .. } => "use the Imprint that made it, or build it again".into(),
            ObjectError::TooLarge { .. } => "make the payloads smaller".into(),
            _ => "build it again: imprint build RECIPE.ron -o X.sapobj".into(),
        })
    }
}
