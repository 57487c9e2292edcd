//! Plugins that are refused: not on the list, changed after listing, of another ABI.

use crate::refused;
use ed25519_dalek::{Signer, SigningKey};
use imprint_tests::{F103, NRF52, OWNER, Recipe, Workshop, library_name, library_path, repository};
use sha2::{Digest, Sha256};
use std::{fmt::Write, fs, process::Command};

const NORDIC: &str = "imprint-nordic-nrf5";
const RUN: [&str; 6] = [
    "run",
    "unit.sap",
    "--trust",
    OWNER,
    "--on",
    "twin:nRF52832_xxAA",
];

/// A workshop with an image for the nRF52832, which is known to run.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    let script = "fn main(unit) {\n    unit.connect();\n}\n";
    workshop.image("unit", &Recipe::new(NRF52.device, script));
    workshop.json(&RUN).passes();
    workshop
}

fn library() -> String {
    format!("plugins/{}", library_name(NORDIC))
}

fn manifest() -> String {
    library().replace(".so", ".plugin.ron")
}

#[test]
fn not_on_the_list() {
    let workshop = workshop();
    fs::remove_file(workshop.path(format!("{}.sig", manifest()))).unwrap();
    refused(
        &workshop,
        "no signature",
        &RUN,
        (7, "IMP-5004"),
        &[&library_name(NORDIC)[..10], "not on the list"],
    );
    fs::remove_file(workshop.path(manifest())).unwrap();
    // What an unlisted library is for, nobody can say without loading it; but that it lies there is told.
    refused(
        &workshop,
        "no manifest",
        &RUN,
        (7, "IMP-5012"),
        &["nordic.nrf5", &library_name(NORDIC)],
    );
    // The other family is none of its business.
    let script = "fn main(unit) {\n    unit.connect();\n}\n";
    let image = workshop.image("other", &Recipe::new(F103.device, script));
    workshop.run(&image, "twin:STM32F103C8").passed();
}

#[test]
fn listed_by_a_stranger() {
    let workshop = workshop();
    workshop.json(&["key", "new", "stranger"]).passes();
    workshop
        .json(&["plugin", "sign", &library(), "--key", "stranger.key"])
        .passes();
    refused(
        &workshop,
        "stranger",
        &RUN,
        (7, "IMP-5005"),
        &["plugin.ron", "trusted"],
    );
    workshop.json(&["plugin", "trust", "stranger.pub"]).passes();
    workshop.json(&RUN).passes();
}

#[test]
fn changed_after_listing() {
    let workshop = workshop();
    let good = workshop.read(&library());
    let expected = hex(&Sha256::digest(&good));
    let mut changed = good.clone();
    // A byte more at the end loads as before; only the hash knows.
    changed.push(0);
    workshop.write(&library(), &changed);
    let found = hex(&Sha256::digest(&changed));
    refused(
        &workshop,
        "library",
        &RUN,
        (7, "IMP-5006"),
        &[&library_name(NORDIC), &expected, &found],
    );
    workshop.write(&library(), &good);
    workshop.json(&RUN).passes();

    let text = String::from_utf8(workshop.read(&manifest())).unwrap();
    workshop.write(&manifest(), text.replacen("org.imprint", "org.example", 1));
    refused(
        &workshop,
        "manifest",
        &RUN,
        (7, "IMP-5005"),
        &["plugin.ron"],
    );
    // Whose it was can no longer be read; that it lies there is told.
    workshop.write(&manifest(), "(");
    refused(
        &workshop,
        "no manifest at all",
        &RUN,
        (7, "IMP-5012"),
        &["plugin.ron"],
    );
}

/// A plugin in C whose table says what `%TABLE%` says.
const PLUGIN: &str = r#"#include "imprint_plugin.h"
static const struct imprint_plugin plugin = {
    %TABLE%,
    .struct_size = sizeof(struct imprint_plugin),
    .id = {"org.example.other", 17}, .version = {"1.0.0", 5},
};
__attribute__((visibility("default"))) const struct imprint_plugin *%ENTRY%(void) { return &plugin; }
"#;

#[test]
fn of_another_abi() {
    let entry = "imprint_plugin_entry_v1";
    for (name, table, entry, code, tells) in [
        (
            "major",
            ".magic = IMPRINT_PLUGIN_MAGIC, .abi_major = 2",
            entry,
            "IMP-5010",
            ["2", "1"],
        ),
        (
            "newer host",
            ".magic = IMPRINT_PLUGIN_MAGIC, .abi_major = 1, .host_minor_min = 900",
            entry,
            "IMP-5010",
            ["900", "0"],
        ),
        (
            "magic",
            ".magic = 7, .abi_major = 1",
            entry,
            "IMP-5010",
            ["expected", "0x7"],
        ),
        (
            "entry",
            ".magic = IMPRINT_PLUGIN_MAGIC, .abi_major = 2",
            "imprint_plugin_entry_v2",
            "IMP-5009",
            [entry, "ABI"],
        ),
    ] {
        let workshop = workshop();
        let file = "plugins/libother.so";
        compile(
            &workshop,
            &PLUGIN.replace("%TABLE%", table).replace("%ENTRY%", entry),
            file,
        );
        // Whoever signs is told already.
        let sign = ["plugin", "sign", file, "--key", "owner.key"];
        refused(
            &workshop,
            name,
            &sign,
            (7, code),
            &[&["libother.so"], &tells[..]].concat(),
        );
        // One that is signed all the same, as the only plugin of the family.
        fs::remove_file(workshop.path(manifest())).unwrap();
        sign_by_hand(&workshop, file, "nordic.nrf5");
        refused(
            &workshop,
            name,
            &RUN,
            (7, code),
            &[&["libother.so"], &tells[..]].concat(),
        );
    }
}

#[test]
fn no_library_at_all() {
    let workshop = workshop();
    let good = workshop.read(&library());
    let cut = |len: usize| &good[..len];
    for (name, bytes) in [
        ("text", &b"not a library"[..]),
        ("empty", b""),
        ("cut in its header", cut(40)),
        ("cut in its tables", cut(1000)),
        ("cut in its code", cut(100_000)),
    ] {
        workshop.write("plugins/libother.so", bytes);
        let sign = [
            "plugin",
            "sign",
            "plugins/libother.so",
            "--key",
            "owner.key",
        ];
        refused(&workshop, name, &sign, (7, "IMP-5008"), &["libother.so"]);
    }
    // A file that nobody lists does no harm to the others.
    workshop.json(&RUN).passes();
}

#[test]
fn another_family_than_the_device_names() {
    let workshop = Workshop::new();
    let path = repository()
        .join("devices")
        .join(format!("{}.ron", NRF52.device));
    let text = fs::read_to_string(path).unwrap();
    workshop.write(
        "more/device.ron",
        text.replacen("\"nordic.nrf5\"", "\"nordic.nrf9\"", 1),
    );
    let twin = [
        "twin",
        "new",
        NRF52.device,
        "-o",
        "x.twin",
        "--devices",
        "more",
    ];
    refused(
        &workshop,
        "family",
        &twin,
        (7, "IMP-5012"),
        &["`nordic.nrf9`", "`nordic.nrf5`"],
    );
    // The library of the other family under this family's name: what it says itself counts.
    let stm = library_path("imprint-st-stm32f1");
    workshop.write(&library(), fs::read(stm).unwrap());
    sign_by_hand(&workshop, &library(), "nordic.nrf5");
    workshop.image(
        "unit",
        &Recipe::new(NRF52.device, "fn main(unit) {\n    unit.connect();\n}\n"),
    );
    refused(
        &workshop,
        "exchanged",
        &RUN,
        (7, "IMP-5011"),
        &["org.imprint.st-stm32f1"],
    );
}

/// Writes and signs a manifest that says what it likes.
fn sign_by_hand(workshop: &Workshop, library: &str, family: &str) {
    let file = library.trim_start_matches("plugins/");
    let sha256 = hex(&Sha256::digest(workshop.read(library)));
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let manifest = format!(
        "(id: \"org.example.other\", version: \"1.0.0\", file: {file:?}, sha256: {sha256:?}, \
         target: {target:?}, families: [{family:?}])\n"
    );
    let secret = String::from_utf8(workshop.read("owner.key")).unwrap();
    let digits = secret.trim().rsplit(':').next().unwrap();
    let seed: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect();
    let key = SigningKey::from_bytes(&seed.try_into().unwrap());
    let signature = key.sign(&[b"imprint-plugin-v1\0", manifest.as_bytes()].concat());
    let path = library.replace(".so", ".plugin.ron");
    workshop.write(&path, manifest);
    workshop.write(&format!("{path}.sig"), hex(&signature.to_bytes()));
}

fn compile(workshop: &Workshop, source: &str, library: &str) {
    workshop.write("plugin.c", source);
    let cc = Command::new("cc")
        .args([
            "-std=c11",
            "-Wall",
            "-Wno-missing-field-initializers",
            "-shared",
            "-fPIC",
            "-o",
        ])
        .arg(workshop.path(library))
        .arg(workshop.path("plugin.c"))
        .arg("-I")
        .arg(repository().join("plugins/include"))
        .output()
        .unwrap_or_else(|error| panic!("no C compiler ({error}): apt-get install gcc libc6-dev"));
    assert!(
        cc.status.success(),
        "{}",
        String::from_utf8_lossy(&cc.stderr)
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
