//! What a shared library exports, read from its file.

use crate::verdict::{Step, failed};
use object::{
    Endianness,
    elf::{FileHeader64, SHT_DYNSYM},
    read::elf::{FileHeader as _, Sym as _},
};
use std::path::Path;

/// Longest library that is read, in bytes.
const LIBRARY_LEN_MAX: u64 = 64 << 20;

/// Names of the symbols that a library defines for others.
pub fn exports(path: &Path) -> Step<Vec<String>> {
    let at = "the dynamic symbols of the library";
    let read = || -> Result<Vec<String>, String> {
        let len = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
        if len > LIBRARY_LEN_MAX {
            return Err(format!("{len} bytes"));
        }
        let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
        let data = bytes.as_slice();
        let header = FileHeader64::<Endianness>::parse(data).map_err(|e| e.to_string())?;
        let endian = header.endian().map_err(|e| e.to_string())?;
        let sections = header.sections(endian, data).map_err(|e| e.to_string())?;
        let symbols = sections
            .symbols(endian, data, SHT_DYNSYM)
            .map_err(|e| e.to_string())?;
        let mut names = Vec::new();
        for symbol in symbols.iter() {
            if symbol.is_undefined(endian) || symbol.is_local() {
                continue;
            }
            let name = symbol
                .name(endian, symbols.strings())
                .map_err(|e| e.to_string())?;
            names.push(String::from_utf8_lossy(name).into_owned());
        }
        Ok(names)
    };
    match read() {
        Ok(names) => Ok(names),
        Err(found) => failed(at, "a shared library of a 64-bit ELF system", found),
    }
}
