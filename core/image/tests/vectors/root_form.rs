//! Writes root documents, with any part changed before it is signed.

use crate::{
    cbor::{Cbor, bytes, int, list, map, text},
    writer::{public, records},
};

pub const ROOT: u64 = 1;
pub const RELEASE: u64 = 2;
pub const POLICY: u64 = 3;
pub const DISTRIBUTOR: u64 = 4;
pub const PLUGIN: u64 = 5;

/// A root document to be written.
pub struct Form {
    pub body: Cbor,
    pub signers: Vec<u8>,
}

/// Role, threshold, seeds of keys.
pub type Roles<'a> = &'a [(u64, u64, &'a [u8])];

pub fn keys(seeds: &[u8]) -> Cbor {
    let mut keys: Vec<_> = seeds.iter().map(|it| public(*it).to_bytes()).collect();
    keys.sort();
    list(keys.into_iter().map(bytes).collect::<Vec<_>>())
}

pub fn roles(roles: Roles) -> Cbor {
    let role = |(role, threshold, seeds): &(u64, u64, &[u8])| {
        list([int(*role), int(*threshold), keys(seeds)])
    };
    list(roles.iter().map(role).collect::<Vec<_>>())
}

/// Two of 10 to 12 are root, two of 20 to 22 release, one of 30 and 31 policy, 40 distributor, 50 plugin.
pub const USUAL: Roles = &[
    (ROOT, 2, &[10, 11, 12]),
    (RELEASE, 2, &[20, 21, 22]),
    (POLICY, 1, &[22, 30]),
    (DISTRIBUTOR, 1, &[40]),
    (PLUGIN, 1, &[50]),
];

/// The next one: other root keys, of whom 12 stays.
pub const NEXT: Roles = &[(ROOT, 2, &[12, 13, 14]), (RELEASE, 1, &[23])];

pub fn form(number: u64, given: Roles, signers: &[u8]) -> Form {
    Form {
        body: map([(1, text("Acme")), (2, int(number)), (3, roles(given))]),
        signers: signers.to_vec(),
    }
}

pub fn first() -> Form {
    form(1, USUAL, &[10, 12])
}

pub fn second(signers: &[u8]) -> Form {
    form(2, NEXT, signers)
}

impl Form {
    pub fn edit(mut self, edit: impl FnOnce(&mut Cbor)) -> Form {
        edit(&mut self.body);
        self
    }

    pub fn roles(self, given: Roles) -> Form {
        self.edit(|it| it.set(3, roles(given)))
    }

    pub fn write(&self) -> Vec<u8> {
        self.write_body(self.body.encode())
    }

    pub fn write_body(&self, body: Vec<u8>) -> Vec<u8> {
        let signed = [b"imprint-root-v1\0", &body[..]].concat();
        self.around(&body, &records(&self.signers, &signed))
    }

    pub fn around(&self, body: &[u8], records: &[u8]) -> Vec<u8> {
        let front = b"\x89IMR\r\n\x1a\n\x01\0\0\0";
        [front, &(body.len() as u32).to_le_bytes()[..], body, records].concat()
    }
}
