//! Sealing: an object becomes an image.

use super::{
    FamilyRequirement, Grant, GrantTerms, ImageId, JobOptions, Kind, Manifest, Restrictions,
    SealError, Share,
    chunk::{ChunkCipher, Chunks, ContentKey},
    grant::Subject,
    header::{Header, Suite},
    job,
    merkle::{self, Hash, Levels},
    parallel,
    signature::{self, RECORD_LEN},
};
use crate::{
    keys::{KeyId, PublicKey, SigningKey, StationPublic},
    limits::{
        DISTRIBUTOR_COUNT_MAX, GRANT_COUNT_MAX, IMAGE_PAYLOAD_LEN_MAX, MANIFEST_LEN_MAX,
        SIGNATURE_COUNT_MAX,
    },
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
    /// Who may issue grants later, beside those who sign or are trusted.
    pub distributors: &'a [PublicKey],
    /// How often, when, where and on what it may be used.
    pub restrictions: Restrictions,
    /// Who may open the image for everything but a run, above all to grant it to further stations.
    pub owner: Option<StationPublic>,
    /// The stations that may open the image. With neither station nor owner, a SAP is not encrypted.
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
            distributors: &[],
            restrictions: Restrictions::default(),
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

/// Seals an object as a SAP.
pub fn seal(object: &Object, options: SealOptions) -> Result<Vec<u8>, SealError> {
    let mut image = Cursor::new(Vec::new());
    seal_stream(stream(object), options, &mut image)?;
    Ok(image.into_inner())
}

/// Seals an object as a Job; the share is the cloud's.
pub fn seal_job(
    object: &Object,
    options: SealOptions,
    job: JobOptions,
) -> Result<(Vec<u8>, Share), SealError> {
    let mut image = Cursor::new(Vec::new());
    let share = seal_job_stream(stream(object), options, job, &mut image)?;
    Ok((image.into_inner(), share))
}

/// Seals an object of any size as a SAP while it is read, in constant memory but for 32 bytes a chunk. `writer` is
/// empty; its front is written last.
pub fn seal_stream<R: Read, W: Write + Seek>(
    source: ObjectStream<R>,
    options: SealOptions,
    writer: &mut W,
) -> Result<ImageId, SealError> {
    check(&source, &options)?;
    let deployment_id = random_bytes(options.random);
    let encrypted = options.owner.is_some() || !options.recipients.is_empty();
    let secrets = encrypted.then(|| {
        let content_key = ContentKey::new(random_bytes(options.random));
        Secrets {
            granted: content_key.clone(),
            content_key,
        }
    });
    write_image(source, options, Kind::Sap, deployment_id, secrets, writer)
}

/// Seals an object of any size as a Job, as `seal_stream` does; the share is the cloud's.
pub fn seal_job_stream<R: Read, W: Write + Seek>(
    source: ObjectStream<R>,
    options: SealOptions,
    job: JobOptions,
    writer: &mut W,
) -> Result<Share, SealError> {
    check(&source, &options)?;
    if options.owner.is_none() && options.recipients.is_empty() {
        return Err(SealError::NobodyOpens);
    }
    let new_id = random_bytes(options.random);
    let deployment_id = job.deployment_id.unwrap_or(new_id);
    let station_share = ContentKey::new(random_bytes(options.random));
    let cloud_share = ContentKey::new(random_bytes(options.random));
    let secrets = Secrets {
        content_key: job::content_key(&station_share, &cloud_share, &deployment_id),
        granted: station_share,
    };
    let kind = Kind::Job {
        factory: job.factory,
        revision: job.revision,
    };
    let id = write_image(source, options, kind, deployment_id, Some(secrets), writer)?;
    Ok(Share::new(deployment_id, id, cloud_share))
}

/// What makes an image unreadable to others.
struct Secrets {
    /// Encrypts the chunks.
    content_key: ContentKey,
    /// What grants carry: the content key, or of a Job the stations' share of it.
    granted: ContentKey,
}

fn write_image<R: Read, W: Write + Seek>(
    source: ObjectStream<R>,
    options: SealOptions,
    kind: Kind,
    deployment_id: [u8; 16],
    secrets: Option<Secrets>,
    writer: &mut W,
) -> Result<ImageId, SealError> {
    let signers = signers(&options)?;
    let salt = Zeroizing::new(random_bytes(options.random));
    let (suite, cipher, key_commitment) = match &secrets {
        None => (Suite::Plain, ChunkCipher::Plain, None),
        Some(secrets) => {
            let (cipher, commitment) = ChunkCipher::derive(&secrets.content_key, &deployment_id);
            (Suite::Encrypted, cipher, Some(commitment))
        }
    };
    let object_len = source.contents.object_len();
    let chunks = Chunks::of_plain(suite, SALT_LEN + object_len);
    let mut manifest = Manifest {
        kind,
        name: source.contents.name.clone(),
        device: source.contents.device.clone(),
        deployment_id,
        rights: source.contents.rights.clone(),
        limits: source.contents.limits,
        family: options.family.clone(),
        distributors: options.distributors.iter().map(PublicKey::id).collect(),
        object_len,
        object_commitment: object_commitment(&salt, &source.id),
        // Known when all chunks are hashed; as long as it will be.
        root: [0; 32],
        key_commitment,
        restrictions: options.restrictions.clone(),
        extensions: [grease(options.random)].into(),
    };
    let header = header(suite, &manifest, signers.len(), &chunks)?;
    writer.seek(SeekFrom::Start(header.payload_offset()))?;
    let plain = Read::chain(&salt[..], source.reader);
    let leaves = write_chunks(plain, &chunks, &cipher, options.threads, writer)?;
    let (index, root) = merkle::build(leaves);
    manifest.root = root;
    let image = write_front(&header, &manifest, &signers, &index, writer)?;
    writer.seek(SeekFrom::Start(header.image_len()))?;
    if let Some(secrets) = &secrets {
        write_grants(Subject { image, kind }, &secrets.granted, options, writer)?;
    }
    writer.flush()?;
    Ok(image)
}

fn write_grants(
    subject: Subject,
    secret: &ContentKey,
    options: SealOptions,
    writer: &mut impl Write,
) -> Result<(), SealError> {
    let stations = options.recipients.iter();
    let stations = stations.map(|station| (station, GrantTerms::default()));
    let owner = options.owner.iter().map(|owner| (owner, GrantTerms::OWNER));
    for (station, terms) in stations.chain(owner) {
        let (signing, random) = (options.signing, &mut *options.random);
        let grant = Grant::issue(subject, secret, station, &terms, signing, random)?;
        writer.write_all(grant.to_bytes())?;
    }
    Ok(())
}

fn stream(object: &Object) -> ObjectStream<'_, &[u8]> {
    ObjectStream {
        contents: object.contents(),
        id: object.id(),
        reader: object.to_bytes(),
    }
}

fn random_bytes<const N: usize>(random: &mut dyn CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill_bytes(&mut bytes);
    bytes
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
    let stations: BTreeSet<KeyId> = options.recipients.iter().map(StationPublic::id).collect();
    let count = options.recipients.len() as u64 + u64::from(options.owner.is_some());
    if stations.len() != options.recipients.len() || count > GRANT_COUNT_MAX {
        return Err(SealError::Stations {
            count: stations.len(),
            count_max: GRANT_COUNT_MAX,
        });
    }
    let distributors: BTreeSet<KeyId> = options.distributors.iter().map(PublicKey::id).collect();
    if distributors.len() != options.distributors.len()
        || distributors.len() > DISTRIBUTOR_COUNT_MAX
    {
        return Err(SealError::Distributors {
            count: distributors.len(),
            count_max: DISTRIBUTOR_COUNT_MAX,
        });
    }
    let restrictions = options.restrictions.check();
    restrictions.map_err(|message| SealError::Restrictions { message })
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
    parallel::pipeline(
        chunks.count(),
        threads,
        |number, (bytes, _): &mut (Vec<u8>, Hash)| {
            bytes.resize(chunks.len(number), 0);
            plain.read_exact(bytes)
        },
        |number, (bytes, leaf)| {
            cipher.seal(number, bytes);
            *leaf = merkle::leaf(bytes);
        },
        |_, (bytes, leaf)| {
            leaves.push(*leaf);
            writer.write_all(bytes)
        },
    )?;
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
