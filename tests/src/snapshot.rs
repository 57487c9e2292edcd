//! What lies in a folder, to show that a failed command left nothing behind and changed nothing.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Files by their path, with their bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Vec<u8>>);

impl Snapshot {
    /// Everything below `folder`, hidden files too.
    pub fn of(folder: &Path) -> Snapshot {
        let mut files = BTreeMap::new();
        collect(folder, &mut files).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Snapshot(files)
    }

    /// What differs in `after`, one line a file.
    pub fn differences(&self, after: &Snapshot) -> Vec<String> {
        let gone = self.0.keys().filter(|path| !after.0.contains_key(*path));
        let gone = gone.map(|path| format!("{} is gone", path.display()));
        let new = after
            .0
            .iter()
            .filter_map(|(path, bytes)| match self.0.get(path) {
                None => Some(format!("{} is new, {} bytes", path.display(), bytes.len())),
                Some(before) if before != bytes => Some(format!("{} was changed", path.display())),
                Some(_) => None,
            });
        gone.chain(new).collect()
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // The command and the plugins are links to the same tens of megabytes each time.
        let is_built = path.ends_with("bin") || path.extension().is_some_and(|it| it == "so");
        if path.is_dir() && !is_built {
            collect(&path, files)?;
        } else if !is_built {
            files.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(())
}
