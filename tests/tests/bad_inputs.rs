//! Every reader of foreign bytes over the kept corpus of its fuzz target, and over each input that once was a finding.
//!
//! The same functions that the fuzzer calls, under the same bounds: no panic, no more than 64 MiB, no more than a second.
//! A file in `tests/bad-inputs/TARGET` is a finding that was mended; its name says what it did.
#![allow(clippy::unwrap_used)]

use imprint_inputs::{MEMORY_LEN_MAX, TARGETS, Target, bounded, cpu_time, seeds};
use imprint_inputs_script::SCRIPT;
use imprint_tests::repository;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// The bounds are on the whole process, so there is one test.
#[test]
fn no_reader_panics_or_goes_beyond_its_bounds() {
    the_bounds_hold();
    the_seeds_are_the_committed_ones();
    let root = repository();
    let targets: Vec<Target> = TARGETS.iter().copied().chain([SCRIPT]).collect();
    let names: BTreeSet<&str> = targets.iter().map(|target| target.name).collect();
    for folder in ["tests/fuzz/corpus", "tests/bad-inputs"] {
        for found in entries(&root.join(folder)) {
            let name = found.file_name().unwrap().to_string_lossy().into_owned();
            let is_known = names.contains(name.as_str()) || name == "README.md";
            assert!(is_known, "{}: no target has that name", found.display());
        }
    }
    for target in targets {
        let source = root.join(format!("tests/fuzz/fuzz_targets/{}.rs", target.name));
        assert!(source.is_file(), "{} is missing", source.display());
        let corpus = entries(&root.join("tests/fuzz/corpus").join(target.name));
        assert!(!corpus.is_empty(), "`{}` has no corpus", target.name);
        let bad = entries(&root.join("tests/bad-inputs").join(target.name));
        for path in corpus.iter().chain(&bad) {
            let bytes = fs::read(path).unwrap();
            let read = catch_unwind(AssertUnwindSafe(|| target.run(&bytes)));
            assert!(read.is_ok(), "{} is a finding", path.display());
        }
    }
}

/// Formats change, and the seeds with them: they are what fuzzing is to begin with.
fn the_seeds_are_the_committed_ones() {
    let corpus = repository().join("tests/fuzz/corpus");
    for seed in seeds() {
        let path = corpus.join(seed.target).join(format!("seed-{}", seed.name));
        let advice = "run: cargo run -p imprint-inputs --example seeds";
        assert!(
            fs::read(&path).ok() == Some(seed.bytes),
            "{}: {advice}",
            path.display()
        );
    }
}

/// What does too much is found: else nothing of the above means anything.
fn the_bounds_hold() {
    let slow = || {
        let mut sum = 0u64;
        let began = cpu_time();
        while cpu_time() < began + 2 * imprint_inputs::CPU_TIME_MAX {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    };
    assert!(catch_unwind(|| bounded(slow)).is_err());
    // Asking for more is refused, which a reader that does not ask first does not survive.
    let mut large: Vec<u8> = Vec::new();
    bounded(|| assert!(large.try_reserve_exact(MEMORY_LEN_MAX + 1).is_err()));
    bounded(|| assert!(large.try_reserve_exact(MEMORY_LEN_MAX / 2).is_ok()));
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
