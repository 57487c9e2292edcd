//! A flash algorithm file: an ELF with the code of the algorithm and a table that describes the flash.
//!
//! Layout (CMSIS-Pack specification, "Flash programming"; `FlashOS.h`): sections `PrgCode` and `PrgData` are the code, the
//! symbol `FlashDevice` is the table, and the functions are symbols of their names.

use crate::{
    description::Flm,
    error::PackError,
    limits::{CODE_LEN_MAX, FLM_LEN_MAX, SECTOR_RUNS_MAX},
};
use imprint_device::Algorithm;
use object::{Architecture, Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind};

/// The table `FlashDevice`: where each field begins, in bytes.
mod table {
    pub const NAME: usize = 2;
    pub const NAME_LEN: usize = 128;
    pub const ADDRESS: usize = 132;
    pub const LEN: usize = 136;
    pub const PAGE_LEN: usize = 140;
    pub const ERASED: usize = 148;
    pub const PROGRAM_TIMEOUT_MS: usize = 152;
    pub const ERASE_TIMEOUT_MS: usize = 156;
    /// Pairs of length and offset; 0xFFFF_FFFF ends them.
    pub const SECTORS: usize = 160;
    pub const END: u32 = 0xFFFF_FFFF;
}

/// Reads a flash algorithm file. `file` is what errors and the algorithm are called by.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Flm, PackError> {
    let error = |message: String| PackError::Flm {
        file: file.into(),
        message,
    };
    if bytes.len() as u64 > FLM_LEN_MAX {
        return Err(PackError::TooLarge {
            file: file.into(),
            len_max: FLM_LEN_MAX,
        });
    }
    let elf = object::File::parse(bytes).map_err(|source| error(source.to_string()))?;
    if elf.architecture() != Architecture::Arm || !elf.is_little_endian() {
        return Err(error(format!(
            "it is for {:?}, expected little-endian Arm",
            elf.architecture()
        )));
    }
    let code = Code::of(&elf).map_err(error)?;
    let flash = table_of(&elf).map_err(error)?;
    let entry = |name: &str| code.entry(&elf, name);
    let needed = |name: &str| {
        entry(name).ok_or_else(|| error(format!("it has no function `{name}` in its code")))
    };
    let algorithm = Algorithm {
        name: stem(file),
        load_address: None,
        init: entry("Init"),
        uninit: entry("UnInit"),
        program_page: needed("ProgramPage")?,
        erase_sector: needed("EraseSector")?,
        erase_all: entry("EraseChip"),
        verify: entry("Verify"),
        blank_check: entry("BlankCheck"),
        data_section: code.data_offset,
        range_start: flash.address,
        range_end: flash.address + flash.len,
        page_len: flash.page_len,
        program_timeout_ms: flash.program_timeout_ms,
        erase_timeout_ms: flash.erase_timeout_ms,
        stack_len: None,
        code: code.bytes,
    };
    Ok(Flm {
        algorithm,
        flash: flash.name,
        erased: flash.erased,
        sectors: flash.sectors,
    })
}

/// The name of a file without its folders and its ending.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).into()
}

/// What is loaded: code and data as they lie to each other.
struct Code {
    address: u64,
    bytes: Vec<u8>,
    /// Where the data begins; the end of the code if there is none.
    data_offset: u64,
}

impl Code {
    fn of(elf: &object::File<'_>) -> Result<Code, String> {
        let section = elf.section_by_name("PrgCode");
        let section = section.ok_or("it has no section `PrgCode`")?;
        let address = section.address();
        let mut bytes = Vec::new();
        let mut data_offset = None;
        // The data follows the code; what is zero at the start has no bytes in the file.
        let data = elf
            .sections()
            .filter(|it| it.name() == Ok("PrgData") && it.size() > 0);
        for part in std::iter::once(section).chain(data) {
            let offset = part.address().checked_sub(address);
            let end = offset.and_then(|offset| offset.checked_add(part.size()));
            let (Some(offset), Some(end)) = (offset, end) else {
                return Err("its data lies before its code".into());
            };
            if end > CODE_LEN_MAX {
                return Err(format!(
                    "its code has {end:#x} bytes, expected at most {CODE_LEN_MAX:#x}"
                ));
            }
            bytes.resize(bytes.len().max(end as usize), 0);
            if part.kind() != SectionKind::UninitializedData {
                let content = part.data().map_err(|error| error.to_string())?;
                let place = bytes.get_mut(offset as usize..offset as usize + content.len());
                place
                    .ok_or("a section is longer than it says")?
                    .copy_from_slice(content);
            }
            if part.name() == Ok("PrgData") {
                let first: u64 = data_offset.unwrap_or(offset);
                data_offset = Some(first.min(offset));
            }
        }
        if bytes.is_empty() {
            return Err("its code is empty".into());
        }
        Ok(Code {
            address,
            data_offset: data_offset.unwrap_or(bytes.len() as u64),
            bytes,
        })
    }

    /// Where a function begins, as offset from the code, with the bit that says Thumb.
    fn entry(&self, elf: &object::File<'_>, name: &str) -> Option<u64> {
        let symbol = elf
            .symbols()
            .find(|symbol| symbol.name() == Ok(name) && !symbol.is_undefined())?;
        let offset = symbol.address().checked_sub(self.address)?;
        (offset < self.bytes.len() as u64).then_some(offset)
    }
}

/// The table, read.
struct Flash {
    name: String,
    address: u64,
    len: u64,
    page_len: u32,
    erased: u8,
    program_timeout_ms: u32,
    erase_timeout_ms: u32,
    sectors: Vec<(u64, u64)>,
}

fn table_of(elf: &object::File<'_>) -> Result<Flash, String> {
    let bytes = table_bytes(elf).ok_or("it has no table `FlashDevice`")?;
    let word = |offset: usize| -> Result<u32, String> {
        let bytes = bytes.get(offset..offset + 4);
        let bytes = bytes.ok_or("its table `FlashDevice` is cut off")?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let name = bytes.get(table::NAME..table::NAME + table::NAME_LEN);
    let name = name.ok_or("its table `FlashDevice` is cut off")?;
    let name: Vec<u8> = name.iter().copied().take_while(|byte| *byte != 0).collect();
    let flash = Flash {
        name: String::from_utf8_lossy(&name).trim().to_string(),
        address: word(table::ADDRESS)?.into(),
        len: word(table::LEN)?.into(),
        page_len: word(table::PAGE_LEN)?,
        erased: word(table::ERASED)? as u8,
        program_timeout_ms: word(table::PROGRAM_TIMEOUT_MS)?,
        erase_timeout_ms: word(table::ERASE_TIMEOUT_MS)?,
        sectors: sectors(&word)?,
    };
    if flash.len == 0
        || flash.page_len == 0
        || flash.address + flash.len > 1 << 32
        || u64::from(flash.page_len) > CODE_LEN_MAX
    {
        return Err(
            "its table `FlashDevice` has a flash or a page of no bytes, or larger than any".into(),
        );
    }
    Ok(flash)
}

fn sectors(word: &dyn Fn(usize) -> Result<u32, String>) -> Result<Vec<(u64, u64)>, String> {
    let mut sectors = Vec::new();
    for index in 0..SECTOR_RUNS_MAX {
        let at = table::SECTORS + index * 8;
        let (len, offset) = (word(at)?, word(at + 4)?);
        if len == table::END {
            break;
        }
        if len == 0 {
            return Err("its table `FlashDevice` has sectors of no bytes".into());
        }
        let is_behind = sectors
            .last()
            .is_none_or(|(_, last)| u64::from(offset) > *last);
        if !is_behind {
            return Err("its table `FlashDevice` has sectors that do not ascend".into());
        }
        sectors.push((u64::from(len), u64::from(offset)));
    }
    if sectors.is_empty() {
        return Err("its table `FlashDevice` has no sectors".into());
    }
    Ok(sectors)
}

/// The bytes from the symbol to the end of its section.
fn table_bytes<'d>(elf: &object::File<'d>) -> Option<&'d [u8]> {
    let symbol = elf
        .symbols()
        .find(|symbol| symbol.name() == Ok("FlashDevice") && !symbol.is_undefined())?;
    let section = elf.section_by_index(symbol.section_index()?).ok()?;
    let offset = symbol.address().checked_sub(section.address())?;
    section.data().ok()?.get(usize::try_from(offset).ok()?..)
}
