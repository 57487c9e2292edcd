//! Barcodes: of several images exactly the one whose rules the scanned text meets is run, and the text ends up in the chip.
#![allow(clippy::unwrap_used)]

use imprint_tests::{BOARD, Recipe, Run, Workshop};

/// An image whose units are labelled by `rules`; it programs the label and its own name.
fn image(workshop: &Workshop, name: &str, rules: &str) -> String {
    let body = format!(
        "    chip.program(unit.data(\"label\"));\n    chip.verify(unit.data(\"label\"));\n    unit.record(\"which\", \"{name}\");\n    \
                        unit.record(\"scanned\", unit.barcode);"
    );
    let recipe = Recipe::with_body(&body)
        .section("    data: { \"label\": (address: 0x7010, len: 12, source: barcode, encoding: ascii(fill: 0)) },")
        .section(&format!("    barcode: {rules},"));
    workshop.image(name, &recipe)
}

fn which(run: &Run) -> String {
    format!("{:?}", run.passed().records[0].value)
}

#[test]
fn exactly_one_image_takes_the_scanned_text() {
    let workshop = Workshop::new();
    let low = image(
        &workshop,
        "low",
        "(positions: [constant(\"SN-\"), numeric(3)], ranges: [(from: 3, len: 3, min: 0, max: 499)])",
    );
    let high = image(
        &workshop,
        "high",
        "(positions: [constant(\"SN-\"), numeric(3)], ranges: [(from: 3, len: 3, min: 400, max: 999)])",
    );
    let other = image(
        &workshop,
        "other",
        "(positions: [constant(\"BX\"), upper(2)])",
    );
    let plain = workshop.image("plain", &Recipe::with_body(""));
    let run = |images: &[&str], barcode: &[&str], options: &[&str]| {
        let rest = ["--trust", "owner.pub", "--on", BOARD];
        workshop.json(&[&["run"], images, barcode, &rest, options].concat())
    };
    let all = [low.as_str(), &high, &other, &plain];
    for (scanned, expect) in [
        ("SN-000", "low"),
        ("SN-399", "low"),
        ("SN-500", "high"),
        ("SN-999", "high"),
        ("BXQR", "other"),
    ] {
        let (unit, bytes) =
            workshop.dumped(0x7010, 12, |dump| run(&all, &["--barcode", scanned], dump));
        assert!(which(&unit).contains(expect), "{unit}");
        let mut cells = scanned.as_bytes().to_vec();
        cells.resize(12, 0);
        assert_eq!(bytes, cells, "{unit}");
    }
    // None takes it; two take it. No image that takes every text is chosen in their place.
    for scanned in [
        "SN-40", "SN-4000", "sn-000", "BXQ1", "BXÄ", " SN-000", "", "SN-450", "SN-400", "SN-499",
    ] {
        let unit = run(&all, &["--barcode", scanned], &[]);
        unit.refused("IMP-8180");
        let failure = unit.fails_with(3, "IMP-8180");
        let two = scanned.starts_with("SN-4") && scanned.len() == 6;
        let found = failure.found.unwrap();
        assert_eq!(
            found.contains("low.sap") && found.contains("high.sap"),
            two,
            "{found}"
        );
    }
    // The order says nothing.
    assert!(which(&run(&[&other, &high, &low], &["--barcode", "SN-001"], &[])).contains("low"));
    // One image alone is named already, but its label must fit.
    assert!(which(&run(&[&low], &["--barcode", "SN-001"], &[])).contains("low"));
    run(&[&low], &["--barcode", "SN-500"], &[]).refused("IMP-8180");
    run(&[&low], &[], &[]).refused("IMP-8182");
    run(&[&low, &high], &[], &[]).fails_with(2, "IMP-9001");
    // One that is not trusted spoils the choice: it could be the right one.
    workshop.signer("stranger");
    let seal = [
        "seal",
        "high.sapobj",
        "--sap",
        "-o",
        "strange.sap",
        "--key",
        "stranger.key",
    ];
    workshop.json(&seal).passes();
    run(&[&low, "strange.sap"], &["--barcode", "SN-001"], &[]).refused("IMP-2106");
}
