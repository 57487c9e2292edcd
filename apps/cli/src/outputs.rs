//! What a verb writes must not be what it reads: a slip in the command line would cost a key.

use crate::failure::{Result, same_file};
use std::path::{Path, PathBuf};

/// Refuses outputs that are an input or each other, whatever paths lead there.
pub fn check<'a>(inputs: impl IntoIterator<Item = &'a Path>, outputs: &[&Path]) -> Result<()> {
    let identified = |path: &'a Path| (path, Identity::of(path));
    let inputs: Vec<_> = inputs.into_iter().map(identified).collect();
    for (index, output) in outputs.iter().enumerate() {
        let identity = Identity::of(output);
        let is_same = |other: &(&Path, Identity)| other.1.is_same(&identity);
        if let Some((input, _)) = inputs.iter().find(|input| is_same(input)) {
            return Err(same_file(output, input, "read too").into());
        }
        let others = outputs[..index].iter().map(|it| (*it, Identity::of(it)));
        if let Some((other, _)) = others.into_iter().find(is_same) {
            return Err(same_file(output, other, "written already").into());
        }
    }
    Ok(())
}

/// What tells one file from another, as far as there is one.
struct Identity {
    /// The path without links. A file that is not there yet has its folder's.
    path: Option<PathBuf>,
    /// Device and inode: two names of one file have the same.
    node: Option<(u64, u64)>,
}

impl Identity {
    fn of(path: &Path) -> Identity {
        Identity {
            path: path.canonicalize().ok().or_else(|| in_its_folder(path)),
            node: node(path),
        }
    }

    fn is_same(&self, other: &Identity) -> bool {
        let is_same_path = self.path.is_some() && self.path == other.path;
        is_same_path || self.node.is_some() && self.node == other.node
    }
}

fn in_its_folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

#[cfg(unix)]
fn node(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere the path has to do.
#[cfg(not(unix))]
fn node(_path: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn one_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("key"), "secret").unwrap();
        fs::write(at("twin"), "secret").unwrap();
        fs::hard_link(at("key"), at("hard")).unwrap();
        symlink("key", at("soft")).unwrap();
        symlink("sub", at("way")).unwrap();
        for (input, outputs, is_refused) in [
            ("key", &["key"][..], true),
            ("key", &["sub/../key"], true),
            ("key", &["way/../key"], true),
            ("key", &["hard"], true),
            ("soft", &["key"], true),
            ("key", &["new", "soft"], true),
            ("key", &["new", "./new"], true),
            ("key", &["sub/new", "way/new"], true),
            ("key", &["new", "other", "sub/../new"], true),
            // A file that is read only if it is there.
            ("new", &["new"], true),
            ("key", &["twin"], false),
            ("key", &["new", "sub/new"], false),
            ("key", &["no/folder/new", "no/folder/new2"], false),
            ("key", &[], false),
        ] {
            let outputs: Vec<PathBuf> = outputs.iter().map(|name| at(name)).collect();
            let outputs: Vec<&Path> = outputs.iter().map(PathBuf::as_path).collect();
            let result = check([at(input).as_path()], &outputs);
            assert_eq!(result.is_err(), is_refused, "{input} {outputs:?}");
            if let Err(failures) = result {
                assert_eq!(failures[0].code, "IMP-9003");
            }
        }
    }
}
