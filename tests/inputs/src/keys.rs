//! Key files, shares and root documents.

use imprint_image::{
    PublicKey, SigningKey, StationPublic, StationSecret,
    container::Share,
    keys::{KeyFile, Kind, LockedKey, RootDocument},
};

/// One line of a key file: what is written of what was read is read as the same.
pub(crate) fn key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = Kind::of(text);
    same::<SigningKey>(text);
    same::<PublicKey>(text);
    same::<StationSecret>(text);
    same::<StationPublic>(text);
    let _ = Share::from_text(text);
    // Not opened: what that costs is the file's own choice, within its bounds.
    if let Ok(locked) = LockedKey::from_text(text) {
        assert_eq!(locked.to_text().trim(), text.trim());
    }
}

fn same<K: KeyFile>(text: &str) {
    // Not the very text: five bits of a station's secret mean nothing (RFC 7748, section 5) and are written in one way.
    if let Ok(key) = K::from_text(text) {
        let written = key.to_text();
        let again = K::from_text(&written).map(|key| key.to_text());
        assert!(again.is_ok_and(|again| again == written), "another key");
    }
}

pub(crate) fn root(bytes: &[u8]) {
    if let Ok(root) = RootDocument::from_bytes(bytes) {
        assert!(root.to_bytes() == bytes, "two documents are one");
        let _ = root.check_follows(&root);
    }
}
