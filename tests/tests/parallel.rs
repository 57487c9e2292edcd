//! Many units at once in threads of one process: each has its own board, its own identifier, its own report.
#![allow(clippy::unwrap_used)]

use imprint::report::{Outcome, UnitReport};
use imprint_tests::{CHIPS, Chip, Direct, F103, NRF52, Recipe, Workshop};
use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

const UNITS: usize = 32;

/// Runs an image on `UNITS` boards that all start at the same moment.
fn run_all(images: &[(Chip, Vec<u8>)], direct: &Direct) -> Vec<(Chip, UnitReport, Vec<u8>)> {
    let start = Arc::new(Barrier::new(UNITS));
    thread::scope(|scope| {
        let units: Vec<_> = (0..UNITS)
            .map(|unit| {
                let ((chip, image), start) = (&images[unit % images.len()], start.clone());
                scope.spawn(move || {
                    let twin = direct.twin(chip.device);
                    start.wait();
                    let report = direct.run(image, &twin);
                    (*chip, report, twin.uid())
                })
            })
            .collect();
        units.into_iter().map(|unit| unit.join().unwrap()).collect()
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn thirty_two_units_pass_each_with_an_identifier_of_its_own() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    for chip in [NRF52, F103] {
        let image = workshop.image(chip.device, &Recipe::of_script(&chip, "production.rhai"));
        let mut uids = BTreeSet::new();
        let mut times = BTreeSet::new();
        for (_, report, uid) in run_all(&[(chip, workshop.read(&image))], &direct) {
            assert_eq!(
                (report.outcome, &report.failure),
                (Outcome::Pass, &None),
                "{report:?}"
            );
            assert_eq!(report.uid, Some(hex(&uid)));
            uids.insert(uid);
            times.insert(report.time.virtual_us);
        }
        assert_eq!(
            uids.len(),
            UNITS,
            "{}: an identifier came twice",
            chip.device
        );
        // However the threads took turns, each board's own clock went the same way.
        assert_eq!(times.len(), 1, "{}: {times:?}", chip.device);
    }
}

#[test]
fn different_devices_and_families_run_side_by_side() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let image = |chip: Chip| {
        let image = workshop.image(chip.device, &Recipe::of_script(&chip, "production.rhai"));
        (chip, workshop.read(&image))
    };
    for (chip, report, _) in run_all(&CHIPS.map(image), &direct) {
        assert_eq!(
            (report.outcome, &report.failure),
            (Outcome::Pass, &None),
            "{report:?}"
        );
        assert_eq!(report.device, chip.device);
    }
}
