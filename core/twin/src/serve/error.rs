//! Why a client is disconnected.

use crate::limits;

/// Bytes that are not what the client should speak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// A frame or a line that does not end.
    #[error("a message of more than {limit} bytes")]
    MessageLen {
        /// Bytes that are taken.
        limit: usize,
    },
    /// A Glasgow frame that is none.
    #[error("a frame that is not COBS: {what}")]
    Frame {
        /// What is wrong with it.
        what: &'static str,
    },
    /// A Glasgow command that is none.
    #[error(
        "a command of the Glasgow applet to target {target}: expected a known one, found {found:#04x}"
    )]
    Command {
        /// Who should take it: 0 the root, 1 serial wire.
        target: u8,
        /// The byte.
        found: u8,
    },
    /// A line that is no request of pyOCD.
    #[error("a request that is not one: {message}")]
    Request {
        /// What is wrong with it.
        message: String,
    },
    /// A character that remote_bitbang does not have.
    #[error(
        "a character of remote_bitbang: expected one of 0-7, R, r-u, B, b, Q, found {found:#04x}"
    )]
    Character {
        /// The byte.
        found: u8,
    },
}

impl ServeError {
    pub(super) fn message_len() -> ServeError {
        ServeError::MessageLen {
            limit: limits::SERVE_MESSAGE_LEN_MAX,
        }
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            ServeError::MessageLen { .. } => "IMP-7110",
            ServeError::Frame { .. } => "IMP-7111",
            ServeError::Command { .. } => "IMP-7112",
            ServeError::Request { .. } => "IMP-7113",
            ServeError::Character { .. } => "IMP-7114",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some("connect the program to the address that speaks its protocol; the others go on".into())
    }
}
