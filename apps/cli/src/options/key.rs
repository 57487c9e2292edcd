//! Options of the verbs about keys and trust.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key pair: NAME.key is secret, NAME.pub is for everyone
    New {
        /// What the files are called
        name: PathBuf,
        /// For a station or an owner, which opens images, instead of a signer
        #[arg(long)]
        station: bool,
        /// Put the secret key under a passphrase, which is asked for or read from --passphrase-file
        #[arg(long)]
        passphrase: bool,
    },
    /// Show what a key is, and its id
    Show {
        /// The key file
        file: PathBuf,
    },
    /// Put a secret key under a passphrase
    Lock {
        /// The key file
        file: PathBuf,
        /// The file to write; the old one stays for you to destroy
        #[arg(short, long, value_name = "LOCKED.key")]
        output: PathBuf,
    },
    /// Take a secret key from under its passphrase, for a station that starts by itself
    Unlock {
        /// The key file
        file: PathBuf,
        /// The file to write
        #[arg(short, long, value_name = "PLAIN.key")]
        output: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Keyring {
    /// Add a key of the station, a trusted signer's public key, or a root document
    Add {
        /// The key ring's folder; it is made when it is not there
        dir: PathBuf,
        /// The file
        file: PathBuf,
    },
    /// Take something out; images that need it are refused from then on
    Remove {
        /// The key ring's folder
        dir: PathBuf,
        /// Its id, as `list` shows it
        id: String,
    },
    /// Show what is in it
    List {
        /// The key ring's folder
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Root {
    /// Make the first root document of an owner
    New {
        /// The document to write
        #[arg(short, long, value_name = "OWNER.root")]
        output: PathBuf,
        /// Whose it is
        #[arg(long, value_name = "NAME")]
        owner: String,
        #[command(flatten)]
        roles: RootRoles,
        /// A secret key of the role root; as many as its threshold
        #[arg(long, value_name = "ROOT.key", required = true)]
        key: Vec<PathBuf>,
    },
    /// Make the document that follows another; roles that are not named stay
    Rotate {
        /// The document that is replaced
        file: PathBuf,
        /// The document to write
        #[arg(short, long, value_name = "NEW.root")]
        output: PathBuf,
        #[command(flatten)]
        roles: RootRoles,
        /// A secret key of the old or new role root; as many as both thresholds ask for
        #[arg(long, value_name = "ROOT.key", required = true)]
        key: Vec<PathBuf>,
    },
    /// Show a document
    Show {
        /// The document
        file: PathBuf,
    },
}

/// The public keys of each role; each option may be repeated.
#[derive(Debug, Args)]
pub struct RootRoles {
    /// May replace the document
    #[arg(long, value_name = "SIGNER.pub")]
    pub root: Vec<PathBuf>,
    /// May sign images
    #[arg(long, value_name = "SIGNER.pub")]
    pub release: Vec<PathBuf>,
    /// Must sign Jobs and restricted images too
    #[arg(long, value_name = "SIGNER.pub")]
    pub policy: Vec<PathBuf>,
    /// May grant images to stations
    #[arg(long, value_name = "SIGNER.pub")]
    pub distributor: Vec<PathBuf>,
    /// May say which plugins are loaded
    #[arg(long, value_name = "SIGNER.pub")]
    pub plugin: Vec<PathBuf>,
    /// How many of a role's keys must sign [default: 1]
    #[arg(long, value_name = "ROLE=N")]
    pub threshold: Vec<String>,
}
