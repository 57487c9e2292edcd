//! The first lines: what was recorded, and what a replay needs beside the transfers.

use crate::{entry::Time, error::TranscriptError, parse::time_ns};
use std::fmt;

/// The first line of all, with the version of the format.
pub(crate) const FIRST_LINE: &str = "imprint transcript 1";

/// What a transcript says before its first transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The image, by its id.
    pub image: String,
    /// The device it is for.
    pub device: String,
    /// Where the unit was, as the user named it.
    pub on: String,
    /// What the link called itself.
    pub link: String,
    /// The clock of its times.
    pub clock: Clock,
    /// The unique identifier of a twin, in hexadecimal.
    pub uid: Option<String>,
    /// Whether the image was encrypted: then this transcript has what it hid.
    pub was_encrypted: bool,
    /// Whether a gate permitted units.
    pub has_gate: bool,
    /// What was handed in for the unit, as JSON.
    pub inputs: String,
}

/// Which clock a transcript has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The host's: no two runs have the same times.
    #[default]
    Real,
    /// A twin's, and what it showed at the start, in nanoseconds.
    Virtual {
        /// At the start.
        start_ns: u64,
    },
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        for (key, value) in [
            ("image", &self.image),
            ("device", &self.device),
            ("on", &self.on),
            ("link", &self.link),
        ] {
            // A name with a line break in it would end the line.
            let value: String = value.chars().filter(|it| !it.is_control()).collect();
            writeln!(f, "{key} {value}")?;
        }
        match self.clock {
            Clock::Real => writeln!(f, "clock real")?,
            Clock::Virtual { start_ns } => writeln!(f, "clock virtual {}", Time(start_ns))?,
        }
        if let Some(uid) = &self.uid {
            writeln!(f, "uid {uid}")?;
        }
        writeln!(f, "encrypted {}", yes(self.was_encrypted))?;
        writeln!(f, "gate {}", yes(self.has_gate))?;
        writeln!(f, "inputs {}", self.inputs)
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

impl Header {
    /// Takes in one line, `key value`. Keys that are not known are passed over: a later version may have more of them.
    pub(crate) fn take_in(&mut self, number: u64, line: &str) -> Result<(), TranscriptError> {
        let wrong = |reason: &str| TranscriptError::Header {
            line: number,
            reason: reason.into(),
        };
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let text = || value.to_string();
        let flag = || match value {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(wrong("is neither `yes` nor `no`")),
        };
        match key {
            "image" => self.image = text(),
            "device" => self.device = text(),
            "on" => self.on = text(),
            "link" => self.link = text(),
            "uid" => {
                let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_hex || value.len() % 2 != 0 {
                    return Err(wrong("is no identifier in hexadecimal"));
                }
                self.uid = Some(text());
            }
            "clock" => {
                let time = value.strip_prefix("virtual ").map(time_ns);
                self.clock = match (value, time) {
                    ("real", _) => Clock::Real,
                    (_, Some(Some(start_ns))) => Clock::Virtual { start_ns },
                    _ => return Err(wrong("names no clock")),
                };
            }
            "encrypted" => self.was_encrypted = flag()?,
            "gate" => self.has_gate = flag()?,
            "inputs" => self.inputs = text(),
            _ => {}
        }
        Ok(())
    }
}
