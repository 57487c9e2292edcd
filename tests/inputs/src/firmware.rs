//! Firmware files. Whatever they say, what comes out is sorted, apart, and no longer than the file could hold.

use imprint_image::{
    limits::ADDRESS_END,
    payload::{Format, Payload, PayloadOptions},
};

pub(crate) fn srecord(bytes: &[u8]) {
    read(bytes, Format::SRecord);
}

pub(crate) fn intel_hex(bytes: &[u8]) {
    read(bytes, Format::IntelHex);
}

pub(crate) fn elf(bytes: &[u8]) {
    read(bytes, Format::Elf);
}

pub(crate) fn uf2(bytes: &[u8]) {
    read(bytes, Format::Uf2);
}

fn read(bytes: &[u8], format: Format) {
    // As told by content, and as the recipe insists.
    for format in [None, Some(format)] {
        let options = PayloadOptions {
            format,
            ..PayloadOptions::default()
        };
        let Ok(payload) = Payload::parse("file", bytes, options) else {
            continue;
        };
        assert!(!payload.is_empty());
        assert!(
            payload.len() <= bytes.len() as u64,
            "more bytes than the file has"
        );
        for segment in &payload.segments {
            assert!(!segment.data.is_empty() && segment.end() <= ADDRESS_END);
        }
        for pair in payload.segments.windows(2) {
            assert!(pair[0].end() < pair[1].address, "segments touch");
        }
    }
}
