//! A gate that answers as the recorded one did.

use crate::{
    codes,
    gate::{Gate, Permit},
    report::Failure,
};
use imprint_transcript::{Action, Reader};
use std::io::BufRead;

/// Looks the answer up. A unit that never asked its gate is refused.
pub(super) fn recorded(mut reader: Reader<impl BufRead>) -> Result<Box<dyn Gate>, Failure> {
    let mut answer = Err(Failure::new(
        codes::WORKER_FAILED,
        "the recorded unit did not ask whether it may change its target",
    ));
    while let Some((_, entry)) = reader.next_entry()? {
        match entry.action {
            Action::Permit(json) => answer = read(&json),
            Action::Refuse(json) => answer = Err(read(&json)?),
            _ => continue,
        }
        break;
    }
    Ok(Box::new(
        move |_: Option<&[u8]>| -> Result<Permit, Failure> { answer.clone() },
    ))
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        Failure::from(imprint_transcript::TranscriptError::Header {
            line: 0,
            reason: format!("has an answer of a gate that cannot be understood: {error}"),
        })
    })
}
