//! `imprint device import`: from a pack to a chip that is programmed by the pack's own algorithm.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Chip, NRF52, Recipe, Workshop, random_bytes, repository};
use std::fs;

fn flm() -> Vec<u8> {
    fs::read(repository().join("tests/firmware/out/own_nrf52.FLM")).unwrap()
}

/// A flash algorithm of our own, built by GCC, programs a virtual nRF52 through the unchanged flash path.
#[test]
fn an_imported_algorithm_programs_a_chip() {
    let workshop = Workshop::new();
    workshop.write("own_nrf52.FLM", flm());
    let import = workshop.imprint(&[
        "device",
        "import",
        "own_nrf52.FLM",
        "--device",
        "MINE",
        "--like",
        NRF52.device,
        "-o",
        "mine",
    ]);
    import.passes();
    workshop
        .imprint(&["device", "show", "MINE", "--devices", "mine"])
        .passes();

    let mine = Chip {
        device: "MINE",
        ..NRF52
    };
    let recipe = Recipe::programming(&mine, random_bytes(7, 9999));
    let path = workshop.project("job", &recipe);
    let build = ["build", &path, "-o", "job.sapobj", "--devices", "mine"];
    workshop.json(&build).passes();
    let image = workshop.seal("job", &[]);
    let options = ["--devices", "mine", "--dump", "0:9999=flash.bin"];
    workshop.run_with(&image, "twin:MINE", &options).passed();
    assert_eq!(workshop.read("flash.bin"), random_bytes(7, 9999));
}

/// The code that lies beside the device file is part of what was reviewed: another one is refused, with both hashes.
#[test]
fn an_algorithm_that_changed_is_refused() {
    let workshop = Workshop::new();
    workshop.write("own_nrf52.FLM", flm());
    let import = [
        "device",
        "import",
        "own_nrf52.FLM",
        "--device",
        "MINE",
        "--like",
        NRF52.device,
        "-o",
        "mine",
    ];
    workshop.imprint(&import).passes();
    // The same again changes nothing; another file there is never replaced.
    workshop.imprint(&import).passes();
    let file = "mine/own_nrf52.algorithm.ron";
    let text = String::from_utf8(workshop.read(file)).unwrap();
    let (head, code) = text.split_once("code: \"").unwrap();
    let other = code.replacen('4', "5", 1);
    workshop.write(file, format!("{head}code: \"{other}"));
    let again = workshop.json(&import);
    assert!(
        again.exit != 0 && again.stdout.contains("already"),
        "{again:?}"
    );
    let show = workshop.json(&["device", "show", "MINE", "--devices", "mine"]);
    assert!(
        show.exit != 0 && show.stdout.contains("IMP-6030"),
        "{show:?}"
    );
    fs::remove_file(workshop.path(file)).unwrap();
    let show = workshop.json(&["device", "show", "MINE", "--devices", "mine"]);
    assert!(
        show.exit != 0 && show.stdout.contains("IMP-6004"),
        "{show:?}"
    );
}
