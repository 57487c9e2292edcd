//! Replay: a recorded transcript played again, against a twin or against the engine, until the first difference.
//!
//! Against a twin, the host's side is played and the twin's answers are compared. Against the engine, the recording answers
//! in the place of a wire, and what the engine asks is compared. Both are exact where the recording has a virtual clock.

mod gate;
mod on_twin;
mod record;
mod recorded;

pub use on_twin::replay_on_twin;
pub(crate) use record::{how_it_ended, noting, write_header};

use crate::report::{Failure, UnitReport};
use imprint_target::{CancelToken, Link};
use imprint_transcript::{Header, Reader};
use recorded::{Recorded, Recording};
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// The first difference.
pub(crate) const DIFFERENCE: &str = "IMP-7156";
/// The image is not the one that was run.
pub const OTHER_IMAGE: &str = "IMP-7157";
/// The twin is not of the chip that was recorded.
pub(crate) const OTHER_CHIP: &str = "IMP-7158";
/// The recording ends before its unit did.
pub(crate) const BROKEN_OFF: &str = "IMP-7159";

/// What there was to compare, without a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Lines that were compared: transfers, line sequences, clocks, pauses.
    pub compared: u64,
}

/// A transcript that answers in the place of a wire.
pub struct Replay {
    path: PathBuf,
    recording: Recording,
}

impl Replay {
    /// Opens a transcript.
    ///
    /// # Errors
    /// A file that cannot be read, or is no transcript.
    pub fn open(path: &Path) -> Result<Replay, Failure> {
        Ok(Replay {
            path: path.into(),
            recording: Recording::new(open(path)?),
        })
    }

    /// What it says before its first transfer.
    pub fn header(&self) -> Header {
        self.recording.header()
    }

    /// The wire. Where the recorded unit was cancelled, this token is.
    pub fn link(&self, cancel: CancelToken) -> Link {
        let link = Link::wire(Recorded(self.recording.clone()));
        self.recording.begin(cancel, link.meter());
        link
    }

    /// A gate that answers as the recorded one did; none where nobody counted.
    ///
    /// # Errors
    /// A transcript that cannot be read.
    pub fn gate(&self) -> Result<Option<Box<dyn crate::gate::Gate>>, Failure> {
        match self.header().has_gate {
            true => gate::recorded(open(&self.path)?).map(Some),
            false => Ok(None),
        }
    }

    /// What came of it, once the unit is over.
    ///
    /// # Errors
    /// The first difference; a transcript that is broken, or breaks off.
    pub fn finish(&self, report: &UnitReport) -> Result<Replayed, Failure> {
        self.recording.finish(report)
    }
}

/// Reads what a transcript says before its first transfer.
///
/// # Errors
/// A file that cannot be read, or is no transcript.
pub fn read_header(path: &Path) -> Result<Header, Failure> {
    Ok(open(path)?.header().clone())
}

pub(crate) fn open(path: &Path) -> Result<Reader<BufReader<File>>, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::from(imprint_transcript::TranscriptError::Unreadable {
            reason: format!("`{}`: {error}", path.display()),
        })
    })?;
    Ok(Reader::open(BufReader::new(file))?)
}

/// The first difference, where it is in the transcript and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub line: u64,
    pub time_ns: u64,
    pub expected: String,
    pub found: String,
}

impl Difference {
    /// `who` did something else than the transcript says.
    pub(crate) fn failure(&self, who: &str) -> Failure {
        let (line, time) = (self.line, self.time_ns);
        Failure::new(
            DIFFERENCE,
            format!(
                "{who} differs from the transcript first in its line {line}, at {}.{:03} us",
                time / 1000,
                time % 1000
            ),
        )
        .with_difference(self.expected.clone(), self.found.clone())
        .with_help("a difference is an engine, a plugin, a twin or a chip that behaves otherwise than the recorded one")
    }
}
