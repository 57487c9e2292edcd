//! Loading a library from the very bytes that were checked.
//!
//! The bytes are copied into a file that lives in memory only, sealed against change, and loaded from there. The file stays
//! open and the library loaded for the life of the process: unloading would leave thread-local data and callbacks behind
//! that point to nothing, and a path of a closed descriptor could come to name another file.

use super::{catalogue, error::PluginError, limits::LIBRARY_LEN_MAX};
use imprint_plugin_host::{LibraryError, Plugin};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// The function that a plugin exports.
const ENTRY: &str = "imprint_plugin_entry_v1";

/// The loaded plugins by the SHA-256 of their bytes: the only state this library keeps beside its arguments.
static LOADED: Mutex<BTreeMap<[u8; 32], Arc<Plugin>>> = Mutex::new(BTreeMap::new());

/// Loads these bytes, once in a process. `path` is what errors call them.
pub(super) fn load(path: &Path, bytes: &[u8]) -> Result<Arc<Plugin>, PluginError> {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(plugin) = loaded.get(&hash) {
        return Ok(plugin.clone());
    }
    let plugin = Arc::new(open(path, bytes)?);
    loaded.insert(hash, plugin.clone());
    Ok(plugin)
}

/// Reads a library.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, PluginError> {
    let (folder, name) = catalogue::of_path(path)?;
    catalogue::read(&folder, &name, LIBRARY_LEN_MAX)
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// This machine as a target triple.
pub(super) fn this_machine() -> String {
    let environment = if cfg!(target_env = "musl") {
        "musl"
    } else {
        "gnu"
    };
    format!(
        "{}-unknown-{}-{environment}",
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

fn open(path: &Path, bytes: &[u8]) -> Result<Plugin, PluginError> {
    let error = |message: String| PluginError::Load {
        path: path.into(),
        message,
    };
    let sealed = seal(bytes).map_err(|e| error(e.to_string()))?;
    Plugin::load(&sealed).map_err(|e| match e {
        LibraryError::Load(message) => error(message),
        LibraryError::MissingEntry => PluginError::MissingEntry { path: path.into() },
        LibraryError::WrongAbi(message) => PluginError::WrongAbi {
            path: path.into(),
            message,
        },
    })
}

/// Refuses a library that does not export the ABI's function, without running anything of it.
#[cfg(target_os = "linux")]
pub(super) fn check_is_plugin(path: &Path, bytes: &[u8]) -> Result<(), PluginError> {
    use object::{Endianness, NameOrOrdinal, Object as _, read::elf::ElfFile64};
    // What is not a library of this machine is refused with its reason when it is loaded.
    let Ok(file) = ElfFile64::<Endianness>::parse(bytes) else {
        return Ok(());
    };
    let is_plugin = file.exports().is_ok_and(|mut exports| {
        exports.any(|it| it.is_ok_and(|it| it.name() == NameOrOrdinal::Name(ENTRY.as_bytes())))
    });
    match is_plugin {
        true => Ok(()),
        false => Err(PluginError::MissingEntry { path: path.into() }),
    }
}

/// On other systems it is seen when it is loaded.
#[cfg(not(target_os = "linux"))]
pub(super) fn check_is_plugin(_path: &Path, _bytes: &[u8]) -> Result<(), PluginError> {
    Ok(())
}

/// Refuses a library that is cut short: the system's loader would map what is not there, and the process would end at the
/// first touch.
#[cfg(target_os = "linux")]
fn check_whole(bytes: &[u8]) -> std::io::Result<()> {
    use object::{
        Endianness,
        elf::FileHeader64,
        read::elf::{FileHeader as _, ProgramHeader as _},
    };
    let damaged =
        |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_string());
    let not_a_library = |_| damaged("it is not a shared library of this machine");
    let header = FileHeader64::<Endianness>::parse(bytes).map_err(not_a_library)?;
    let endian = header.endian().map_err(not_a_library)?;
    for segment in header
        .program_headers(endian, bytes)
        .map_err(not_a_library)?
    {
        let end = segment
            .p_offset(endian)
            .checked_add(segment.p_filesz(endian));
        if end.is_none_or(|end| end > bytes.len() as u64) {
            return Err(damaged("it is cut short"));
        }
    }
    Ok(())
}

/// A sealed file in memory with these bytes; its path is valid for the life of the process.
#[cfg(target_os = "linux")]
fn seal(bytes: &[u8]) -> std::io::Result<std::path::PathBuf> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    use std::{
        fs::File,
        io::Write as _,
        os::fd::{AsRawFd as _, IntoRawFd as _},
    };
    check_whole(bytes)?;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(memfd_create("imprint-plugin", flags)?);
    file.write_all(bytes)?;
    fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd()).into();
    // Kept open: the number must not come to name another file.
    let _ = file.into_raw_fd();
    Ok(path)
}

/// Other systems need a private folder in its place, which is not built yet.
#[cfg(not(target_os = "linux"))]
fn seal(_bytes: &[u8]) -> std::io::Result<std::path::PathBuf> {
    Err(std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "plugins can be loaded only on Linux so far",
    ))
}
