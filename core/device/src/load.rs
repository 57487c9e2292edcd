//! Reading a device file, with the place of each mistake.

use crate::{check::contradictions, device::Device};
use sha2::{Digest, Sha256};

/// Largest device file, in bytes: a page of text, with room.
const DEVICE_FILE_LEN_MAX: usize = 256 << 10;

impl Device {
    /// Reads a device description. `name` is what errors call the file.
    pub fn parse(name: &str, text: &str) -> Result<Device, DeviceError> {
        if text.len() > DEVICE_FILE_LEN_MAX {
            return Err(DeviceError::TooLarge {
                file: name.into(),
                len: text.len(),
                len_max: DEVICE_FILE_LEN_MAX,
            });
        }
        let mut device: Device = ron::from_str(text).map_err(|error| DeviceError::Syntax {
            file: name.into(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        })?;
        match contradictions(&device).into_iter().next() {
            Some(first) => Err(DeviceError::Invalid {
                file: name.into(),
                device: device.name,
                message: first.message,
            }),
            None => {
                let sha256: [u8; 32] = Sha256::digest(text).into();
                device.file_sha256 = Some(base16ct::lower::encode_string(&sha256));
                Ok(device)
            }
        }
    }
}

/// Why a device file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// More text than a description can have.
    #[error("device file `{file}` has {len} bytes, at most {len_max} are read")]
    TooLarge {
        /// The file.
        file: String,
        /// Its length.
        len: usize,
        /// The limit.
        len_max: usize,
    },
    /// Not RON, or not this schema.
    #[error("device file `{file}`, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// A description that contradicts itself.
    #[error("device file `{file}`: `{device}` contradicts itself: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// The device.
        device: String,
        /// What is wrong.
        message: String,
    },
    /// A file beside a device file that is not the algorithm it names.
    #[error("algorithm file `{file}` is not the algorithm `{algorithm}`: {message}")]
    Algorithm {
        /// The file.
        file: String,
        /// What the device file names.
        algorithm: String,
        /// What is wrong.
        message: String,
    },
}

impl DeviceError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "IMP-6000",
            Self::Syntax { .. } => "IMP-6001",
            Self::Invalid { .. } => "IMP-6002",
            Self::Algorithm { .. } => "IMP-6030",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Syntax { .. } => Some("`docs/device-files.md` describes every field".into()),
            Self::Invalid { .. } => Some("compare with the chip's datasheet".into()),
            Self::Algorithm { .. } => {
                Some("import the pack it came from again: `imprint device import`".into())
            }
        }
    }
}
