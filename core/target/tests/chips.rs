//! Chip descriptions: the algorithms of real chips, and what does not fit.
#![allow(clippy::unwrap_used)]

use imprint_device::{AlgorithmRef, Device};
use imprint_target::{Chips, TargetError};
use std::sync::LazyLock;

static CHIPS: LazyLock<Chips> = LazyLock::new(Chips::builtin);

fn device(name: &str) -> Device {
    let path = format!("{}/../../devices/{name}.ron", env!("CARGO_MANIFEST_DIR"));
    Device::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_devices_freeze() {
    for name in [
        "nRF52832_xxAA",
        "nRF51822_xxAA",
        "STM32F103C8",
        "STM32F030C8",
        "STM32F407VG",
    ] {
        let device = device(name);
        let frozen = CHIPS.freeze(&device, &[]).unwrap();
        assert_eq!(frozen.device, device);
        for memory in &device.memories {
            let Some(name) = memory.nor.as_ref().and_then(|nor| nor.algorithm.as_deref()) else {
                continue;
            };
            let algorithm = frozen.algorithm(name).unwrap();
            assert!(
                algorithm.range_start <= memory.start && memory.end() <= algorithm.range_end,
                "{name}"
            );
            assert!(!algorithm.code.is_empty());
        }
        // The same again, and a description of its own.
        assert_eq!(CHIPS.freeze(&device, &[]).unwrap(), frozen);
        Chips::for_device(&frozen).unwrap();
    }
}

#[test]
fn an_algorithm_that_is_not_the_one_reviewed() {
    let device = device("nRF52832_xxAA");
    let reference = &device.algorithms[0];
    let expected = "00".repeat(32);
    let changed = AlgorithmRef {
        sha256: expected.clone(),
        ..reference.clone()
    };
    let error = CHIPS.algorithm(&changed, &device).unwrap_err();
    let expect = TargetError::AlgorithmHash {
        chip: "nRF52832_xxAA".into(),
        algorithm: "nrf52".into(),
        expected,
        found: reference.sha256.clone(),
    };
    assert_eq!(error, expect);
    assert_eq!(error.code(), "IMP-4032");
    let upper = AlgorithmRef {
        sha256: reference.sha256.to_uppercase(),
        ..reference.clone()
    };
    CHIPS.algorithm(&upper, &device).unwrap();
}

#[test]
fn names_that_are_not_there() {
    let device = device("nRF52832_xxAA");
    let reference = &device.algorithms[0];
    for (chip, name, code) in [
        (Some("nRF9999"), "nrf52", "IMP-4030"),
        // Neither a beginning nor a wildcard is a name.
        (Some("nRF52832"), "nrf52", "IMP-4030"),
        (Some("nrf52832_xxaa"), "nrf52", "IMP-4030"),
        (None, "nrf53", "IMP-4031"),
        (Some("nRF52840_xxAA"), "nrf53", "IMP-4031"),
    ] {
        let reference = AlgorithmRef {
            chip: chip.map(Into::into),
            name: name.into(),
            ..reference.clone()
        };
        assert_eq!(
            CHIPS.algorithm(&reference, &device).unwrap_err().code(),
            code,
            "{chip:?} {name}"
        );
    }
    let mut nameless = device.clone();
    nameless.algorithms.clear();
    assert_eq!(CHIPS.freeze(&nameless, &[]).unwrap_err().code(), "IMP-4031");
    // From another chip's description.
    let other = AlgorithmRef {
        chip: Some("nRF52840_xxAA".into()),
        ..reference.clone()
    };
    CHIPS.algorithm(&other, &device).unwrap();
}
