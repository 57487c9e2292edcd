//! An unlocked image: the sealed object, section by section, in constant memory.

use super::{
    GrantTerms, Image, ImageError, ImageId, Manifest,
    chunk::ChunkCipher,
    plain::Plain,
    seal::{SALT_LEN, object_commitment},
};
use crate::{
    keys::KeyId,
    limits::{DEVICE_SECTION_LEN_MAX, LIST_LEN_MAX, PLAN_LEN_MAX, SCRIPT_LEN_MAX},
    object::{
        Contents, DEVICE, HEADER_LEN, LIST, MODULE, ObjectError, ObjectId, PAYLOAD, PLAN, SCRIPT,
        Section, device_from_bytes, directory_len,
    },
    plan::Plan,
    serial::List,
};
use imprint_device::FrozenDevice;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Seek};

/// An unlocked image.
pub struct OpenImage<R> {
    plain: Plain<R>,
    grant: Option<GrantTerms>,
    contents: Contents,
    /// Offset in the object of each section of `contents`.
    offsets: Vec<u64>,
}

impl<R: Read + Seek> OpenImage<R> {
    /// Reads the directory of the object and compares it with the manifest.
    pub(super) fn new(
        image: Image<R>,
        cipher: ChunkCipher,
        grant: Option<GrantTerms>,
    ) -> Result<Self, ImageError> {
        let mut plain = Plain::new(image, cipher);
        let contents = read_contents(&mut plain)?;
        check_contents(&contents, plain.image.manifest())?;
        Ok(OpenImage {
            plain,
            grant,
            offsets: contents.sections_at().map(|(offset, _)| offset).collect(),
            contents,
        })
    }

    /// What the image is called.
    pub fn id(&self) -> ImageId {
        self.plain.image.id()
    }

    /// Who signed it.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.plain.image.signers()
    }

    /// What its signers vouch for.
    pub fn manifest(&self) -> &Manifest {
        self.plain.image.manifest()
    }

    /// What the grant that opened it permits; none of a plain image, which permits everything.
    pub fn grant(&self) -> Option<&GrantTerms> {
        self.grant.as_ref()
    }

    /// Whether only an owner's grant opened it, which permits no run.
    pub fn is_owners(&self) -> bool {
        self.grant.is_some_and(|terms| terms.owner)
    }

    /// Refuses what was opened for everything but a run.
    pub fn check_may_run(&self) -> Result<(), ImageError> {
        match self.is_owners() {
            true => Err(ImageError::OwnersGrant),
            false => Ok(()),
        }
    }

    /// What the object says of itself: settings, payloads, rights, limits.
    pub fn object(&self) -> &Contents {
        &self.contents
    }

    /// The script.
    pub fn script(&mut self) -> Result<String, ImageError> {
        self.text(SCRIPT)
    }

    /// The module that scripts import as `path`, if there is one.
    pub fn module(&mut self, path: &str) -> Result<Option<String>, ImageError> {
        let name = format!("{MODULE}{path}");
        match self.locate(&name) {
            Some(_) => self.text(&name).map(Some),
            None => Ok(None),
        }
    }

    /// The device, with the algorithms the object was built with.
    pub fn device(&mut self) -> Result<FrozenDevice, ImageError> {
        let bytes = self.section(DEVICE, DEVICE_SECTION_LEN_MAX)?;
        let device = device_from_bytes(&bytes)?;
        self.contents.check_device(&device)?;
        Ok(device)
    }

    /// The plan of the payloads, which follows from the directory and the device but for the bytes.
    pub fn plan(&mut self) -> Result<Plan, ImageError> {
        let device = self.device()?;
        let bytes = self.section(PLAN, PLAN_LEN_MAX)?;
        Ok(Plan::from_bytes(&bytes, &self.contents, &device.device)?)
    }

    /// The values of a serial number that has a list, if it has one.
    pub fn list(&mut self, serial: &str) -> Result<Option<List>, ImageError> {
        let name = format!("{LIST}{serial}");
        if self.locate(&name).is_none() {
            return Ok(None);
        }
        let bytes = self.section(&name, LIST_LEN_MAX)?;
        Ok(Some(self.contents.check_list(serial, &bytes)?))
    }

    /// Reads `to.len()` bytes from `offset` of the object.
    pub fn read_at(&mut self, offset: u64, to: &mut [u8]) -> Result<(), ImageError> {
        self.plain.read_at(offset.saturating_add(SALT_LEN), to)
    }

    /// Reads `to.len()` bytes from `offset` of a payload's segment.
    pub fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError> {
        let len = to.len() as u64;
        let (start, segment_len) = self.locate_segment(payload, segment)?;
        if offset.checked_add(len).is_none_or(|end| end > segment_len) {
            let within = format!("segment {segment} of payload `{payload}`");
            return Err(ImageError::Range {
                offset,
                len,
                within,
            });
        }
        self.read_at(start + offset, to)
    }

    /// A payload's segment as a stream.
    pub fn segment(
        &mut self,
        payload: &str,
        segment: usize,
    ) -> Result<SegmentReader<'_, R>, ImageError> {
        let (offset, rest) = self.locate_segment(payload, segment)?;
        Ok(SegmentReader {
            image: self,
            offset,
            rest,
        })
    }

    /// Checks everything: all chunks, and that the object is the one the manifest commits to, whose id it returns.
    pub fn verify_all(&mut self) -> Result<ObjectId, ImageError> {
        let mut salt = [0; SALT_LEN as usize];
        self.plain.read_at(0, &mut salt)?;
        let mut hasher = Sha256::new();
        let mut skip = SALT_LEN as usize;
        let Plain { image, cipher, .. } = &mut self.plain;
        image.for_each_chunk(
            |number, bytes| cipher.open(number, bytes).is_some(),
            |bytes| {
                let skipped = skip.min(bytes.len());
                skip -= skipped;
                hasher.update(&bytes[skipped..]);
            },
        )?;
        let id = ObjectId(hasher.finalize().into());
        match object_commitment(&salt, &id) == image.manifest().object_commitment {
            true => Ok(id),
            false => Err(ImageError::Disagreement { what: "object" }),
        }
    }

    fn locate(&self, name: &str) -> Option<(u64, &Section)> {
        let sections = &self.contents.sections;
        let index = sections
            .binary_search_by(|it| it.name.as_str().cmp(name))
            .ok()?;
        Some((self.offsets[index], &sections[index]))
    }

    /// Offset in the object, and length.
    fn locate_segment(&self, payload: &str, segment: usize) -> Result<(u64, u64), ImageError> {
        let entry = self.contents.payloads.get(payload);
        let section = self.locate(&format!("{PAYLOAD}{payload}"));
        let (Some(entry), Some((start, _))) = (entry, section) else {
            return Err(ImageError::NoPayload {
                name: payload.into(),
            });
        };
        let Some(found) = entry.segments.get(segment) else {
            return Err(ImageError::Range {
                offset: segment as u64,
                len: 1,
                within: format!("the segments of payload `{payload}`"),
            });
        };
        let before: u64 = entry.segments[..segment].iter().map(|it| it.len).sum();
        Ok((start + before, found.len))
    }

    fn text(&mut self, name: &str) -> Result<String, ImageError> {
        let bytes = self.section(name, SCRIPT_LEN_MAX)?;
        let text = String::from_utf8(bytes).map_err(|_| damaged(name, "it is not UTF-8 text"))?;
        Ok(text)
    }

    /// A whole section of at most `len_max` bytes.
    fn section(&mut self, name: &str, len_max: u64) -> Result<Vec<u8>, ImageError> {
        let Some((offset, section)) = self.locate(name) else {
            return Err(damaged(name, "it is missing").into());
        };
        if section.len > len_max {
            return Err(damaged(name, "it is too large").into());
        }
        let sha256 = section.sha256;
        let mut bytes = vec![0; section.len as usize];
        self.read_at(offset, &mut bytes)?;
        match Sha256::digest(&bytes)[..] == sha256 {
            true => Ok(bytes),
            false => Err(damaged(name, "its hash differs").into()),
        }
    }
}

/// A segment of a payload, read in order. An error is an `ImageError` inside an `io::Error`.
pub struct SegmentReader<'a, R> {
    image: &'a mut OpenImage<R>,
    offset: u64,
    rest: u64,
}

impl<R: Read + Seek> Read for SegmentReader<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = (to.len() as u64).min(self.rest) as usize;
        self.image
            .read_at(self.offset, &mut to[..count])
            .map_err(io::Error::other)?;
        self.offset += count as u64;
        self.rest -= count as u64;
        Ok(count)
    }
}

fn read_contents<R: Read + Seek>(plain: &mut Plain<R>) -> Result<Contents, ImageError> {
    let object_len = plain.image.manifest().object_len;
    let mut prefix = vec![0; object_len.min(HEADER_LEN as u64) as usize];
    plain.read_at(SALT_LEN, &mut prefix)?;
    let expected = HEADER_LEN as u64 + directory_len(&prefix)?;
    if expected > object_len {
        let found = object_len;
        return Err(ObjectError::Length { expected, found }.into());
    }
    // At most a megabyte.
    prefix.resize(expected as usize, 0);
    plain.read_at(SALT_LEN, &mut prefix)?;
    Ok(Contents::from_prefix(&prefix)?)
}

/// The manifest repeats what a station must know before it unlocks; both must say the same.
fn check_contents(contents: &Contents, manifest: &Manifest) -> Result<(), ImageError> {
    let pairs = [
        ("name", contents.name == manifest.name),
        ("device", contents.device == manifest.device),
        ("family", contents.family == manifest.family.id),
        ("rights", contents.rights == manifest.rights),
        ("limits", contents.limits == manifest.limits),
        ("length", contents.object_len() == manifest.object_len),
    ];
    match pairs.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(ImageError::Disagreement { what }),
        None => Ok(()),
    }
}

fn damaged(section: &str, message: &str) -> ObjectError {
    ObjectError::Damaged {
        part: format!("section `{section}`"),
        message: message.into(),
    }
}
