//! The plugins of some catalogues: listed without running anything, loaded when a family is asked for.

use super::{
    allow_list::{self, MANIFEST_SUFFIX, PluginManifest, manifest_path},
    catalogue::{self, Catalogue, Folder},
    error::PluginError,
    library,
    limits::LIBRARY_LEN_MAX,
    unsigned,
};
use ed25519_dalek::VerifyingKey;
use imprint_image::nearest;
use imprint_plugin_host::{Family, Plugin};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// May this plugin be loaded?
#[derive(Debug)]
pub enum PluginState {
    /// A trusted key signed its manifest. Whether its library is still the one that was listed is seen when it is loaded.
    Trusted,
    /// Nobody who is trusted vouches for it, and the store takes it all the same, for twins: why it is not trusted.
    Unsigned(PluginError),
    /// It is not loaded.
    NotTrusted(PluginError),
}

/// A plugin in a catalogue.
#[derive(Debug)]
pub struct PluginInfo {
    /// The manifest, or the library when there is none.
    pub path: PathBuf,
    /// What the manifest says; without trust, nobody vouches for it.
    pub manifest: Option<PluginManifest>,
    /// May it be loaded?
    pub state: PluginState,
    /// Which of the store's catalogues it is in.
    pub(super) catalogue: usize,
}

impl PluginInfo {
    pub(super) fn library(&self) -> PathBuf {
        match &self.manifest {
            Some(manifest) => self.path.with_file_name(&manifest.file),
            None => self.path.clone(),
        }
    }

    fn has_family(&self, id: &str) -> bool {
        self.manifest
            .as_ref()
            .is_some_and(|manifest| manifest.families.iter().any(|f| f == id))
    }
}

/// The plugins of some catalogues.
#[derive(Debug)]
pub struct PluginStore {
    catalogues: Vec<Box<dyn Catalogue>>,
    plugins: Vec<PluginInfo>,
    takes_unsigned: bool,
}

impl PluginStore {
    /// Lists the plugins in `folders`, which must exist, without running any. `trusted` are Ed25519 public keys.
    ///
    /// # Errors
    /// A folder that cannot be read, a key that is none. A plugin that may not be loaded is listed with the reason.
    pub fn open(folders: &[PathBuf], trusted: &[[u8; 32]]) -> Result<Self, PluginError> {
        let folder = |path: &PathBuf| Box::new(Folder(path.clone())) as Box<dyn Catalogue>;
        Self::of(folders.iter().map(folder).collect(), trusted)
    }

    /// The same of catalogues that are no folders.
    ///
    /// # Errors
    /// As `open`.
    pub fn of(
        catalogues: Vec<Box<dyn Catalogue>>,
        trusted: &[[u8; 32]],
    ) -> Result<Self, PluginError> {
        let keys = trusted
            .iter()
            .map(|key| {
                VerifyingKey::from_bytes(key).map_err(|_| PluginError::Key {
                    key: library::hex(key),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut plugins = Vec::new();
        for (index, catalogue) in catalogues.iter().enumerate() {
            list(index, catalogue.as_ref(), &keys, &mut plugins)?;
        }
        Ok(Self {
            catalogues,
            plugins,
            takes_unsigned: false,
        })
    }

    /// As `open`, and takes libraries too that nobody who is trusted has signed: for who writes a plugin, and for twins
    /// alone. An engine with such a store runs no unit on a real target. Loading a library runs it, so all libraries of
    /// the folders that are plugins are run by this.
    pub fn open_with_unsigned_for_twins(
        folders: &[PathBuf],
        trusted: &[[u8; 32]],
    ) -> Result<Self, PluginError> {
        let store = Self::open(folders, trusted)?;
        Ok(Self {
            plugins: store.plugins.into_iter().map(unsigned::take).collect(),
            takes_unsigned: true,
            ..store
        })
    }

    /// Whether it takes what nobody has signed: then it is for twins alone.
    pub fn takes_unsigned(&self) -> bool {
        self.takes_unsigned
    }

    /// The library that has the family `id`, if nobody who is trusted has signed it: what a person is warned of.
    pub fn unsigned_library(&self, id: &str) -> Option<PathBuf> {
        let plugin = self.find(id).ok()?;
        matches!(plugin.state, PluginState::Unsigned(_)).then(|| plugin.library())
    }

    /// All that was found, trusted or not.
    pub fn list(&self) -> &[PluginInfo] {
        &self.plugins
    }

    /// The family `id`. Loads its plugin when it is not loaded yet.
    pub fn family(&self, id: &str) -> Result<Family, PluginError> {
        let plugin = self.find(id)?;
        let Some(manifest) = &plugin.manifest else {
            return Err(self.unknown(id));
        };
        let loaded = load(self.catalogues[plugin.catalogue].as_ref(), manifest)?;
        let family = loaded.families.iter().find(|family| family.id() == id);
        family.cloned().ok_or_else(|| self.unknown(id))
    }

    /// The plugin that has the family and may be loaded; else the reason why the one that says it has it may not. Of two
    /// with the same bytes the trusted one.
    fn find(&self, id: &str) -> Result<&PluginInfo, PluginError> {
        let mut found: Option<&PluginInfo> = None;
        for plugin in self.plugins.iter().filter(|plugin| plugin.has_family(id)) {
            match (found, &plugin.state) {
                (_, PluginState::NotTrusted(_)) => {}
                (None, _) => found = Some(plugin),
                (Some(first), state) => {
                    if hash(first) != hash(plugin) {
                        return Err(PluginError::Ambiguous {
                            family: id.into(),
                            first: first.path.clone(),
                            second: plugin.path.clone(),
                        });
                    }
                    if matches!(state, PluginState::Trusted) {
                        found = Some(plugin);
                    }
                }
            }
        }
        found.map_or_else(|| Err(self.why_not(id)), Ok)
    }

    fn why_not(&self, id: &str) -> PluginError {
        self.plugins
            .iter()
            .filter(|plugin| plugin.has_family(id))
            .find_map(|plugin| match &plugin.state {
                PluginState::NotTrusted(error) => Some(error.clone()),
                PluginState::Trusted | PluginState::Unsigned(_) => None,
            })
            .unwrap_or_else(|| self.unknown(id))
    }

    fn unknown(&self, id: &str) -> PluginError {
        let known = self
            .plugins
            .iter()
            .filter_map(|plugin| plugin.manifest.as_ref());
        let families = known.flat_map(|manifest| manifest.families.iter().map(String::as_str));
        PluginError::UnknownFamily {
            family: id.into(),
            nearest: nearest(id, families).map(str::to_string),
            folders: self.catalogues.iter().map(|it| it.name()).collect(),
            unusable: self.unusable(),
        }
    }

    /// Libraries that lie there without a manifest that can be read: whose families nobody knows.
    fn unusable(&self) -> Vec<String> {
        let reason = |plugin: &PluginInfo| match (&plugin.manifest, &plugin.state) {
            (None, PluginState::NotTrusted(error)) => Some(error.to_string()),
            _ => None,
        };
        self.plugins.iter().filter_map(reason).collect()
    }
}

fn hash(plugin: &PluginInfo) -> Option<&str> {
    plugin
        .manifest
        .as_ref()
        .map(|manifest| manifest.sha256.as_str())
}

fn list(
    index: usize,
    catalogue: &dyn Catalogue,
    keys: &[VerifyingKey],
    plugins: &mut Vec<PluginInfo>,
) -> Result<(), PluginError> {
    let files = catalogue::files(catalogue)?;
    let folder = catalogue.name();
    for file in &files {
        let path = folder.join(file);
        let (manifest, state) = if file.ends_with(MANIFEST_SUFFIX) {
            match allow_list::read(catalogue, file, keys) {
                Ok((manifest, Ok(()))) => (Some(manifest), PluginState::Trusted),
                Ok((manifest, Err(error))) => (Some(manifest), PluginState::NotTrusted(error)),
                Err(error) => (None, PluginState::NotTrusted(error)),
            }
        } else if is_library(&path) && !has_manifest(&files, &path) {
            (None, PluginState::NotTrusted(not_listed(&path)))
        } else {
            continue;
        };
        plugins.push(PluginInfo {
            path,
            manifest,
            state,
            catalogue: index,
        });
    }
    Ok(())
}

fn is_library(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION)
}

fn has_manifest(files: &[String], library: &Path) -> bool {
    let manifest = manifest_path(library);
    files.iter().any(|file| {
        manifest
            .file_name()
            .is_some_and(|name| name == file.as_str())
    })
}

fn not_listed(library: &Path) -> PluginError {
    PluginError::NotListed {
        path: library.into(),
        message: format!("`{}` is missing", manifest_path(library).display()),
    }
}

/// Loads a library whose manifest is trusted, from the bytes that have the manifest's hash.
fn load(catalogue: &dyn Catalogue, manifest: &PluginManifest) -> Result<Arc<Plugin>, PluginError> {
    let path = &catalogue.name().join(&manifest.file);
    let machine = library::this_machine();
    if manifest.target != machine {
        return Err(PluginError::WrongMachine {
            id: manifest.id.clone(),
            expected: machine,
            found: manifest.target.clone(),
        });
    }
    let bytes = catalogue::read(catalogue, &manifest.file, LIBRARY_LEN_MAX)?;
    let found = library::sha256_hex(&bytes);
    if !found.eq_ignore_ascii_case(&manifest.sha256) {
        return Err(PluginError::Changed {
            path: path.into(),
            expected: manifest.sha256.clone(),
            found,
        });
    }
    let loaded = library::load(path, &bytes)?;
    let families = loaded.families.iter().map(Family::id).collect::<Vec<_>>();
    for (what, expected, found) in [
        ("id", manifest.id.clone(), loaded.id.clone()),
        ("version", manifest.version.clone(), loaded.version.clone()),
        (
            "list of families",
            manifest.families.join(", "),
            families.join(", "),
        ),
    ] {
        if expected != found {
            return Err(PluginError::IdMismatch {
                path: path.into(),
                what,
                expected,
                found,
            });
        }
    }
    Ok(loaded)
}
