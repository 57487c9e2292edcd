//! `imprint plugin trust`: a key is let say which plugins may be loaded.

use crate::{
    exit::Exit,
    failure::{Result, exists},
    files,
    keys::load,
    output::Output,
    places::Places,
};
use imprint::image::keys::{KeyFile, PublicKey};
use serde_json::json;
use std::path::Path;

pub fn run(file: &Path, places: &Places, output: &Output) -> Result {
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
