//! Why a plugin cannot be used. Why a call of it failed is a `FamilyError`.

use std::{path::PathBuf, sync::Arc};

/// Why a plugin cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PluginError {
    /// A folder, manifest or library cannot be read or written.
    #[error("plugin file `{path}`: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<std::io::Error>,
    },
    /// A file is larger than its kind can be.
    #[error("plugin file `{path}` has more than {len_max} bytes", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        len_max: u64,
    },
    /// The manifest is not one.
    #[error("plugin manifest `{path}`: {message}", path = path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// A library without manifest or signature.
    #[error("plugin `{path}` is not on the list: {message}", path = path.display())]
    NotListed {
        /// The library or its manifest.
        path: PathBuf,
        /// What is missing.
        message: String,
    },
    /// No trusted key made the signature.
    #[error("plugin manifest `{path}` has no signature of a trusted key", path = path.display())]
    Signature {
        /// The manifest.
        path: PathBuf,
    },
    /// The library is not the one that was listed.
    #[error(
        "plugin `{path}` changed after it was listed: its SHA-256 is {found}, the manifest has {expected}",
        path = path.display()
    )]
    Changed {
        /// The library.
        path: PathBuf,
        /// Hash in the manifest.
        expected: String,
        /// Hash of the file.
        found: String,
    },
    /// Built for another kind of machine.
    #[error("plugin `{id}` is built for {found}, this is {expected}")]
    WrongMachine {
        /// The plugin.
        id: String,
        /// This machine.
        expected: String,
        /// The plugin's machine.
        found: String,
    },
    /// The system's loader refuses the library.
    #[error("plugin `{path}` cannot be loaded: {message}", path = path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// What the loader says.
        message: String,
    },
    /// No entry function of this ABI.
    #[error(
        "plugin `{path}` exports no imprint_plugin_entry_v1: it is not a device-family plugin, or one for another ABI",
        path = path.display()
    )]
    MissingEntry {
        /// The library.
        path: PathBuf,
    },
    /// The tables are not of this ABI.
    #[error("plugin `{path}` does not fit this program: {message}", path = path.display())]
    WrongAbi {
        /// The library.
        path: PathBuf,
        /// The first thing that differs: found and expected.
        message: String,
    },
    /// Manifest and library disagree.
    #[error("plugin `{path}`: the {what} is `{found}`, its manifest says `{expected}`", path = path.display())]
    IdMismatch {
        /// The library.
        path: PathBuf,
        /// Id, version or families.
        what: &'static str,
        /// What the manifest says.
        expected: String,
        /// What the library says.
        found: String,
    },
    /// No plugin has the family.
    #[error("no plugin has the family `{family}`")]
    UnknownFamily {
        /// What was asked for.
        family: String,
        /// The nearest family that a plugin has.
        nearest: Option<String>,
        /// Where plugins were looked for.
        folders: Vec<PathBuf>,
        /// What lies there and is of no use, with the reason.
        unusable: Vec<String>,
    },
    /// Two different libraries have the family.
    #[error("the family `{family}` is in two plugins: `{first}` and `{second}`", first = first.display(), second = second.display())]
    Ambiguous {
        /// The family.
        family: String,
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A key is not an Ed25519 public key.
    #[error("a trusted key is not an Ed25519 public key: {key}")]
    Key {
        /// The key in hexadecimal.
        key: String,
    },
}

impl PluginError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "IMP-5001",
            Self::TooLarge { .. } => "IMP-5002",
            Self::Manifest { .. } => "IMP-5003",
            Self::NotListed { .. } => "IMP-5004",
            Self::Signature { .. } => "IMP-5005",
            Self::Changed { .. } => "IMP-5006",
            Self::WrongMachine { .. } => "IMP-5007",
            Self::Load { .. } => "IMP-5008",
            Self::MissingEntry { .. } => "IMP-5009",
            Self::WrongAbi { .. } => "IMP-5010",
            Self::IdMismatch { .. } => "IMP-5011",
            Self::UnknownFamily { .. } => "IMP-5012",
            Self::Ambiguous { .. } => "IMP-5013",
            Self::Key { .. } => "IMP-5014",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotListed { .. } => Some("sign it: `imprint plugin sign FILE --key KEY`".into()),
            Self::Signature { .. } => {
                Some("if you trust who signed it: `imprint plugin trust KEY.pub`".into())
            }
            Self::Changed { .. } => Some(
                "if the change is yours, sign the library again: `imprint plugin sign FILE --key KEY`".into(),
            ),
            Self::UnknownFamily { unusable, .. } if !unusable.is_empty() => Some(format!(
                "{}; list it with `imprint plugin sign FILE --key KEY`",
                unusable.join("; ")
            )),
            Self::UnknownFamily { nearest: Some(nearest), .. } => {
                Some(format!("the nearest one is `{nearest}`"))
            }
            Self::UnknownFamily { nearest: None, folders, .. } if folders.is_empty() => {
                Some("no plugin folder is given: `--plugins DIR`".into())
            }
            Self::UnknownFamily { nearest: None, folders, .. } => Some(format!(
                "plugins are looked for in {}; `imprint plugin list` shows what is there",
                folders.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
            )),
            Self::Ambiguous { .. } => Some("remove one of them".into()),
            Self::WrongAbi { .. } | Self::MissingEntry { .. } => {
                Some("get the plugin that was built for this version".into())
            }
            Self::Load { .. } => {
                Some("check that it is a whole shared library of this machine, then sign it again".into())
            }
            Self::IdMismatch { .. } => {
                Some("sign the library again: `imprint plugin sign FILE --key KEY`".into())
            }
            _ => None,
        }
    }
}
