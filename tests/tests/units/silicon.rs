//! What an image asks of the silicon, and of itself.

use crate::code;
use imprint::image::{
    Object, SigningKey,
    container::{FamilyRequirement, SealOptions, seal},
    keys::{KeyFile, system_random},
};
use imprint_tests::{Direct, F030, F103, NRF52, Recipe, Workshop};

/// `unit.sapobj`, sealed for newer silicon only.
fn for_revision(workshop: &Workshop, least: u32) -> Vec<u8> {
    let object = Object::from_bytes(workshop.read("unit.sapobj")).unwrap();
    let key = SigningKey::load(&workshop.path("owner.key")).unwrap();
    let mut random = system_random();
    let family = FamilyRequirement {
        id: object.contents().family.clone(),
        abi_major: 1,
        version_min: "0.1.0".parse().unwrap(),
    };
    let mut options = SealOptions::new(&key, family, &mut random);
    options.restrictions.device_revision_min = Some(least);
    seal(&object, options).unwrap()
}

#[test]
fn older_silicon_than_the_image_allows_is_not_touched() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = "    try { unit.connect(); } catch { } chip.erase();";
    // The twins' revisions: AAE0 has an E; DBGMCU_IDCODE ends in 0x2003.
    for (chip, found) in [(NRF52, 0x45), (F103, 0x2003)] {
        let script = format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n");
        let recipe = Recipe::new(chip.device, &script).right("mass_erase");
        workshop.build("unit", &recipe).passes();
        for (least, expect) in [
            (found, "none"),
            (found - 1, "none"),
            (found + 1, "IMP-8185"),
        ] {
            let twin = direct.twin(chip.device);
            let report = direct.run(&for_revision(&workshop, least), &twin);
            assert_eq!(
                code(&report),
                expect,
                "{}: {:?}",
                chip.device,
                report.failure
            );
            if expect != "none" {
                assert!(report.changes.is_empty(), "{:?}", report.changes);
            }
        }
    }
    // Where the device data does not say, nothing is tried.
    let recipe = Recipe::new(F030.device, "fn main(unit) { unit.connect(); }");
    workshop.build("unit", &recipe).passes();
    let report = direct.run(&for_revision(&workshop, 1), &direct.twin(F030.device));
    assert_eq!((code(&report), report.transfer_count), ("IMP-8186", 0));
    // A locked chip tells no revision, and unlocking erases it.
    let script = "fn main(unit) { try { unit.unlock(); } catch { } unit.connect(); }";
    let recipe = Recipe::new(NRF52.device, script).right("unlock_by_erase");
    workshop.build("unit", &recipe).passes();
    let report = direct.run(&for_revision(&workshop, 1), &direct.twin(NRF52.device));
    assert_eq!((code(&report), report.transfer_count), ("IMP-8186", 0));
    assert!(report.changes.is_empty());
}

#[test]
fn an_object_is_not_run() {
    let workshop = Workshop::new();
    workshop.build("unit", &Recipe::with_body("")).passes();
    let run = workshop.run("unit.sapobj", &format!("twin:{}", NRF52.device));
    let failure = run.failures().into_iter().next().unwrap();
    assert_eq!(failure.code, "IMP-8187", "{run}");
    assert!(failure.help.unwrap().contains("imprint seal"), "{run}");
}
