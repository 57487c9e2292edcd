//! Sealing: an object becomes an image.

use super::{
    FamilyRequirement, Grant, ImageId, Kind, Manifest, SealError,
    chunk::{CHUNK_LEN, ChunkCipher, Chunks, ContentKey},
    header::{Header, Suite},
    merkle::{self, Hash, Levels},
    parallel,
    signature::{self, RECORD_LEN},
};
use crate::{
    keys::{PublicKey, SigningKey, StationPublic},
    limits::{GRANT_COUNT_MAX, IMAGE_PAYLOAD_LEN_MAX, MANIFEST_LEN_MAX, SIGNATURE_COUNT_MAX},
    object::{Contents, Object, ObjectId},
};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    io::{Cursor, Read, Seek, SeekFrom, Write},
    num::NonZeroUsize,
};
use zeroize::Zeroizing;

/// Bytes of salt before the object in the payload.
pub(super) const SALT_LEN: u64 = 32;

/// How an object is sealed.
pub struct SealOptions<'a> {
    /// Who signs, and issues the grants.
    pub signing: &'a SigningKey,
    /// Who signs beside: all together at most 8.
    pub cosigners: &'a [&'a SigningKey],
    /// Who else may issue grants later.
    pub owner: Option<PublicKey>,
    /// The stations that may open the image. With none, it is not encrypted.
    pub recipients: &'a [StationPublic],
    /// The plugin the image needs; of the family of the object's device.
    pub family: FamilyRequirement,
    /// Where keys, salt and deployment id come from.
    pub random: &'a mut dyn CryptoRng,
    /// How many threads encrypt and hash.
    pub threads: NonZeroUsize,
}

impl<'a> SealOptions<'a> {
    /// One signer, no station, all threads.
    pub fn new(
        signing: &'a SigningKey,
        family: FamilyRequirement,
        random: &'a mut dyn CryptoRng,
    ) -> Self {
        SealOptions {
            signing,
            cosigners: &[],
            owner: None,
            recipients: &[],
            family,
            random,
            threads: parallel::all_threads(),
        }
    }
}

/// An object that is read while it is sealed.
pub struct ObjectStream<'a, R> {
    /// What it says of itself.
    pub contents: &'a Contents,
    /// SHA-256 of its bytes.
    pub id: ObjectId,
    /// Gives all of its bytes.
    pub reader: R,
}

/// Seals an object as a SAP image.
pub fn seal(object: &Object, options: SealOptions) -> Result<Vec<u8>, SealError> {
    let source = ObjectStream {
        contents: object.contents(),
        id: object.id(),
        reader: object.to_bytes(),
    };
    let mut image = Cursor::new(Vec::new());
    seal_stream(source, options, &mut image)?;
    Ok(image.into_inner())
}

/// Seals an object of any size while it is read, in constant memory but for 32 bytes a chunk. `writer` is empty; its
/// front is written last.
pub fn seal_stream<R: Read, W: Write + Seek>(
    source: ObjectStream<R>,
    options: SealOptions,
    writer: &mut W,
) -> Result<(), SealError> {
    let signers = signers(&options)?;
    check(&source, &options)?;
    let random = options.random;
    let suite = match options.recipients {
        [] => Suite::Plain,
        _ => Suite::Encrypted,
    };
    let mut deployment_id = [0; 16];
    random.fill_bytes(&mut deployment_id);
    let mut salt = Zeroizing::new([0; SALT_LEN as usize]);
    random.fill_bytes(&mut *salt);
    let mut content_key = ContentKey::default();
    random.fill_bytes(&mut *content_key);
    let (cipher, key_commitment) = match suite {
        Suite::Plain => (ChunkCipher::Plain, None),
        Suite::Encrypted => {
            let (cipher, commitment) = ChunkCipher::derive(&content_key, &deployment_id);
            (cipher, Some(commitment))
        }
    };
    let object_len = source.contents.object_len();
    let chunks = Chunks::of_plain(suite, SALT_LEN + object_len);
    let mut manifest = Manifest {
        kind: Kind::Sap,
        name: source.contents.name.clone(),
        device: source.contents.device.clone(),
        deployment_id,
        rights: source.contents.rights.clone(),
        limits: source.contents.limits,
        family: options.family,
        owner: options.owner.map(|owner| owner.id()),
        object_len,
        object_commitment: object_commitment(&salt, &source.id),
        // Known when all chunks are hashed; as long as it will be.
        root: [0; 32],
        key_commitment,
        extensions: [grease(random)].into(),
    };
    let header = header(suite, &manifest, signers.len(), &chunks)?;
    writer.seek(SeekFrom::Start(header.payload_offset()))?;
    let plain = Read::chain(&salt[..], source.reader);
    let leaves = write_chunks(plain, &chunks, &cipher, options.threads, writer)?;
    let (index, root) = merkle::build(leaves);
    manifest.root = root;
    let image_id = write_front(&header, &manifest, &signers, &index, writer)?;
    writer.seek(SeekFrom::Start(header.image_len()))?;
    for station in options.recipients {
        let grant = Grant::issue(image_id, &content_key, station, options.signing, random)?;
        writer.write_all(grant.to_bytes())?;
    }
    Ok(writer.flush()?)
}

/// All who sign, sorted by key id.
fn signers<'a>(options: &SealOptions<'a>) -> Result<Vec<&'a SigningKey>, SealError> {
    let mut signers = vec![options.signing];
    signers.extend(options.cosigners);
    signers.sort_by_key(|signer| signer.public().id());
    let given = signers.len();
    signers.dedup_by_key(|signer| signer.public().id());
    if signers.len() != given || given > SIGNATURE_COUNT_MAX {
        return Err(SealError::Signers {
            count: signers.len(),
            count_max: SIGNATURE_COUNT_MAX,
        });
    }
    Ok(signers)
}

fn check<R>(source: &ObjectStream<R>, options: &SealOptions) -> Result<(), SealError> {
    if options.family.id != source.contents.family {
        return Err(SealError::Family {
            expected: source.contents.family.clone(),
            found: options.family.id.clone(),
        });
    }
    let stations: BTreeSet<_> = options.recipients.iter().map(StationPublic::id).collect();
    if stations.len() != options.recipients.len() || stations.len() as u64 > GRANT_COUNT_MAX {
        return Err(SealError::Stations {
            count: stations.len(),
            count_max: GRANT_COUNT_MAX,
        });
    }
    Ok(())
}

fn header(
    suite: Suite,
    manifest: &Manifest,
    signer_count: usize,
    chunks: &Chunks,
) -> Result<Header, SealError> {
    let too_large = |what, len, len_max| Err(SealError::TooLarge { what, len, len_max });
    let manifest_len = manifest.to_bytes().len();
    if manifest_len as u64 > MANIFEST_LEN_MAX {
        return too_large("manifest", manifest_len as u64, MANIFEST_LEN_MAX);
    }
    let payload_len = chunks.stored_len();
    if payload_len > IMAGE_PAYLOAD_LEN_MAX {
        return too_large("payload", payload_len, IMAGE_PAYLOAD_LEN_MAX);
    }
    Ok(Header {
        suite,
        manifest_len: manifest_len as u32,
        signatures_len: (signer_count * RECORD_LEN) as u32,
        index_len: Levels::of(chunks.count()).index_len(),
        payload_len,
    })
}

/// Encrypts and writes all chunks in order; returns their hashes.
fn write_chunks(
    mut plain: impl Read,
    chunks: &Chunks,
    cipher: &ChunkCipher,
    threads: NonZeroUsize,
    writer: &mut impl Write,
) -> Result<Vec<Hash>, SealError> {
    let mut leaves = Vec::new();
    let mut batch: Vec<(u64, Vec<u8>, Hash)> = Vec::new();
    let batch_count = parallel::batch_count(threads) as u64;
    for start in (0..chunks.count()).step_by(batch_count as usize) {
        let count = batch_count.min(chunks.count() - start) as usize;
        batch.truncate(count);
        batch.resize_with(count, || {
            (0, Vec::with_capacity(CHUNK_LEN as usize + 64), [0; 32])
        });
        for (number, slot) in (start..).zip(&mut batch) {
            slot.0 = number;
            slot.1.resize(chunks.len(number), 0);
            plain.read_exact(&mut slot.1)?;
        }
        parallel::for_each(&mut batch, threads, |(number, bytes, leaf)| {
            cipher.seal(*number, bytes);
            *leaf = merkle::leaf(bytes);
        });
        for (_, bytes, leaf) in &batch {
            writer.write_all(bytes)?;
            leaves.push(*leaf);
        }
    }
    Ok(leaves)
}

fn write_front(
    header: &Header,
    manifest: &Manifest,
    signers: &[&SigningKey],
    index: &[u8],
    writer: &mut (impl Write + Seek),
) -> Result<ImageId, SealError> {
    let header = header.to_bytes();
    let manifest = manifest.to_bytes();
    writer.seek(SeekFrom::Start(0))?;
    writer.write_all(&header)?;
    writer.write_all(&manifest)?;
    writer.write_all(&signature::sign(&header, &manifest, signers))?;
    writer.write_all(index)?;
    Ok(signature::image_id(&header, &manifest))
}

/// What the manifest says of the object without telling it.
pub(super) fn object_commitment(salt: &[u8; SALT_LEN as usize], id: &ObjectId) -> [u8; 32] {
    let digest = Sha256::new().chain_update(b"imprint-object-v1\0");
    digest
        .chain_update(salt)
        .chain_update(id.0)
        .finalize()
        .into()
}

/// An ignorable entry that means nothing, another one in every image: a reader that cannot ignore it is found at once,
/// not when a later version adds one that means something.
fn grease(random: &mut dyn CryptoRng) -> (u64, Vec<u8>) {
    let mut bytes = [0; 6];
    random.fill_bytes(&mut bytes);
    let key = 1_000_000 + u64::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    (key, bytes[2..].to_vec())
}
