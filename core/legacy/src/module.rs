//! Modules: the reference programs one at a time, chosen by an algorithm file; we program memories.

use crate::files::is_same_path;
use imprint_device::{Device, Memory, MemoryKind};

/// What a module is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    /// The flash that scripts mean when they name no memory.
    Main,
    /// Another memory of the device.
    Memory {
        /// Its name.
        name: String,
        /// The right that erasing it needs.
        right: &'static str,
    },
    /// Nothing says which memory it is.
    Unknown,
}

/// Tells modules apart.
pub(crate) struct Modules<'a> {
    device: Option<&'a Device>,
    /// Algorithm and base address of the module that was taken for the main flash.
    main: Option<(String, Option<u64>)>,
}

impl<'a> Modules<'a> {
    pub(crate) fn new(device: Option<&'a Device>) -> Self {
        Modules { device, main: None }
    }

    /// The module that an algorithm file stands for. A base address tells, where the device is known; the first module
    /// of a script without one is the main flash, which every script programs first.
    pub(crate) fn find(&mut self, algorithm: &str, base: Option<u64>) -> Module {
        if let (Some(device), Some(base)) = (self.device, base) {
            return at(device, base);
        }
        match &self.main {
            None => {
                self.main = Some((algorithm.to_owned(), base));
                Module::Main
            }
            Some((main, start)) if is_same_path(main, algorithm) && *start == base => Module::Main,
            Some(_) => Module::Unknown,
        }
    }
}

fn at(device: &Device, base: u64) -> Module {
    let main = device.main_flash();
    match device.memory_at(base, 1) {
        Some(memory) if Some(memory) == main => Module::Main,
        Some(memory) => erasable(memory),
        None => Module::Unknown,
    }
}

fn erasable(memory: &Memory) -> Module {
    let right = match memory.kind {
        MemoryKind::Flash => "mass_erase",
        MemoryKind::Options => "option_bytes",
        MemoryKind::Ram | MemoryKind::OneTime | MemoryKind::Factory => return Module::Unknown,
    };
    Module::Memory {
        name: memory.name.clone(),
        right,
    }
}
