//! A disk that loses its power at a chosen operation, for tests.

use super::disk::Disk;
use std::{collections::BTreeMap, io};

/// How the operation that the power fails at is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Before,
    Half,
    After,
}

/// What is left of all that was never synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// All: the process died, not the machine.
    All,
    /// Half of what each file has grown by; the names as they were last.
    HalfOfContents,
    /// Nothing.
    Nothing,
    /// The names, but nothing of what was in the files.
    NamesOnly,
}

#[derive(Clone, Debug, Default)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct SimulatedDisk {
    contents: Vec<Content>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Operations until the power fails, and how.
    fuse: Option<(usize, Cut)>,
    operation_count: usize,
    is_dead: bool,
}

impl SimulatedDisk {
    /// A disk whose power fails at an operation, counted from 0.
    pub(super) fn failing_at(operation: usize, cut: Cut) -> SimulatedDisk {
        SimulatedDisk {
            fuse: Some((operation, cut)),
            ..SimulatedDisk::default()
        }
    }

    /// Operations so far.
    pub(super) fn operation_count(&self) -> usize {
        self.operation_count
    }

    /// The disk as the next process finds it.
    pub(super) fn after_crash(&self, left: Left) -> SimulatedDisk {
        let mut disk = self.clone();
        disk.fuse = None;
        disk.is_dead = false;
        disk.operation_count = 0;
        if left == Left::Nothing {
            disk.names = disk.durable_names.clone();
        }
        for content in &mut disk.contents {
            let grown = content.current.starts_with(&content.durable);
            match left {
                Left::All => {}
                Left::HalfOfContents if grown => {
                    let more = content.current.len() - content.durable.len();
                    content.current.truncate(content.durable.len() + more / 2);
                }
                _ => content.current = content.durable.clone(),
            }
            // Whatever survived is on the disk now.
            content.durable = content.current.clone();
        }
        disk.durable_names = disk.names.clone();
        disk
    }

    fn step(&mut self, act: impl FnOnce(&mut Self, bool)) -> io::Result<()> {
        if self.is_dead {
            return Err(io::Error::other("no power"));
        }
        self.operation_count += 1;
        let cut = match &mut self.fuse {
            Some((0, cut)) => Some(*cut),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        match cut {
            None | Some(Cut::After) => act(self, false),
            Some(Cut::Half) => act(self, true),
            Some(Cut::Before) => {}
        }
        if cut.is_some() {
            self.is_dead = true;
            return Err(io::Error::other("power failed"));
        }
        Ok(())
    }

    fn id(&mut self, name: &str) -> usize {
        let next = self.contents.len();
        let id = *self.names.entry(name.into()).or_insert(next);
        if id == next {
            self.contents.push(Content::default());
        }
        id
    }
}

impl Disk for SimulatedDisk {
    fn read(&mut self, name: &str, offset: u64) -> io::Result<Option<Vec<u8>>> {
        if self.is_dead {
            return Err(io::Error::other("no power"));
        }
        let content = self.names.get(name).map(|id| &self.contents[*id].current);
        Ok(content.map(|bytes| bytes.get(offset as usize..).unwrap_or_default().to_vec()))
    }

    fn write(&mut self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.step(|disk, half| {
            let id = disk.id(name);
            let bytes = match half {
                true => &bytes[..bytes.len() / 2],
                false => bytes,
            };
            let current = &mut disk.contents[id].current;
            let end = offset as usize + bytes.len();
            current.resize(current.len().max(end), 0);
            current[offset as usize..end].copy_from_slice(bytes);
        })
    }

    fn cut(&mut self, name: &str, len: u64) -> io::Result<()> {
        self.step(|disk, half| {
            let id = disk.id(name);
            if !half {
                disk.contents[id].current.truncate(len as usize);
            }
        })
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.step(|disk, half| {
            let id = disk.id(name);
            if !half {
                disk.contents[id].durable = disk.contents[id].current.clone();
            }
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.step(|disk, half| {
            if let (Some(id), false) = (disk.names.get(from).copied(), half) {
                disk.names.remove(from);
                disk.names.insert(to.into(), id);
            }
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.step(|disk, half| {
            if !half {
                disk.names.remove(name);
            }
        })
    }

    fn sync_names(&mut self) -> io::Result<()> {
        self.step(|disk, half| {
            if !half {
                disk.durable_names = disk.names.clone();
            }
        })
    }
}
