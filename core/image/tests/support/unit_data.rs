//! Recipes with serial numbers, data, barcode rules and tests, and the files they name.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

use super::device;
use imprint_image::{
    object::{BuildError, Object},
    recipe::{MemorySources, Recipe, RecipeError},
};

pub const COUNTER: &str = r#"(id: "sn", values: counter(positions: [constant("A"), numeric(3)]))"#;
pub const SUPPLIED: &str = r#"(id: "box", values: supplied(positions: [upper(2)]))"#;
pub const MACS: &str =
    r#"(id: "mac", values: list(file: "macs.csv", column: 1, header: true), per_unit: 2)"#;
pub const MACS_CSV: &str =
    "box,address\n1,00:11:22:33:44:55\n2,\"00:11:22:33:44:56\"\n3,001122334457\n";

pub fn recipe(fields: &str) -> Result<Recipe, RecipeError> {
    let text = format!("(name: \"n\", device: \"X1\", script: \"main.rhai\",\n{fields})");
    Recipe::parse("recipe.ron", &text)
}

pub fn build_with(fields: &str, files: &[(&str, &[u8])]) -> Result<Object, BuildError> {
    let mut sources = MemorySources::default();
    let firmware = [1; 0x1800];
    for (path, bytes) in [
        ("main.rhai", &b"fn main(unit) {}"[..]),
        ("a.bin", &firmware),
        ("sn.ron", COUNTER.as_bytes()),
        ("box.ron", SUPPLIED.as_bytes()),
        ("mac.ron", MACS.as_bytes()),
        ("macs.csv", MACS_CSV.as_bytes()),
    ]
    .iter()
    .chain(files)
    {
        sources.0.insert((*path).into(), bytes.to_vec());
    }
    Object::build(&recipe(fields).unwrap(), &sources, &device())
}

pub fn build(fields: &str) -> Result<Object, BuildError> {
    build_with(fields, &[])
}

/// One payload, 0x1000 to 0x2800.
pub const PAYLOAD: &str = r#"payloads: { "a": (file: "a.bin", address: 0x1000) },"#;

pub const WHOLE: &str = r#"
    payloads: { "a": (file: "a.bin", address: 0x1000, after_tests: true), "t": (file: "a.bin", address: 0x2000_0000) },
    link: (protocol: swd, clock_khz: 4000, connect: under_reset, reset: hardware),
    power: (voltage_mv: 3300, settle_ms: 1, off_ms: 2, after: off),
    serials: {
        "sn": (definition: "sn.ron", address: 0x3000, encoding: ascii(len: 8, fill: 0x20), into: "a", on_fail: burn),
        "box": (definition: "box.ron", address: 0x3010),
        "mac": (definition: "mac.ron", address: 0x3020, encoding: mac),
    },
    data: {
        "lot": (address: 0x4000, len: 4, source: value),
        "label": (address: 0x1010, len: 4, source: barcode, encoding: ascii(fill: 0), into: "a", over: true),
        "bind": (address: 0x4010, len: 40, source: uid(sha256)),
        "crc": (address: 0x4040, len: 4, source: uid(crc32)),
        "hex": (address: 0x4050, len: 8, source: uid(raw), encoding: ascii()),
        "made": (address: 0x4060, len: 8, source: date("%Y%m%d"), encoding: ascii(fill: 0)),
        "where": (address: 0x4070, len: 4, source: station, encoding: ascii(fill: 0)),
        "cal": (address: 0x4080, len: 8, source: script),
        "trim": (address: 0x4090, len: 4, source: result("ram", "trim"), encoding: little),
    },
    barcode: (positions: [constant("SN-"), numeric(2), upper], ranges: [(from: 3, len: 2, min: 0, max: 50)]),
    tests: [
        (name: "ram", payload: "t", args: [1, 2], timeout_ms: 2000),
        (name: "mail", payload: "t", load: flash, via: mailbox(address: 0x2000_0400)),
    ],"#;
