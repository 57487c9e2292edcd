//! Recipes and objects that are refused.

use crate::{CONNECTS, recipe, refused};
use imprint_tests::Workshop;

#[test]
fn mistakes_have_their_place() {
    let good = recipe()
        .raw("firmware", 0, vec![1; 16])
        .setting("batch", "7")
        .to_ron();
    let change = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}\n{good}");
        good.replacen(from, to, 1)
    };
    for (name, text, code, tells) in [
        (
            "unknown field",
            change("rights:", "rigths:"),
            "IMP-1022",
            ["recipe.ron:9:", "`rigths`", "`rights`"],
        ),
        (
            "unknown field in a payload",
            change("address:", "adress:"),
            "IMP-1022",
            ["recipe.ron:7:", "`adress`", "`address`"],
        ),
        (
            "unknown right",
            change("rights: []", "rights: [erase_all]"),
            "IMP-1022",
            ["recipe.ron:9:", "`erase_all`", "mass_erase"],
        ),
        (
            "no device",
            change("    device: \"nRF52832_xxAA\",\n", ""),
            "IMP-1021",
            ["recipe.ron:", "device", "recipe"],
        ),
        (
            "path out of the folder",
            change("\"firmware.bin\"", "\"../f.bin\""),
            "IMP-1021",
            ["recipe.ron:7:", "../f.bin", "expected"],
        ),
        (
            "name given twice",
            change("\"batch\": \"7\",", "\"batch\": \"7\", \"batch\": \"8\","),
            "IMP-1021",
            ["recipe.ron:11:", "batch", "twice"],
        ),
        (
            "a time of nothing",
            change(
                "    settings:",
                "    limits: (unit_time_ms: 0),\n    settings:",
            ),
            "IMP-1021",
            ["recipe.ron:10:", "expected", "found 0"],
        ),
        (
            "no RON",
            change("Recipe(", "Recipe["),
            "IMP-1021",
            ["recipe.ron:1:", "xpected", "Recipe["],
        ),
        (
            "a file that is not there",
            change("firmware.bin", "missing.bin"),
            "IMP-1030",
            ["`missing.bin`", "firmware", "not there"],
        ),
        (
            "a folder",
            change("firmware.bin", "folder"),
            "IMP-1032",
            ["`folder`", "firmware", "not a file"],
        ),
        (
            "a script that is not there",
            change("script.rhai", "scirpt.rhai"),
            "IMP-1030",
            ["`scirpt.rhai`", "not there", "recipe"],
        ),
    ] {
        let workshop = Workshop::without_plugins();
        workshop.write("unit/recipe.ron", text);
        workshop.write("unit/script.rhai", CONNECTS);
        workshop.write("unit/firmware.bin", [1; 16]);
        workshop.create_folder("unit/folder");
        let build = ["build", "unit/recipe.ron", "-o", "unit.sapobj"];
        refused(&workshop, name, &build, (6, code), &tells);
    }
    let workshop = Workshop::without_plugins();
    workshop.project("unit", &recipe().setting("batch", "7"));
    let set = |setting| {
        [
            "build",
            "unit/recipe.ron",
            "-o",
            "unit.sapobj",
            "--set",
            setting,
        ]
    };
    refused(
        &workshop,
        "setting",
        &set("bacth=8"),
        (6, "IMP-1023"),
        &["`bacth`", "`batch`"],
    );
}

#[test]
fn damaged_objects() {
    let workshop = Workshop::without_plugins();
    workshop
        .build("unit", &recipe().raw("firmware", 0, vec![1; 16]))
        .passes();
    let good = workshop.read("unit.sapobj");
    let last = good.len() - 1;
    let change = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    for (name, bytes, code) in [
        ("something else", b"not an object".to_vec(), "IMP-1060"),
        ("empty", Vec::new(), "IMP-1060"),
        ("another version", change(8), "IMP-1061"),
        ("cut short", good[..last].to_vec(), "IMP-1062"),
        ("lengthened", [&good[..], &[0]].concat(), "IMP-1062"),
        ("changed", change(last), "IMP-1064"),
    ] {
        workshop.write("bad.sapobj", bytes);
        let seal = [
            "seal",
            "bad.sapobj",
            "--sap",
            "-o",
            "bad.sap",
            "--key",
            "owner.key",
        ];
        refused(&workshop, name, &seal, (6, code), &["bad.sapobj"]);
    }
}
