//! Libraries that nobody who is trusted has signed, taken because the one who runs the program said so.
//!
//! An author tries a plugin twenty times an hour, on twins. What a manifest says is then asked of the library itself.

use super::{
    allow_list,
    error::PluginError,
    library,
    load::{PluginInfo, PluginState},
};

/// The plugin as it is, or with its own word for what it is. One that cannot be loaded stays what it was.
pub(super) fn take(plugin: PluginInfo) -> PluginInfo {
    let why = match &plugin.state {
        PluginState::Trusted => match changed(&plugin) {
            Some(why) => why,
            None => return plugin,
        },
        PluginState::Unsigned(why) | PluginState::NotTrusted(why) => why.clone(),
    };
    let path = plugin.library();
    match allow_list::manifest_of(&path) {
        Ok(manifest) => PluginInfo {
            path,
            manifest: Some(manifest),
            state: PluginState::Unsigned(why),
            ..plugin
        },
        Err(_) => plugin,
    }
}

/// Why a library on a good list may not be loaded: it was built again and not signed again.
fn changed(plugin: &PluginInfo) -> Option<PluginError> {
    let manifest = plugin.manifest.as_ref()?;
    let path = plugin.library();
    let found = library::sha256_hex(&library::read(&path).ok()?);
    let is_listed = found.eq_ignore_ascii_case(&manifest.sha256);
    (!is_listed).then(|| PluginError::Changed {
        path,
        expected: manifest.sha256.clone(),
        found,
    })
}
