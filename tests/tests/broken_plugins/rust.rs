//! Mistakes that Rust and the SDK still allow: families of one library, each with one.

use crate::{check, device};
use imprint_tests::library_path;
use std::fs;

#[test]
fn each_mistake_in_rust_fails_its_cases_alone() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let library = library_path("imprint-broken-plugins");
    let template = fs::read_to_string(device()).unwrap_or_else(|error| panic!("{error}"));
    for (family, cases, found) in [
        ("sound", &[][..], ""),
        ("sleeper", &["no-sleep"], "it slept"),
        ("panics", &["commands"], "the input is too long"),
        (
            "swallows",
            &["cancel-at-every-callback", "fail-at-every-callback"],
            "IMPRINT_OK",
        ),
        (
            "polls-on",
            &["cancel-at-every-callback"],
            "50 further callbacks",
        ),
        (
            "thread-bound",
            &["session-moves-between-threads"],
            "no session 0 on this thread",
        ),
        (
            "one-session",
            &["two-sessions-in-parallel"],
            "another session was opened",
        ),
        ("aborts", &["odd-properties"], "SIGABRT"),
        ("wrong-place", &["uid"], "[ff, ff, ff, ff, 11,"),
        ("any-chip", &["identify"], "IMPRINT_OK"),
        ("covers", &["board-windows"], "over the memory `flash`"),
    ] {
        let text = template.replace("template.c", &format!("broken.{family}"));
        let path = folder.path().join(format!("{family}.ron"));
        fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
        let told = check(&library, &path, &[]);
        let names: Vec<&str> = told.failed.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, cases, "{family}: {:?}", told.failed);
        let says = told
            .failed
            .iter()
            .all(|(_, finding)| finding.contains(found));
        assert!(says, "{family}: expected {found:?} in {:?}", told.failed);
        let exit = if cases.is_empty() { 0 } else { 7 };
        assert_eq!(told.exit, Some(exit), "{family}");
    }
}
