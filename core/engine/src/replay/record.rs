//! What the engine adds to a transcript: its header, the gate's answer, and how the unit ended.

use crate::{
    engine::Transcript,
    gate::{Gate, Permit},
    inputs::Inputs,
    report::{Failure, Outcome, UnitReport, to_hex},
};
use imprint_image::container::OpenImage;
use imprint_target::{Link, Meter};
use imprint_transcript::{Action, Clock, Header};
use std::io::{Read, Seek};

/// Writes the header, and the empty line after it.
pub(crate) fn write_header<R: Read + Seek>(
    transcript: &mut Transcript,
    image: &OpenImage<R>,
    report: &UnitReport,
    link: &Link,
    has_gate: bool,
    inputs: &Inputs,
) {
    let clock = link.now().virtual_ns;
    let header = Header {
        image: report.image.id.clone(),
        device: report.device.clone(),
        on: report.on.clone(),
        link: link.name().to_string(),
        clock: clock.map_or(Clock::Real, |start_ns| Clock::Virtual { start_ns }),
        uid: link.identifier().map(|uid| to_hex(&uid)),
        was_encrypted: image.manifest().key_commitment.is_some(),
        has_gate,
        // Texts and numbers: that cannot fail.
        inputs: serde_json::to_string(inputs).unwrap_or_default(),
    };
    for line in header.to_string().lines() {
        transcript(line);
    }
    transcript("");
}

/// A gate whose answer goes into the transcript.
pub(crate) fn noting(mut gate: Box<dyn Gate>, meter: Meter) -> Box<dyn Gate> {
    Box::new(move |uid: Option<&[u8]>| -> Result<Permit, Failure> {
        let answer = gate.open(uid);
        meter.note(&match &answer {
            Ok(permit) => Action::Permit(serde_json::to_string(permit).unwrap_or_default()),
            Err(failure) => Action::Refuse(serde_json::to_string(failure).unwrap_or_default()),
        });
        answer
    })
}

/// `pass`, `cancelled`, or `fail CODE`.
pub(crate) fn how_it_ended(report: &UnitReport) -> String {
    match (report.outcome, &report.failure) {
        (Outcome::Pass, _) => "pass".into(),
        (Outcome::Cancelled, _) => "cancelled".into(),
        (Outcome::Fail, Some(failure)) => format!("fail {}", failure.code),
        (Outcome::Fail, None) => "fail".into(),
    }
}
