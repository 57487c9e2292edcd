//! Names: the files a script refers to get a plain name in the recipe's folder.

use crate::limits::{FILE_NAME_LEN_MAX, NAME_LEN_MAX};
use std::collections::BTreeSet;

/// A file that belongs into the recipe's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNeeded {
    /// The first line that names it, from 1.
    pub line: usize,
    /// As that line names it.
    pub path: String,
    /// What the recipe calls it, in its own folder.
    pub name: String,
}

/// The last part of a path, whatever separates its parts; none if that is no file name.
pub(crate) fn base_name(path: &str) -> Option<&str> {
    let name = path.rsplit(['/', '\\', ':']).next()?.trim();
    let is_name =
        !name.is_empty() && name != "." && name != ".." && name.len() <= FILE_NAME_LEN_MAX - 8;
    is_name.then_some(name)
}

/// Two paths that are the same file for the reference, which runs on Windows.
pub(crate) fn is_same_path(left: &str, right: &str) -> bool {
    let normal = |path: &str| path.replace('\\', "/").to_lowercase();
    normal(left) == normal(right)
}

/// `name`, or with a number before its extension if it is taken. Case does not tell files apart everywhere.
pub(crate) fn unused(name: &str, taken: &BTreeSet<String>) -> String {
    let (stem, extension) = match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let mut candidate = name.to_owned();
    let mut number = 2;
    while taken.contains(&candidate.to_lowercase()) {
        candidate = format!("{stem}-{number}{extension}");
        number += 1;
    }
    candidate
}

/// `text` as a name of a recipe, as far as its characters allow.
pub(crate) fn recipe_name(text: &str, otherwise: &str) -> String {
    let allowed = |character: char| match character {
        it if it.is_ascii_alphanumeric() || "-_.".contains(it) => it,
        _ => '-',
    };
    let name: String = text
        .chars()
        .map(allowed)
        .skip_while(|it| !it.is_ascii_alphanumeric())
        // Room for the number of a second one.
        .take(NAME_LEN_MAX - 4)
        .collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { otherwise } else { name }.to_owned()
}

/// A file name without its extension.
pub(crate) fn stem(name: &str) -> &str {
    match name.rfind('.') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, expected) in [
            ("C:\\build\\app.s19", Some("app.s19")),
            ("../out/app.s19", Some("app.s19")),
            ("C:app.s19", Some("app.s19")),
            ("app", Some("app")),
            ("out\\", None),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(base_name(path), expected, "{path}");
        }
        assert!(is_same_path("A\\b.s19", "a/B.S19") && !is_same_path("a", "b"));
        let taken = ["app.s19", "app-2.s19", ".x"].map(String::from).into();
        for (name, expected) in [("APP.s19", "APP-3.s19"), ("b", "b"), (".x", ".x-2")] {
            assert_eq!(unused(name, &taken), expected, "{name}");
        }
        for (text, expected) in [
            ("Motor board V2 (final)", "Motor-board-V2--final"),
            (".hidden", "hidden"),
            ("ÄÖ", "x"),
        ] {
            assert_eq!(recipe_name(text, "x"), expected, "{text}");
        }
        assert_eq!((stem("a.b.c"), stem(".a"), stem("a")), ("a.b", ".a", "a"));
    }
}
