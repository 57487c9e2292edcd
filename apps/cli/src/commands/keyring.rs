//! `imprint keyring`: what a station can open, and whom it trusts. Without the key an image is refused; put back, it runs.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument},
    files,
    options::Keyring as Verb,
    output::Output,
    render::table,
};
use imprint::image::{
    keys::{KeyId, KeyRing, RingEntry, RingId},
    limits::ROOT_FILE_LEN_MAX,
};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(verb: &Verb, output: &Output) -> Result {
    match verb {
        Verb::Add { dir, file } => add(dir, file, output),
        Verb::Remove { dir, id } => remove(dir, id, output),
        Verb::List { dir } => list(dir, output),
    }
}

fn add(dir: &Path, file: &Path, output: &Output) -> Result {
    let bytes = files::read(file, ROOT_FILE_LEN_MAX)?;
    files::create_folder(dir)?;
    let name = file.display().to_string();
    let id = KeyRing::add_to(dir, &name, &bytes).map_err(Failures::from)?;
    let told = json!({ "keyring": dir.display().to_string(), "id": id.to_string() });
    output.done(&told, || {
        format!("added {name} to {}\n  id {id}", dir.display())
    })?;
    Ok(Exit::Pass)
}

fn remove(dir: &Path, id: &str, output: &Output) -> Result {
    let Some(id) = KeyId::from_hex(id).map(RingId) else {
        return Err(argument(
            format!("`{id}` is no id"),
            "give all 64 digits that `imprint keyring list` shows",
        )
        .into());
    };
    KeyRing::remove_from(dir, id).map_err(Failures::from)?;
    let told = json!({ "keyring": dir.display().to_string(), "removed": id.to_string() });
    output.done(&told, || {
        format!(
            "took {id} out of {}: images that need it are refused now",
            dir.display()
        )
    })?;
    Ok(Exit::Pass)
}

fn list(dir: &Path, output: &Output) -> Result {
    let ring = KeyRing::open(dir).map_err(Failures::from)?;
    let entries: Vec<Value> = ring.entries().map(facts).collect();
    let told = json!({ "keyring": dir.display().to_string(), "entries": entries });
    output.data(&told, || {
        let mut rows = vec![vec!["what".to_string(), "id".into(), "says".into()]];
        rows.extend(entries.iter().map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_string();
            vec![text("what"), text("id"), text("says")]
        }));
        table(&rows)
    })?;
    Ok(Exit::Pass)
}

fn facts(entry: &RingEntry) -> Value {
    let (what, says) = match entry {
        RingEntry::Signer(_) => ("signer", "trusted by itself".to_string()),
        RingEntry::Station(_) => ("station key", "opens what was granted to it".into()),
        RingEntry::LockedStation(_) => ("station key", "under a passphrase".into()),
        RingEntry::Root(root) => (
            "root document",
            format!("number {} of {}", root.number(), root.owner()),
        ),
    };
    json!({ "what": what, "id": entry.id().to_string(), "says": says })
}
