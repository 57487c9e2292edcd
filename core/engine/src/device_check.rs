//! Everything that is wrong with a device file: by itself, and for those who will read it.
//!
//! A device file is read by the build, which wants its algorithms, by the family, which wants its properties, and by the
//! twin. Each of them would stop at the first thing; here all are asked, and each finding has its line.

use crate::{
    devices::algorithm_beside,
    engine::{Engine, TwinOptions},
    plugin::{
        Cancellation, FamilyStatus, HostCall, HostCore, HostDebugPort, HostError, HostResult,
        HostTarget, LogLevel, PluginError, PluginStore,
    },
    report::{Failure, Place},
    script::{Finding, Severity},
};
use imprint_device::{Core, Device, Mistake, Step, place_of};
use imprint_target::Chips;
use std::{path::Path, sync::Arc};

/// A fact for the twin that cannot be.
const TWIN_FACT: &str = "IMP-6010";
/// A figure without a source.
const NO_SOURCE: &str = "IMP-6011";

/// Most algorithms and memories that are looked at: no chip has so many, and each finding costs a walk through the text.
const ITEMS_MAX: usize = 64;

/// Checks the text of the device file at `path`. The family and its board are asked where its plugin may be loaded.
pub fn check_device(path: &Path, text: &str, plugins: PluginStore) -> Vec<Finding> {
    let file = path.display().to_string();
    let check = Check { file: &file, text };
    let device = match Device::inspect(&file, text) {
        Ok(device) => device,
        Err(mistakes) => return mistakes.into_iter().map(|it| check.mistake(it)).collect(),
    };
    let mut findings = check.algorithms(path, &device);
    findings.extend(check.family(&device, plugins));
    findings.extend(check.twin_facts(&device));
    findings.extend(check.sources(&device));
    findings.sort_by_key(|finding| {
        let place = finding.failure.place.as_ref();
        place.map_or((0, 0), |place| (place.line, place.column))
    });
    findings
}

struct Check<'a> {
    file: &'a str,
    text: &'a str,
}

impl Check<'_> {
    fn mistake(&self, mistake: Mistake) -> Finding {
        let mut failure = Failure::from(mistake.error);
        // The place says it better than a prefix of the message.
        if let Some((_, message)) = failure.message.split_once(": ") {
            failure.message = message.to_string();
        }
        failure.place = Some(self.place(mistake.line, mistake.column));
        Finding {
            severity: Severity::Error,
            failure,
        }
    }

    fn at(&self, severity: Severity, way: &[Step], mut failure: Failure) -> Finding {
        let (line, column) = place_of(self.text, way);
        failure.place = Some(self.place(line, column));
        Finding { severity, failure }
    }

    fn place(&self, line: usize, column: usize) -> Place {
        let text = self.text.lines().nth(line.saturating_sub(1));
        Place {
            script: self.file.into(),
            line,
            column,
            text: text.unwrap_or_default().into(),
            calls: Vec::new(),
        }
    }

    fn algorithms(&self, path: &Path, device: &Device) -> Vec<Finding> {
        if device.algorithms.is_empty() {
            return Vec::new();
        }
        let chips = Chips::builtin();
        let mut findings = Vec::new();
        for (index, reference) in device.algorithms.iter().take(ITEMS_MAX).enumerate() {
            let found = match algorithm_beside(path, reference) {
                Ok(None) => chips.algorithm(reference, device).map_err(Failure::from),
                Ok(Some(algorithm)) => Ok(algorithm),
                Err(failure) => Err(failure),
            };
            if let Err(failure) = found {
                let way = ["algorithms".into(), index.into(), "name".into()];
                findings.push(self.at(Severity::Error, &way, failure));
            }
        }
        findings
    }

    /// Does the family take the device, and its board? What they ask of the properties, only they know.
    fn family(&self, device: &Device, plugins: PluginStore) -> Vec<Finding> {
        let way = ["family".into()];
        let family = match plugins.family(&device.family) {
            Ok(family) => family,
            Err(error) => {
                // Where there is no plugin at all, the name may be right.
                let is_misspelt = matches!(
                    &error,
                    PluginError::UnknownFamily {
                        nearest: Some(_),
                        ..
                    }
                );
                let severity = match is_misspelt {
                    true => Severity::Error,
                    false => Severity::Warning,
                };
                return vec![self.at(severity, &way, error.into())];
            }
        };
        let mut findings = Vec::new();
        if let Err(error) = family.open(&mut Properties(device), &device.name) {
            let mut failure = Failure::new(error.code(), error.to_string());
            failure.help = error.help();
            let way = self.property_way(device, &failure.message);
            findings.push(self.at(Severity::Error, &way, failure));
        }
        if family.board().is_some() {
            let twin = Engine::new(plugins).twin(device, TwinOptions::default());
            let failure = twin.err();
            // A family and its board that ask for the same property say the same.
            findings.extend(failure.filter(|_| findings.is_empty()).map(|failure| {
                let way = self.property_way(device, &failure.message);
                self.at(Severity::Error, &way, failure)
            }));
        }
        findings
    }

    /// The property that a message names, or all of them.
    fn property_way(&self, device: &Device, message: &str) -> Vec<Step> {
        let named = device.properties.keys();
        let named = named.filter(|name| message.contains(&format!("`{name}`")));
        let properties = std::iter::once(Step::from("properties"));
        properties
            .chain(named.take(1).map(|name| Step::from(name.as_str())))
            .collect()
    }

    fn twin_facts(&self, device: &Device) -> Vec<Finding> {
        let twin = &device.twin;
        let part = twin.cpuid >> 4 & 0xFFF;
        let core = core_part(device.core);
        let at_boot = device.memory_at(twin.boot_address, 8).is_some();
        let is_aligned = twin.rom_table.address.is_multiple_of(0x1000);
        let facts = [
            (
                part != core,
                "cpuid",
                format!(
                    "its part number is {part:#05x}, a {:?} has {core:#05x}",
                    device.core
                ),
            ),
            (
                twin.dpidr & 1 == 0,
                "dpidr",
                format!(
                    "bit 0 of {:#010x} is 0, and reads as 1 on every debug port",
                    twin.dpidr
                ),
            ),
            (
                !at_boot,
                "boot_address",
                format!(
                    "there is no memory for the vectors at {:#010x}",
                    twin.boot_address
                ),
            ),
            (
                !is_aligned,
                "rom_table",
                format!(
                    "the table at {:#010x} is not on 4 KiB",
                    twin.rom_table.address
                ),
            ),
            (
                twin.rom_table.part > 0xFFF,
                "rom_table",
                format!(
                    "the part number {:#x} has more than 12 bits",
                    twin.rom_table.part
                ),
            ),
        ];
        let wrong = facts.into_iter().filter(|(is_wrong, ..)| *is_wrong);
        wrong
            .map(|(_, field, message)| {
                let failure = Failure::new(TWIN_FACT, message)
                    .with_help("read it from a chip: `imprint run --transcript FILE` shows each register that was read");
                self.at(Severity::Error, &["twin".into(), field.into()], failure)
            })
            .collect()
    }

    /// A figure that nobody can look up again is a guess.
    fn sources(&self, device: &Device) -> Vec<Finding> {
        let warning = |way: &[Step], message: &str| {
            let failure = Failure::new(NO_SOURCE, message)
                .with_help("name the document, its revision, and the table");
            self.at(Severity::Warning, way, failure)
        };
        let mut findings = Vec::new();
        if device.sources.iter().all(|source| source.trim().is_empty()) {
            let message = "nothing says where the figures come from";
            findings.push(warning(&["sources".into()], message));
        }
        for (index, memory) in device.memories.iter().take(ITEMS_MAX).enumerate() {
            let timing = memory.nor.as_ref().map(|nor| &nor.timing);
            if timing.is_some_and(|timing| timing.source.trim().is_empty()) {
                let way = [
                    "memories".into(),
                    index.into(),
                    "nor".into(),
                    "timing".into(),
                ];
                let message = format!("memory `{}` has times without a source", memory.name);
                findings.push(warning(&way, &message));
            }
        }
        findings
    }
}

/// CPUID.PARTNO of a core (its Technical Reference Manual, System control).
fn core_part(core: Core) -> u32 {
    match core {
        Core::CortexM0 => 0xC20,
        Core::CortexM0Plus => 0xC60,
        Core::CortexM3 => 0xC23,
        Core::CortexM4 => 0xC24,
    }
}

/// What a family has in `open`: the properties, and no target.
struct Properties<'a>(&'a Device);

fn no_target<T>() -> HostResult<T> {
    Err(HostError {
        status: FamilyStatus::Unsupported,
        address: None,
        message: "`open` has no target".into(),
    })
}

impl HostTarget for Properties<'_> {
    fn read(&mut self, _: u64, _: &mut [u8]) -> HostResult<()> {
        no_target()
    }
    fn write(&mut self, _: u64, _: &[u8]) -> HostResult<()> {
        no_target()
    }
    fn call(&mut self, _: &HostCall) -> HostResult<u64> {
        no_target()
    }
    fn delay_us(&mut self, _: u64) -> HostResult<()> {
        no_target()
    }
    fn progress(&mut self, _: u64, _: u64) {}
    fn log(&mut self, _: LogLevel, _: &str) {}
    fn cancellation(&self) -> Cancellation {
        Arc::new(|| false)
    }
    fn property(&self, name: &str) -> Option<&str> {
        self.0.properties.get(name).map(String::as_str)
    }
    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        None
    }
    fn core(&mut self) -> Option<&mut dyn HostCore> {
        None
    }
}
