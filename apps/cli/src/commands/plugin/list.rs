//! `imprint plugin list`: the plugins, whether they may be loaded, and where they are searched.

use crate::{
    exit::Exit,
    failure::Result,
    output::Output,
    places::{Places, SEARCH_ORDER},
    render::{table, visible},
};
use imprint::plugin::{PluginError, PluginInfo, PluginState};
use serde_json::{Value, json};

pub fn run(places: &Places, output: &Output) -> Result {
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
        PluginState::Unsigned(error) | PluginState::NotTrusted(error) => Some(error),
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_string()).collect()
}
