//! The engine of a station: devices, trusted plugins, and the books.

use imprint::{
    Devices,
    account::StateFolder,
    image::{
        PublicKey,
        keys::{KeyRing, RingEntry},
    },
    plugin::PluginStore,
    report::Failure,
};
use serde::Serialize;
use std::{path::PathBuf, sync::Arc, time::SystemTime};

/// What an engine is made of.
#[derive(Clone, Debug, Default)]
pub struct EngineOptions {
    /// Folders of plugins and their lists.
    pub plugins: Vec<PathBuf>,
    /// Who may list plugins: public keys, root documents, or folders of them.
    pub trust: Vec<PathBuf>,
    /// Folders of device descriptions.
    pub devices: Vec<PathBuf>,
    /// The folder of the station's books, made when it is not there; without one, nothing is counted.
    pub state: Option<PathBuf>,
    /// What the station is called.
    pub station_name: Option<String>,
}

/// A device that is described.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceInfo {
    /// Part number.
    pub name: String,
    /// The plugin it needs.
    pub family: String,
    /// The file of its description.
    pub file: PathBuf,
}

/// An engine. Several threads may use one at once.
pub struct Engine {
    pub(crate) engine: imprint::Engine,
    pub(crate) devices: Devices,
    pub(crate) books: Option<Arc<StateFolder>>,
    pub(crate) station_name: Option<String>,
}

impl Engine {
    /// An engine. Plugins are listed; none is loaded before an image needs it.
    ///
    /// # Errors
    /// Folders or keys that cannot be read, books that cannot be kept.
    pub fn new(options: EngineOptions) -> Result<Engine, Failure> {
        let ring = KeyRing::load(&options.trust)?;
        let authors: Vec<[u8; 32]> = authors(&ring).iter().map(PublicKey::to_bytes).collect();
        let books = options
            .state
            .as_deref()
            .map(StateFolder::open)
            .transpose()?;
        Ok(Engine {
            engine: imprint::Engine::new(PluginStore::open(&options.plugins, &authors)?),
            devices: Devices::load(&options.devices)?,
            books: books.map(Arc::new),
            station_name: options.station_name,
        })
    }

    /// The devices that are described in its folders.
    pub fn devices(&self) -> Vec<DeviceInfo> {
        let infos = self.devices.iter().map(|(device, file)| DeviceInfo {
            name: device.name.clone(),
            family: device.family.clone(),
            file: file.into(),
        });
        infos.collect()
    }
}

/// The keys that may list plugins: those that are given by themselves, and those that root documents name for it.
fn authors(ring: &KeyRing) -> Vec<PublicKey> {
    let mut authors: Vec<PublicKey> = ring.trust().plugin_signers().copied().collect();
    authors.extend(ring.entries().filter_map(|entry| match entry {
        RingEntry::Signer(key) => Some(*key),
        _ => None,
    }));
    authors
}

/// Seconds since 1970-01-01 UTC. A clock before that is one that was never set.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
