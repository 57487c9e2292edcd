//! The engine called directly, as an embedder does: no command, no worker, many units in one process.

use crate::{OWNER, Workshop, repository};
use imprint::{
    Devices, Engine, Observer, RunOptions, Silent, Twin, TwinOptions,
    device::Device,
    image::{
        container::{Image, TrustAnchors, Unlock},
        keys::{KeyFile, PublicKey},
    },
    plugin::PluginStore,
    report::UnitReport,
};
use std::io::Cursor;

/// An engine with the plugins of a workshop, and the devices of the repository.
pub struct Direct {
    engine: Engine,
    trust: TrustAnchors,
    devices: Devices,
}

impl Direct {
    /// The engine of this workshop.
    pub fn new(workshop: &Workshop) -> Direct {
        let owner =
            PublicKey::load(&workshop.path(OWNER)).unwrap_or_else(|error| panic!("{error}"));
        let plugins = PluginStore::open(&[workshop.path("plugins")], &[owner.to_bytes()]);
        let devices = Devices::load(&[repository().join("devices")]);
        Direct {
            engine: Engine::new(plugins.unwrap_or_else(|error| panic!("{error}"))),
            trust: TrustAnchors::new([owner]),
            devices: devices.unwrap_or_else(|error| panic!("{error}")),
        }
    }

    /// The engine itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// A device of the repository.
    pub fn device(&self, name: &str) -> &Device {
        self.devices
            .get(name)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// A new virtual board of a device.
    pub fn twin(&self, device: &str) -> Twin {
        let twin = self
            .engine
            .twin(self.device(device), TwinOptions::default());
        twin.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs an image of the owner on a board, on this thread.
    pub fn run(&self, image: &[u8], twin: &Twin) -> UnitReport {
        self.run_with(image, twin, RunOptions::default(), &mut Silent)
    }

    /// Runs an image of the owner on a board, with options and somebody who is told.
    pub fn run_with(
        &self,
        image: &[u8],
        twin: &Twin,
        options: RunOptions,
        observer: &mut dyn Observer,
    ) -> UnitReport {
        let image = Image::open(Cursor::new(image.to_vec()), &self.trust)
            .and_then(|image| image.unlock(Unlock::default()))
            .unwrap_or_else(|error| panic!("{error}"));
        self.engine
            .run(image, twin.link(), options, observer)
            .report
    }
}
