//! Writes images part by part, as the page about the format says, with any part changed before it is signed.
//!
//! The crate seals sound images only. That a sound one comes out of here as the crate seals it is tested in `main.rs`.

use crate::{
    cbor::{Cbor, bytes, int, list, map},
    grant_form::GrantForm,
    object_form::ObjectForm,
    support::{self, random, signer},
};
use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use hkdf::Hkdf;
use imprint_image::{KeyFile, PublicKey};
use rand_core::Rng;
use sha2::{Digest, Sha256, Sha512};

pub const ENCRYPTED: u16 = 0x0001;
pub const PLAIN: u16 = 0x8001;
const CHUNK_LEN: usize = 65_536;

/// Bytes of a seed, the same on every machine.
pub fn seeded<const N: usize>(seed: u8) -> [u8; N] {
    let mut bytes = [0; N];
    random(seed).fill_bytes(&mut bytes);
    bytes
}

type Edit<T> = Box<dyn FnOnce(&mut T)>;

/// An image to be written. Whatever is edited differs from what a sound writer would put there.
pub struct Seal {
    pub object: ObjectForm,
    pub suite: u16,
    pub is_job: bool,
    /// Seeds of those who sign.
    pub signers: Vec<u8>,
    pub salt: [u8; 32],
    pub deployment: [u8; 16],
    /// Content key of a SAP, station share of a Job.
    pub secret: [u8; 32],
    pub cloud_share: [u8; 32],
    pub manifest: Option<Edit<Cbor>>,
    pub manifest_bytes: Option<Edit<Vec<u8>>>,
    pub header: Option<Edit<Vec<u8>>>,
    pub chunks: Option<Edit<Vec<Vec<u8>>>>,
    pub object_bytes: Option<Edit<Vec<u8>>>,
}

/// A plain SAP.
pub fn plain() -> Seal {
    Seal {
        object: ObjectForm::small(),
        suite: PLAIN,
        is_job: false,
        signers: vec![1],
        salt: seeded(200),
        deployment: seeded(201),
        secret: seeded(202),
        cloud_share: seeded(203),
        manifest: None,
        manifest_bytes: None,
        header: None,
        chunks: None,
        object_bytes: None,
    }
}

/// An encrypted SAP.
pub fn encrypted() -> Seal {
    Seal {
        suite: ENCRYPTED,
        ..plain()
    }
}

/// A Job.
pub fn job() -> Seal {
    Seal {
        is_job: true,
        ..encrypted()
    }
}

impl Seal {
    pub fn object(self, object: ObjectForm) -> Seal {
        Seal { object, ..self }
    }

    pub fn signers(self, seeds: &[u8]) -> Seal {
        let signers = seeds.to_vec();
        Seal { signers, ..self }
    }

    /// Changes the manifest.
    pub fn manifest(self, edit: impl FnOnce(&mut Cbor) + 'static) -> Seal {
        Seal {
            manifest: Some(Box::new(edit)),
            ..self
        }
    }

    /// Changes the manifest as it is encoded.
    pub fn manifest_bytes(self, edit: impl FnOnce(&mut Vec<u8>) + 'static) -> Seal {
        Seal {
            manifest_bytes: Some(Box::new(edit)),
            ..self
        }
    }

    /// Changes the header before it is signed.
    pub fn header(self, edit: impl FnOnce(&mut Vec<u8>) + 'static) -> Seal {
        Seal {
            header: Some(Box::new(edit)),
            ..self
        }
    }

    /// Changes the chunks as they are stored, before they are hashed.
    pub fn chunks(self, edit: impl FnOnce(&mut Vec<Vec<u8>>) + 'static) -> Seal {
        Seal {
            chunks: Some(Box::new(edit)),
            ..self
        }
    }

    /// Changes the bytes of the object, before anything is made of them.
    pub fn object_bytes(self, edit: impl FnOnce(&mut Vec<u8>) + 'static) -> Seal {
        Seal {
            object_bytes: Some(Box::new(edit)),
            ..self
        }
    }

    /// The salt in the first chunk as it is stored.
    pub fn salt_of(&self, chunk: &[u8]) -> [u8; 32] {
        let mut salt = chunk[..32].to_vec();
        if self.suite == ENCRYPTED {
            // The cipher is a stream of bytes that are added: what encrypts decrypts.
            self.keys().encrypt(0, &mut salt);
        }
        salt[..32].try_into().unwrap()
    }

    pub fn write(mut self) -> Sealed {
        let mut object = self.object.write();
        apply(self.object_bytes.take(), &mut object);
        let keys = (self.suite == ENCRYPTED).then(|| self.keys());
        let mut chunks: Vec<Vec<u8>> = [&self.salt[..], &object]
            .concat()
            .chunks(CHUNK_LEN)
            .map(<[u8]>::to_vec)
            .collect();
        if chunks.last().unwrap().len() == CHUNK_LEN {
            chunks.push(vec![]);
        }
        if let Some(keys) = &keys {
            let numbered = chunks.iter_mut().enumerate();
            numbered.for_each(|(number, chunk)| keys.encrypt(number as u32, chunk));
        }
        apply(self.chunks.take(), &mut chunks);
        let leaves: Vec<[u8; 32]> = chunks.iter().map(|it| hash(&[&[0], it])).collect();
        assert!(leaves.len() <= 256, "one level is enough here");
        let object_id = hash(&[&object]);
        let commitment = hash(&[b"imprint-object-v1\0", &self.salt, &object_id]);
        let mut manifest = self.manifest_map(object.len(), commitment, tree(&leaves));
        if let Some(keys) = keys {
            manifest.set(12, bytes(keys.commitment));
        }
        apply(self.manifest.take(), &mut manifest);
        let mut manifest = manifest.encode();
        apply(self.manifest_bytes.take(), &mut manifest);
        let mut header = b"\x89IMP\r\n\x1a\n\x01\0".to_vec();
        header.extend(self.suite.to_le_bytes());
        header.extend([0; 4]);
        header.extend((manifest.len() as u32).to_le_bytes());
        header.extend((96 * self.signers.len() as u32).to_le_bytes());
        header.extend((32 * leaves.len() as u64).to_le_bytes());
        header.extend((chunks.concat().len() as u64).to_le_bytes());
        header.extend([0; 24]);
        apply(self.header.take(), &mut header);
        Sealed {
            id: hash(&[&header, &manifest]),
            signatures: records(
                &self.signers,
                &[b"imprint-image-v1\0", &header[..], &manifest].concat(),
            ),
            header,
            manifest,
            index: leaves.concat(),
            chunks,
            grants: vec![],
            object_id,
            is_job: self.is_job,
            secret: self.secret,
            cloud_share: self.cloud_share,
            deployment: self.deployment,
        }
    }

    fn manifest_map(&self, object_len: usize, commitment: [u8; 32], root: [u8; 32]) -> Cbor {
        let [name, device, family, rights, limits] = self.object.facts.clone();
        let mut entries = vec![
            (1, int(u64::from(self.is_job))),
            (2, name),
            (3, device),
            (4, bytes(self.deployment)),
            (5, rights),
            (6, limits),
            (7, list([family, int(1), list([int(0), int(1), int(0)])])),
            (9, int(object_len as u64)),
            (10, bytes(commitment)),
            (11, bytes(root)),
        ];
        if self.is_job {
            entries.extend([(14, bytes([7; 16])), (15, int(1))]);
        }
        map(entries)
    }

    fn keys(&self) -> ChunkKeys {
        let key = match self.is_job {
            true => {
                let shares = [self.secret, self.cloud_share].concat();
                let info: &[u8] = b"imprint-job-key-v1\0";
                derive::<32>(&shares, info, &self.deployment)
            }
            false => self.secret,
        };
        let derived = derive::<76>(&key, b"imprint-v1\0", &self.deployment);
        ChunkKeys {
            cipher: Aes256Gcm::new_from_slice(&derived[..32]).unwrap(),
            nonce: derived[32..44].try_into().unwrap(),
            commitment: derived[44..].try_into().unwrap(),
        }
    }
}

struct ChunkKeys {
    cipher: Aes256Gcm,
    nonce: [u8; 12],
    commitment: [u8; 32],
}

impl ChunkKeys {
    fn encrypt(&self, number: u32, chunk: &mut Vec<u8>) {
        let mut nonce = self.nonce;
        let low = nonce[8..].iter_mut().zip(number.to_be_bytes());
        low.for_each(|(byte, number)| *byte ^= number);
        let sealed =
            self.cipher
                .encrypt_inout_detached(&nonce.into(), &[], chunk.as_mut_slice().into());
        chunk.extend(sealed.unwrap());
    }
}

/// An image in its parts.
#[derive(Clone)]
pub struct Sealed {
    pub header: Vec<u8>,
    pub manifest: Vec<u8>,
    pub signatures: Vec<u8>,
    pub index: Vec<u8>,
    pub chunks: Vec<Vec<u8>>,
    pub grants: Vec<u8>,
    pub id: [u8; 32],
    pub object_id: [u8; 32],
    is_job: bool,
    secret: [u8; 32],
    cloud_share: [u8; 32],
    deployment: [u8; 16],
}

impl Sealed {
    /// A grant to a station by its seed, changed before it is signed.
    pub fn grant(&self, station: u8, edit: impl FnOnce(&mut GrantForm)) -> Vec<u8> {
        let mut form = GrantForm::new(self.is_job.into(), self.id, station, self.secret);
        edit(&mut form);
        form.write()
    }

    /// With grants behind it.
    pub fn with(mut self, grants: &[Vec<u8>]) -> Sealed {
        self.grants = grants.concat();
        self
    }

    /// With a grant to each station.
    pub fn granted(self, stations: &[u8]) -> Sealed {
        let grants: Vec<_> = stations.iter().map(|it| self.grant(*it, |_| ())).collect();
        self.with(&grants)
    }

    pub fn edit(mut self, edit: impl FnOnce(&mut Sealed)) -> Sealed {
        edit(&mut self);
        self
    }

    pub fn is_job(&self) -> bool {
        self.is_job
    }

    /// The line of the share of a Job.
    pub fn share(&self) -> String {
        share_line(&self.deployment, &self.id, &self.cloud_share)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let chunks = self.chunks.concat();
        [
            &self.header,
            &self.manifest,
            &self.signatures,
            &self.index,
            &chunks,
            &self.grants,
        ]
        .map(Vec::as_slice)
        .concat()
    }
}

pub fn share_line(deployment: &[u8], image: &[u8], share: &[u8]) -> String {
    let [deployment, image, share] = [deployment, image, share].map(hex);
    format!("imprint-job-share-1:{deployment}:{image}:{share}")
}

pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

pub fn public(seed: u8) -> PublicKey {
    signer(seed).public()
}

/// Key and signature of each signer, sorted by key id.
pub fn records(seeds: &[u8], signed: &[u8]) -> Vec<u8> {
    let mut seeds = seeds.to_vec();
    seeds.sort_by_key(|seed| public(*seed).id());
    records_as_given(&seeds, signed)
}

/// Key and signature of each signer.
pub fn records_as_given(seeds: &[u8], signed: &[u8]) -> Vec<u8> {
    let keys: Vec<u8> = seeds.iter().flat_map(|it| public(*it).to_bytes()).collect();
    let message = [signed, &keys].concat();
    let record = |seed: &u8| {
        let signature = support::sign(&signer(*seed), &message);
        [&public(*seed).to_bytes()[..], &signature].concat()
    };
    seeds.iter().flat_map(record).collect()
}

/// What the line of a key file holds.
pub fn material(key: &impl KeyFile) -> [u8; 32] {
    let text = key.to_text();
    let mut bytes = [0; 32];
    base16ct::lower::decode(text.trim().split(':').nth(1).unwrap(), &mut bytes).unwrap();
    bytes
}

pub fn hash(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// RFC 6962, section 2.1.
fn tree(leaves: &[[u8; 32]]) -> [u8; 32] {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    hash(&[&[1], &tree(left), &tree(right)])
}

fn derive<const N: usize>(key: &[u8], info: &[u8], deployment: &[u8]) -> [u8; N] {
    let info = [info, &ENCRYPTED.to_le_bytes(), deployment];
    let mut derived = [0; N];
    let hkdf = Hkdf::<Sha512>::new(None, key);
    hkdf.expand_multi_info(&info, &mut derived).unwrap();
    derived
}

fn apply<T>(edit: Option<Edit<T>>, to: &mut T) {
    if let Some(edit) = edit {
        edit(to);
    }
}
