//! Objects that the crate has built, in parts that can be changed.

use crate::{
    cbor::{Cbor, bytes, int},
    support::{self, unit_data},
    writer::hash,
};
use imprint_image::Object;
use std::sync::OnceLock;

#[derive(Clone)]
pub struct ObjectForm {
    /// Name, device, family, rights and limits, as they were built: what a manifest says.
    pub facts: [Cbor; 5],
    pub directory: Cbor,
    /// All sections, one after the other.
    pub sections: Vec<u8>,
}

impl ObjectForm {
    /// One payload of a few bytes.
    pub fn small() -> ObjectForm {
        static SMALL: OnceLock<ObjectForm> = OnceLock::new();
        SMALL
            .get_or_init(|| ObjectForm::with_firmware(b"firmware of the vectors"))
            .clone()
    }

    pub fn with_firmware(firmware: &[u8]) -> ObjectForm {
        let payloads = r#""firmware": Payload(file: "f", address: 0x1000)"#;
        ObjectForm::of(&support::build(payloads, "protect", &[("f", firmware)]).unwrap())
    }

    /// An object of exactly `len` bytes.
    pub fn of_len(len: usize) -> ObjectForm {
        let mut firmware_len = len - 2_000;
        loop {
            let form = ObjectForm::with_firmware(&vec![0x5A; firmware_len]);
            match form.write().len() {
                found if found == len => return form,
                found => firmware_len = firmware_len + len - found,
            }
        }
    }

    /// With serial numbers, data, barcode, tests, link and power.
    pub fn whole() -> ObjectForm {
        static WHOLE: OnceLock<ObjectForm> = OnceLock::new();
        WHOLE
            .get_or_init(|| {
                let files: [(&str, &[u8]); 1] = [("a.bin", &[1; 48])];
                ObjectForm::of(&unit_data::build_with(unit_data::WHOLE, &files).unwrap())
            })
            .clone()
    }

    fn of(object: &Object) -> ObjectForm {
        let bytes = object.to_bytes();
        let len = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
        let mut directory = Cbor::decode(&bytes[48..48 + len]);
        ObjectForm {
            facts: [1, 2, 3, 4, 5].map(|key| directory.at(key).clone()),
            directory,
            sections: bytes[48 + len..].to_vec(),
        }
    }

    pub fn edit(mut self, edit: impl FnOnce(&mut Cbor)) -> ObjectForm {
        edit(&mut self.directory);
        self
    }

    /// Adds an empty section at its place.
    pub fn with_section(self, name: &str) -> ObjectForm {
        let section = Cbor::List(vec![Cbor::Text(name.into()), int(0), bytes(hash(&[b""]))]);
        self.edit(|directory| {
            let sections = directory.at(8).items();
            sections.push(section);
            sections.sort_by_key(|it| it.clone().items()[0].encode()[1..].to_vec());
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let directory = self.directory.encode();
        let mut to = b"\x89IMO\r\n\x1a\n\x01\0\0\0".to_vec();
        to.extend((directory.len() as u32).to_le_bytes());
        to.extend(hash(&[&directory]));
        to.extend(directory);
        to.extend(&self.sections);
        to
    }
}
