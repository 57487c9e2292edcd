//! What others describe chips with: packs, flash algorithms, target descriptions.

use imprint_device::{Algorithm, AlgorithmRef, Core};
use imprint_packs::{Choice, import, names};

/// All devices of a file; each is sound or refused, and what is written for it is read again.
pub(crate) fn pack(bytes: &[u8]) {
    let Ok(names) = names("file", bytes) else {
        return;
    };
    // A flash algorithm names no device.
    for name in names.into_iter().take(8).chain(["X5201".to_string()]) {
        let choice = Choice {
            device: Some(name),
            core: Some(Core::CortexM4),
            ram: Some(0x2000_0000..0x2000_4000),
            ..Choice::default()
        };
        let Ok(imported) = import("file", bytes, &choice) else {
            continue;
        };
        for reference in &imported.device.algorithms {
            let file = imported
                .algorithms
                .iter()
                .find(|it| Some(&it.file) == reference.file.as_ref())
                .unwrap_or_else(|| panic!("{reference:?} has no file"));
            if let Err(error) = Algorithm::parse_file(&file.file, &file.text, reference) {
                panic!("{}: {error}", file.file);
            }
        }
    }
}

/// A file beside a device file.
pub(crate) fn algorithm(bytes: &[u8]) {
    let reference = AlgorithmRef {
        name: "own_nrf52".into(),
        chip: None,
        file: None,
        sha256: String::new(),
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Algorithm::parse_file("own_nrf52.algorithm.ron", text, &reference);
    }
}
