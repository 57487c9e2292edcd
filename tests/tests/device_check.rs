//! `imprint device check`: everything that is wrong with a device file, at once, with code and line.
#![allow(clippy::unwrap_used)]

use imprint_tests::{CHIPS, Workshop, repository};
use std::fs;

/// Replaces texts of a real description, and checks exit, and the severity, code and text at the place of each finding.
fn check(workshop: &Workshop, replaced: &[(&str, &str)], exit: i32, expect: &[[&str; 3]]) {
    let mut text = fs::read_to_string(repository().join("devices/nRF52832_xxAA.ron")).unwrap();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    workshop.write("device.ron", &text);
    let run = workshop.json(&["device", "check", "device.ron"]);
    let found = run.json();
    let findings = found["findings"].as_array().unwrap();
    assert_eq!((run.exit, findings.len()), (exit, expect.len()), "{run}");
    for (finding, [severity, code, at]) in findings.iter().zip(expect) {
        assert_eq!(finding["severity"], *severity, "{run}");
        assert_eq!(finding["code"], *code, "{run}");
        let line = finding["place"]["line"].as_u64().unwrap() as usize;
        let column = finding["place"]["column"].as_u64().unwrap() as usize;
        let line = text.lines().nth(line - 1).unwrap();
        let found: String = line.chars().skip(column - 1).collect();
        assert!(found.starts_with(at), "{at}: {found}");
    }
}

#[test]
fn what_ships_is_right() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let file = repository().join(format!("devices/{}.ron", chip.device));
        let run = workshop.json(&["device", "check", file.to_str().unwrap()]);
        let run = run.passes();
        assert_eq!(run.json()["findings"].as_array().unwrap().len(), 0, "{run}");
    }
}

#[test]
fn every_reader_is_asked() {
    let workshop = Workshop::new();
    check(
        &workshop,
        &[
            ("family: \"nordic.nrf5\"", "family: \"nordic.nrf52\""),
            ("sha256: \"", "sha256: \"00"),
            ("cpuid: 0x410F_C241", "cpuid: 0x410F_C231"),
        ],
        6,
        &[
            ["error", "IMP-5012", "\"nordic.nrf52\""],
            ["error", "IMP-4032", "\""],
            ["error", "IMP-6010", "0x410F_C231"],
        ],
    );
}

#[test]
fn a_property_that_the_family_asks_for_is_missed() {
    let workshop = Workshop::new();
    let text = fs::read_to_string(repository().join("devices/nRF52832_xxAA.ron")).unwrap();
    let first = text.split("properties: {").nth(1).unwrap();
    let name = first.split('"').nth(1).unwrap();
    let (from, to) = (format!("\"{name}\":"), "\"other\":");
    check(&workshop, &[(&from, to)], 6, &[["error", "IMP-5101", "{"]]);
}

#[test]
fn a_figure_without_a_source_is_a_warning() {
    let workshop = Workshop::new();
    let text = fs::read_to_string(repository().join("devices/nRF52832_xxAA.ron")).unwrap();
    let source = text.split("source: \"").nth(1).unwrap();
    let source = format!("source: \"{}\"", source.split('"').next().unwrap());
    check(
        &workshop,
        &[(&source, "source: \"\"")],
        0,
        &[["warning", "IMP-6011", "("]],
    );
}
