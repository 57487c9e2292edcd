//! Whom a verb trusts, and with which key it opens images: from the options, from a key ring, or both.

use crate::{
    failure::{Failures, Result, argument, in_file},
    files,
    keys::{Passphrase, load},
    options::TrustOptions,
};
use imprint::image::{
    Image, Unlock,
    container::Share,
    keys::{KeyFile, KeyRing, PublicKey, RingEntry, RootDocument, StationSecret, TrustAnchors},
    limits::{GRANT_COUNT_MAX, ROOT_FILE_LEN_MAX},
};
use std::{
    io::{Read, Seek},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What a root document begins with.
const ROOT_MAGIC: &[u8] = &[0x89, b'I', b'M', b'R'];

/// Who is trusted, and the keys of this station.
#[derive(Default)]
pub struct Trust {
    pub keys: Vec<PublicKey>,
    pub roots: Vec<RootDocument>,
    pub stations: Vec<StationSecret>,
}

impl Trust {
    /// What the options say.
    pub fn of(options: &TrustOptions, passphrase: &Passphrase) -> Result<Trust> {
        let mut trust = Trust::default();
        trust.add_files(&options.trust)?;
        if let Some(path) = &options.station_key {
            trust.stations.push(passphrase.load(path)?);
        }
        if let Some(folder) = &options.keyring {
            trust.add_ring(folder, passphrase)?;
        }
        Ok(trust)
    }

    /// As `of`, for a verb that does nothing without trust.
    pub fn required(options: &TrustOptions, passphrase: &Passphrase) -> Result<Trust> {
        if options.trust.is_empty() && options.keyring.is_none() {
            return Err(argument(
                "nobody is trusted: an image counts by its signer",
                "name the signer's public key: --trust SIGNER.pub, or a key ring: --keyring DIR",
            )
            .into());
        }
        Trust::of(options, passphrase)
    }

    /// Public keys and root documents.
    pub fn of_files(paths: &[PathBuf]) -> Result<Trust> {
        let mut trust = Trust::default();
        trust.add_files(paths)?;
        Ok(trust)
    }

    fn add_files(&mut self, paths: &[PathBuf]) -> Result<()> {
        for path in paths {
            let bytes = files::read(path, ROOT_FILE_LEN_MAX)?;
            match bytes.starts_with(ROOT_MAGIC) {
                true => self
                    .roots
                    .push(RootDocument::from_bytes(&bytes).map_err(|error| in_file(path, error))?),
                false => self.keys.push(load(path)?),
            }
        }
        Ok(())
    }

    fn add_ring(&mut self, folder: &Path, passphrase: &Passphrase) -> Result<()> {
        let ring = KeyRing::open(folder).map_err(Failures::from)?;
        for entry in ring.entries() {
            match entry {
                RingEntry::Signer(key) => self.keys.push(*key),
                RingEntry::Root(root) => self.roots.push(root.clone()),
                RingEntry::Station(key) => self.stations.push(key.clone()),
                RingEntry::LockedStation(key) => {
                    let name = folder.join(format!("{}.key", entry.id()));
                    self.stations.push(passphrase.unlock(key, &name)?);
                }
            }
        }
        Ok(())
    }

    /// For opening images.
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::with_roots(self.keys.iter().copied(), self.roots.iter().cloned())
    }

    /// The key of this station that the image was granted to; where none was, the first there is.
    pub fn station_for<R: Read + Seek>(
        &self,
        image: &mut Image<R>,
        beside: Option<&[u8]>,
    ) -> Result<Option<&StationSecret>> {
        Ok(image.station_among(&self.stations, beside)?)
    }

    /// The public keys, as their files have them.
    pub fn key_texts(&self) -> Vec<String> {
        let texts = self.keys.iter().map(|key| key.to_text().to_string());
        texts.collect()
    }
}

/// What opens an image here and now.
pub fn unlock<'a>(
    station: Option<&'a StationSecret>,
    grants: Option<&'a [u8]>,
    share: Option<&'a Share>,
) -> Unlock<'a> {
    Unlock {
        station,
        grants,
        share,
        time_s: Some(now()),
    }
}

/// The share in a file, if one is named.
pub fn load_share(path: Option<&Path>) -> Result<Option<Share>> {
    let share = path.map(|path| Share::load(path).map_err(|error| in_file(path, error)));
    share.transpose()
}

/// `IMAGE.grants`, where grants that were made after the image was sealed are found.
pub fn grants_path(image: &Path) -> PathBuf {
    let mut name = image.as_os_str().to_owned();
    name.push(".grants");
    name.into()
}

/// The grants beside an image, and where they are.
pub fn grants_beside(image: &Path) -> Result<Option<(PathBuf, Vec<u8>)>> {
    let path = grants_path(image);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = files::read(&path, GRANT_COUNT_MAX * 288)?;
    Ok(Some((path, bytes)))
}

/// Seconds since 1970-01-01 UTC. A clock before that is one that was never set.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
