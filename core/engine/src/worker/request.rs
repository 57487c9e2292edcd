//! What the two sides say to each other, one JSON object a line.
//!
//! New fields have defaults and new kinds of messages are ignored, so that both sides may be of different age.

use crate::{
    codes,
    event::Event,
    gate::Permit,
    inputs::Inputs,
    place::Where,
    report::{Failure, ImageFacts, UnitReport},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a worker is asked to do. The image itself comes as an open descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Public keys of the signers that are trusted, as their key files have them.
    pub trust: Vec<String>,
    /// Root documents that are trusted, in hexadecimal.
    #[serde(default)]
    pub roots: Vec<String>,
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
    /// Plugins that nobody has signed are taken too. Only for twins: with any other place the request is refused.
    #[serde(default)]
    pub allow_unsigned_plugins: bool,
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
    /// Whether the client permits units: `WorkerProcess::finish` is then given a gate.
    #[serde(default)]
    pub has_gate: bool,
    /// What is handed in for the unit.
    #[serde(default)]
    pub inputs: Inputs,
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
    /// May the unit change its target? Asked at most once; the client writes `permit` or `refuse`.
    Gate {
        /// The target's unique identifier in hexadecimal, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<String>,
    },
    /// The unit has ended.
    Report(Box<UnitReport>),
    /// What failed before the unit began or after it ended.
    Failed(Failure),
    /// All is done.
    Done,
}

/// What a client writes after its request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// `cancel`.
    Cancel,
    /// `permit {..}` or `refuse {..}`: the gate's answer.
    Answer(Result<Permit, Failure>),
}

impl Word {
    /// The word of a line; none for one that this side does not know.
    pub(super) fn read(line: &str) -> Option<Word> {
        let (verb, json) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "cancel" => Some(Word::Cancel),
            "permit" => Some(Word::Answer(serde_json::from_str(json).map_err(|error| {
                let message = format!("the permit cannot be understood: {error}");
                Failure::new(codes::WORKER_FAILED, message)
            }))),
            "refuse" => Some(Word::Answer(Err(serde_json::from_str(json)
                .unwrap_or_else(|error| {
                    let message = format!("the refusal cannot be understood: {error}");
                    Failure::new(codes::WORKER_FAILED, message)
                })))),
            _ => None,
        }
    }

    /// The line of this word, without its end.
    pub(super) fn line(&self) -> serde_json::Result<String> {
        Ok(match self {
            Word::Cancel => "cancel".into(),
            Word::Answer(Ok(permit)) => format!("permit {}", serde_json::to_string(permit)?),
            Word::Answer(Err(failure)) => format!("refuse {}", serde_json::to_string(failure)?),
        })
    }
}

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
    fn words_are_read_as_they_were_written() {
        let serials = [("sn".to_string().try_into().unwrap(), vec!["A 01".into()])];
        let permit = Permit {
            ordinal: 7,
            serials: serials.into(),
        };
        let refusal = Failure::new("IMP-8103", "no number is left\nat all");
        for word in [
            Word::Cancel,
            Word::Answer(Ok(permit)),
            Word::Answer(Err(refusal)),
        ] {
            let line = word.line().unwrap();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Word::read(&line), Some(word), "{line}");
        }
    }

    #[test]
    fn an_answer_that_is_none_is_a_refusal() {
        for line in [
            "permit",
            "permit ",
            "permit {}",
            r#"permit {"ordinal":-1}"#,
            r#"permit {"ordinal":1,"serials":{"no name":[]}}"#,
            "refuse",
            "refuse no",
            r#"refuse {"code":7}"#,
        ] {
            let Some(Word::Answer(Err(failure))) = Word::read(line) else {
                panic!("{line}");
            };
            assert_eq!(failure.code, codes::WORKER_FAILED, "{line}");
        }
        for line in ["", "Permit {}", "permit{}", "cancelled", "hello"] {
            assert_eq!(Word::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_request_of_an_older_client_is_read() {
        let line = r#"{"trust":[],"plugin_folders":[],"plugin_trust":[],
            "on":{"probe":""},"on_name":"probe","colour":"green"}"#;
        let request: Request = serde_json::from_str(line).unwrap();
        assert!(request.dumps.is_empty() && request.station_key.is_none() && !request.has_gate);
    }
}
