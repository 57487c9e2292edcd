//! A description becomes a device: every memory gets its sectors and its algorithm, and what no description says is taken
//! from a known device or assumed, and told.

use crate::{
    description::{Description, Flm, Region},
    error::PackError,
    flm,
    limits::{FILE_LEN_MAX, NAME_LEN_MAX},
    pack::Pack,
    target, text,
};
use imprint_device::{
    AlgorithmRef, Core, Device, Memory, MemoryKind, Nor, RomTable, Sectors, Swd, Timing, TwinData,
};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// What the user says beside the file.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The device, where the file has several; its name, where the file has none.
    pub device: Option<String>,
    /// Family of the device.
    pub family: Option<String>,
    /// A known device of the same family: behaviour, identification and timing are taken from it.
    pub like: Option<Device>,
    /// The core, where the file does not say it.
    pub core: Option<Core>,
    /// The RAM, where the file does not say it.
    pub ram: Option<Range<u64>>,
}

/// A device that was made.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The device.
    pub device: Device,
    /// Text of its file, `NAME.ron`.
    pub text: String,
    /// Its algorithms, each a file beside it.
    pub algorithms: Vec<ImportedAlgorithm>,
    /// What was assumed and should be looked at, in sentences.
    pub notes: Vec<String>,
}

/// The file of an algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedAlgorithm {
    /// Its name, in the folder of the device.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The family of a device that nobody knows more of.
const UNKNOWN_FAMILY: &str = "org.example.family";

/// What the three kinds of file begin with.
enum Kind<'b> {
    Pack(Box<Pack<'b>>),
    Flm(Box<Flm>),
    Target(Box<probe_rs_target::ChipFamily>),
}

/// The names of all devices of a file; none for a flash algorithm, which knows none.
///
/// # Errors
/// A file that is none of the three kinds.
pub fn names(file: &str, bytes: &[u8]) -> Result<Vec<String>, PackError> {
    Ok(match open(file, bytes)? {
        Kind::Pack(pack) => pack.names(),
        Kind::Flm(_) => Vec::new(),
        Kind::Target(family) => family.variants.iter().map(|it| it.name.clone()).collect(),
    })
}

/// Makes a device of a file. `file` is what errors call it.
///
/// # Errors
/// A file that is none of the three kinds or damaged, a device that it does not have or that is not programmed here.
pub fn import(file: &str, bytes: &[u8], choice: &Choice) -> Result<Imported, PackError> {
    let mut kind = open(file, bytes)?;
    let description = match &mut kind {
        Kind::Flm(flm) => of_flm(file, flm, choice)?,
        Kind::Pack(pack) => {
            let name = chosen(file, pack.names(), choice)?;
            pack.describe(&name)?
                .ok_or_else(|| none(file, &name, None))?
        }
        Kind::Target(family) => {
            let names = family.variants.iter().map(|it| it.name.clone()).collect();
            let name = chosen(file, names, choice)?;
            target::describe(file, family, &name)?.ok_or_else(|| none(file, &name, None))?
        }
    };
    Maker::default().make(file, description, choice)
}

/// Tells a file by its first bytes.
fn open<'b>(file: &str, bytes: &'b [u8]) -> Result<Kind<'b>, PackError> {
    if bytes.len() > FILE_LEN_MAX {
        return Err(PackError::TooLarge {
            file: file.into(),
            len_max: FILE_LEN_MAX as u64,
        });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Kind::Pack(Box::new(Pack::open(file, bytes)?)));
    }
    if bytes.starts_with(b"\x7FELF") {
        return Ok(Kind::Flm(Box::new(flm::read(file, bytes)?)));
    }
    let unknown = |message: &str| PackError::Unknown {
        file: file.into(),
        message: message.into(),
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| unknown("it begins neither as an archive nor as ELF, and is no text"))?;
    if !text.contains("variants:") {
        return Err(unknown("it is a text without `variants`"));
    }
    Ok(Kind::Target(Box::new(target::read(file, text)?)))
}

/// The device that is meant.
fn chosen(file: &str, names: Vec<String>, choice: &Choice) -> Result<String, PackError> {
    match (&choice.device, &names[..]) {
        (Some(device), _) if names.contains(device) => Ok(device.clone()),
        (Some(device), _) => {
            let similarity = |name: &&String| strsim::jaro_winkler(device, name);
            let near = names
                .iter()
                .max_by(|left, right| similarity(left).total_cmp(&similarity(right)));
            Err(none(file, device, near.cloned()))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(PackError::NotChosen {
            file: file.into(),
            count: names.len(),
            first: names.into_iter().next().unwrap_or_default(),
        }),
    }
}

fn none(file: &str, device: &str, nearest: Option<String>) -> PackError {
    PackError::NoDevice {
        file: file.into(),
        device: device.into(),
        nearest,
    }
}

/// An algorithm alone says nothing of the chip around its flash.
fn of_flm(file: &str, flm: &Flm, choice: &Choice) -> Result<Description, PackError> {
    let missing = |what, help| PackError::Missing {
        file: file.into(),
        what,
        help,
    };
    let like = choice.like.as_ref();
    let core = choice.core.or(like.map(|like| like.core));
    let ram = choice.ram.clone().or_else(|| {
        let ram = like?.main_ram()?;
        Some(ram.start..ram.end())
    });
    let region = |name: &str, range: Range<u64>, is_ram| Region {
        name: name.into(),
        range,
        is_ram,
    };
    let ram = ram.ok_or_else(|| {
        missing(
            "where the RAM is",
            "say it: `--ram 0x20000000:0x4000`, or `--like DEVICE`",
        )
    })?;
    Ok(Description {
        name: match &choice.device {
            Some(device) => device.clone(),
            None => return Err(missing("the part number", "say it: `--device NAME`")),
        },
        vendor: like.map_or("unknown".into(), |like| like.vendor.clone()),
        core: core
            .ok_or_else(|| missing("the core", "say it: `--core CortexM4`, or `--like DEVICE`"))?,
        regions: vec![
            region("ram", ram, true),
            region("flash", flm.range(), false),
        ],
        source: format!("flash algorithm `{}`, {}", flm.algorithm.name, flm.flash),
        algorithms: vec![flm.clone()],
    })
}

/// Puts a device together and collects what has to be told.
#[derive(Default)]
struct Maker {
    memories: Vec<Memory>,
    references: Vec<AlgorithmRef>,
    files: Vec<ImportedAlgorithm>,
    notes: Vec<String>,
}

impl Maker {
    fn make(
        mut self,
        file: &str,
        description: Description,
        choice: &Choice,
    ) -> Result<Imported, PackError> {
        let like = choice.like.as_ref();
        check_names(&description)?;
        for region in description.regions.iter().filter(|it| it.is_ram) {
            self.add_plain("ram", region, MemoryKind::Ram);
        }
        for flm in &distinct(description.algorithms.clone()) {
            self.add_flash(flm, &description, like);
        }
        self.add_rest(&description);
        if let Some(like) = like {
            self.add_of(like);
        }
        if !self.memories.iter().any(|it| it.kind == MemoryKind::Flash) {
            return Err(PackError::Missing {
                file: file.into(),
                what: "how its flash is programmed: no algorithm serves any of it",
                help: "find the FLM of the chip's maker and import that: `imprint device import X.FLM`",
            });
        }
        let device = self.device(&description, choice);
        let text = text::device(&device, &self.notes);
        let name = format!("{}.ron", device.name);
        let device = Device::parse(&name, &text).map_err(|error| PackError::Unsound {
            device: device.name.clone(),
            message: error.to_string(),
        })?;
        Ok(Imported {
            device,
            text,
            algorithms: self.files,
            notes: self.notes,
        })
    }

    fn add_plain(&mut self, name: &str, region: &Region, kind: MemoryKind) {
        let memory = Memory {
            name: self.free_name(name, &region.name),
            kind,
            start: region.range.start,
            len: region.range.end - region.range.start,
            aliases: Vec::new(),
            nor: None,
        };
        self.memories.push(memory);
    }

    /// The memory that an algorithm serves.
    fn add_flash(&mut self, flm: &Flm, description: &Description, like: Option<&Device>) {
        let name = &flm.algorithm.name;
        let served = flm.range();
        let region = description
            .regions
            .iter()
            .find(|region| !region.is_ram && overlap(&region.range, &served).is_some());
        let range = match region {
            Some(region) => overlap(&region.range, &served).unwrap_or(served.clone()),
            None => served.clone(),
        };
        if self
            .memories
            .iter()
            .any(|it| overlap(&(it.start..it.end()), &range).is_some())
        {
            self.notes.push(format!(
                "algorithm `{name}` is left out: another one serves {:#010x} already",
                range.start
            ));
            return;
        }
        let (kind, word) = match region {
            Some(_) => (MemoryKind::Flash, "flash"),
            None => {
                self.notes.push(format!(
                    "algorithm `{name}` serves {:#010x}, where no memory is described: taken for option bytes",
                    range.start
                ));
                (MemoryKind::Options, "options")
            }
        };
        if let Some(region) = region.filter(|region| region.range != range) {
            self.notes.push(format!(
                "algorithm `{name}` serves {:#010x} to {:#010x} of `{}`, the rest is left out",
                range.start, range.end, region.name
            ));
        }
        let own = region.map_or(name.clone(), |region| region.name.clone());
        let memory = Memory {
            name: self.free_name(word, &own),
            kind,
            start: range.start,
            len: range.end - range.start,
            aliases: Vec::new(),
            nor: Some(Nor {
                algorithm: Some(name.clone()),
                erased: flm.erased,
                sectors: sectors(flm, &range),
                unit_len: like.and_then(unit_len).unwrap_or(4),
                timing: timing(like),
            }),
        };
        self.memories.push(memory);
        let sha256 = Sha256::digest(&flm.algorithm.code);
        let file = format!("{name}.algorithm.ron");
        self.references.push(AlgorithmRef {
            name: name.clone(),
            chip: None,
            file: Some(file.clone()),
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        let text = flm
            .algorithm
            .to_file_text(&text::one_line(&description.source));
        self.files.push(ImportedAlgorithm { file, text });
    }

    /// Memories that nothing programs are read only.
    fn add_rest(&mut self, description: &Description) {
        for region in description.regions.iter().filter(|it| !it.is_ram) {
            let known = |it: &Memory| overlap(&(it.start..it.end()), &region.range).is_some();
            if !self.memories.iter().any(known) {
                self.notes.push(format!(
                    "no algorithm serves `{}` at {:#010x}: it is read only",
                    region.name, region.range.start
                ));
                self.add_plain("factory", region, MemoryKind::Factory);
            }
        }
    }

    /// The memories of a known device that the description does not mention: identification, option bytes.
    fn add_of(&mut self, like: &Device) {
        for memory in &like.memories {
            let known = |it: &Memory| {
                it.name == memory.name
                    || overlap(&(it.start..it.end()), &(memory.start..memory.end())).is_some()
            };
            if memory.kind == MemoryKind::Flash || self.memories.iter().any(known) {
                continue;
            }
            let wanted = memory.nor.as_ref().and_then(|nor| nor.algorithm.as_ref());
            let reference = like.algorithms.iter().find(|it| Some(&it.name) == wanted);
            if let Some(reference) = reference
                && !self.references.iter().any(|it| it.name == reference.name)
            {
                let chip = reference.chip.clone().unwrap_or(like.chip.clone());
                self.references.push(AlgorithmRef {
                    chip: Some(chip),
                    ..reference.clone()
                });
            }
            self.memories.push(memory.clone());
        }
    }

    fn device(&mut self, description: &Description, choice: &Choice) -> Device {
        let like = choice.like.as_ref();
        let family = choice
            .family
            .clone()
            .or(like.map(|like| like.family.clone()));
        if family.is_none() {
            self.notes.push(format!(
                "the family is `{UNKNOWN_FAMILY}`: name one that a plugin has, or make one with `imprint plugin new`"
            ));
        }
        if like.is_none() {
            self.notes.push(
                "unit length and times of the cells, identification and clock are assumed: put the datasheet's in".into(),
            );
        }
        let mut sources = vec![description.source.clone()];
        sources.extend(
            like.map(|like| format!("as {}, where the description says nothing", like.name)),
        );
        Device {
            name: description.name.clone(),
            vendor: description.vendor.clone(),
            family: family.unwrap_or(UNKNOWN_FAMILY.into()),
            chip: like.map_or(description.name.clone(), |like| like.chip.clone()),
            core: description.core,
            memories: std::mem::take(&mut self.memories),
            algorithms: std::mem::take(&mut self.references),
            swd: like.map_or(Swd { clock_khz: 1000 }, |like| like.swd.clone()),
            uid: like.and_then(|like| like.uid.clone()),
            revision: like.and_then(|like| like.revision),
            properties: like.map(|like| like.properties.clone()).unwrap_or_default(),
            guarded: like.map(|like| like.guarded.clone()).unwrap_or_default(),
            twin: like.map_or_else(|| twin(description), |like| like.twin.clone()),
            sources,
            file_sha256: None,
        }
    }

    /// The usual word for the first of its kind, the description's own name for a further one.
    fn free_name(&self, word: &str, own: &str) -> String {
        let own = own.to_lowercase();
        let candidates = [word.to_string(), own.clone()].into_iter();
        let mut candidates = candidates.chain((2..).map(|number| format!("{own}{number}")));
        candidates
            .find(|name| self.memories.iter().all(|memory| memory.name != *name))
            .unwrap_or(own)
    }
}

/// Two algorithms of one name, from two folders of a pack, become two files.
fn distinct(mut algorithms: Vec<Flm>) -> Vec<Flm> {
    for index in 0..algorithms.len() {
        let (before, rest) = algorithms.split_at_mut(index);
        let Some(flm) = rest.first_mut() else { break };
        let own = flm.algorithm.name.clone();
        let is_taken = |name: &str| before.iter().any(|it| it.algorithm.name == name);
        let mut number = 2;
        while is_taken(&flm.algorithm.name) {
            flm.algorithm.name = format!("{own}-{number}");
            number += 1;
        }
    }
    algorithms
}

/// Names become names of files.
fn check_names(description: &Description) -> Result<(), PackError> {
    let algorithms = description.algorithms.iter().map(|flm| &flm.algorithm.name);
    let is_plain = |name: &&String| {
        let mut letters = name.chars();
        name.chars().count() <= NAME_LEN_MAX
            && letters.next().is_some_and(char::is_alphanumeric)
            && letters.all(|it| it.is_alphanumeric() || "_-+.() ".contains(it))
    };
    let names = std::iter::once(&description.name).chain(algorithms);
    match names.into_iter().find(|name| !is_plain(name)) {
        None => Ok(()),
        Some(name) => Err(PackError::Unsound {
            device: description.name.clone(),
            message: format!("the name {name:?} cannot be the name of a file"),
        }),
    }
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> Option<Range<u64>> {
    let range = one.start.max(other.start)..one.end.min(other.end);
    (!range.is_empty()).then_some(range)
}

/// The sectors of an algorithm's flash that lie in a range.
fn sectors(flm: &Flm, range: &Range<u64>) -> Vec<Sectors> {
    let served = flm.range();
    let ends = flm.sectors.iter().skip(1).map(|(_, offset)| *offset);
    let ends = ends.chain([served.end - served.start]);
    let runs = flm.sectors.iter().zip(ends);
    let mut sectors: Vec<Sectors> = Vec::new();
    for (&(len, offset), end) in runs {
        let run = served.start.saturating_add(offset)..served.start.saturating_add(end);
        let Some(part) = overlap(&run, range) else {
            continue;
        };
        let (Ok(sector_len), Ok(count)) = (
            u32::try_from(len),
            u32::try_from((part.end - part.start) / len),
        ) else {
            continue;
        };
        match sectors.last_mut() {
            Some(last) if last.len == sector_len => last.count = last.count.saturating_add(count),
            _ => sectors.push(Sectors {
                len: sector_len,
                count,
                erase_us: None,
            }),
        }
    }
    sectors
}

fn unit_len(like: &Device) -> Option<u32> {
    Some(like.main_flash()?.nor.as_ref()?.unit_len)
}

fn timing(like: Option<&Device>) -> Timing {
    let known = like.and_then(|like| like.main_flash()?.nor.as_ref());
    match (known, like) {
        (Some(nor), Some(like)) => Timing {
            source: format!("as {}: {}", like.name, nor.timing.source),
            ..nor.timing.clone()
        },
        _ => Timing {
            program_unit_ns: 50_000,
            erase_sector_us: 20_000,
            erase_all_us: 20_000,
            source: "assumed: usual values of microcontrollers, in no document of this chip".into(),
        },
    }
}

/// The identification that a core of this kind usually has (Arm's technical reference manuals).
fn twin(description: &Description) -> TwinData {
    let (dpidr, ap_idr, cpuid, breakpoint_count, rom) = match description.core {
        Core::CortexM0 => (0x0BB1_1477, 0x0477_0021, 0x410C_C200, 4, 0x471),
        Core::CortexM0Plus => (0x0BC1_1477, 0x0477_0031, 0x410C_C601, 4, 0x4C0),
        Core::CortexM3 => (0x1BA0_1477, 0x1477_0011, 0x411F_C231, 6, 0x4C3),
        Core::CortexM4 => (0x2BA0_1477, 0x2477_0011, 0x410F_C241, 6, 0x4C4),
    };
    let flash = description.algorithms.iter().map(Flm::range);
    TwinData {
        dpidr,
        ap_idr,
        cpuid,
        core_clock_khz: 8000,
        flash_wait_states: 0,
        breakpoint_count,
        interrupt_count: 32,
        rom_table: RomTable {
            address: match description.core {
                Core::CortexM0 | Core::CortexM0Plus => 0xF000_0000,
                Core::CortexM3 | Core::CortexM4 => 0xE00F_F000,
            },
            // Arm.
            jep106_continuation: 4,
            jep106_identity: 0x3B,
            part: rom,
        },
        boot_address: flash.map(|range| range.start).min().unwrap_or(0),
        jtag: None,
    }
}
