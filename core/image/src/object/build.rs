//! Building an object from a recipe.

use super::{
    Object,
    contents::{
        Contents, DEVICE, MODULE, PAYLOAD, PayloadEntry, SCRIPT, Section, SegmentEntry,
        device_to_bytes,
    },
    error::BuildError,
    place,
};
use crate::{
    limits::{PAYLOAD_FILE_LEN_MAX, SCRIPT_LEN_MAX},
    payload::{Payload, PayloadOptions},
    recipe::{Name, Recipe, RelativePath, Sources},
};
use imprint_device::FrozenDevice;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

impl Object {
    /// Freezes a recipe with its files and its device. The same inputs give the same bytes on every machine.
    pub fn build(
        recipe: &Recipe,
        sources: &dyn Sources,
        device: &FrozenDevice,
    ) -> Result<Object, BuildError> {
        if device.device.name != recipe.device {
            return Err(BuildError::WrongDevice {
                expected: recipe.device.clone(),
                found: device.device.name.clone(),
            });
        }
        let mut sections: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        sections.insert(DEVICE.into(), device_to_bytes(device));
        sections.insert(SCRIPT.into(), read_text("script", sources, &recipe.script)?);
        for path in &recipe.modules {
            let text = read_text("module", sources, path)?;
            sections.insert(format!("{MODULE}{path}"), text);
        }
        let mut payloads = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for name in recipe.payloads.keys() {
            let (payload, input_sha256) = read_payload(recipe, sources, name)?;
            entries.insert(name.clone(), entry(recipe, name, &payload, input_sha256));
            payloads.insert(name, payload);
        }
        place::check(recipe, &device.device, &payloads)?;
        for (name, payload) in payloads {
            let data = payload
                .segments
                .into_iter()
                .flat_map(|it| it.data)
                .collect();
            sections.insert(format!("{PAYLOAD}{name}"), data);
        }
        let contents = Contents {
            name: recipe.name.clone(),
            device: device.device.name.clone(),
            family: device.device.family.clone(),
            rights: recipe.rights.clone(),
            limits: recipe.limits,
            settings: recipe.settings.clone(),
            payloads: entries,
            sections: sections
                .iter()
                .map(|(name, bytes)| section(name, bytes))
                .collect(),
        };
        let mut bytes = contents.to_prefix();
        for section in sections.values() {
            bytes.extend(section);
        }
        Ok(Object::from_bytes(bytes)?)
    }
}

fn section(name: &str, bytes: &[u8]) -> Section {
    Section {
        name: name.to_owned(),
        len: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

fn entry(recipe: &Recipe, name: &Name, payload: &Payload, input_sha256: [u8; 32]) -> PayloadEntry {
    let segments = payload.segments.iter().map(|segment| SegmentEntry {
        address: segment.address,
        len: segment.data.len() as u64,
    });
    PayloadEntry {
        input_sha256,
        window: recipe.payloads.get(name).is_some_and(|it| it.window),
        segments: segments.collect(),
    }
}

fn read_text(
    what: &str,
    sources: &dyn Sources,
    path: &RelativePath,
) -> Result<Vec<u8>, BuildError> {
    let what = format!("{what} `{path}`");
    let bytes = (sources.read(path, SCRIPT_LEN_MAX)).map_err(|error| BuildError::Source {
        what: what.clone(),
        error,
    })?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(BuildError::NotText {
            what,
            offset: error.valid_up_to(),
        }),
    }
}

/// The payload and the SHA-256 of its file.
fn read_payload(
    recipe: &Recipe,
    sources: &dyn Sources,
    name: &Name,
) -> Result<(Payload, [u8; 32]), BuildError> {
    let source = &recipe.payloads[name];
    let bytes = sources
        .read(&source.file, PAYLOAD_FILE_LEN_MAX)
        .map_err(|error| BuildError::Source {
            what: format!("payload `{name}`"),
            error,
        })?;
    let options = PayloadOptions {
        address: source.address,
        format: source.format,
    };
    let payload = Payload::parse(source.file.as_str(), &bytes, options).map_err(|error| {
        BuildError::Payload {
            payload: name.to_string(),
            error: Box::new(error),
        }
    })?;
    Ok((payload, Sha256::digest(&bytes).into()))
}
