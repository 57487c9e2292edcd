//! A sealed image in a file: opened once, run as often as it permits.

use crate::{engine::now, error::unreadable, file::SharedFile};
use imprint::{
    image::{
        Image as Sealed, KeyFile, OpenImage, StationSecret, TrustAnchors, Unlock,
        keys::{KeyError, KeyId, KeyRing, LockedKey, RingError},
        limits::GRANT_COUNT_MAX,
    },
    open_image,
    report::Failure,
};
use serde::Serialize;
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// Bytes of a grant (docs/image-format.md).
const GRANT_LEN: u64 = 288;

/// Who is trusted, and with which key an encrypted image is opened.
#[derive(Clone, Default)]
pub struct ImageOptions {
    /// Public keys of signers, root documents, or folders of them (key rings).
    pub trust: Vec<PathBuf>,
    /// The secret key of this station.
    pub station_key: Option<PathBuf>,
    /// What the station's key is under.
    pub passphrase: Option<String>,
}

/// An image whose signature held when it was opened.
pub struct Image {
    file: SharedFile,
    trust: TrustAnchors,
    stations: Vec<StationSecret>,
    /// Those of `FILE.grants`.
    grants: Option<Vec<u8>>,
    facts: ImageFacts,
}

/// What its signers vouch for.
#[derive(Clone, Debug, Serialize)]
pub struct ImageFacts {
    /// SHA-256 over header and manifest, in hexadecimal.
    pub id: String,
    /// Name from the recipe.
    pub name: String,
    /// Part number of the device.
    pub device: String,
    /// Key ids of those who signed, in hexadecimal.
    pub signers: Vec<String>,
    /// What its script may do to a target.
    pub rights: Vec<String>,
    /// Whether a station's key is needed to read it.
    pub is_encrypted: bool,
}

impl Image {
    /// Opens a SAP that is signed by those who are trusted.
    ///
    /// # Errors
    /// Files that cannot be read, keys that cannot be used, an image that is not trusted, an object, a Job.
    pub fn open(path: &Path, options: &ImageOptions) -> Result<Image, Failure> {
        let ring = KeyRing::load(&options.trust)?;
        let trust = ring.trust();
        let stations = stations(&ring, options)?;
        let file = SharedFile::open(path)?;
        let image = open_image(file.clone(), &trust)?;
        let facts = ImageFacts::of(&image);
        Ok(Image {
            file,
            trust,
            stations,
            grants: grants_beside(path)?,
            facts,
        })
    }

    /// What its signers vouch for.
    pub fn facts(&self) -> &ImageFacts {
        &self.facts
    }

    /// Checks every bit: all chunks; and, where it can be read here, that what is inside is what the signers vouch for.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self) -> Result<(), Failure> {
        self.sealed()?.verify_all()?;
        if !self.facts.is_encrypted || !self.stations.is_empty() {
            self.unlock()?.0.verify_all()?;
        }
        Ok(())
    }

    /// The image, unlocked, and the key of the station that it was unlocked with.
    pub(crate) fn unlock(&self) -> Result<(OpenImage<SharedFile>, Option<KeyId>), Failure> {
        let mut image = self.sealed()?;
        let grants = self.grants.as_deref();
        let station = image.station_among(&self.stations, grants)?;
        let unlock = Unlock {
            station,
            grants,
            share: None,
            time_s: Some(now()),
        };
        let id = station.map(|station| station.public().id());
        Ok((image.unlock(unlock)?, id))
    }

    fn sealed(&self) -> Result<Sealed<SharedFile>, Failure> {
        open_image(self.file.clone(), &self.trust)
    }
}

impl ImageFacts {
    fn of(image: &Sealed<SharedFile>) -> ImageFacts {
        let manifest = image.manifest();
        ImageFacts {
            id: image.id().to_string(),
            name: manifest.name.to_string(),
            device: manifest.device.clone(),
            signers: image.signers().map(|signer| signer.to_string()).collect(),
            rights: manifest.rights.iter().map(ToString::to_string).collect(),
            is_encrypted: manifest.key_commitment.is_some(),
        }
    }
}

/// The keys of this station: the one that is named, then those of the rings. What is under a passphrase in a ring counts
/// where a passphrase is given.
fn stations(ring: &KeyRing, options: &ImageOptions) -> Result<Vec<StationSecret>, Failure> {
    let mut stations = Vec::new();
    if let Some(path) = &options.station_key {
        let named = |error| RingError::Key {
            file: path.display().to_string(),
            error,
        };
        let key = match (StationSecret::load(path), &options.passphrase) {
            (Err(KeyError::Locked { .. }), Some(passphrase)) => {
                LockedKey::load(path).and_then(|locked| locked.unlock(passphrase))
            }
            (loaded, _) => loaded,
        };
        stations.push(key.map_err(named)?);
    }
    stations.extend(ring.stations().cloned());
    if let Some(passphrase) = &options.passphrase {
        for locked in ring.locked_stations() {
            stations.push(locked.unlock(passphrase)?);
        }
    }
    Ok(stations)
}

/// Grants that were made after the image was sealed lie beside it, in `FILE.grants`.
fn grants_beside(image: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let mut path = image.as_os_str().to_owned();
    path.push(".grants");
    let path = Path::new(&path);
    if !path.is_file() {
        return Ok(None);
    }
    let len_max = GRANT_COUNT_MAX * GRANT_LEN;
    let mut grants = Vec::new();
    SharedFile::open(path)?
        .take(len_max + 1)
        .read_to_end(&mut grants)
        .map_err(|error| unreadable(path, error))?;
    match grants.len() as u64 > len_max {
        true => Err(unreadable(
            path,
            format!("it has more than {len_max} bytes"),
        )),
        false => Ok(Some(grants)),
    }
}
