//! Where devices, plugins and trust are found. The libraries read no environment; this file does, for the whole command.

use crate::{
    failure::{Failures, Result, no_home, unreadable},
    files, keys,
    options::{PlaceOptions, Unsigned},
};
use etcetera::{BaseStrategy, choose_base_strategy};
use imprint::{
    Devices,
    image::{
        keys::{KeyFile, PublicKey},
        limits::KEY_FILE_LEN_MAX,
    },
    plugin::PluginStore,
};
use std::{
    env::consts::DLL_EXTENSION,
    path::{Path, PathBuf},
};

/// The order, for `--help` and `plugin list`.
pub const SEARCH_ORDER: &str = "\
Devices and plugins are searched in these folders:
  1. installed  ../share/imprint/devices and ../share/imprint/plugins, seen from the executable
  2. built      devices/ of the source checkout around the executable; plugins beside it
  3. yours      devices/ and plugins/ in the --home folder
  4. named      each --devices DIR and --plugins DIR
A device of a later folder replaces one of the same name. Two different plugins that may both be
loaded for one family are an error.

The --home folder also holds trust/: the public keys whose lists of plugins are believed
(`imprint plugin trust`).";

/// Names the `--home` folder where the option does not.
const HOME_VARIABLE: &str = "IMPRINT_HOME";

/// The folders of this run.
pub struct Places {
    home: Option<PathBuf>,
    /// Folders of device descriptions, least to most preferred.
    pub devices: Vec<PathBuf>,
    /// Folders of plugins, least to most preferred.
    pub plugins: Vec<PathBuf>,
    /// Those of devices that this command line names, and the next one will have to name again.
    named_devices: Vec<PathBuf>,
}

impl Places {
    /// Finds them. Those that the user names must exist; the others may.
    pub fn find(options: &PlaceOptions) -> Result<Places> {
        let configuration = || Some(choose_base_strategy().ok()?.config_dir().join("imprint"));
        let variable = || std::env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty());
        let home = options
            .home
            .clone()
            .or_else(|| variable().map(PathBuf::from))
            .or_else(configuration);
        let mut devices = Vec::new();
        let mut plugins = Vec::new();
        let executable = std::env::current_exe().and_then(|path| path.canonicalize());
        if let Some(folder) = executable.ok().as_deref().and_then(Path::parent) {
            devices.push(folder.join("../share/imprint/devices"));
            plugins.push(folder.join("../share/imprint/plugins"));
            devices.extend(checkout(folder).map(|root| root.join("devices")));
            plugins.extend(is_build_folder(folder).then(|| folder.to_path_buf()));
        }
        if let Some(home) = &home {
            devices.push(home.join("devices"));
            plugins.push(home.join("plugins"));
        }
        for folder in options.devices.iter().chain(&options.plugins) {
            std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
        }
        devices.extend(options.devices.iter().cloned());
        plugins.extend(options.plugins.iter().cloned());
        Ok(Places {
            home,
            devices: existing(devices),
            plugins: existing(plugins),
            named_devices: options.devices.clone(),
        })
    }

    /// The known devices.
    pub fn devices(&self) -> Result<Devices> {
        Ok(Devices::load(&self.devices)?)
    }

    /// The option that finds a device file again; empty where it is found without one.
    pub fn option_of_device(&self, file: &Path) -> String {
        let named = self.named_devices.iter().rev();
        let folder = named
            .into_iter()
            .find(|folder| file.parent() == Some(folder.as_path()));
        folder.map_or_else(String::new, |folder| {
            format!(" --devices {}", folder.display())
        })
    }

    /// The plugins that the user's trusted keys list.
    pub fn plugin_store(&self) -> Result<PluginStore> {
        self.plugins_of(&self.plugin_trust()?)
    }

    /// The plugins for a twin: the trusted ones, and with the option those that nobody has signed.
    pub fn twin_plugins(&self, unsigned: Unsigned) -> Result<PluginStore> {
        if !unsigned.allow_unsigned_plugins {
            return self.plugin_store();
        }
        let keys: Vec<_> = self
            .plugin_trust()?
            .iter()
            .map(PublicKey::to_bytes)
            .collect();
        Ok(PluginStore::open_with_unsigned_for_twins(
            &self.plugins,
            &keys,
        )?)
    }

    /// The plugins that these keys list.
    pub fn plugins_of(&self, keys: &[PublicKey]) -> Result<PluginStore> {
        let keys: Vec<_> = keys.iter().map(PublicKey::to_bytes).collect();
        Ok(PluginStore::open(&self.plugins, &keys)?)
    }

    /// The keys that may list plugins. A file that is no such key is an error: who put it there meant something by it.
    pub fn plugin_trust(&self) -> Result<Vec<PublicKey>> {
        let keys = self.trust_files()?.into_iter();
        keys.map(|(_, key)| key).collect()
    }

    /// The files that should be keys, and what each is.
    pub fn trust_files(&self) -> Result<Vec<(PathBuf, Result<PublicKey>)>> {
        let Some(folder) = self.home.as_ref().map(|home| home.join("trust")) else {
            return Ok(Vec::new());
        };
        let keys = files::list(&folder, "pub")?.into_iter().map(|path| {
            let key = trusted_key(&path);
            (path, key)
        });
        Ok(keys.collect())
    }

    /// Every file that is found rather than named: devices, plugins and their lists, trusted keys. What a command writes
    /// may not replace one.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for folder in &self.devices {
            found.extend(files::list(folder, "ron")?);
        }
        for folder in &self.plugins {
            for extension in [DLL_EXTENSION, "ron", "sig"] {
                found.extend(files::list(folder, extension)?);
            }
        }
        if let Some(home) = &self.home {
            found.extend(files::list(&home.join("trust"), "pub")?);
        }
        Ok(found)
    }

    /// A file in the `--home` folder, which is made if need be; none where there is no such folder.
    pub fn home_file(&self, name: &str) -> Option<PathBuf> {
        let home = self.home.as_ref()?;
        files::create_folder(home).ok()?;
        Some(home.join(name))
    }

    /// The folder of trusted plugin keys, made if need be.
    pub fn trust_folder(&self) -> Result<PathBuf> {
        let home = self
            .home
            .as_ref()
            .ok_or_else(|| no_home("there is no home directory"))?;
        let folder = home.join("trust");
        files::create_folder(&folder)?;
        Ok(folder)
    }
}

/// A pipe here would stop every command, so the file is read as others are.
fn trusted_key(path: &Path) -> Result<PublicKey> {
    let text = files::read_text(path, KEY_FILE_LEN_MAX as u64)?;
    PublicKey::from_text(&text).map_err(|error| Failures::from(keys::named(path, error)))
}

/// The source checkout that `folder` lies in: it has devices, and the file that says it is this workspace.
fn checkout(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|root| {
        root.join("Cargo.toml").is_file()
            && root.join("devices").is_dir()
            && root.join("core/device").is_dir()
    })
}

/// Cargo's `target/<profile>`, where the families of a source checkout are built.
fn is_build_folder(folder: &Path) -> bool {
    folder.join(".fingerprint").is_dir()
}

/// Those that exist, each once, at the place where it counts most.
fn existing(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders
        .iter()
        .rev()
        .filter_map(|folder| folder.canonicalize().ok())
    {
        if !found.contains(&folder) {
            found.push(folder);
        }
    }
    found.reverse();
    found
}
