//! `imprint key`: key pairs of signers and stations.

use crate::{
    exit::Exit,
    failure::{Result, exists},
    files, keys,
    options::Key as Verb,
    output::Output,
};
use imprint::image::{
    keys::{
        KeyError, KeyFile, KeyId, Kind, PublicKey, SigningKey, StationPublic, StationSecret,
        system_random,
    },
    limits::KEY_FILE_LEN_MAX,
};
use serde_json::json;
use std::path::{Path, PathBuf};

pub fn run(verb: &Verb, output: &Output) -> Result {
    match verb {
        Verb::New { name, station } => new(name, *station, output),
        Verb::Show { file } => show(file, output),
    }
}

fn new(name: &Path, is_station: bool, output: &Output) -> Result {
    let (secret_path, public_path) = (with_ending(name, ".key"), with_ending(name, ".pub"));
    // Neither half is written if one of them is there.
    for path in [&secret_path, &public_path] {
        if path.symlink_metadata().is_ok() {
            return Err(exists(path).into());
        }
    }
    let mut random = system_random();
    let id = match is_station {
        true => {
            let secret = StationSecret::generate(&mut random);
            save(&secret, &secret_path, &secret.public(), &public_path)?;
            secret.public().id()
        }
        false => {
            let secret = SigningKey::generate(&mut random);
            save(&secret, &secret_path, &secret.public(), &public_path)?;
            secret.public().id()
        }
    };
    let purpose = if is_station { "station" } else { "signer" };
    let (secret, public) = (secret_path.display(), public_path.display());
    let told = json!({
        "purpose": purpose,
        "id": id.to_string(),
        "secret": secret.to_string(),
        "public": public.to_string(),
    });
    output.done(&told, || {
        format!("made the key of a {purpose}\n  {secret}  keep it secret\n  {public}  for everyone\n  id {id}")
    })?;
    Ok(Exit::Pass)
}

/// Writes both halves, or none: a secret without its public half would block the name.
fn save(
    secret: &impl KeyFile,
    secret_path: &Path,
    public: &impl KeyFile,
    public_path: &Path,
) -> Result<()> {
    secret.save(secret_path)?;
    public.save(public_path).inspect_err(|_| {
        // What failed is told by the error above.
        let _ = std::fs::remove_file(secret_path);
    })?;
    Ok(())
}

/// The name with an ending, whatever dots it has.
fn with_ending(name: &Path, ending: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn show(path: &Path, output: &Output) -> Result {
    let text = files::read_text(path, KEY_FILE_LEN_MAX as u64)?;
    let (kind, id) = kind_and_id(&text).map_err(|error| keys::named(path, error))?;
    let told = json!({ "kind": kind.name(), "id": id.to_string() });
    output.data(&told, || format!("{}\nid {id}", kind.name()))?;
    Ok(Exit::Pass)
}

/// What a key is, and the id of its public half.
fn kind_and_id(text: &str) -> Result<(Kind, KeyId), KeyError> {
    let kind = Kind::of(text)?;
    let id = match kind {
        Kind::SigningSecret => SigningKey::from_text(text)?.public().id(),
        Kind::SigningPublic => PublicKey::from_text(text)?.id(),
        Kind::StationSecret => StationSecret::from_text(text)?.public().id(),
        Kind::StationPublic => StationPublic::from_text(text)?.id(),
    };
    Ok((kind, id))
}
