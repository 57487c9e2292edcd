//! An object is frozen: everything a station needs is in it, and what it was built from may be gone.
#![allow(clippy::unwrap_used)]

use imprint_tests::{CHIPS, Chip, NRF52, Recipe, Workshop, crc32};
use sha2::{Digest, Sha256};
use std::fs;

const FACTORY: &str = "00112233445566778899aabbccddeeff";

/// A recipe of many files: firmware, test code, a module, a list of numbers.
fn recipe(chip: &Chip) -> Recipe {
    let script = "import \"steps\" as steps;\n\nfn main(unit) {\n    let chip = unit.connect();\n    chip.erase_for_image();\n    \
                  steps::put(unit, chip);\n}\n";
    let steps = "fn put(unit, chip) {\n    chip.program(unit.payload(\"firmware\"));\n    chip.verify(unit.payload(\"firmware\"));\n    \
                 chip.program(unit.serial(\"mac\"));\n    chip.verify(unit.serial(\"mac\"));\n}\n";
    let address = chip.flash_start + 0x7000;
    Recipe::new(chip.device, script)
        .payload("firmware", "firmware.elf", chip.firmware("elf"))
        .module("steps.rhai", steps)
        .file("mac.serial.ron", b"(id: \"macs\", values: list(file: \"lists/macs.csv\", column: 0, header: false))")
        .file("lists/macs.csv", b"00A0C9000001\n00A0C9000002\n")
        .section(&format!("    serials: {{ \"mac\": (definition: \"mac.serial.ron\", address: {address:#x}, encoding: mac) }},"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_object_needs_nothing_that_it_was_built_from() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let name = chip.device;
        let recipe = recipe(&chip);
        workshop.build(name, &recipe).passes();
        let object = format!("{name}.sapobj");
        let frozen = workshop.read(&object);
        fs::remove_dir_all(workshop.path(name)).unwrap();

        let told = workshop.json(&["inspect", &object]).passes().json();
        assert_eq!(told["object"]["device"], chip.device, "{told}");
        assert_eq!(
            told["object"]["serials"][0]["values"], "2 from a list",
            "{told}"
        );
        // Every file that was read, by its hash.
        let inputs = told["object"]["inputs"].as_array().unwrap();
        let files = recipe.files();
        for (role, file) in [
            ("recipe", "recipe.ron"),
            ("script", "script.rhai"),
            ("payload/firmware", "firmware.elf"),
            ("module/steps.rhai", "steps.rhai"),
            ("serial/mac", "mac.serial.ron"),
            ("list/mac", "lists/macs.csv"),
        ] {
            let (_, bytes) = files.iter().find(|(path, _)| path == file).unwrap();
            let input = inputs.iter().find(|input| input["role"] == role);
            let input = input.unwrap_or_else(|| panic!("no input `{role}`: {told}"));
            assert_eq!(input["sha256"], hex(&Sha256::digest(bytes)), "{role}");
        }

        // A SAP and a Job hold the same object.
        let image = workshop.seal(name, &[]);
        let (job, share) = (format!("{name}.job"), format!("{name}.share"));
        let seal = [
            "seal",
            &object,
            "--job",
            "-o",
            &job,
            "--key",
            "owner.key",
            "--to",
            "station.pub",
        ];
        let more = ["--factory", FACTORY, "--share", &share];
        workshop.json(&[&seal[..], &more].concat()).passes();
        let verify = [
            "verify",
            &job,
            "--trust",
            "owner.pub",
            "--station-key",
            "station.key",
            "--share",
            &share,
        ];
        assert_eq!(workshop.json(&verify).passes().json()["object"], told["id"]);
        let verify = ["verify", &image, "--trust", "owner.pub"];
        assert_eq!(workshop.json(&verify).passes().json()["object"], told["id"]);

        let dump = format!("{:#x}:{}=flash.bin", chip.flash_start, chip.flash_len);
        let on = format!("twin:{name}");
        workshop
            .run_with(&image, &on, &["--state", name, "--dump", &dump])
            .passed();
        let flash = workshop.read("flash.bin");
        let mut expect = vec![0xFF; chip.flash_len];
        let firmware = chip.firmware("bin");
        expect[..firmware.len()].copy_from_slice(&firmware);
        expect[0x7000..0x7006].copy_from_slice(&[0, 0xA0, 0xC9, 0, 0, 1]);
        assert_eq!(crc32(&flash), crc32(&expect), "{name}");
        assert!(flash == expect, "{name}");
        assert_eq!(workshop.read(&object), frozen, "{name}");
    }
}

/// An object is told by its first bytes, not by its name.
#[test]
fn an_object_under_the_name_of_an_image_is_not_run() {
    let workshop = Workshop::new();
    workshop.build("unit", &Recipe::with_body("")).passes();
    workshop.write("unit.sap", workshop.read("unit.sapobj"));
    workshop
        .run("unit.sap", "twin:nRF52832_xxAA")
        .refused("IMP-8187");
    let several = [
        "run",
        "unit.sap",
        "unit.sapobj",
        "--barcode",
        "X",
        "--trust",
        "owner.pub",
        "--on",
        "twin:nRF52832_xxAA",
    ];
    workshop.json(&several).refused("IMP-8187");
}

#[test]
fn what_differs_between_objects_and_images_is_told() {
    let workshop = Workshop::new();
    let recipe = |first: u8, list: &str| {
        let bytes = [[first; 8], [2; 8]].concat();
        let script = "fn main(unit) {\n    unit.connect();\n}\n";
        Recipe::new(NRF52.device, script)
            .raw("firmware", 0x100, bytes)
            .file("mac.serial.ron", b"(id: \"macs\", values: list(file: \"macs.csv\", column: 0, header: false))")
            .file("macs.csv", list.as_bytes())
            .section("    serials: { \"mac\": (definition: \"mac.serial.ron\", address: 0x7010, encoding: ascii(len: 2)) },")
    };
    workshop.build("one", &recipe(1, "A1\nA2\n")).passes();
    workshop.build("same", &recipe(1, "A1\nA2\n")).passes();
    workshop.build("bytes", &recipe(3, "A1\nA2\n")).passes();
    workshop.build("list", &recipe(1, "A1\nA3\n")).passes();
    workshop.seal("one", &[]);
    let diff = |first: &str, second: &str| {
        let run = workshop.json(&["diff", first, second, "--trust", "owner.pub"]);
        let told = run.json();
        assert_eq!(told["same"], run.exit == 0, "{run}");
        (run.exit, told["differences"].to_string())
    };
    assert_eq!(diff("one.sapobj", "one.sapobj"), (0, "[]".into()));
    assert_eq!(
        diff("one.sapobj", "same.sapobj"),
        (0, "[]".into()),
        "built twice, it is the same"
    );
    for (first, second, word) in [
        (
            "one.sapobj",
            "bytes.sapobj",
            "\"first_address\":\"0x00000100\"",
        ),
        ("bytes.sapobj", "one.sapobj", "\"bytes\":8"),
        ("one.sapobj", "list.sapobj", "mac"),
        ("one.sap", "bytes.sapobj", "0x00000100"),
    ] {
        let (exit, told) = diff(first, second);
        assert!(exit == 1 && told.contains(word), "{first} {second}: {told}");
    }
    for (first, second, exit, code) in [
        ("one.sapobj", "nothing.sapobj", 8, "IMP-9010"),
        ("one/recipe.ron", "one.sapobj", 3, "IMP-2100"),
    ] {
        workshop
            .json(&["diff", first, second, "--trust", "owner.pub"])
            .fails_with(exit, code);
    }
    // Nobody vouches for the image.
    workshop
        .json(&["diff", "one.sap", "one.sapobj"])
        .fails_with(3, "IMP-2106");
}
