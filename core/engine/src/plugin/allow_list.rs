//! The signed allow-list: beside each library a manifest that names it by hash, and a signature of that manifest.
//!
//! `NAME.plugin.ron` is signed as it lies, byte for byte, with Ed25519; `NAME.plugin.ron.sig` holds the signature in
//! hexadecimal. Nothing of a manifest is read before a trusted key's signature holds, except to say what is not trusted.

use super::{
    catalogue::{self, Catalogue},
    error::PluginError,
    library,
    limits::MANIFEST_LEN_MAX,
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Keeps a signature of a plugin manifest from being one of anything else.
const DOMAIN: &[u8] = b"imprint-plugin-v1\0";

/// End of a manifest's file name.
pub(super) const MANIFEST_SUFFIX: &str = ".plugin.ron";
/// End of a signature's file name, after the manifest's.
const SIGNATURE_SUFFIX: &str = ".sig";
/// A signature in hexadecimal, with room for a line end.
const SIGNATURE_TEXT_LEN_MAX: u64 = 256;

/// What a manifest says about its library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginManifest {
    /// Reverse domain name of the plugin, as the library says it too.
    pub id: String,
    /// Semantic version, as the library says it too.
    pub version: String,
    /// The library: a file name in the manifest's folder.
    pub file: String,
    /// SHA-256 of the library, in hexadecimal.
    pub sha256: String,
    /// The machine it is built for, as a target triple.
    pub target: String,
    /// Ids of its families.
    pub families: Vec<String>,
}

impl PluginManifest {
    fn parse(path: &Path, text: &str) -> Result<Self, PluginError> {
        let error = |message: String| PluginError::Manifest {
            path: path.into(),
            message,
        };
        let manifest: Self = ron::from_str(text).map_err(|e| {
            error(format!(
                "line {}, column {}: {}",
                e.span.start.line, e.span.start.col, e.code
            ))
        })?;
        if !is_plugin_id(&manifest.id) {
            return Err(error(format!(
                "the id `{}` is not a reverse domain name in small letters, for example org.example.chips",
                manifest.id
            )));
        }
        // What is said of a plugin is shown before anyone vouches for it.
        let texts = [&manifest.version, &manifest.file, &manifest.target];
        if let Some(text) = texts
            .into_iter()
            .chain(&manifest.families)
            .find(|text| text.contains(char::is_control))
        {
            return Err(error(format!("{text:?} has control characters")));
        }
        // A name with a path in it would reach libraries that nobody listed.
        let file_name = Path::new(&manifest.file).file_name();
        if file_name.is_none_or(|name| name != manifest.file.as_str()) {
            return Err(error(format!(
                "`file` is `{}`, expected the name of a file in the same folder",
                manifest.file
            )));
        }
        if manifest.sha256.len() != 64 || hex_bytes(&manifest.sha256).is_none() {
            return Err(error("`sha256` is not 64 hexadecimal digits".into()));
        }
        Ok(manifest)
    }
}

/// `^[a-z0-9]+(\.[a-z0-9-]+)+$`
fn is_plugin_id(id: &str) -> bool {
    let mut parts = id.split('.');
    let letters = |part: &str, hyphen: bool| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || (hyphen && b == b'-'))
    };
    let first = parts.next().is_some_and(|part| letters(part, false));
    let rest: Vec<&str> = parts.collect();
    first && !rest.is_empty() && rest.iter().all(|part| letters(part, true))
}

/// Reads a manifest and the state of its signature. The outer error is for a manifest that cannot be shown at all.
pub(super) fn read(
    catalogue: &dyn Catalogue,
    file: &str,
    trusted: &[VerifyingKey],
) -> Result<(PluginManifest, Result<(), PluginError>), PluginError> {
    let path = catalogue.name().join(file);
    let bytes = catalogue::read(catalogue, file, MANIFEST_LEN_MAX)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| PluginError::Manifest {
        path: path.clone(),
        message: "it is not UTF-8".into(),
    })?;
    Ok((
        PluginManifest::parse(&path, text)?,
        verify(catalogue, file, &bytes, trusted),
    ))
}

fn verify(
    catalogue: &dyn Catalogue,
    file: &str,
    manifest: &[u8],
    trusted: &[VerifyingKey],
) -> Result<(), PluginError> {
    let path = catalogue.name().join(file);
    let signature_file = format!("{file}{SIGNATURE_SUFFIX}");
    let text = match catalogue::read(catalogue, &signature_file, SIGNATURE_TEXT_LEN_MAX) {
        Ok(text) => text,
        Err(PluginError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Err(PluginError::NotListed {
                message: format!("`{}` is missing", signature_path(&path).display()),
                path,
            });
        }
        Err(error) => return Err(error),
    };
    let untrusted = || PluginError::Signature { path: path.clone() };
    let bytes = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| hex_bytes(text.trim()));
    let signature = bytes
        .and_then(|bytes| Signature::from_slice(&bytes).ok())
        .ok_or_else(untrusted)?;
    let message = signed_bytes(manifest);
    let holds = trusted
        .iter()
        .any(|key| key.verify_strict(&message, &signature).is_ok());
    if holds { Ok(()) } else { Err(untrusted()) }
}

fn signed_bytes(manifest: &[u8]) -> Vec<u8> {
    [DOMAIN, manifest].concat()
}

fn signature_path(manifest: &Path) -> PathBuf {
    let mut name = manifest.as_os_str().to_owned();
    name.push(SIGNATURE_SUFFIX);
    name.into()
}

/// A manifest and its signature, not yet written.
#[derive(Clone, Debug)]
pub struct SignedManifest {
    /// What the manifest says.
    pub manifest: PluginManifest,
    /// Where the manifest goes: beside the library.
    pub manifest_path: PathBuf,
    /// Text of the manifest.
    pub manifest_text: String,
    /// Where the signature goes.
    pub signature_path: PathBuf,
    /// Text of the signature.
    pub signature_text: String,
}

impl SignedManifest {
    /// Writes both files.
    pub fn write(&self) -> Result<(), PluginError> {
        for (path, text) in [
            (&self.manifest_path, &self.manifest_text),
            (&self.signature_path, &self.signature_text),
        ] {
            fs::write(path, text).map_err(|source| PluginError::File {
                path: path.clone(),
                source: source.into(),
            })?;
        }
        Ok(())
    }
}

/// Makes the manifest of a library and signs it with the Ed25519 key `secret`. The library is loaded for it, because it
/// knows its own id, version and families: who signs it trusts it.
pub fn sign_manifest(file: &Path, secret: &[u8; 32]) -> Result<SignedManifest, PluginError> {
    let manifest = manifest_of(file)?;
    let manifest_path = manifest_path(file);
    let error = |message: String| PluginError::Manifest {
        path: manifest_path.clone(),
        message,
    };
    let manifest_text = ron::ser::to_string_pretty(&manifest, ron::ser::PrettyConfig::default())
        .map_err(|e| error(e.to_string()))?
        + "\n";
    // What is signed is what will be read: an id that no reader takes is found here.
    PluginManifest::parse(&manifest_path, &manifest_text)?;
    let signature = SigningKey::from_bytes(secret).sign(&signed_bytes(manifest_text.as_bytes()));
    Ok(SignedManifest {
        manifest,
        signature_path: signature_path(&manifest_path),
        manifest_path,
        manifest_text,
        signature_text: library::hex(&signature.to_bytes()) + "\n",
    })
}

/// What a library says of itself. It is loaded for it, unless it is no plugin at all.
pub(super) fn manifest_of(file: &Path) -> Result<PluginManifest, PluginError> {
    let bytes = library::read(file)?;
    library::check_is_plugin(file, &bytes)?;
    let loaded = library::load(file, &bytes)?;
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| PluginError::Manifest {
            path: file.into(),
            message: "its name is not UTF-8".into(),
        })?;
    Ok(PluginManifest {
        id: loaded.id.clone(),
        version: loaded.version.clone(),
        file: name.into(),
        sha256: library::sha256_hex(&bytes),
        target: library::this_machine(),
        families: loaded
            .families
            .iter()
            .map(|family| family.id().to_string())
            .collect(),
    })
}

/// The manifest of a library lies beside it.
pub(super) fn manifest_path(library: &Path) -> PathBuf {
    let stem = library.file_stem().unwrap_or_default().to_string_lossy();
    library.with_file_name(format!("{stem}{MANIFEST_SUFFIX}"))
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_id(id: &str, expect: bool) {
        assert_eq!(is_plugin_id(id), expect, "{id}");
    }

    #[test]
    fn plugin_ids() {
        check_id("org.imprint.nordic-nrf5", true);
        check_id("a.b", true);
        check_id("3com.chips", true);
        check_id("chips", false);
        check_id("", false);
        check_id("org.", false);
        check_id(".org", false);
        check_id("Org.Imprint", false);
        check_id("org.im/print", false);
        check_id("org.im..print", false);
        check_id("o-r.g", false);
    }

    fn check_manifest(change: (&str, &str), expect: &str) {
        let text = r#"(id: "a.b", version: "1.0.0", file: "liba.so", sha256: "HASH", target: "t", families: ["f"])"#
            .replace("HASH", &"0a".repeat(32))
            .replace(change.0, change.1);
        let result = PluginManifest::parse(Path::new("x.plugin.ron"), &text);
        let found = result
            .err()
            .map_or(String::new(), |error| error.to_string());
        assert!(
            found.contains(expect) && found.is_empty() == expect.is_empty(),
            "{change:?}: {found}"
        );
    }

    #[test]
    fn manifests() {
        check_manifest(("", ""), "");
        check_manifest(("a.b", "A"), "is not a reverse domain name");
        check_manifest(
            ("liba.so", "../liba.so"),
            "expected the name of a file in the same folder",
        );
        check_manifest(
            ("liba.so", "/tmp/liba.so"),
            "expected the name of a file in the same folder",
        );
        check_manifest(
            ("liba.so", ".."),
            "expected the name of a file in the same folder",
        );
        check_manifest(
            ("liba.so", ""),
            "expected the name of a file in the same folder",
        );
        check_manifest(("0a0a", "0a"), "64 hexadecimal digits");
        check_manifest(("0a0a", "+a0a"), "64 hexadecimal digits");
        check_manifest(("version", "verzion"), "line 1, column");
        check_manifest(("1.0.0", "1\\u{1b}[2J"), "has control characters");
        check_manifest((r#""f""#, r#""f\nPASS""#), "has control characters");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex_bytes("00fFa5"), Some(vec![0, 0xFF, 0xA5]));
        assert_eq!(hex_bytes("0"), None);
        assert_eq!(hex_bytes("0g"), None);
        assert_eq!(hex_bytes("+1"), None);
        assert_eq!(hex_bytes("é0"), None);
    }
}
