//! What is different on every unit: serial numbers, data, and what was handed in for them.
//!
//! Whatever can be wrong with them without the target is found before the wire moves.

use super::{UnitSession, unknown};
use crate::{
    codes,
    gate::Permit,
    inputs::Inputs,
    report::{Failure, Value},
};
use imprint_device::Device;
use imprint_image::{
    object::{Contents, DataEntry, SerialEntry},
    recipe::{DataSource, Name},
    serial::{EncodingError, RawValue, SerialValue, Values},
};
use std::collections::BTreeMap;

/// The values of one unit.
#[derive(Default)]
pub(crate) struct UnitValues {
    inputs: Inputs,
    /// Of the permit, once there is one.
    serials: BTreeMap<Name, Vec<SerialValue>>,
    /// Bytes of each data window whose value is known.
    data: BTreeMap<Name, Vec<u8>>,
    /// Named results of the tests that were run, by test.
    results: BTreeMap<(String, String), Value>,
}

/// Bytes that lie over a payload, or go to the target by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overlay {
    pub(crate) address: u64,
    pub(crate) data: Vec<u8>,
}

impl UnitValues {
    /// Everything that was handed in, encoded as it will be programmed.
    pub(crate) fn new(
        contents: &Contents,
        device: &Device,
        inputs: Inputs,
    ) -> Result<Self, Failure> {
        if let (Some(rules), Some(text)) = (&contents.barcode, &inputs.barcode)
            && let Err(mismatch) = rules.check(text)
        {
            return Err(Failure::new(
                codes::BARCODE_REFUSED,
                format!("the scanned text does not select this image: {mismatch}"),
            )
            .with_help("scan the label again, or take the image that is meant"));
        }
        let mut values = Self {
            inputs,
            ..Self::default()
        };
        for (name, entry) in &contents.serials {
            if let Values::Supplied(_) = entry.definition.values {
                let text = values.input(name.as_str())?;
                values.supplied(name, entry, text)?;
            }
        }
        for (name, entry) in &contents.data {
            if let Some(bytes) = values.bytes_handed_in(name, entry, device)? {
                values.data.insert(name.clone(), bytes);
            }
        }
        Ok(values)
    }

    /// A value that was handed in.
    pub(crate) fn input(&self, name: &str) -> Result<&str, Failure> {
        let values = &self.inputs.values;
        if let Some(value) = values.get(name) {
            return Ok(value);
        }
        let near = imprint_image::nearest(name, values.keys().map(String::as_str));
        let meant = near.map_or(String::new(), |near| format!("; `{near}` was given"));
        Err(Failure::new(
            codes::VALUE_MISSING,
            format!("the image needs the value `{name}`{meant}"),
        )
        .with_help(format!("give it for this unit: --value {name}=...")))
    }

    /// The scanned text.
    pub(crate) fn barcode(&self) -> Result<&str, Failure> {
        self.inputs.barcode.as_deref().ok_or_else(|| {
            Failure::new(codes::VALUE_MISSING, "the image needs a scanned text")
                .with_help("scan the label of this unit: --barcode TEXT")
        })
    }

    /// What the station is called.
    pub(crate) fn station(&self) -> Result<&str, Failure> {
        self.inputs.station_name.as_deref().ok_or_else(|| {
            Failure::new(
                codes::VALUE_MISSING,
                "the image needs the name of the station",
            )
            .with_help("say it: --station-name NAME")
        })
    }

    fn supplied(
        &self,
        name: &Name,
        entry: &SerialEntry,
        text: &str,
    ) -> Result<SerialValue, Failure> {
        let value = entry.definition.supplied(text).map_err(|mismatch| {
            Failure::new(
                codes::VALUE_REFUSED,
                format!("the value of serial number `{name}` cannot be: {mismatch}"),
            )
            .with_help(format!(
                "give one that fits its definition: --value {name}=..."
            ))
        })?;
        entry
            .encode(&value)
            .map_err(|error| unfit("serial number", name.as_str(), &error))?;
        Ok(value)
    }

    /// The bytes of a window whose value is known before the wire moves.
    fn bytes_handed_in(
        &self,
        name: &Name,
        entry: &DataEntry,
        device: &Device,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let text = |text: &str| RawValue::Text(text.into());
        let encoded = match &entry.source {
            DataSource::Value => entry.encode(&text(self.input(name.as_str())?)),
            DataSource::Barcode => entry.encode(&text(self.barcode()?)),
            DataSource::Station => entry.encode(&text(self.station()?)),
            DataSource::Date(_) => entry.encode_date(self.inputs.time_s.ok_or_else(|| {
                Failure::new(codes::VALUE_MISSING, "the image needs the time of the run")
                    .with_help("whoever runs the unit hands it in: `Inputs::time_s`")
            })?),
            DataSource::Uid(_) if device.uid.is_none() => {
                return Err(Failure::new(
                    codes::NO_UID,
                    format!(
                        "data `{name}` is made of the unique identifier, and {} has none that its maker documents",
                        device.name
                    ),
                )
                .with_help("use a serial number instead"));
            }
            DataSource::Uid(_) | DataSource::Script | DataSource::Result(..) => return Ok(None),
        };
        encoded
            .map(Some)
            .map_err(|error| unfit("data", name.as_str(), &error))
    }
}

impl UnitSession {
    /// Takes over the serial numbers of a permit. All that the image has must be there, and be values of theirs.
    pub(super) fn take_serials(&mut self, permit: &Permit) -> Result<(), Failure> {
        let contents = self.contents.clone();
        for (name, entry) in &contents.serials {
            let texts = permit.serials.get(name).map_or(&[][..], Vec::as_slice);
            let missing = |found: String| {
                Failure::new(
                    codes::SERIAL_MISSING,
                    format!("the permit does not have the values of serial number `{name}`"),
                )
                .with_difference(format!("{} values", entry.definition.per_unit), found)
            };
            if texts.len() != entry.definition.per_unit as usize {
                return Err(missing(format!("{} values", texts.len())));
            }
            // Only while it is needed: a list may be large.
            let list = self.payloads.list(name.as_str())?;
            let list = list.as_ref().map_or(&[][..], |list| list.values());
            let value = |text: &String| {
                let definition = &entry.definition;
                let value = match definition.values {
                    Values::Supplied(_) => definition.supplied(text).ok(),
                    _ => definition
                        .index_of(text, list)
                        .and_then(|index| definition.value(index, list)),
                };
                value.ok_or_else(|| missing(format!("{text:?}, which is none of its values")))
            };
            let values: Vec<SerialValue> = texts.iter().map(value).collect::<Result<_, _>>()?;
            self.book.serials.insert(name.to_string(), texts.to_vec());
            self.values.serials.insert(name.clone(), values);
        }
        Ok(())
    }

    /// A value that was handed in, whatever it is for.
    pub(crate) fn value(&mut self, name: &str) -> Result<String, Failure> {
        self.values.input(name).map(str::to_string)
    }

    /// The scanned text.
    pub(crate) fn barcode(&mut self) -> Result<String, Failure> {
        self.values.barcode().map(str::to_string)
    }

    /// What the station is called.
    pub(crate) fn station(&mut self) -> Result<String, Failure> {
        self.values.station().map(str::to_string)
    }

    /// A serial number of this unit. Draws it, if nothing was drawn yet.
    pub(crate) fn serial(&mut self, name: &str, index: i64) -> Result<SerialValue, Failure> {
        let entry = self.serial_entry(name)?;
        let per_unit = entry.definition.per_unit;
        if !(0..i64::from(per_unit)).contains(&index) {
            return Err(Failure::new(
                codes::SCRIPT_ARGUMENT,
                format!(
                    "serial number `{name}` has {per_unit} values a unit, counted from 0, found {index}"
                ),
            ));
        }
        self.permit()?;
        let values = self.values.serials.get(name);
        let value = values.and_then(|values| values.get(usize::try_from(index).ok()?));
        value.cloned().ok_or_else(|| {
            Failure::new(
                codes::SERIAL_MISSING,
                format!("serial number `{name}` was not drawn"),
            )
        })
    }

    /// Where a value of a serial number goes by itself, and its bytes.
    pub(super) fn serial_overlay(&mut self, name: &str, index: i64) -> Result<Overlay, Failure> {
        let value = self.serial(name, index)?;
        let entry = self.serial_entry(name)?;
        if let Some(payload) = &entry.into {
            return Err(merged_already("serial number", name, payload));
        }
        let address = entry.address + u64::from(entry.value_len) * index.unsigned_abs();
        let data = entry
            .encode(&value)
            .map_err(|error| unfit("serial number", name, &error))?;
        Ok(Overlay { address, data })
    }

    /// Whether the image has that data window.
    pub(crate) fn data_exists(&mut self, name: &str) -> Result<(), Failure> {
        self.data_entry(name).map(drop)
    }

    /// The bytes of a data window, all of it.
    pub(crate) fn data_bytes(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        let entry = self.data_entry(name)?;
        let missing = |what: String, help: String| {
            Failure::new(
                codes::DATA_MISSING,
                format!("data `{name}` has no value yet: {what}"),
            )
            .with_help(help)
        };
        let value = match &entry.source {
            DataSource::Uid(_) => {
                let uid = self.uid_bytes.clone().ok_or_else(|| {
                    missing(
                        "the target is not connected".into(),
                        "call `unit.connect()` first".into(),
                    )
                })?;
                RawValue::Bytes(uid)
            }
            DataSource::Result(test, result) => {
                let key = (test.to_string(), result.to_string());
                match self.values.results.get(&key) {
                    Some(Value::Integer(number)) => RawValue::Integer(*number),
                    Some(Value::Bool(flag)) => RawValue::Integer((*flag).into()),
                    Some(Value::Text(text)) => RawValue::Text(text.clone()),
                    None => {
                        return Err(missing(
                            format!("test `{test}` gave no result `{result}`"),
                            format!("run it before: chip.run_test(\"{test}\")"),
                        ));
                    }
                }
            }
            _ => {
                return self.values.data.get(name).cloned().ok_or_else(|| {
                    missing(
                        "the script did not set it".into(),
                        format!("set it before: unit.set_data(\"{name}\", value)"),
                    )
                });
            }
        };
        entry
            .encode(&value)
            .map_err(|error| unfit("data", name, &error))
    }

    /// Gives a data window whose value is the script's.
    pub(crate) fn set_data(&mut self, name: &str, value: RawValue) -> Result<(), Failure> {
        let entry = self.data_entry(name)?;
        if entry.source != DataSource::Script {
            return Err(Failure::new(
                codes::SCRIPT_ARGUMENT,
                format!("data `{name}` is not the script's to set"),
            )
            .with_help("its recipe says `source: script` where it is"));
        }
        let Some((known, _)) = self.contents.data.get_key_value(name) else {
            return Ok(());
        };
        let known = known.clone();
        let bytes = entry
            .encode(&value)
            .map_err(|error| unfit("data", name, &error))?;
        self.values.data.insert(known, bytes);
        Ok(())
    }

    /// Where a data window goes by itself, and its bytes.
    pub(super) fn data_overlay(&mut self, name: &str) -> Result<Overlay, Failure> {
        let entry = self.data_entry(name)?;
        if let Some(payload) = &entry.into {
            return Err(merged_already("data", name, payload));
        }
        let data = self.data_bytes(name)?;
        Ok(Overlay {
            address: entry.address,
            data,
        })
    }

    /// Keeps the results of a test.
    pub(super) fn keep_results(&mut self, test: &str, results: &[(String, Value)]) {
        for (name, value) in results {
            let key = (test.to_string(), name.clone());
            self.values.results.insert(key, value.clone());
        }
    }

    /// Data that is merged with a payload: all but its serial numbers, which are not drawn for it.
    pub(super) fn data_over(&mut self, payload: &str) -> Result<Vec<Overlay>, Failure> {
        let contents = self.contents.clone();
        let windows = contents
            .data
            .iter()
            .filter(|(_, entry)| is_into(&entry.into, payload));
        windows
            .map(|(name, entry)| {
                Ok(Overlay {
                    address: entry.address,
                    data: self.data_bytes(name.as_str())?,
                })
            })
            .collect()
    }

    /// Serial numbers that are merged with a payload.
    pub(super) fn serials_over(&mut self, payload: &str) -> Result<Vec<Overlay>, Failure> {
        let contents = self.contents.clone();
        let mut overlays = Vec::new();
        for (name, entry) in &contents.serials {
            if !is_into(&entry.into, payload) {
                continue;
            }
            let mut data = Vec::new();
            for index in 0..entry.definition.per_unit {
                let value = self.serial(name.as_str(), index.into())?;
                let bytes = entry.encode(&value);
                data.extend(bytes.map_err(|error| unfit("serial number", name.as_str(), &error))?);
            }
            overlays.push(Overlay {
                address: entry.address,
                data,
            });
        }
        Ok(overlays)
    }

    fn serial_entry(&self, name: &str) -> Result<SerialEntry, Failure> {
        let known = &self.contents.serials;
        known.get(name).cloned().ok_or_else(|| {
            unknown(
                "serial number",
                name,
                known.keys().map(|name| name.as_str()),
            )
        })
    }

    fn data_entry(&self, name: &str) -> Result<DataEntry, Failure> {
        let known = &self.contents.data;
        known
            .get(name)
            .cloned()
            .ok_or_else(|| unknown("data", name, known.keys().map(|name| name.as_str())))
    }
}

fn is_into(into: &Option<Name>, payload: &str) -> bool {
    into.as_ref().is_some_and(|name| name.as_str() == payload)
}

fn unfit(kind: &str, name: &str, error: &EncodingError) -> Failure {
    let failure = Failure::new(error.code(), format!("{kind} `{name}`: {error}"));
    match error.help() {
        Some(help) => failure.with_help(help),
        None => failure,
    }
}

fn merged_already(kind: &str, name: &str, payload: &Name) -> Failure {
    Failure::new(
        codes::SCRIPT_ARGUMENT,
        format!("{kind} `{name}` is programmed and verified with payload `{payload}`"),
    )
    .with_help("leave the line out, or leave `into` out of the recipe")
}
