//! Key files, shares and root documents.

use imprint_image::{
    PublicKey, SigningKey, StationPublic, StationSecret,
    container::Share,
    keys::{KeyFile, Kind, LockedKey, RootDocument},
};

/// One line of a key file: what is read is what was written.
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
    if let Ok(key) = K::from_text(text) {
        assert_eq!(key.to_text().trim(), text.trim());
    }
}

pub(crate) fn root(bytes: &[u8]) {
    if let Ok(root) = RootDocument::from_bytes(bytes) {
        assert!(root.to_bytes() == bytes, "two documents are one");
        let _ = root.check_follows(&root);
    }
}
