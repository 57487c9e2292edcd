//! Firmware files that are refused: of a wrong format, cut short, empty, outside the device, over each other.

use crate::{CONNECTS, not_built, recipe};
use imprint_tests::{Chip, F103, NRF52, Recipe, Workshop};

#[test]
fn outside_the_memory_of_the_device() {
    let outside = |name: &str, chip: &Chip, address: u64, len: usize, tells: &[&str]| {
        let recipe = Recipe::new(chip.device, CONNECTS).raw("firmware", address, vec![1; len]);
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
fn over_each_other() {
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
fn without_a_byte() {
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

/// Name, file, its bytes, code, what is told.
type Row = (
    &'static str,
    &'static str,
    Vec<u8>,
    &'static str,
    &'static [&'static str],
);

#[test]
fn of_a_wrong_or_truncated_format() {
    let [elf, hex, srec, uf2] = ["elf", "hex", "srec", "uf2"].map(|format| NRF52.firmware(format));
    let cut = |bytes: &[u8], len: usize| bytes[..len].to_vec();
    // The last digit of the data of line 3.
    let digit = lines(&hex, 3).len() - 5;
    let srec_digit = lines(&srec, 3).len() - 5;
    let other = |bytes: &[u8], at: usize| if bytes[at] == b'0' { b'1' } else { b'0' };
    let rows: Vec<Row> = vec![
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
