//! `imprint plugin`: which plugins there are, and who says which may be loaded.

use crate::{
    exit::Exit,
    failure::{Result, exists},
    files,
    keys::{Passphrase, load},
    options::Plugin as Verb,
    output::Output,
    outputs,
    places::{Places, SEARCH_ORDER},
    render::{from_hex, table, visible},
};
use imprint::{
    image::keys::{KeyFile, PublicKey, SigningKey},
    plugin::{PluginError, PluginInfo, PluginState, sign_manifest},
};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(verb: &Verb, places: &Places, passphrase: &Passphrase, output: &Output) -> Result {
    match verb {
        Verb::List => list(places, output),
        Verb::Sign { file, key } => sign(file, key, passphrase, output),
        Verb::Trust { file } => trust(file, places, output),
    }
}

fn list(places: &Places, output: &Output) -> Result {
    // Whoever wants to know why nothing runs looks here, so a key file that cannot be used is shown and stops nothing.
    let (mut trusted, mut unusable) = (Vec::new(), Vec::new());
    for (path, key) in places.trust_files()? {
        match key {
            Ok(key) => trusted.push(key),
            Err(failures) => unusable.extend(failures.iter().map(|it| (path.clone(), it.clone()))),
        }
    }
    let store = places.plugins_of(&trusted)?;
    let folders: Vec<String> = places
        .plugins
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    let keys: Vec<String> = trusted.iter().map(|key| key.id().to_string()).collect();
    let told = json!({
        "plugins": store.list().iter().map(facts).collect::<Vec<_>>(),
        "folders": folders,
        "trusted_keys": keys,
        "unusable_keys": unusable
            .iter()
            .map(|(path, failure)| json!({ "file": path.display().to_string(), "failure": failure }))
            .collect::<Vec<_>>(),
    });
    output.data(&told, || {
        let mut rows = vec![row([
            "plugin",
            "version",
            "families",
            "may be loaded",
            "file",
        ])];
        rows.extend(store.list().iter().map(plugin_row));
        let mut text = table(&rows);
        text += "\nsearched\n";
        folders
            .iter()
            .for_each(|folder| text += &format!("  {}\n", visible(folder)));
        text += "\ntrusted to list plugins\n";
        match keys.as_slice() {
            [] => text += "  nobody; `imprint plugin trust FILE.pub` adds a key\n",
            keys => keys.iter().for_each(|key| text += &format!("  {key}\n")),
        }
        text + "\n" + SEARCH_ORDER
    })?;
    for (_, failure) in &unusable {
        output.failure(failure);
    }
    Ok(Exit::Pass)
}

fn facts(plugin: &PluginInfo) -> Value {
    let manifest = plugin.manifest.as_ref();
    json!({
        "id": manifest.map(|manifest| &manifest.id),
        "version": manifest.map(|manifest| &manifest.version),
        "families": manifest.map(|manifest| &manifest.families),
        "file": plugin.path.display().to_string(),
        "trusted": matches!(plugin.state, PluginState::Trusted),
        "why_not": why_not(plugin).map(ToString::to_string),
    })
}

fn plugin_row(plugin: &PluginInfo) -> Vec<String> {
    let manifest = plugin.manifest.as_ref();
    let families = manifest.map_or_else(String::new, |manifest| manifest.families.join(", "));
    let state = why_not(plugin).map_or("yes".to_string(), |error| format!("no, {}", error.code()));
    row([
        manifest.map_or("?", |manifest| &manifest.id),
        manifest.map_or("", |manifest| &manifest.version),
        &families,
        &state,
        &plugin.path.display().to_string(),
    ])
}

fn why_not(plugin: &PluginInfo) -> Option<&PluginError> {
    match &plugin.state {
        PluginState::Trusted => None,
        PluginState::NotTrusted(error) => Some(error),
    }
}

fn sign(file: &Path, key_path: &Path, passphrase: &Passphrase, output: &Output) -> Result {
    let key: SigningKey = passphrase.load(key_path)?;
    let signed = sign_manifest(file, &secret_of(&key))?;
    outputs::check(
        [file, key_path],
        &[&signed.manifest_path, &signed.signature_path],
    )?;
    signed.write()?;
    let manifest = &signed.manifest;
    let path = signed.manifest_path.display();
    let told = json!({
        "id": manifest.id,
        "version": manifest.version,
        "families": manifest.families,
        "sha256": manifest.sha256,
        "signer": key.public().id().to_string(),
        "manifest": path.to_string(),
    });
    output.done(&told, || {
        format!(
            "listed {} {} in {path}\n  families {}\n  sha256 {}",
            visible(&manifest.id),
            visible(&manifest.version),
            visible(&manifest.families.join(", ")),
            manifest.sha256
        )
    })?;
    Ok(Exit::Pass)
}

/// The 32 bytes of a signing key, as its file has them.
fn secret_of(key: &SigningKey) -> [u8; 32] {
    let text = key.to_text();
    let digits = text.trim_end().rsplit(':').next().unwrap_or_default();
    // A key's text always has its 64 digits.
    from_hex(digits)
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or_default()
}

fn trust(file: &Path, places: &Places, output: &Output) -> Result {
    let key: PublicKey = load(file)?;
    let folder = places.trust_folder()?;
    let path = folder.join(format!("{}.pub", key.id()));
    let text = key.to_text();
    if path.is_file() && files::read_text(&path, text.len() as u64).ok().as_ref() != Some(&*text) {
        return Err(exists(&path).into());
    }
    files::write(&path, text.as_bytes())?;
    let told = json!({ "id": key.id().to_string(), "file": path.display().to_string() });
    output.done(&told, || {
        format!(
            "plugins listed by {} may be loaded\n  {}",
            key.id(),
            path.display()
        )
    })?;
    Ok(Exit::Pass)
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_string()).collect()
}
