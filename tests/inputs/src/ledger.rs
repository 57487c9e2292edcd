//! The journal and the snapshot of a station.

use imprint_ledger::{
    journal::{Frames, Head},
    station::{Record, Snapshot},
};

/// A journal; one record, as if its frame held; a snapshot.
pub(crate) fn journal(bytes: &[u8]) {
    if let Ok(frames) = Frames::read(Head::START, bytes) {
        assert!(frames.good_len <= bytes.len());
        for body in frames.bodies {
            record(body);
        }
    }
    record(bytes);
    // The body of a frame that holds.
    if let Ok((frame, _)) = Head::START.frame(bytes) {
        let frames = Frames::read(Head::START, &frame);
        assert!(
            frames.is_ok_and(|frames| frames.bodies == [bytes]),
            "a frame is lost"
        );
    }
    let _ = Snapshot::from_bytes(bytes);
}

fn record(body: &[u8]) {
    if let Ok(records) = Record::decode(body) {
        assert!(Record::encode(&records) == body, "two records are one");
    }
}
