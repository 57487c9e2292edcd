//! What the two sides say to each other, one JSON object a line.
//!
//! New fields have defaults and new kinds of messages are ignored, so that both sides may be of different age.

use crate::{
    device::Device,
    event::Event,
    report::{Failure, ImageFacts, UnitReport},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a worker is asked to do. The image itself comes as an open descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Public keys of the signers that are trusted, as their key files have them.
    pub trust: Vec<String>,
    /// The station's secret key, as its key file has it; for encrypted images.
    #[serde(default)]
    pub station_key: Option<String>,
    /// A file of grants beside the image.
    #[serde(default)]
    pub grants: Option<PathBuf>,
    /// Folders with plugins and their lists.
    pub plugin_folders: Vec<PathBuf>,
    /// Public keys of those who may list plugins.
    pub plugin_trust: Vec<String>,
    /// Where the unit is.
    pub on: Where,
    /// What the user calls that place: `twin:nRF52832_xxAA`, `probe`.
    pub on_name: String,
    /// What to read after the script.
    #[serde(default)]
    pub dumps: Vec<Dump>,
    /// Where to write the transfers on the wire.
    #[serde(default)]
    pub transcript: Option<PathBuf>,
}

/// Where a unit is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// A new virtual board of this device, with an identifier of its own.
    TwinDevice(Box<Device>),
    /// A virtual board in a file, which is saved again afterwards.
    TwinFile(PathBuf),
    /// A real chip behind a probe: how the probe is named; empty for the only one.
    Probe(String),
}

/// Target memory that goes to a file after the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// First address.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
    /// The file.
    pub path: PathBuf,
}

/// What a worker tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The image is good and the unit begins.
    Started {
        /// The image.
        image: ImageFacts,
        /// The device it is for.
        device: String,
        /// Longest time of the unit, in milliseconds.
        unit_time_ms: u64,
    },
    /// Something happened.
    Event(Event),
    /// The unit has ended.
    Report(Box<UnitReport>),
    /// What failed before the unit began or after it ended.
    Failed(Failure),
    /// All is done.
    Done,
}

/// The line with which a client cancels.
pub(super) const CANCEL: &str = "cancel";

/// A line as it was meant; none for one of a kind that this side does not know.
pub(super) fn read_message(line: &str) -> Option<Message> {
    serde_json::from_str(line).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_unknown_kind_are_ignored() {
        for line in [
            "",
            "hello",
            "{}",
            r#"{"weather":{"rain":true}}"#,
            r#""goodbye""#,
            "[1]",
        ] {
            assert!(read_message(line).is_none(), "{line}");
        }
        assert!(matches!(read_message(r#""done""#), Some(Message::Done)));
    }

    #[test]
    fn a_request_of_an_older_client_is_read() {
        let line = r#"{"trust":[],"plugin_folders":[],"plugin_trust":[],
            "on":{"probe":""},"on_name":"probe","colour":"green"}"#;
        let request: Request = serde_json::from_str(line).unwrap();
        assert!(request.dumps.is_empty() && request.station_key.is_none());
    }
}
