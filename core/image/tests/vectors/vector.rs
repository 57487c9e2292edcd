//! A vector: a file, what is given to its reader, and what must come of it.

use crate::{
    support::station,
    writer::{Sealed, hex, public},
};
use imprint_image::KeyFile;

#[derive(Clone)]
pub struct Vector {
    pub name: String,
    about: String,
    /// `ok`, or a code.
    pub expect: &'static str,
    /// Of the file.
    ending: &'static str,
    bytes: Vec<u8>,
    fields: Vec<(&'static str, String)>,
    /// Who is trusted instead of signer 1.
    trust: Vec<String>,
    object: Option<[u8; 32]>,
}

impl Vector {
    /// An image, for a reader that trusts signer 1.
    pub fn new(name: &str, about: &str, expect: &'static str, sealed: Sealed) -> Vector {
        let ending = if sealed.is_job() { "job" } else { "sap" };
        Vector {
            trust: vec![public(1).to_text().trim().into()],
            object: (expect == "ok").then_some(sealed.object_id),
            ..Vector::plain_file(name, about, expect, ending, sealed.bytes())
        }
    }

    /// A file of another kind.
    pub fn plain_file(
        name: &str,
        about: &str,
        expect: &'static str,
        ending: &'static str,
        bytes: Vec<u8>,
    ) -> Vector {
        Vector {
            name: name.into(),
            about: about.into(),
            expect,
            ending,
            bytes,
            fields: vec![],
            trust: vec![],
            object: None,
        }
    }

    /// Changes the file.
    pub fn bytes(mut self, edit: impl FnOnce(&mut Vec<u8>)) -> Vector {
        edit(&mut self.bytes);
        self
    }

    /// Trusts these signers instead.
    pub fn trust(mut self, seeds: &[u8]) -> Vector {
        let line = |seed: &u8| public(*seed).to_text().trim().to_owned();
        self.trust = seeds.iter().map(line).collect();
        self
    }

    /// Trusts a root document as well, by the name of its vector.
    pub fn root(mut self, name: &str) -> Vector {
        self.trust.push(name.into());
        self
    }

    pub fn station(self, seed: u8) -> Vector {
        let line = station(seed).to_text().trim().to_owned();
        self.field("station", line)
    }

    pub fn share(self, line: impl Into<String>) -> Vector {
        self.field("share", line.into())
    }

    /// A file of grants beside the image.
    pub fn grants(self, grants: &[Vec<u8>]) -> Vector {
        self.field("grants", hex(&grants.concat()))
    }

    pub fn now(self, seconds: u64) -> Vector {
        self.field("now", seconds.to_string())
    }

    pub fn passphrase(self, passphrase: &str) -> Vector {
        self.field("passphrase", passphrase.into())
    }

    fn field(mut self, name: &'static str, value: String) -> Vector {
        self.fields.push((name, value));
        self
    }

    /// Name and bytes of the file.
    pub fn file(&self) -> (String, Vec<u8>) {
        (format!("{}.{}", self.name, self.ending), self.bytes.clone())
    }

    /// Name and bytes of the text beside it.
    pub fn text(&self) -> (String, Vec<u8>) {
        let mut text = format!("about: {}\nexpect: {}\n", self.about, self.expect);
        for trusted in &self.trust {
            text += &format!("trust: {trusted}\n");
        }
        for (name, value) in &self.fields {
            text += &format!("{name}: {value}\n");
        }
        if let Some(object) = self.object {
            text += &format!("object: {}\n", hex(&object));
        }
        (format!("{}.txt", self.name), text.into_bytes())
    }
}
