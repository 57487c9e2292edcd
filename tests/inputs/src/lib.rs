//! Everything that reads bytes of strangers, each reader as a function that a fuzzer or a test can call with any bytes.
//!
//! One table for both: `tests/fuzz` makes a fuzz target of each row, and the tests run each over its kept corpus and over
//! `tests/bad-inputs`, so that what a fuzzer once found stays mended without one. A reader may refuse; it may not panic,
//! hold more than 64 MiB, or take longer than a second.
#![allow(
    clippy::panic,
    reason = "a finding is a panic: that is how a fuzzer is told"
)]

mod bounds;
mod container;
mod firmware;
mod keys;
mod ledger;
mod packs;
mod seeds;
mod served;
mod template;
mod text;
mod transcript;

pub use bounds::{CPU_TIME_MAX, MEMORY_LEN_MAX, bounded, cpu_time};
pub use seeds::{Seed, seeds};

/// A reader of foreign bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// What it is called: of its fuzz target, its corpus and its bad inputs.
    pub name: &'static str,
    /// Reads the bytes. What is wrong with the reader is a panic.
    pub read: fn(&[u8]),
    /// Makes what each call needs, so that it counts against none.
    pub prepare: fn(),
}

impl Target {
    /// Reads `input` under the bounds.
    pub fn run(&self, input: &[u8]) {
        (self.prepare)();
        bounded(|| (self.read)(input));
    }
}

/// All of them but `script`, which is in a crate of its own.
pub const TARGETS: &[Target] = &[
    with_template("header", container::header),
    plain("manifest", container::manifest),
    with_template("index", container::index),
    with_template("grant", container::grant),
    with_template("payload", container::payload),
    plain("object", container::object),
    plain("recipe", text::recipe),
    plain("device", text::device),
    plain("pack", packs::pack),
    plain("algorithm", packs::algorithm),
    plain("serial", text::serial),
    plain("barcode", text::barcode),
    plain("policy", text::policy),
    plain("cfg", text::cfg),
    plain("srecord", firmware::srecord),
    plain("intel_hex", firmware::intel_hex),
    plain("elf", firmware::elf),
    plain("uf2", firmware::uf2),
    plain("key", keys::key),
    plain("root", keys::root),
    plain("journal", ledger::journal),
    Target {
        name: "serve",
        read: served::serve,
        prepare: served::prepare,
    },
    plain("transcript", transcript::transcript),
];

/// The target of that name.
pub fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    *found.unwrap_or_else(|| panic!("there is no target `{name}`"))
}

const fn plain(name: &'static str, read: fn(&[u8])) -> Target {
    Target {
        name,
        read,
        prepare: || {},
    }
}

const fn with_template(name: &'static str, read: fn(&[u8])) -> Target {
    Target {
        name,
        read,
        prepare: template::prepare,
    }
}
