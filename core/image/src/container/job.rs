//! Jobs: images that need a cloud's agreement.
//!
//! A Job's content key comes from two random shares. One is in the stations' grants; the cloud has the other and gives it
//! with its first permit. So a station and the file together open nothing before the cloud agreed, and the cloud, which
//! has neither grant nor file, can open nothing at all. A cloud that forgets its share ends the Job.

use super::{ImageError, ImageId, Kind, Manifest, SealError, chunk::ContentKey, header::Suite};
use crate::{
    keys::{KeyError, one_line, read_line},
    write::{Access, WriteError, write_new},
};
use hkdf::Hkdf;
use sha2::Sha512;
use std::{fmt, io, num::NonZeroU64, path::Path};
use zeroize::Zeroizing;

const PREFIX: &str = "imprint-job-share-1";

/// How an object becomes a Job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobOptions {
    /// The virtual factory it is bound to.
    pub factory: [u8; 16],
    /// Counts the images of one deployment, from 1.
    pub revision: NonZeroU64,
    /// Of the Job that it replaces, whose counts go on; none: a new deployment.
    pub deployment_id: Option<[u8; 16]>,
}

impl JobOptions {
    /// The first Job of a deployment.
    pub fn new(factory: [u8; 16]) -> JobOptions {
        JobOptions {
            factory,
            revision: NonZeroU64::MIN,
            deployment_id: None,
        }
    }

    /// The Job that replaces `old`: its next revision, with its counts.
    pub fn replacing(old: &Manifest) -> Result<JobOptions, SealError> {
        let Kind::Job { factory, revision } = old.kind else {
            return Err(SealError::ReplacesSap);
        };
        Ok(JobOptions {
            factory,
            revision: revision.checked_add(1).ok_or(SealError::LastRevision)?,
            deployment_id: Some(old.deployment_id),
        })
    }
}

/// The cloud's half of a Job's content key.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// Of the Job.
    pub deployment_id: [u8; 16],
    /// The Job.
    pub image: ImageId,
    secret: ContentKey,
}

impl Share {
    pub(super) fn new(deployment_id: [u8; 16], image: ImageId, secret: ContentKey) -> Share {
        Share {
            deployment_id,
            image,
            secret,
        }
    }

    /// The line of its file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(base16ct::lower::encode_string(&*self.secret));
        let deployment = base16ct::lower::encode_string(&self.deployment_id);
        Zeroizing::new(format!(
            "{PREFIX}:{deployment}:{}:{}\n",
            self.image, *secret
        ))
    }

    /// Reads the line of its file.
    pub fn from_text(text: &str) -> Result<Share, ImageError> {
        let parts: Vec<&str> = one_line(text).split(':').collect();
        let &[PREFIX, deployment, image, secret] = &parts[..] else {
            return Err(ImageError::Share);
        };
        let mut share = Share::new([0; 16], ImageId([0; 32]), ContentKey::default());
        decode(deployment, &mut share.deployment_id)?;
        decode(image, &mut share.image.0)?;
        decode(secret, &mut *share.secret)?;
        Ok(share)
    }

    /// Reads its file.
    pub fn load(path: &Path) -> Result<Share, ImageError> {
        match read_line(path) {
            Ok(text) => Share::from_text(&text),
            Err(KeyError::Io { message, .. }) => Err(ImageError::Io(io::Error::other(message))),
            Err(_) => Err(ImageError::Share),
        }
    }

    /// Writes its file, which its owner alone can read. One that is there is never replaced.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        write_new(path, self.to_text().as_bytes(), Access::Owner)
    }

    /// The content key of both halves.
    pub(super) fn content_key(&self, station_share: &ContentKey) -> ContentKey {
        content_key(station_share, &self.secret, &self.deployment_id)
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share(of {})", self.image)
    }
}

/// The content key of a Job.
pub(super) fn content_key(
    station_share: &ContentKey,
    cloud_share: &ContentKey,
    deployment_id: &[u8; 16],
) -> ContentKey {
    let mut shares = Zeroizing::new([0; 64]);
    shares[..32].copy_from_slice(&**station_share);
    shares[32..].copy_from_slice(&**cloud_share);
    let suite = Suite::Encrypted.number().to_le_bytes();
    let info: [&[u8]; 3] = [b"imprint-job-key-v1\0", &suite, deployment_id];
    let mut key = ContentKey::default();
    Hkdf::<Sha512>::new(None, &shares[..])
        .expand_multi_info(&info, &mut key[..])
        .expect("32 bytes are within the 255 * 64 of HKDF-SHA512");
    key
}

/// Exactly as many digits as `to` has bytes.
fn decode(digits: &str, to: &mut [u8]) -> Result<(), ImageError> {
    let len = to.len();
    match base16ct::lower::decode(digits, to) {
        Ok(decoded) if decoded.len() == len => Ok(()),
        _ => Err(ImageError::Share),
    }
}
