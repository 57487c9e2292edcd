//! Opening: from a file that anyone may have written to an image that a trusted signer vouches for.
//!
//! The order matters. The fixed header is read, then the signers' keys; if none is trusted that is the end. Then the
//! signatures are verified over the bytes as read; only then is the manifest looked into. Last the top tile of the index
//! is checked against the signed root.

use super::{
    Grant, ImageError, ImageId, Manifest,
    chunk::{self, Chunks},
    grant::{GRANT_LEN, is_grant},
    header::{HEADER_LEN, Header, Suite},
    merkle::{self, Index},
    parallel,
    seal::SALT_LEN,
    signature::{self, Signatures},
};
use crate::{
    keys::{KeyId, PublicKey, Shortfall, TrustAnchors, Vouchers},
    limits::GRANT_COUNT_MAX,
};
use std::io::{self, Read, Seek, SeekFrom};
use zeroize::Zeroizing;

/// What can be said of an image without trusting anyone: nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderView {
    /// The header.
    pub header: Header,
    /// Who claims to have signed.
    pub signers: Vec<KeyId>,
    /// Bytes of the file behind the image: grants, if it is sound.
    pub trailing_len: u64,
}

/// An image whose signatures hold. Its payload is locked.
pub struct Image<R> {
    pub(super) reader: R,
    pub(super) header: Header,
    pub(super) manifest: Manifest,
    pub(super) id: ImageId,
    pub(super) chunks: Chunks,
    pub(super) index: Index,
    pub(super) signers: Vec<PublicKey>,
    pub(super) trust: TrustAnchors,
    pub(super) vouchers: Vouchers,
    grant_count: u64,
}

impl<R: Read + Seek> Image<R> {
    /// Reads the header and the key ids of an image, verifying nothing.
    pub fn header_only(mut reader: R) -> Result<HeaderView, ImageError> {
        let (header, _, file_len) = read_header(&mut reader)?;
        let signatures = read_signatures(&mut reader, &header)?;
        Ok(HeaderView {
            header,
            signers: signatures.signers().iter().map(PublicKey::id).collect(),
            trailing_len: file_len - header.image_len(),
        })
    }

    /// Opens an image that enough of `trust` have signed. Takes the same time for an image of any size.
    pub fn open(mut reader: R, trust: &TrustAnchors) -> Result<Image<R>, ImageError> {
        let (header, header_bytes, file_len) = read_header(&mut reader)?;
        let signatures = read_signatures(&mut reader, &header)?;
        let signers = signatures.signers();
        let mut vouchers = trust.vouch(&signers).map_err(|shortfall| match shortfall {
            Some(shortfall) => too_few_signers(shortfall),
            None => ImageError::UnknownSigner {
                signers: signers.iter().map(PublicKey::id).collect(),
            },
        })?;
        reader.seek(SeekFrom::Start(HEADER_LEN as u64))?;
        let manifest_bytes = read_bytes(&mut reader, u64::from(header.manifest_len))?;
        signatures.verify(&header_bytes, &manifest_bytes)?;
        let manifest = Manifest::from_bytes(&manifest_bytes)?;
        let chunks = header.chunks()?;
        check_manifest(&header, &manifest, &chunks)?;
        if manifest.kind.is_job() || !manifest.restrictions.is_empty() {
            vouchers.demand_policy(&signers).map_err(too_few_signers)?;
        }
        let index_offset = header.index_offset();
        let index = Index::open(&mut reader, index_offset, chunks.count(), &manifest.root)?;
        let grant_count = check_trailing(&mut reader, &header, file_len)?;
        Ok(Image {
            reader,
            header,
            id: signature::image_id(&header_bytes, &manifest_bytes),
            manifest,
            chunks,
            index,
            signers,
            trust: trust.clone(),
            vouchers,
            grant_count,
        })
    }

    /// What it is called.
    pub fn id(&self) -> ImageId {
        self.id
    }

    /// Its header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What its signers vouch for.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Who signed.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.signers.iter().map(PublicKey::id)
    }

    /// The grants behind it. None of them is verified yet.
    pub fn grants(&mut self) -> Result<Vec<Grant>, ImageError> {
        self.reader.seek(SeekFrom::Start(self.header.image_len()))?;
        let bytes = read_bytes(&mut self.reader, self.grant_count * GRANT_LEN as u64)?;
        Grant::parse_all(&bytes)
    }

    /// Checks every stored chunk against the index: what can be done without a key.
    pub fn verify_all(&mut self) -> Result<(), ImageError> {
        self.for_each_chunk(|_, _| true, |_| {})
    }

    /// Reads chunk `number` as stored into `chunk` and checks it against the index.
    pub(super) fn read_stored(
        &mut self,
        number: u64,
        chunk: &mut Vec<u8>,
    ) -> Result<(), ImageError> {
        let leaf = self.index.leaf(&mut self.reader, number)?;
        self.read_unchecked(number, chunk)?;
        match merkle::leaf(chunk) == leaf {
            true => Ok(()),
            false => Err(self.damaged(number)),
        }
    }

    fn read_unchecked(&mut self, number: u64, chunk: &mut Vec<u8>) -> Result<(), ImageError> {
        let (offset, len) = self.chunks.stored(number);
        chunk.resize(len, 0);
        self.reader
            .seek(SeekFrom::Start(self.header.payload_offset() + offset))?;
        Ok(self.reader.read_exact(chunk)?)
    }

    pub(super) fn damaged(&self, number: u64) -> ImageError {
        let (offset, _) = self.chunks.stored(number);
        chunk::damaged(number, self.header.payload_offset() + offset)
    }

    /// Checks all chunks against the index, in parallel; then `open` turns each into plain bytes, still in parallel, and
    /// `take` gets them in order.
    pub(super) fn for_each_chunk(
        &mut self,
        open: impl Fn(u64, &mut Vec<u8>) -> bool + Sync,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), ImageError> {
        #[derive(Default)]
        struct Slot {
            bytes: Zeroizing<Vec<u8>>,
            leaf: merkle::Hash,
            sound: bool,
        }
        let (chunks, payload_offset) = (self.chunks, self.header.payload_offset());
        parallel::pipeline(
            chunks.count(),
            parallel::all_threads(),
            |number, slot: &mut Slot| {
                slot.leaf = self.index.leaf(&mut self.reader, number)?;
                self.read_unchecked(number, &mut slot.bytes)
            },
            |number, slot| {
                let checked = merkle::leaf(&slot.bytes) == slot.leaf;
                slot.sound = checked && open(number, &mut slot.bytes);
            },
            |number, slot| {
                if !slot.sound {
                    let (offset, _) = chunks.stored(number);
                    return Err(chunk::damaged(number, payload_offset + offset));
                }
                take(&slot.bytes);
                Ok(())
            },
        )
    }
}

fn too_few_signers(shortfall: Shortfall) -> ImageError {
    let Shortfall {
        owner,
        role,
        threshold,
        found,
    } = shortfall;
    ImageError::TooFewSigners {
        owner,
        role,
        threshold,
        found,
    }
}

fn read_header<R: Read + Seek>(
    reader: &mut R,
) -> Result<(Header, [u8; HEADER_LEN], u64), ImageError> {
    let file_len = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let front = read_bytes(reader, file_len.min(HEADER_LEN as u64))?;
    let header = Header::from_bytes(&front)?;
    if header.image_len() > file_len {
        return Err(ImageError::Truncated {
            expected: header.image_len(),
            found: file_len,
        });
    }
    let mut bytes = [0; HEADER_LEN];
    bytes.copy_from_slice(&front);
    Ok((header, bytes, file_len))
}

fn read_signatures<R: Read + Seek>(
    reader: &mut R,
    header: &Header,
) -> Result<Signatures, ImageError> {
    reader.seek(SeekFrom::Start(header.signatures_offset()))?;
    Signatures::parse(&read_bytes(reader, u64::from(header.signatures_len))?)
}

/// Reads `len` bytes, which a check against the length of the file has shown to be there.
fn read_bytes<R: Read>(reader: &mut R, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len as usize];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What the manifest must have in common with the header.
fn check_manifest(header: &Header, manifest: &Manifest, chunks: &Chunks) -> Result<(), ImageError> {
    let encrypted = header.suite == Suite::Encrypted;
    if manifest.kind.is_job() && !encrypted {
        return Err(ImageError::Manifest {
            message: "it is a Job, which is always encrypted".into(),
        });
    }
    if manifest.key_commitment.is_some() != encrypted {
        return Err(ImageError::Manifest {
            message: "it and the suite disagree about encryption".into(),
        });
    }
    if manifest.object_len.checked_add(SALT_LEN) != Some(chunks.plain_len) {
        return Err(ImageError::Manifest {
            message: "it and the header disagree about the object's length".into(),
        });
    }
    Ok(())
}

/// Behind the image may only be grants, and only if it is encrypted. Returns how many.
fn check_trailing<R: Read + Seek>(
    reader: &mut R,
    header: &Header,
    file_len: u64,
) -> Result<u64, ImageError> {
    let image_len = header.image_len();
    let trailing_len = file_len - image_len;
    let refusal = || ImageError::Trailing {
        image_len,
        trailing_len,
    };
    let count = trailing_len / GRANT_LEN as u64;
    let none_allowed = header.suite == Suite::Plain && trailing_len > 0;
    if none_allowed || !trailing_len.is_multiple_of(GRANT_LEN as u64) || count > GRANT_COUNT_MAX {
        return Err(refusal());
    }
    reader.seek(SeekFrom::Start(image_len))?;
    let mut reader = io::BufReader::new(reader);
    for _ in 0..count {
        let mut record = [0; GRANT_LEN];
        reader.read_exact(&mut record)?;
        if !is_grant(&record) {
            return Err(refusal());
        }
    }
    Ok(count)
}
