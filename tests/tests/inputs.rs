//! What an image asks for is known before its unit begins.
#![allow(clippy::unwrap_used)]

use imprint::{
    Input, Inputs,
    image::{Image, KeyFile, PublicKey, TrustAnchors, Unlock},
};
use imprint_tests::{OWNER, Recipe, Workshop};
use std::{fs::File, path::Path};

/// What is missing, as words.
fn missing(image: &Path, owner: PublicKey, given: &Inputs) -> Vec<String> {
    let image = Image::open(File::open(image).unwrap(), &TrustAnchors::new([owner])).unwrap();
    let mut image = image.unlock(Unlock::default()).unwrap();
    let missing = given.missing(&mut image).unwrap();
    missing
        .iter()
        .map(|input| match input {
            Input::Barcode => "the scanned text".into(),
            Input::StationName => "the station".into(),
            Input::Value(name) => name.clone(),
        })
        .collect()
}

#[test]
fn an_image_says_what_it_will_ask_for() {
    let workshop = Workshop::without_plugins();
    let owner = PublicKey::load(&workshop.path(OWNER)).unwrap();
    let check = |name: &str, recipe: Recipe, expect: &[&str]| {
        let image = workshop.path(workshop.image(name, &recipe));
        assert_eq!(missing(&image, owner, &Inputs::default()), expect, "{name}");
        // All of it is given: nothing is missing.
        let mut inputs = Inputs::default();
        for input in [Input::Barcode, Input::StationName] {
            inputs.give(&input, "x".into());
        }
        for name in expect {
            inputs.give(&Input::Value((*name).into()), "x".into());
        }
        assert!(missing(&image, owner, &inputs).is_empty(), "{name}");
    };
    let of = Recipe::with_body;
    check("nothing", of("chip.erase(0x3000, 0x1000);"), &[]);
    check(
        "the-script",
        of("if unit.value(\"lot\") == unit.barcode { unit.record(\"at\", unit.station); }"),
        &["the scanned text", "the station", "lot"],
    );
    // A name that is computed is not known before.
    check("computed", of("unit.value(\"l\" + \"ot\");"), &[]);
    check(
        "a-module",
        of("import \"ask\" as ask; ask::lot(unit);")
            .module("ask.rhai", "fn lot(unit) { unit.value(\"order\") }\n"),
        &["order"],
    );
    let data = "    data: { \"go\": (address: 0x3020, len: 4, source: value, encoding: ascii(fill: 0)), \
                \"label\": (address: 0x3030, len: 4, source: barcode, encoding: ascii(fill: 0)) },";
    check("data", of("").section(data), &["the scanned text", "go"]);
}
