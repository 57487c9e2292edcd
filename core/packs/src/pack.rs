//! A CMSIS-Pack: an archive with a description of parts and the flash algorithms they name.

use crate::{
    description::{Description, Region, core_of},
    error::PackError,
    flm,
    limits::{ALGORITHMS_LEN_MAX, FLM_LEN_MAX, TEXT_LEN_MAX},
    pdsc::{self, Package, Part},
};
use std::io::{Cursor, Read};
use zip::{ZipArchive, result::ZipError};

/// An opened pack.
pub(crate) struct Pack<'b> {
    file: String,
    archive: ZipArchive<Cursor<&'b [u8]>>,
    package: Package,
}

impl<'b> Pack<'b> {
    /// Opens a pack and reads its description.
    pub fn open(file: &str, bytes: &'b [u8]) -> Result<Pack<'b>, PackError> {
        let error = |message: String| PackError::Pack {
            file: file.into(),
            message,
        };
        let mut archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|it| error(it.to_string()))?;
        let mut names = Vec::new();
        for name in archive.file_names() {
            let name = name.map_err(|it| error(it.to_string()))?;
            if name.ends_with(".pdsc") && !name.contains('/') {
                names.push(name.into_owned());
            }
        }
        let [name] = &names[..] else {
            return Err(error(format!(
                "it has {} descriptions (*.pdsc) at its top, expected one",
                names.len()
            )));
        };
        let name = name.clone();
        let text = read(file, &mut archive, &name, TEXT_LEN_MAX)?;
        let text = String::from_utf8(text).map_err(|_| error(format!("`{name}` is not UTF-8")))?;
        let package =
            pdsc::parse(&text).map_err(|message| error(format!("`{name}`: {message}")))?;
        if package.parts.is_empty() {
            return Err(error(format!("`{name}` has no devices")));
        }
        Ok(Pack {
            file: file.into(),
            archive,
            package,
        })
    }

    /// All part numbers.
    pub fn names(&self) -> Vec<String> {
        let names = self.package.parts.iter();
        names.map(|part| part.name.clone()).collect()
    }

    /// The description of one of them, which exists.
    pub fn describe(&mut self, name: &str) -> Result<Option<Description>, PackError> {
        let part = self.package.parts.iter().find(|part| part.name == name);
        let Some(part) = part.cloned() else {
            return Ok(None);
        };
        let core = core_of(&part.core).ok_or_else(|| PackError::Core {
            device: name.into(),
            found: part.core.clone(),
        })?;
        let (mut algorithms, mut len) = (Vec::new(), 0);
        for wanted in chosen(&part) {
            let bytes = read(&self.file, &mut self.archive, wanted, FLM_LEN_MAX)?;
            let flm = flm::read(wanted, &bytes)?;
            len += flm.algorithm.code.len();
            if len > ALGORITHMS_LEN_MAX {
                return Err(PackError::TooLarge {
                    file: format!("{}: the algorithms of {name}", self.file),
                    len_max: ALGORITHMS_LEN_MAX as u64,
                });
            }
            algorithms.push(flm);
        }
        Ok(Some(Description {
            name: part.name.clone(),
            vendor: part.vendor.clone(),
            core,
            regions: regions(&part),
            algorithms,
            source: format!("CMSIS-Pack {}", self.package.title),
        }))
    }
}

/// The algorithms that a part is programmed with when nobody says otherwise; all, where none is marked.
fn chosen(part: &Part) -> Vec<&str> {
    let has_default = part.algorithms.iter().any(|it| it.is_default);
    let chosen = part
        .algorithms
        .iter()
        .filter(|it| it.is_default || !has_default);
    chosen.map(|it| it.path.as_str()).collect()
}

/// The memories; the RAM that the algorithms are meant for comes first.
fn regions(part: &Part) -> Vec<Region> {
    let preferred = part.algorithms.iter().find_map(|it| it.ram_start);
    let mut memories = part.memories.clone();
    memories.sort_by_key(|memory| {
        let is_preferred = preferred.is_some_and(|start| memory.range.contains(&start));
        (!is_preferred, memory.range.start)
    });
    let region = |memory: pdsc::PartMemory| Region {
        name: memory.name,
        range: memory.range,
        is_ram: memory.is_ram,
    };
    memories.into_iter().map(region).collect()
}

/// Reads a file of the archive; whatever length it claims, no more than `len_max` is read.
fn read(
    pack: &str,
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    len_max: u64,
) -> Result<Vec<u8>, PackError> {
    let error = |message: String| PackError::Pack {
        file: pack.into(),
        message,
    };
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Err(error(format!("it has no file `{name}`"))),
        Err(other) => return Err(error(format!("`{name}`: {other}"))),
    };
    let mut bytes = Vec::new();
    entry
        .take(len_max + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| error(format!("`{name}`: {source}")))?;
    if bytes.len() as u64 > len_max {
        return Err(PackError::TooLarge {
            file: format!("{pack}: {name}"),
            len_max,
        });
    }
    Ok(bytes)
}
