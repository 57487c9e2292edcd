//! Devices that are unknown, badly described, or whose algorithm is not the one that was reviewed.

use crate::{CONNECTS, not_built, recipe, refused};
use imprint_tests::{NRF52, Recipe, Workshop, repository};
use std::fs;

#[test]
fn unknown() {
    let unknown = Recipe::new("nRF52832_xxAB", CONNECTS);
    not_built(
        "unknown",
        &unknown,
        "IMP-6003",
        &["`nRF52832_xxAB`", "`nRF52832_xxAA`", "recipe.ron"],
    );
    let workshop = Workshop::without_plugins();
    let (show, twin) = (
        ["device", "show", "STM32"],
        ["twin", "new", "STM32", "-o", "x.twin"],
    );
    refused(&workshop, "show", &show, (6, "IMP-6003"), &["`STM32`"]);
    refused(&workshop, "twin", &twin, (6, "IMP-6003"), &["`STM32`"]);
}

#[test]
fn an_algorithm_whose_hash_differs() {
    let workshop = Workshop::without_plugins();
    let path = repository()
        .join("devices")
        .join(format!("{}.ron", NRF52.device));
    let text = fs::read_to_string(path).unwrap();
    let start = text.find("sha256: \"").unwrap() + "sha256: \"".len();
    let hash = &text[start..start + 64];
    let other = "0123456789abcdef".repeat(4);
    workshop.write("changed/device.ron", text.replace(hash, &other));
    let recipe = workshop.project("unit", &recipe());
    let build = [
        "build",
        &recipe,
        "-o",
        "unit.sapobj",
        "--devices",
        "changed",
    ];
    let failure = refused(
        &workshop,
        "hash",
        &build,
        (6, "IMP-4032"),
        &[hash, &other, NRF52.device],
    );
    assert_eq!(failure.expected.as_deref(), Some(other.as_str()));
    assert_eq!(failure.found.as_deref(), Some(hash));
}

#[test]
fn descriptions_with_mistakes() {
    let path = repository()
        .join("devices")
        .join(format!("{}.ron", NRF52.device));
    let good = fs::read_to_string(path).unwrap();
    for (name, text) in [
        ("unknown field", good.replacen("vendor:", "vendro:", 1)),
        ("cut short", good[..good.len() / 2].to_string()),
        (
            "another type",
            good.replacen("vendor: \"", "vendor: 7 // \"", 1),
        ),
    ] {
        let workshop = Workshop::without_plugins();
        workshop.write("changed/device.ron", text);
        let recipe = workshop.project("unit", &recipe());
        let build = [
            "build",
            &recipe,
            "-o",
            "unit.sapobj",
            "--devices",
            "changed",
        ];
        let run = workshop.json(&build);
        let failure = run.failures().remove(0);
        assert!(
            run.exit == 6 && failure.code.starts_with("IMP-60"),
            "{name}: {run}"
        );
        assert!(
            run.stderr.contains("device.ron`, line"),
            "{name}: no place\n{run}"
        );
        assert!(!workshop.path("unit.sapobj").exists());
    }
}
