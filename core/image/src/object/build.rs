//! Building an object from a recipe.

use super::{
    Object,
    contents::{
        Contents, DEVICE, Input, LIST, MODULE, PAYLOAD, PLAN, PayloadEntry, SCRIPT, Section,
        SegmentEntry, device_to_bytes,
    },
    entries::{DataEntry, SerialEntry},
    error::BuildError,
    memory_hash, place,
};
use crate::{
    limits::{DEFINITION_LEN_MAX, LIST_LEN_MAX, PAYLOAD_FILE_LEN_MAX, SCRIPT_LEN_MAX},
    payload::{Payload, PayloadOptions},
    plan::Plan,
    recipe::{DataWindow, Name, Recipe, RelativePath, SerialPlacement, Sources},
    serial::{DefinitionSource, List, SerialError, ValuesSource},
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
        let mut builder = Builder {
            recipe,
            sources,
            inputs: BTreeMap::from([("recipe".into(), recipe.sha256)]),
            sections: BTreeMap::new(),
        };
        builder.device(device);
        builder.scripts()?;
        let payloads = builder.payloads()?;
        let serials = builder.serials()?;
        let data: BTreeMap<Name, DataEntry> = recipe
            .data
            .iter()
            .map(|(name, window)| (name.clone(), data_entry(window)))
            .collect();
        let placed = place::Placed {
            payloads: &payloads,
            serials: &serials,
            data: &data,
        };
        place::check(recipe, &device.device, &placed)?;
        builder.finish(device, &payloads, serials, data)
    }
}

/// What has been read so far.
struct Builder<'a> {
    recipe: &'a Recipe,
    sources: &'a dyn Sources,
    inputs: BTreeMap<String, [u8; 32]>,
    sections: BTreeMap<String, Vec<u8>>,
}

impl<'a> Builder<'a> {
    fn device(&mut self, device: &FrozenDevice) {
        let bytes = device_to_bytes(device);
        // A device that was made in memory has no file; what is frozen stands for it.
        let sha256 = device.device.file_sha256();
        let sha256 = sha256.unwrap_or_else(|| Sha256::digest(&bytes).into());
        self.inputs.insert(DEVICE.into(), sha256);
        self.sections.insert(DEVICE.into(), bytes);
    }

    fn scripts(&mut self) -> Result<(), BuildError> {
        self.script("script", SCRIPT.into(), &self.recipe.script)?;
        for path in &self.recipe.modules {
            self.script("module", format!("{MODULE}{path}"), path)?;
        }
        Ok(())
    }

    fn script(&mut self, what: &str, role: String, path: &RelativePath) -> Result<(), BuildError> {
        let what = format!("{what} `{path}`");
        let bytes = self.read(&what, role.clone(), path, SCRIPT_LEN_MAX)?;
        if let Err(error) = std::str::from_utf8(&bytes) {
            return Err(BuildError::NotText {
                what,
                offset: error.valid_up_to(),
            });
        }
        self.sections.insert(role, bytes);
        Ok(())
    }

    fn payloads(&mut self) -> Result<BTreeMap<&'a Name, Payload>, BuildError> {
        let mut payloads = BTreeMap::new();
        for (name, source) in &self.recipe.payloads {
            let what = format!("payload `{name}`");
            let role = format!("{PAYLOAD}{name}");
            let bytes = self.read(&what, role.clone(), &source.file, PAYLOAD_FILE_LEN_MAX)?;
            let options = PayloadOptions {
                address: source.address,
                format: source.format,
            };
            let payload = Payload::parse(source.file.as_str(), &bytes, options);
            let payload = payload.map_err(|error| BuildError::Payload {
                payload: name.to_string(),
                error: Box::new(error),
            })?;
            let data = payload.segments.iter().flat_map(|it| &it.data).copied();
            self.sections.insert(role, data.collect());
            payloads.insert(name, payload);
        }
        Ok(payloads)
    }

    fn serials(&mut self) -> Result<BTreeMap<Name, SerialEntry>, BuildError> {
        let mut serials: BTreeMap<Name, SerialEntry> = BTreeMap::new();
        for (name, placement) in &self.recipe.serials {
            let entry = self.serial(name, placement)?;
            let id = &entry.definition.id;
            if let Some((first, _)) = serials.iter().find(|(_, it)| it.definition.id == *id) {
                return Err(BuildError::SameCounter {
                    first: first.to_string(),
                    second: name.to_string(),
                    id: id.to_string(),
                });
            }
            serials.insert(name.clone(), entry);
        }
        Ok(serials)
    }

    fn serial(
        &mut self,
        name: &Name,
        placement: &SerialPlacement,
    ) -> Result<SerialEntry, BuildError> {
        let refuse = |error: SerialError| BuildError::Serial {
            serial: name.to_string(),
            error: Box::new(error),
        };
        let what = format!("serial `{name}`");
        let path = &placement.definition;
        let bytes = self.read(&what, format!("serial/{name}"), path, DEFINITION_LEN_MAX)?;
        let file = path.as_str();
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| refuse(SerialError::NotText { file: file.into() }))?;
        let source = DefinitionSource::parse(file, text).map_err(refuse)?;
        let list = match &source.values {
            ValuesSource::List {
                file,
                column,
                header,
            } => {
                let role = format!("{LIST}{name}");
                let bytes = self.read(&what, role.clone(), file, LIST_LEN_MAX)?;
                let list = List::from_csv(file, *column, *header, &bytes).map_err(refuse)?;
                self.sections.insert(role, list.to_bytes());
                Some(list)
            }
            ValuesSource::Counter { .. } | ValuesSource::Supplied { .. } => None,
        };
        let definition = source.freeze(file, list.as_ref()).map_err(refuse)?;
        let values = list.as_ref().map(List::values);
        definition
            .check_encoding(&placement.encoding, values)
            .map_err(|error| refuse(error.into()))?;
        let value_len = definition.value_len(&placement.encoding, values.unwrap_or_default());
        Ok(SerialEntry {
            // A list of different lengths has been refused.
            value_len: value_len.unwrap_or_default(),
            definition,
            address: placement.address,
            encoding: placement.encoding,
            into: placement.into.clone(),
            over: placement.over,
            on_fail: placement.on_fail,
        })
    }

    /// Reads a file and keeps its hash.
    fn read(
        &mut self,
        what: &str,
        role: String,
        path: &RelativePath,
        len_max: u64,
    ) -> Result<Vec<u8>, BuildError> {
        let bytes = (self.sources.read(path, len_max)).map_err(|error| BuildError::Source {
            what: what.into(),
            error,
        })?;
        self.inputs.insert(role, Sha256::digest(&bytes).into());
        Ok(bytes)
    }

    fn finish(
        mut self,
        device: &FrozenDevice,
        payloads: &BTreeMap<&Name, Payload>,
        serials: BTreeMap<Name, SerialEntry>,
        data: BTreeMap<Name, DataEntry>,
    ) -> Result<Object, BuildError> {
        let recipe = self.recipe;
        let entries = payloads.iter().map(|(name, payload)| {
            let input_sha256 = self.inputs[&format!("{PAYLOAD}{name}")];
            (
                (*name).clone(),
                payload_entry(recipe, name, payload, input_sha256),
            )
        });
        let plain = payloads
            .iter()
            .filter(|(name, _)| !recipe.payloads[**name].window);
        let mut contents = Contents {
            name: recipe.name.clone(),
            device: device.device.name.clone(),
            family: device.device.family.clone(),
            rights: recipe.rights.clone(),
            limits: recipe.limits,
            settings: recipe.settings.clone(),
            payloads: entries.collect(),
            sections: Vec::new(),
            link: recipe.link,
            power: recipe.power,
            serials,
            data,
            barcode: recipe.barcode.clone(),
            tests: recipe.tests.clone(),
            inputs: self.inputs.into_iter().map(input).collect(),
            memory_sha256: memory_hash::of(plain.flat_map(|(_, payload)| segments(payload))),
        };
        let plan = Plan::of(&contents, &device.device, |name| segments(&payloads[name]));
        self.sections.insert(PLAN.into(), plan.to_bytes());
        let sections = self.sections.iter();
        contents.sections = sections.map(|(name, bytes)| section(name, bytes)).collect();
        let mut bytes = contents.to_prefix();
        for section in self.sections.values() {
            bytes.extend(section);
        }
        Ok(Object::from_bytes(bytes)?)
    }
}

fn input((role, sha256): (String, [u8; 32])) -> Input {
    Input { role, sha256 }
}

fn section(name: &str, bytes: &[u8]) -> Section {
    Section {
        name: name.to_owned(),
        len: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
    }
}

fn segments(payload: &Payload) -> Vec<(u64, &[u8])> {
    let segments = payload.segments.iter();
    segments
        .map(|it| (it.address, it.data.as_slice()))
        .collect()
}

fn payload_entry(
    recipe: &Recipe,
    name: &Name,
    payload: &Payload,
    input_sha256: [u8; 32],
) -> PayloadEntry {
    let source = &recipe.payloads[name];
    let places = payload.segments.iter().map(|segment| SegmentEntry {
        address: segment.address,
        len: segment.data.len() as u64,
    });
    PayloadEntry {
        input_sha256,
        window: source.window,
        segments: places.collect(),
        memory_sha256: memory_hash::of(segments(payload)),
        after_tests: source.after_tests,
    }
}

fn data_entry(window: &DataWindow) -> DataEntry {
    DataEntry {
        address: window.address,
        len: window.len,
        source: window.source.clone(),
        encoding: window.encoding(),
        into: window.into.clone(),
        over: window.over,
    }
}
