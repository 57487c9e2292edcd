//! Descriptions that are read, and descriptions that are refused with the reason.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use sha2::{Digest, Sha256};

const GOOD: &str = r#"Device(
    name: "X1", vendor: "Example", family: "example.x", chip: "X1", core: CortexM3,
    swd: (clock_khz: 4000),
    memories: [
        (name: "flash", kind: Flash, start: 0x0800_0000, len: 0x1000, aliases: [0],
         nor: Some((algorithm: Some("x"), sectors: [(len: 0x400, count: 4)], unit_len: 2,
         timing: (program_unit_ns: 52500, erase_sector_us: 20000, erase_all_us: 20000, source: "DS1 table 2")))),
        (name: "ram", kind: Ram, start: 0x2000_0000, len: 0x1000),
    ],
    algorithms: [(name: "x", sha256: "00")],
    uid: Some((address: 0x0800_0000, len: 12)),
    revision: Some((address: 0xE004_2000, mask: 0xFFFF_0000, shift: 16)),
    twin: (dpidr: 1, ap_idr: 1, cpuid: 1, core_clock_khz: 8000, flash_wait_states: 0, breakpoint_count: 6,
           interrupt_count: 32, rom_table: (address: 0xE00F_F000, jep106_continuation: 0, jep106_identity: 0x20, part: 1),
           boot_address: 0x0800_0000),
    sources: ["DS1"],
)"#;

/// Replaces `from` by `to` in the good description and expects the texts in the refusal.
fn refused(from: &str, to: &str, expect: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    let error = Device::parse("x1.ron", &GOOD.replacen(from, to, 1)).unwrap_err();
    let text = format!("{} {error}", error.code());
    for expect in expect {
        assert!(text.contains(expect), "expected {expect:?} in {text:?}");
    }
}

#[test]
fn a_good_description_is_read() {
    let device = Device::parse("x1.ron", GOOD).unwrap();
    assert_eq!(device.main_flash().unwrap().name, "flash");
    assert_eq!(
        device.memory_at(0x10, 4).unwrap().name,
        "flash",
        "through its alias"
    );
    assert!(device.memory_at(0x0800_0FFF, 2).is_none(), "across the end");
    assert!(device.memory_at(u64::MAX, 2).is_none());
    assert_eq!(device.revision.unwrap().of(0x2003_6410), 0x2003);
    assert_eq!(device.file_sha256().unwrap()[..], Sha256::digest(GOOD)[..]);
}

#[test]
fn a_run_of_sectors_can_take_a_time_of_its_own() {
    let equal = Device::parse("x1.ron", GOOD).unwrap();
    let unequal = GOOD.replace(
        "(len: 0x400, count: 4)",
        "(len: 0x400, count: 2), (len: 0x800, count: 1, erase_us: Some(45000))",
    );
    let unequal = Device::parse("x1.ron", &unequal).unwrap();
    for (device, offset, expect) in [
        (&equal, 0, 20_000),
        (&equal, 0xFFF, 20_000),
        (&unequal, 0x7FF, 20_000),
        (&unequal, 0x800, 45_000),
        (&unequal, 0xFFF, 45_000),
        (&unequal, 0x1000, 20_000),
    ] {
        let nor = device.main_flash().unwrap().nor.as_ref().unwrap();
        assert_eq!(nor.erase_us_at(offset), expect, "{offset:#x}");
    }
}

#[test]
fn mistakes_are_refused_with_their_place() {
    for (from, to, expect) in [
        ("vendor", "vender", &["IMP-6001", "line 2", "vender"][..]),
        ("CortexM3", "CortexM33", &["IMP-6001", "line 2"]),
        (
            "len: 0x1000, aliases",
            "len: 0x1100, aliases",
            &[
                "IMP-6002",
                "sectors have 0x1000 bytes together, expected 0x1100",
            ],
        ),
        ("unit_len: 2", "unit_len: 3", &["units of 3 bytes"]),
        ("unit_len: 2", "unit_len: 0", &["units of 0 bytes"]),
        (
            "Some(\"x\")",
            "Some(\"y\")",
            &["algorithm `y` is not under `algorithms`"],
        ),
        (
            "name: \"ram\"",
            "name: \"flash\"",
            &["`flash` is described twice"],
        ),
        (
            "start: 0x2000_0000",
            "start: 0x0800_0800",
            &["`flash` and `ram` overlap at 0x08000800"],
        ),
        (
            "start: 0x2000_0000, len: 0x1000",
            "start: 0xFFFF_F000, len: 0x1001",
            &["leave the 32-bit address space"],
        ),
        (
            "start: 0x2000_0000, len: 0x1000",
            "start: 0xFFFF_FFFF_FFFF_FFFF, len: 0x1001",
            &["leave the 32-bit address space"],
        ),
        (
            "erase_all_us: 20000",
            "erase_all_us: 3_600_000_001",
            &["`erase_all_us` is more than an hour"],
        ),
        ("kind: Ram", "kind: Factory", &["no RAM"]),
        (
            "address: 0x0800_0000, len: 12",
            "address: 0x1000_0000, len: 12",
            &["unique identifier at 0x10000000"],
        ),
        (
            "address: 0xE004_2000",
            "address: 0xE004_2002",
            &["the revision at 0xe0042002 is no register"],
        ),
        (
            "address: 0xE004_2000",
            "address: 0x1_0000_0000",
            &["the revision at 0x100000000 is no register"],
        ),
        (
            "mask: 0xFFFF_0000",
            "mask: 0",
            &["the revision has no bits"],
        ),
        ("shift: 16", "shift: 32", &["the revision has no bits"]),
        (
            "sources: [\"DS1\"]",
            "sources: [\"DS1\"], file_sha256: Some(\"00\")",
            &["IMP-6002", "filled in by whoever reads the file"],
        ),
        (
            "len: 0x1000),",
            "len: 0),",
            &["memory `ram`: it has no bytes"],
        ),
    ] {
        refused(from, to, expect);
    }
}

#[test]
fn an_endless_file_is_refused_before_it_is_parsed() {
    let error = Device::parse("x1.ron", &" ".repeat(300 << 10)).unwrap_err();
    assert_eq!(error.code(), "IMP-6000");
}
