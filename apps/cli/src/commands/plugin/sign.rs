//! `imprint plugin sign`: a plugin is put on a signed list beside it.

use crate::{
    exit::Exit,
    failure::Result,
    keys::Passphrase,
    output::Output,
    outputs,
    render::{from_hex, visible},
};
use imprint::{
    image::keys::{KeyFile, SigningKey},
    plugin::sign_manifest,
};
use serde_json::json;
use std::path::Path;

pub fn run(file: &Path, key_path: &Path, passphrase: &Passphrase, output: &Output) -> Result {
    let key: SigningKey = passphrase.load(key_path)?;
    let signed = sign_manifest(file, &secret_of(&key))?;
    outputs::check(
        [file, key_path],
        &[&signed.manifest_path, &signed.signature_path],
    )?;
    signed.write()?;
    let manifest = &signed.manifest;
    let path = signed.manifest_path.display();
    let told = json!({
        "id": manifest.id,
        "version": manifest.version,
        "families": manifest.families,
        "sha256": manifest.sha256,
        "signer": key.public().id().to_string(),
        "manifest": path.to_string(),
    });
    output.done(&told, || {
        format!(
            "listed {} {} in {path}\n  families {}\n  sha256 {}",
            visible(&manifest.id),
            visible(&manifest.version),
            visible(&manifest.families.join(", ")),
            manifest.sha256
        )
    })?;
    Ok(Exit::Pass)
}

/// The 32 bytes of a signing key, as its file has them.
fn secret_of(key: &SigningKey) -> [u8; 32] {
    let text = key.to_text();
    let digits = text.trim_end().rsplit(':').next().unwrap_or_default();
    // A key's text always has its 64 digits.
    from_hex(digits)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or_default()
}
