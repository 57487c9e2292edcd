//! `imprint key`: key pairs of signers and stations.

use crate::{
    exit::Exit,
    failure::{Result, exists},
    files,
    keys::{self, Passphrase},
    options::Key as Verb,
    output::Output,
};
use imprint::image::{
    keys::{
        KeyError, KeyFile, KeyId, Kind, LockCost, LockedKey, PublicKey, SecretKey, SigningKey,
        StationPublic, StationSecret, system_random,
    },
    limits::KEY_FILE_LEN_MAX,
};
use serde_json::json;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub fn run(verb: &Verb, passphrase: &Passphrase, output: &Output) -> Result {
    match verb {
        Verb::New {
            name,
            station,
            passphrase: is_locked,
        } => new(name, *station, is_locked.then_some(passphrase), output),
        Verb::Show { file } => show(file, output),
        Verb::Lock { file, output: to } => lock(file, to, passphrase, output),
        Verb::Unlock { file, output: to } => unlock(file, to, passphrase, output),
    }
}

fn new(name: &Path, is_station: bool, passphrase: Option<&Passphrase>, output: &Output) -> Result {
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
            save(
                &secret,
                &secret_path,
                &secret.public(),
                &public_path,
                passphrase,
            )?;
            secret.public().id()
        }
        false => {
            let secret = SigningKey::generate(&mut random);
            save(
                &secret,
                &secret_path,
                &secret.public(),
                &public_path,
                passphrase,
            )?;
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
    secret: &impl SecretKey,
    secret_path: &Path,
    public: &impl KeyFile,
    public_path: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<()> {
    match passphrase {
        Some(passphrase) => save_locked(secret, secret_path, passphrase)?,
        None => secret.save(secret_path)?,
    }
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

fn save_locked(secret: &impl SecretKey, path: &Path, passphrase: &Passphrase) -> Result<()> {
    let chosen = passphrase.choose(path)?;
    let locked = LockedKey::lock(secret, &chosen, LockCost::default(), &mut system_random())
        .map_err(|error| keys::named(path, error))?;
    Ok(locked.save(path)?)
}

fn lock(file: &Path, to: &Path, passphrase: &Passphrase, output: &Output) -> Result {
    let text = Zeroizing::new(files::read_text(file, KEY_FILE_LEN_MAX as u64)?);
    let kind = Kind::of(&text).map_err(|error| keys::named(file, error))?;
    let wrong = |error| keys::named(file, error);
    match kind {
        Kind::StationSecret | Kind::StationPublic => {
            let secret = StationSecret::from_text(&text).map_err(wrong)?;
            save_locked(&secret, to, passphrase)?;
        }
        Kind::SigningSecret | Kind::SigningPublic => {
            let secret = SigningKey::from_text(&text).map_err(wrong)?;
            save_locked(&secret, to, passphrase)?;
        }
    }
    let (from, to) = (file.display(), to.display());
    let told = json!({ "kind": kind.name(), "locked": to.to_string() });
    output.done(&told, || {
        format!("put {from} under a passphrase: {to}\n  {from} still opens without one: destroy it")
    })?;
    Ok(Exit::Pass)
}

fn unlock(file: &Path, to: &Path, passphrase: &Passphrase, output: &Output) -> Result {
    let locked = LockedKey::load(file).map_err(|error| keys::named(file, error))?;
    match locked.kind() {
        Kind::StationSecret | Kind::StationPublic => {
            passphrase
                .unlock::<StationSecret>(&locked, file)?
                .save(to)?;
        }
        Kind::SigningSecret | Kind::SigningPublic => {
            passphrase.unlock::<SigningKey>(&locked, file)?.save(to)?;
        }
    }
    let to = to.display();
    let told = json!({ "kind": locked.kind().name(), "unlocked": to.to_string() });
    output.done(&told, || {
        format!("{to} opens without a passphrase: keep it secret")
    })?;
    Ok(Exit::Pass)
}

fn show(path: &Path, output: &Output) -> Result {
    let text = files::read_text(path, KEY_FILE_LEN_MAX as u64)?;
    if let Err(KeyError::Locked { kind }) = Kind::of(&text) {
        let told = json!({ "kind": kind.name(), "locked": true });
        output.data(&told, || format!("{}, under a passphrase", kind.name()))?;
        return Ok(Exit::Pass);
    }
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
