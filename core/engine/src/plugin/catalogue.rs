//! Where plugins come from: a folder, or what an embedder has in its place.
//!
//! A catalogue has files with names and no more: libraries, their manifests and signatures, named as in a folder. Whether
//! one may be loaded is never its business: the store checks signature and hash of the bytes it is given.

use super::{error::PluginError, limits::FOLDER_FILES_MAX};
use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Files of plugins, wherever they are kept: a folder, a database, an archive, the program itself.
///
/// For a library `libacme.so` there are `libacme.plugin.ron`, which names it by its hash, and `libacme.plugin.ron.sig`.
pub trait Catalogue: fmt::Debug + Send + Sync {
    /// What messages call it: a path, the address of a database.
    fn name(&self) -> PathBuf;

    /// The names of all files. At most 4096 are looked at.
    fn files(&self) -> io::Result<Vec<String>>;

    /// The content of a file. One that is not there is `ErrorKind::NotFound`.
    fn open(&self, file: &str) -> io::Result<Box<dyn Read>>;
}

/// A folder of plugins.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub PathBuf);

impl Catalogue for Folder {
    fn name(&self) -> PathBuf {
        self.0.clone()
    }

    fn files(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            // A name that is no text is no plugin's: the manifest could not say it.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
            if names.len() > FOLDER_FILES_MAX {
                break;
            }
        }
        Ok(names)
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Read>> {
        let path = self.0.join(file);
        // To open a pipe would wait for who writes to it.
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        Ok(Box::new(fs::File::open(path)?))
    }
}

/// The names of a catalogue's files, in an order that does not change by itself.
pub(super) fn files(catalogue: &dyn Catalogue) -> Result<Vec<String>, PluginError> {
    let error = |source: io::Error| PluginError::File {
        path: catalogue.name(),
        source: source.into(),
    };
    let mut files = catalogue.files().map_err(error)?;
    // A list that leaves some out would hide a second plugin of a family.
    if files.len() > FOLDER_FILES_MAX {
        let message = format!("it has more than {FOLDER_FILES_MAX} files");
        return Err(error(io::Error::other(message)));
    }
    files.sort();
    Ok(files)
}

/// Reads a file of at most `len_max` bytes.
pub(super) fn read(
    catalogue: &dyn Catalogue,
    file: &str,
    len_max: u64,
) -> Result<Vec<u8>, PluginError> {
    let path = catalogue.name().join(file);
    let error = |source: io::Error| PluginError::File {
        path: path.clone(),
        source: source.into(),
    };
    let content = catalogue.open(file).map_err(error)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too long, whatever its length was said to be.
    content
        .take(len_max + 1)
        .read_to_end(&mut bytes)
        .map_err(error)?;
    if bytes.len() as u64 > len_max {
        return Err(PluginError::TooLarge { path, len_max });
    }
    Ok(bytes)
}

/// A file of a folder as its catalogue and its name there.
pub(super) fn of_path(path: &Path) -> Result<(Folder, String), PluginError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| PluginError::Manifest {
        path: path.into(),
        message: "its name is not UTF-8".into(),
    })?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    Ok((Folder(folder), name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(catalogue: &dyn Catalogue, file: &str, expect: &str) {
        let message = match read(catalogue, file, 10) {
            Err(error) => error.to_string(),
            Ok(bytes) => format!("{} bytes", bytes.len()),
        };
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn what_is_not_a_file_is_not_waited_for() {
        check_refused(&Folder("/dev".into()), "zero", "it is not a file");
        check_refused(&Folder("/dev".into()), "no-such-file", "os error 2");
    }

    /// What a careless embedder could hand in.
    #[derive(Debug)]
    struct Endless;

    impl Catalogue for Endless {
        fn name(&self) -> PathBuf {
            "endless".into()
        }

        fn files(&self) -> io::Result<Vec<String>> {
            Ok((0..=FOLDER_FILES_MAX)
                .map(|file| file.to_string())
                .collect())
        }

        fn open(&self, _file: &str) -> io::Result<Box<dyn Read>> {
            Ok(Box::new(io::repeat(0)))
        }
    }

    #[test]
    fn what_a_catalogue_gives_has_bounds() {
        check_refused(&Endless, "any", "has more than 10 bytes");
        let message = files(&Endless).unwrap_err().to_string();
        assert!(message.contains("more than 4096 files"), "{message}");
    }
}
