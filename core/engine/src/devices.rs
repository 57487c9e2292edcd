//! The device descriptions that are installed: folders of `*.ron`.

use crate::report::Failure;
use imprint_device::Device;
use imprint_image::nearest;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// No device of that name.
const UNKNOWN_DEVICE: &str = "IMP-6003";
/// A folder or file of descriptions cannot be read.
const UNREADABLE: &str = "IMP-6004";

/// Device descriptions by part number.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    devices: BTreeMap<String, (Device, PathBuf)>,
}

impl Devices {
    /// Reads every `*.ron` of the folders. A later folder replaces a device of an earlier one, so a user's own
    /// description wins over the installed one.
    pub fn load(folders: &[PathBuf]) -> Result<Devices, Failure> {
        let mut devices = BTreeMap::new();
        for folder in folders {
            for path in files(folder)? {
                let text =
                    std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                let device = Device::parse(&path.display().to_string(), &text)?;
                devices.insert(device.name.clone(), (device, path));
            }
        }
        Ok(Devices { devices })
    }

    /// Part numbers in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.devices.keys().map(String::as_str)
    }

    /// All devices with the files they were read from.
    pub fn iter(&self) -> impl Iterator<Item = (&Device, &Path)> {
        self.devices
            .values()
            .map(|(device, path)| (device, path.as_path()))
    }

    /// The device of that name.
    pub fn get(&self, name: &str) -> Result<&Device, Failure> {
        if let Some((device, _)) = self.devices.get(name) {
            return Ok(device);
        }
        let help = match nearest(name, self.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`imprint device list` shows the known ones; `--devices DIR` adds more".into(),
        };
        Err(Failure::new(UNKNOWN_DEVICE, format!("there is no device `{name}`")).with_help(help))
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "ron") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        UNREADABLE,
        format!("`{}` cannot be read: {error}", path.display()),
    )
    .with_help("name a folder of device descriptions with `--devices DIR`")
}
