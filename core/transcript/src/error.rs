//! Why a text is no transcript.

/// What is wrong with a transcript.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranscriptError {
    /// The system does not give it.
    #[error("the transcript cannot be read: {reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
    /// Its first line is not that of a transcript.
    #[error("this is no transcript: its first line is `{found}`")]
    NotATranscript {
        /// The line.
        found: String,
    },
    /// A line of the header is none.
    #[error("line {line} of the transcript's header {reason}")]
    Header {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A line of a transfer is none.
    #[error("line {line} of the transcript {reason}: `{found}`")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        reason: &'static str,
        /// How it begins.
        found: String,
    },
    /// A line is longer than any.
    #[error("line {line} of the transcript is longer than any line of one")]
    TooLong {
        /// Its number, from 1.
        line: u64,
    },
    /// What was recorded were no transfers.
    #[error(
        "line {line} of the transcript is of a probe that shows no transfers on its wire: `{found}`"
    )]
    NoTransfers {
        /// Its number, from 1.
        line: u64,
        /// How it begins.
        found: String,
    },
}

impl TranscriptError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "IMP-7150",
            Self::NotATranscript { .. } => "IMP-7151",
            Self::Header { .. } => "IMP-7152",
            Self::Line { .. } => "IMP-7153",
            Self::TooLong { .. } => "IMP-7154",
            Self::NoTransfers { .. } => "IMP-7155",
        }
    }

    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path and the permissions",
            Self::NoTransfers { .. } => "record on a twin, or on a CMSIS-DAP probe or J-Link",
            _ => "`imprint run --transcript FILE` writes one; do not edit it",
        }
    }
}
