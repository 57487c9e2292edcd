//! What went over a wire.

use imprint_transcript::Reader;

/// A transcript. A line that is read is written again as it was.
pub(crate) fn transcript(bytes: &[u8]) {
    let Ok(mut reader) = Reader::open(bytes) else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    while let Ok(Some((line, entry))) = reader.next_entry() {
        let written = entry.to_string();
        assert!(lines[line as usize - 1] == written, "two lines are one");
    }
}
