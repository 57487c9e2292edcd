//! What is refused before there is an object: recipes, payloads, scripts, devices.

use crate::refused;
use imprint_tests::{Chip, F103, NRF52, Recipe, Workshop, repository};
use std::fs;

const NOTHING: &str = "fn main(unit) {\n    unit.connect();\n}\n";

/// Builds a recipe that must be refused, and says that nothing is there afterwards.
#[track_caller]
fn not_built(name: &str, recipe: &Recipe, code: &str, tells: &[&str]) {
    let workshop = Workshop::without_plugins();
    let path = workshop.project("unit", recipe);
    refused(
        &workshop,
        name,
        &["build", &path, "-o", "unit.sapobj"],
        (6, code),
        tells,
    );
}

fn recipe() -> Recipe {
    Recipe::new(NRF52.device, NOTHING)
}

#[test]
fn devices() {
    let unknown = Recipe::new("nRF52832_xxAB", NOTHING);
    not_built(
        "unknown",
        &unknown,
        "IMP-6003",
        &["`nRF52832_xxAB`", "`nRF52832_xxAA`", "recipe.ron"],
    );
    let workshop = Workshop::without_plugins();
    let (show, twin) = (
        ["device", "show", "STM32"],
        ["twin", "new", "STM32", "-o", "x.twin"],
    );
    refused(&workshop, "show", &show, (6, "IMP-6003"), &["`STM32`"]);
    refused(&workshop, "twin", &twin, (6, "IMP-6003"), &["`STM32`"]);
}

#[test]
fn payloads_outside_the_memory_of_the_device() {
    let outside = |name: &str, chip: &Chip, address: u64, len: usize, tells: &[&str]| {
        let recipe = Recipe::new(chip.device, NOTHING).raw("firmware", address, vec![1; len]);
        not_built(
            name,
            &recipe,
            "IMP-1042",
            &[&["`firmware`", chip.device], tells].concat(),
        );
    };
    outside(
        "behind the flash",
        &NRF52,
        0x0008_0000,
        16,
        &["0x00080000", "`flash`"],
    );
    outside(
        "over its end",
        &NRF52,
        0x0007_FFF0,
        32,
        &["0x00080000", "`flash`"],
    );
    outside(
        "over its end",
        &F103,
        0x0800_FFFF,
        2,
        &["0x08010000", "`flash`"],
    );
    outside(
        "behind RAM",
        &F103,
        0x2000_5000,
        1,
        &["0x20005000", "`ram`"],
    );
}

#[test]
fn payloads_that_overlap() {
    let both = |second: u64| {
        recipe()
            .raw("a", 0x1000, vec![1; 256])
            .raw("b", second, vec![2; 256])
    };
    for (second, at) in [
        (0x10FF, "0x000010ff"),
        (0x1000, "0x00001000"),
        (0x0F01, "0x00001000"),
    ] {
        not_built("overlap", &both(second), "IMP-1045", &["`a`", "`b`", at]);
    }
    // One that only touches is no overlap.
    Workshop::without_plugins()
        .build("unit", &both(0x1100))
        .passes();
}

#[test]
fn payloads_without_a_byte() {
    let empty = |file: &str, bytes: &[u8]| recipe().payload("firmware", file, bytes.to_vec());
    for (name, recipe) in [
        ("an empty file", empty("a.hex", b"")),
        ("an empty raw file", recipe().raw("firmware", 0, Vec::new())),
        ("HEX with an end alone", empty("a.hex", b":00000001FF\n")),
    ] {
        not_built(
            name,
            &recipe,
            "IMP-1001",
            &["`firmware`", "nothing to program"],
        );
    }
}

/// The first lines of a text.
fn lines(bytes: &[u8], count: usize) -> Vec<u8> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .take(count)
        .flatten()
        .copied()
        .collect()
}

/// The bytes with one of them replaced.
fn with_byte(mut bytes: Vec<u8>, position: usize, byte: u8) -> Vec<u8> {
    assert_ne!(bytes[position], byte);
    bytes[position] = byte;
    bytes
}

#[test]
fn payloads_of_a_wrong_or_truncated_format() {
    let [elf, hex, srec, uf2] = ["elf", "hex", "srec", "uf2"].map(|format| NRF52.firmware(format));
    let cut = |bytes: &[u8], len: usize| bytes[..len].to_vec();
    // The last digit of the data of line 3.
    let digit = lines(&hex, 3).len() - 5;
    let srec_digit = lines(&srec, 3).len() - 5;
    let other = |bytes: &[u8], at: usize| if bytes[at] == b'0' { b'1' } else { b'0' };
    let rows: Vec<(&str, &str, Vec<u8>, &str, &[&str])> = vec![
        (
            "HEX checksum",
            "a.hex",
            with_byte(hex.clone(), digit, other(&hex, digit)),
            "IMP-1006",
            &["line 3"],
        ),
        (
            "HEX cut between lines",
            "a.hex",
            lines(&hex, 9),
            "IMP-1005",
            &["cut short"],
        ),
        (
            "HEX cut in a line",
            "a.hex",
            cut(&hex, hex.len() / 2),
            "IMP-1005",
            &["cut short", "line"],
        ),
        (
            "S-record checksum",
            "a.srec",
            with_byte(srec.clone(), srec_digit, other(&srec, srec_digit)),
            "IMP-1006",
            &["line 3"],
        ),
        (
            "S-record cut",
            "a.srec",
            lines(&srec, 9),
            "IMP-1005",
            &["cut short"],
        ),
        (
            "UF2 cut in a block",
            "a.uf2",
            cut(&uf2, 1000),
            "IMP-1005",
            &["cut short"],
        ),
        (
            "UF2 cut between blocks",
            "a.uf2",
            cut(&uf2, 1024),
            "IMP-1005",
            &["cut short"],
        ),
        (
            "ELF cut in its data",
            "a.elf",
            cut(&elf, elf.len() / 4),
            "IMP-1005",
            &["cut short"],
        ),
        (
            "ELF cut in its header",
            "a.elf",
            cut(&elf, 40),
            "IMP-1005",
            &["cut short"],
        ),
        // e_machine 62 is x86-64.
        (
            "ELF of a PC",
            "a.elf",
            with_byte(elf.clone(), 18, 62),
            "IMP-1008",
            &["ARM"],
        ),
        (
            "nothing known",
            "a.bin",
            vec![7; 100],
            "IMP-1003",
            &["address"],
        ),
    ];
    for (name, file, bytes, code, tells) in rows {
        let recipe = recipe().payload("firmware", file, bytes);
        not_built(
            name,
            &recipe,
            code,
            &[&["`firmware`", file], tells].concat(),
        );
    }
    let as_elf = recipe().payload_as("Payload(file: \"a.hex\", format: elf)", "a.hex", hex);
    not_built(
        "HEX called ELF",
        &as_elf,
        "IMP-1007",
        &["a.hex", "expected", "found"],
    );
    let moved = recipe().payload_as("Payload(file: \"a.elf\", address: 0x1000)", "a.elf", elf);
    not_built(
        "ELF with an address",
        &moved,
        "IMP-1004",
        &["a.elf", "0x00001000"],
    );
}

#[test]
fn recipes() {
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
            ["recipe.ron:1:", "expected", "recipe"],
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
            ["`scirpt.rhai`", "not there", "script"],
        ),
    ] {
        let workshop = Workshop::without_plugins();
        workshop.write("unit/recipe.ron", text);
        workshop.write("unit/script.rhai", NOTHING);
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
fn scripts() {
    for (name, statement, code, tells) in [
        (
            "misspelt",
            "    chip.verfiy(unit.payload(\"firmware\"));",
            "IMP-3002",
            ["verfiy", "verify"],
        ),
        (
            "misspelt in a branch",
            "    if false { chip.erasee(); }",
            "IMP-3002",
            ["erasee", "erase"],
        ),
        (
            "arguments",
            "    chip.read(0);",
            "IMP-3003",
            ["read", "chip.read(0)"],
        ),
        (
            "precedence",
            "    let busy = chip.read32(0) & 1 != 0;",
            "IMP-3004",
            ["& 1 != 0", "&"],
        ),
        (
            "unknown payload",
            "    unit.payload(\"firmwear\");",
            "IMP-3006",
            ["firmwear", "firmware"],
        ),
        (
            "unknown memory",
            "    chip.memory(\"flahs\");",
            "IMP-3006",
            ["flahs", "flash"],
        ),
        (
            "no right",
            "    chip.erase();",
            "IMP-3007",
            ["mass_erase", "chip.erase()"],
        ),
        (
            "no right to protect",
            "    chip.protect();",
            "IMP-3007",
            ["protect", "chip.protect()"],
        ),
        (
            "no right to unlock",
            "    unit.unlock();",
            "IMP-3007",
            ["unlock_by_erase", "unlock"],
        ),
        ("not Rhai", "    let = 3;", "IMP-3001", ["let = 3", "3"]),
        ("eval", "    eval(\"1\");", "IMP-3001", ["eval", "3"]),
    ] {
        let recipe = Recipe::with_body(statement).raw("firmware", 0, vec![1; 16]);
        not_built(
            name,
            &recipe,
            code,
            &[&["script.rhai:3:"], &tells[..]].concat(),
        );

        // The check alone knows no payloads and no rights, and finds all the rest.
        if !["IMP-3006", "IMP-3007"].contains(&code) {
            let workshop = Workshop::without_plugins();
            workshop.project("unit", &recipe);
            let check = [
                "script",
                "check",
                "unit/script.rhai",
                "--device",
                NRF52.device,
            ];
            let failure = refused(&workshop, name, &check, (6, code), &["script.rhai:3:"]);
            assert_eq!(failure.place.unwrap().line, 3, "{name}");
        }
    }
    not_built(
        "no main",
        &Recipe::new(NRF52.device, "fn mian(unit) { }\n"),
        "IMP-3005",
        &["main(unit)"],
    );
}

#[test]
fn an_algorithm_whose_hash_differs() {
    let workshop = Workshop::without_plugins();
    let path = repository()
        .join("devices")
        .join(format!("{}.ron", NRF52.device));
    let text = fs::read_to_string(path).unwrap();
    let start = text.find("sha256: \"").unwrap() + "sha256: \"".len();
    let hash = &text[start..start + 64];
    let other = "0123456789abcdef".repeat(4);
    workshop.write("changed/device.ron", text.replace(hash, &other));
    let recipe = workshop.project("unit", &recipe());
    let build = [
        "build",
        &recipe,
        "-o",
        "unit.sapobj",
        "--devices",
        "changed",
    ];
    let failure = refused(
        &workshop,
        "hash",
        &build,
        (6, "IMP-4032"),
        &[hash, &other, NRF52.device],
    );
    assert_eq!(failure.expected.as_deref(), Some(other.as_str()));
    assert_eq!(failure.found.as_deref(), Some(hash));
}

#[test]
fn device_descriptions() {
    let path = repository()
        .join("devices")
        .join(format!("{}.ron", NRF52.device));
    let good = fs::read_to_string(path).unwrap();
    for (name, text) in [
        ("unknown field", good.replacen("vendor:", "vendro:", 1)),
        ("cut short", good[..good.len() / 2].to_string()),
        (
            "another type",
            good.replacen("vendor: \"", "vendor: 7 // \"", 1),
        ),
    ] {
        let workshop = Workshop::without_plugins();
        workshop.write("changed/device.ron", text);
        let recipe = workshop.project("unit", &recipe());
        let build = [
            "build",
            &recipe,
            "-o",
            "unit.sapobj",
            "--devices",
            "changed",
        ];
        let run = workshop.json(&build);
        let failure = run.failures().remove(0);
        assert!(
            run.exit == 6 && failure.code.starts_with("IMP-60"),
            "{name}: {run}"
        );
        assert!(
            run.stderr.contains("device.ron`, line"),
            "{name}: no place\n{run}"
        );
        assert!(!workshop.path("unit.sapobj").exists());
    }
}

#[test]
fn objects() {
    let workshop = Workshop::without_plugins();
    workshop
        .build("unit", &recipe().raw("firmware", 0, vec![1; 16]))
        .passes();
    let good = workshop.read("unit.sapobj");
    let last = good.len() - 1;
    for (name, bytes, code) in [
        ("something else", b"not an object".to_vec(), "IMP-1060"),
        ("empty", Vec::new(), "IMP-1060"),
        ("another version", with_byte(good.clone(), 8, 9), "IMP-1061"),
        ("cut short", good[..last].to_vec(), "IMP-1062"),
        ("lengthened", [&good[..], &[0]].concat(), "IMP-1062"),
        (
            "changed",
            with_byte(good.clone(), last, good[last] ^ 1),
            "IMP-1064",
        ),
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
