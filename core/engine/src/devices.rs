//! The device descriptions that are installed: folders of `*.ron`.

use crate::report::Failure;
use imprint_device::{ALGORITHM_FILE_LEN_MAX, Algorithm, AlgorithmRef, Device, FrozenDevice};
use imprint_image::nearest;
use imprint_target::Chips;
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

/// No device of that name.
const UNKNOWN_DEVICE: &str = "IMP-6003";
/// End of the name of an algorithm's file, which is no device.
const ALGORITHM_SUFFIX: &str = ".algorithm.ron";
/// A folder or file of descriptions cannot be read.
const UNREADABLE: &str = "IMP-6004";

/// Device descriptions by part number.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    devices: BTreeMap<String, Described>,
}

/// A device as its folder has it.
#[derive(Clone, Debug)]
struct Described {
    device: Device,
    path: PathBuf,
    /// Those of its algorithms that lie in files beside it.
    algorithms: Vec<Algorithm>,
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
                let described = Described {
                    algorithms: algorithms_beside(&path, &device)?,
                    device,
                    path,
                };
                devices.insert(described.device.name.clone(), described);
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
            .map(|described| (&described.device, described.path.as_path()))
    }

    /// The device of that name.
    pub fn get(&self, name: &str) -> Result<&Device, Failure> {
        Ok(&self.described(name)?.device)
    }

    /// The device of that name with the code of its algorithms: what an object is built with. Takes 20 to 60 ms.
    pub fn freeze(&self, name: &str) -> Result<FrozenDevice, Failure> {
        let Described {
            device, algorithms, ..
        } = self.described(name)?;
        Ok(Chips::builtin().freeze(device, algorithms)?)
    }

    fn described(&self, name: &str) -> Result<&Described, Failure> {
        if let Some(described) = self.devices.get(name) {
            return Ok(described);
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
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".ron") && !name.ends_with(ALGORITHM_SUFFIX) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The algorithms of a device that lie in files beside its own.
fn algorithms_beside(path: &Path, device: &Device) -> Result<Vec<Algorithm>, Failure> {
    let found = device.algorithms.iter();
    found
        .filter_map(|it| algorithm_beside(path, it).transpose())
        .collect()
}

/// An algorithm that lies in a file beside the device's own; none if it is in probe-rs's descriptions.
pub(crate) fn algorithm_beside(
    path: &Path,
    reference: &AlgorithmRef,
) -> Result<Option<Algorithm>, Failure> {
    let Some(file) = &reference.file else {
        return Ok(None);
    };
    let path = path.with_file_name(file);
    let name = path.display().to_string();
    let mut text = String::new();
    // One byte more than allowed tells a file that is too long.
    File::open(&path)
        .and_then(|it| {
            it.take(ALGORITHM_FILE_LEN_MAX as u64 + 1)
                .read_to_string(&mut text)
        })
        .map_err(|error| unreadable(&path, &error))?;
    Ok(Some(Algorithm::parse_file(&name, &text, reference)?))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        UNREADABLE,
        format!("`{}` cannot be read: {error}", path.display()),
    )
    .with_help("name a folder of device descriptions with `--devices DIR`")
}
