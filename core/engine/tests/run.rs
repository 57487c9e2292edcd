//! Whole units through the engine: recipe, object, image, twin, report.
#![allow(clippy::unwrap_used)]

mod plugin_support;

use imprint::{
    CancelToken, Devices, Engine, Event, RunOptions, Silent, TwinOptions, build_from,
    image::{
        Image, SigningKey, TrustAnchors, Unlock,
        container::{FamilyRequirement, SealOptions, seal},
        keys::system_random,
        recipe::{MemorySources, Recipe},
    },
    report::{Outcome, UnitReport},
};
use plugin_support::{root, rust_plugins, signed_folder, store_of};
use std::{collections::BTreeMap, io::Cursor};

/// An engine with both families and all devices of the repository.
fn bench() -> (Engine, Devices, tempfile::TempDir) {
    let built = rust_plugins();
    let names = ["libimprint_nordic_nrf5.so", "libimprint_st_stm32f1.so"];
    let [nordic, st] = names.map(|name| built.join(name));
    let folder = signed_folder(&[&nordic, &st]);
    let engine = Engine::new(store_of(folder.path()));
    (
        engine,
        Devices::load(&[root().join("devices")]).unwrap(),
        folder,
    )
}

/// Builds, seals and runs a script on a new twin.
fn run(device: &str, script: &str, rights: &str, on_event: &mut dyn FnMut(&Event)) -> UnitReport {
    let (engine, devices, _folder) = bench();
    let chip = match device {
        "nRF52832_xxAA" => "nrf52832",
        "nRF51822_xxAA" => "nrf51822",
        "STM32F103C8" => "stm32f103c8",
        _ => "stm32f030c8",
    };
    let out = root().join("tests/firmware/out");
    let sources = MemorySources(BTreeMap::from([
        ("script.rhai".into(), script.as_bytes().to_vec()),
        (
            "app.elf".into(),
            std::fs::read(out.join(format!("heartbeat-{chip}.elf"))).unwrap(),
        ),
        (
            "selftest.elf".into(),
            std::fs::read(out.join("selftest.elf")).unwrap(),
        ),
    ]));
    let recipe = format!(
        r#"Recipe(name: "test", device: "{device}", script: "script.rhai", rights: [{rights}],
        payloads: {{ "firmware": Payload(file: "app.elf"), "selftest": Payload(file: "selftest.elf") }})"#
    );
    let recipe = Recipe::parse("recipe.ron", &recipe).unwrap();
    let object = build_from(&recipe, &sources, &devices).unwrap();
    let key = SigningKey::generate(&mut system_random());
    let family = FamilyRequirement {
        id: object.contents().family.clone(),
        abi_major: 1,
        version_min: "0.1.0".parse().unwrap(),
    };
    let sealed = seal(
        &object,
        SealOptions::new(&key, family, &mut system_random()),
    )
    .unwrap();
    let trust = TrustAnchors::new([key.public()]);
    let image = Image::open(Cursor::new(sealed), &trust)
        .unwrap()
        .unlock(Unlock::default())
        .unwrap();
    let twin = engine
        .twin(devices.get(device).unwrap(), TwinOptions::default())
        .unwrap();
    let options = RunOptions {
        on: "twin".into(),
        cancel: CancelToken::new(),
        ..RunOptions::default()
    };
    let mut observer = |event: &Event| on_event(event);
    engine
        .run(image, twin.link(), options, &mut observer)
        .report
}

#[test]
fn the_production_script_passes_on_every_device() {
    let script = std::fs::read_to_string(root().join("scripts/production.rhai")).unwrap();
    for device in [
        "nRF52832_xxAA",
        "nRF51822_xxAA",
        "STM32F103C8",
        "STM32F030C8",
    ] {
        let report = run(device, &script, "mass_erase, protect", &mut |_| {});
        assert_eq!(report.outcome, Outcome::Pass, "{device}: {report:#?}");
        assert!(report.changes.protected && report.records.iter().any(|it| it.name == "core"));
    }
    let _ = Silent;
}
