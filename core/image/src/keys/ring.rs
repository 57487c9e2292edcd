//! A station's key ring: a folder with the keys it has and the keys and root documents it trusts.
//!
//! Without the key there is no way into an image; put back, it opens it again. Of each owner's root documents a ring
//! keeps the highest number it has accepted, and takes only the one that follows: so neither an old document nor one
//! whose signers are not the owner's can be slipped in.

use super::{
    KeyError, KeyFile, KeyId, Kind, LockedKey, PublicKey, RootDocument, RootError, StationSecret,
    TrustAnchors,
};
use crate::{
    limits::{KEY_FILE_LEN_MAX, RING_FILE_COUNT_MAX, ROOT_FILE_LEN_MAX},
    write::{Access, AtomicFile, WriteError},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// One thing in a ring.
#[derive(Clone)]
pub enum RingEntry {
    /// A signer who is trusted by itself.
    Signer(PublicKey),
    /// What is trusted for an owner.
    Root(RootDocument),
    /// A key of this station.
    Station(StationSecret),
    /// A key of this station, under a passphrase.
    LockedStation(LockedKey),
}

/// What names an entry in its ring: a key's id; of a key under a passphrase a hash of its file; of root documents a hash
/// of their owner's name, so that one takes the place of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RingId(pub KeyId);

impl fmt::Display for RingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl RingEntry {
    /// Reads the file of one, whatever it is.
    fn from_bytes(file: &str, bytes: &[u8]) -> Result<RingEntry, RingError> {
        let key = |error| RingError::Key {
            file: file.into(),
            error,
        };
        if bytes.first() == Some(&0x89) {
            let root = RootDocument::from_bytes(bytes);
            return root.map(RingEntry::Root).map_err(|error| RingError::Root {
                file: file.into(),
                error,
            });
        }
        let text = str::from_utf8(bytes).map_err(|_| key(KeyError::NotAKey))?;
        let refused = |found| RingError::Kind {
            file: file.into(),
            found,
        };
        let entry = match Kind::of(text) {
            Ok(Kind::SigningPublic) => PublicKey::from_text(text).map(RingEntry::Signer),
            Ok(Kind::StationSecret) => StationSecret::from_text(text).map(RingEntry::Station),
            Err(KeyError::Locked {
                kind: Kind::StationSecret,
            }) => LockedKey::from_text(text).map(RingEntry::LockedStation),
            Ok(found) | Err(KeyError::Locked { kind: found }) => return Err(refused(found)),
            Err(error) => Err(error),
        };
        entry.map_err(key)
    }

    /// What names it.
    pub fn id(&self) -> RingId {
        let hash = |bytes: &[u8]| KeyId(Sha256::digest(bytes).into());
        RingId(match self {
            RingEntry::Signer(key) => key.id(),
            RingEntry::Station(key) => key.public().id(),
            RingEntry::LockedStation(key) => hash(key.to_text().as_bytes()),
            RingEntry::Root(root) => hash(root.owner().as_bytes()),
        })
    }

    /// What its file is called in a folder, and who may read that.
    fn file(&self) -> (String, Access) {
        let (extension, access) = match self {
            RingEntry::Signer(_) => ("pub", Access::Ordinary),
            RingEntry::Root(_) => ("root", Access::Ordinary),
            RingEntry::Station(_) | RingEntry::LockedStation(_) => ("key", Access::Owner),
        };
        (format!("{}.{extension}", self.id()), access)
    }
}

/// A key ring.
#[derive(Clone, Default)]
pub struct KeyRing(BTreeMap<RingId, RingEntry>);

impl KeyRing {
    /// The ring in a folder: all its files named `.pub`, `.key` or `.root`.
    pub fn open(folder: &Path) -> Result<KeyRing, RingError> {
        KeyRing::of(read_folder(folder)?)
    }

    /// The ring of named files, and of all those in named folders: what a person gives as trusted.
    pub fn load(paths: &[PathBuf]) -> Result<KeyRing, RingError> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                files.extend(read_folder(path)?);
                continue;
            }
            let bytes = read(path, ROOT_FILE_LEN_MAX).map_err(|error| failed(path, &error))?;
            files.push((path.display().to_string(), bytes));
        }
        KeyRing::of(files)
    }

    /// The ring of these files, by name and content, in any order.
    pub fn of<B: AsRef<[u8]>>(
        files: impl IntoIterator<Item = (String, B)>,
    ) -> Result<KeyRing, RingError> {
        let mut ring = KeyRing::default();
        let mut roots = Vec::new();
        for (file, bytes) in files {
            match RingEntry::from_bytes(&file, bytes.as_ref())? {
                RingEntry::Root(root) => roots.push((file, root)),
                entry => ring.insert(&file, entry)?,
            }
        }
        roots.sort_by_key(|(_, root)| root.number());
        for (file, root) in roots {
            ring.insert(&file, RingEntry::Root(root))?;
        }
        Ok(ring)
    }

    /// Adds a key, or a root document that follows the one that is there. `file` is what errors call it.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<RingId, RingError> {
        let entry = RingEntry::from_bytes(file, bytes)?;
        let id = entry.id();
        self.insert(file, entry)?;
        Ok(id)
    }

    /// As `add`, to the ring in a folder.
    pub fn add_to(folder: &Path, file: &str, bytes: &[u8]) -> Result<RingId, RingError> {
        let mut ring = KeyRing::open(folder)?;
        let entry = RingEntry::from_bytes(file, bytes)?;
        let ((name, access), id) = (entry.file(), entry.id());
        ring.insert(file, entry)?;
        if ring.0.len() > RING_FILE_COUNT_MAX {
            return Err(too_many(folder));
        }
        AtomicFile::create(&folder.join(name), access)?.write_whole(bytes)?;
        Ok(id)
    }

    /// Takes an entry out of the ring in a folder, with all its files.
    pub fn remove_from(folder: &Path, id: RingId) -> Result<(), RingError> {
        let mut found = false;
        for (name, bytes) in read_folder(folder)? {
            if RingEntry::from_bytes(&name, &bytes)?.id() == id {
                let path = folder.join(name);
                fs::remove_file(&path).map_err(|error| WriteError::new(&path, &error))?;
                found = true;
            }
        }
        match found {
            true => Ok(()),
            false => Err(RingError::NotThere { id }),
        }
    }

    /// All that is in it.
    pub fn entries(&self) -> impl Iterator<Item = &RingEntry> {
        self.0.values()
    }

    /// Who is trusted by it.
    pub fn trust(&self) -> TrustAnchors {
        let keys = self.entries().filter_map(|entry| match entry {
            RingEntry::Signer(key) => Some(*key),
            _ => None,
        });
        let roots = self.entries().filter_map(|entry| match entry {
            RingEntry::Root(root) => Some(root.clone()),
            _ => None,
        });
        TrustAnchors::with_roots(keys, roots)
    }

    /// The station's keys that are not under a passphrase.
    pub fn stations(&self) -> impl Iterator<Item = &StationSecret> {
        self.entries().filter_map(|entry| match entry {
            RingEntry::Station(key) => Some(key),
            _ => None,
        })
    }

    /// The station's keys that are under a passphrase.
    pub fn locked_stations(&self) -> impl Iterator<Item = &LockedKey> {
        self.entries().filter_map(|entry| match entry {
            RingEntry::LockedStation(key) => Some(key),
            _ => None,
        })
    }

    fn insert(&mut self, file: &str, entry: RingEntry) -> Result<(), RingError> {
        if let (RingEntry::Root(next), Some(RingEntry::Root(last))) =
            (&entry, self.0.get(&entry.id()))
            && next != last
        {
            next.check_follows(last).map_err(|error| RingError::Root {
                file: file.into(),
                error,
            })?;
        }
        self.0.insert(entry.id(), entry);
        Ok(())
    }
}

/// A file by its name; it may be a secret key.
type NamedFile = (String, Zeroizing<Vec<u8>>);

/// The files of a folder that belong to its ring, by name.
fn read_folder(folder: &Path) -> Result<Vec<NamedFile>, RingError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        let len_max = match extension {
            Some("pub" | "key") => KEY_FILE_LEN_MAX as u64,
            Some("root") => ROOT_FILE_LEN_MAX,
            _ => continue,
        };
        if files.len() == RING_FILE_COUNT_MAX {
            return Err(too_many(folder));
        }
        let bytes = read(&path, len_max).map_err(|error| failed(&path, &error))?;
        files.push((name(&path), bytes));
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(files)
}

/// At most one byte more than there may be, which then is no sound file. Only a plain file is opened: a pipe would wait.
fn read(path: &Path, len_max: u64) -> std::io::Result<Zeroizing<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no plain file"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_LEN_MAX + 1));
    fs::File::open(path)?
        .take(len_max + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn failed(path: &Path, error: &std::io::Error) -> RingError {
    RingError::Io {
        path: path.display().to_string(),
        message: error.to_string(),
    }
}

fn too_many(folder: &Path) -> RingError {
    RingError::TooMany {
        folder: folder.display().to_string(),
        count_max: RING_FILE_COUNT_MAX,
    }
}

/// A key ring that cannot be used, or something it does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// The system refuses.
    #[error("the key ring cannot be read: `{path}`: {message}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        message: String,
    },
    /// More files than are read.
    #[error("the key ring `{folder}` has more than {count_max} files")]
    TooMany {
        /// The folder.
        folder: String,
        /// The limit.
        count_max: usize,
    },
    /// A key that does not belong in a ring.
    #[error("`{file}` is {}, which does not belong in a key ring", found.name())]
    Kind {
        /// The file.
        file: String,
        /// What it is.
        found: Kind,
    },
    /// A key that cannot be used.
    #[error("key file `{file}`: {error}")]
    Key {
        /// The file.
        file: String,
        /// Why.
        error: KeyError,
    },
    /// A root document that is refused.
    #[error("root document `{file}`: {error}")]
    Root {
        /// The file.
        file: String,
        /// Why.
        error: RootError,
    },
    /// Nothing of that name.
    #[error("the key ring has no entry {id}")]
    NotThere {
        /// What was sought.
        id: RingId,
    },
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl RingError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RingError::Io { .. } => "IMP-2023",
            RingError::TooMany { .. } => "IMP-2024",
            RingError::Kind { .. } => "IMP-2025",
            RingError::NotThere { .. } => "IMP-2026",
            RingError::Key { error, .. } => error.code(),
            RingError::Root { error, .. } => error.code(),
            RingError::Write(error) => error.code(),
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            RingError::Io { .. } => "check the path and the permissions".into(),
            RingError::TooMany { .. } => "remove what is not used: imprint keyring remove".into(),
            RingError::Kind { .. } => {
                "a ring takes public keys of signers, secret keys of this station and root documents"
                    .into()
            }
            RingError::NotThere { .. } => "`imprint keyring list` names what is there".into(),
            RingError::Key { error, .. } => return error.help(),
            RingError::Root { error, .. } => return error.help(),
            RingError::Write(error) => return error.help(),
        })
    }
}
