//! Options of the verbs that make, grant and look into images.

use clap::Args;
use imprint::image::container::{Date, Version};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Build {
    /// The recipe
    pub recipe: PathBuf,
    /// The object to write
    #[arg(short, long, value_name = "X.sapobj")]
    pub output: PathBuf,
    /// Replace a setting of the recipe; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Seal {
    /// The object
    pub object: PathBuf,
    /// Make a stand-alone programming image
    #[arg(long, required_unless_present = "job")]
    pub sap: bool,
    /// Make a Job, which needs a cloud's permit for each unit
    #[arg(long, conflicts_with = "sap", requires = "share")]
    pub job: bool,
    /// The image to write
    #[arg(short, long, value_name = "X.sap|X.job")]
    pub output: PathBuf,
    /// The key that signs
    #[arg(long, value_name = "SIGNING.key")]
    pub key: PathBuf,
    /// A key that signs beside it; may be repeated
    #[arg(long, value_name = "SIGNING.key")]
    pub cosign: Vec<PathBuf>,
    /// Restrict the image: dates, units, attempts, failures, stations, revision of the device
    #[arg(long, value_name = "POLICY.ron")]
    pub policy: Option<PathBuf>,
    /// Give this station-type key the owner's grant, which opens the image and grants it to stations, but runs nothing
    #[arg(long, value_name = "OWNER.pub")]
    pub owner: Option<PathBuf>,
    /// Whose grants count, beside those who sign or are trusted; may be repeated
    #[arg(long, value_name = "SIGNER.pub")]
    pub distributor: Vec<PathBuf>,
    /// Encrypt to this station; may be repeated. Without any and without an owner, the image is signed but readable to
    /// everyone
    #[arg(long, value_name = "STATION.pub")]
    pub to: Vec<PathBuf>,
    /// Of a Job: its virtual factory, 32 hexadecimal digits
    #[arg(long, value_name = "ID", requires = "job", conflicts_with = "replaces")]
    pub factory: Option<String>,
    /// Of a Job: where the cloud's share of the key goes; it opens nothing by itself
    #[arg(long, value_name = "X.share", requires = "job")]
    pub share: Option<PathBuf>,
    /// Of a Job: the Job it takes the place of, whose counts and factory it keeps
    #[arg(long, value_name = "OLD.job", requires = "job")]
    pub replaces: Option<PathBuf>,
    /// Oldest version of the family's plugin that may run it
    #[arg(long, value_name = "VERSION", default_value = "0.0.0")]
    pub plugin_version: Version,
}

/// Whom a verb trusts, and as which station it opens images.
#[derive(Debug, Args)]
pub struct TrustOptions {
    /// Public key of a signer you trust, or a root document (*.root); may be repeated
    #[arg(long, value_name = "SIGNER.pub|OWNER.root")]
    pub trust: Vec<PathBuf>,
    /// The station's secret key, for an encrypted image
    #[arg(long, value_name = "STATION.key")]
    pub station_key: Option<PathBuf>,
    /// A key ring: a folder with keys of the station and with the keys and root documents it trusts
    #[arg(long, value_name = "DIR")]
    pub keyring: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Grant {
    /// The image; its bytes stay as they are
    pub file: PathBuf,
    /// The station that may open it
    #[arg(long, value_name = "STATION.pub")]
    pub to: PathBuf,
    /// Most units that may pass on that station
    #[arg(long, value_name = "N")]
    pub cap: Option<u64>,
    /// Last day or second of the grant: 2026-12-31, 2026-12-31T23:59:59Z
    #[arg(long, value_name = "DATE", value_parser = last_second)]
    pub until: Option<Date>,
    /// The owner's secret key, or that of a station that may open the image
    #[arg(long, value_name = "OWNER.key")]
    pub open_with: PathBuf,
    /// The key that signs the grant: one that signed the image, or may distribute it
    #[arg(long, value_name = "SIGNING.key")]
    pub key: PathBuf,
    /// Whom you trust to sign images [default: the key that signs the grant]
    #[arg(long, value_name = "SIGNER.pub|OWNER.root")]
    pub trust: Vec<PathBuf>,
    /// The file of grants to add it to [default: FILE.grants, which is found beside the image]
    #[arg(short, long, value_name = "X.grants")]
    pub output: Option<PathBuf>,
}

fn last_second(text: &str) -> Result<Date, String> {
    Date::last_second(text)
        .ok_or_else(|| "expected a date as 2026-12-31 or 2026-12-31T23:59:59Z, in UTC".into())
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The image
    pub file: PathBuf,
    #[command(flatten)]
    pub trust: TrustOptions,
    /// The cloud's share, to check the content of a Job too
    #[arg(long, value_name = "X.share")]
    pub share: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Inspect {
    /// The image or object
    pub file: PathBuf,
    #[command(flatten)]
    pub trust: TrustOptions,
    /// The cloud's share, to look into a Job
    #[arg(long, value_name = "X.share")]
    pub share: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// An object or image
    pub first: PathBuf,
    /// Another
    pub second: PathBuf,
    #[command(flatten)]
    pub trust: TrustOptions,
    /// The cloud's share of a Job; may be repeated
    #[arg(long, value_name = "X.share")]
    pub share: Vec<PathBuf>,
}
