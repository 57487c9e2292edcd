//! Firmware files: every format, every way in which it can be wrong.
#![allow(clippy::unwrap_used, missing_docs)]

use imprint_image::payload::{Format, Payload, PayloadOptions, Place, Segment};
use proptest::prelude::*;

const ELF: &[u8] = include_bytes!("fixtures/firmware.elf");
const HEX: &str = include_str!("fixtures/firmware.hex");
const SREC: &str = include_str!("fixtures/firmware.srec");

fn parse(bytes: &[u8]) -> Result<Payload, imprint_image::payload::PayloadError> {
    Payload::parse("file", bytes, PayloadOptions::default())
}

/// One block of UF2; `flags` and family as given.
fn block(address: u32, number: u32, count: u32, flags: u32, data: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for word in [
        0x0A32_4655,
        0x9E5D_5157,
        flags,
        address,
        data.len() as u32,
        number,
        count,
        0xADA5_2840,
    ] {
        block.extend(u32::to_le_bytes(word));
    }
    block.extend(data);
    block.resize(508, 0);
    block.extend(0x0AB1_6F30u32.to_le_bytes());
    block
}

/// A UF2 file of `segments`, 256 bytes a block, last block first.
fn uf2(segments: &[Segment]) -> Vec<u8> {
    let pieces: Vec<(u64, &[u8])> = segments
        .iter()
        .flat_map(|it| {
            let address = it.address;
            (it.data.chunks(256).enumerate()).map(move |(i, data)| (address + 256 * i as u64, data))
        })
        .collect();
    let count = pieces.len() as u32;
    (pieces.iter().enumerate().rev())
        .flat_map(|(i, (address, data))| block(*address as u32, i as u32, count, 0x2000, data))
        .collect()
}

#[test]
fn all_formats_of_one_firmware_give_the_same_segments() {
    let elf = parse(ELF).unwrap();
    assert_eq!(elf.format, Format::Elf);
    assert_eq!(elf.entry, Some(0x11));
    let shape: Vec<_> = elf
        .segments
        .iter()
        .map(|it| (it.address, it.data.len()))
        .collect();
    assert_eq!(
        shape,
        [(0, 0x58), (0x80, 0x18)],
        "the gap is not programmed, .data follows .rodata"
    );
    assert_eq!(elf.segments[1].data[0x14..], 0x1234_5678u32.to_le_bytes());
    let crlf = HEX.replace('\n', "\r\n");
    let uf2 = uf2(&elf.segments);
    for (bytes, format) in [
        (HEX.as_bytes(), Format::IntelHex),
        (crlf.as_bytes(), Format::IntelHex),
        (SREC.as_bytes(), Format::SRecord),
        (&uf2, Format::Uf2),
    ] {
        let payload = parse(bytes).unwrap();
        assert_eq!(payload.format, format);
        assert_eq!(payload.segments, elf.segments, "{format:?}");
    }
}

#[test]
fn an_elf_without_section_headers_gives_its_segments_whole() {
    let mut bytes = ELF.to_vec();
    bytes[32..36].fill(0); // e_shoff
    bytes[48..52].fill(0); // e_shnum, e_shstrndx
    let payload = parse(&bytes).unwrap();
    let shape: Vec<_> = payload
        .segments
        .iter()
        .map(|it| (it.address, it.data.len()))
        .collect();
    assert_eq!(shape, [(0, 0x98)]);
}

#[test]
fn raw_needs_an_address_and_the_others_refuse_one() {
    let raw =
        |address, format| Payload::parse("x.bin", &[1, 2, 3], PayloadOptions { address, format });
    assert_eq!(
        raw(Some(0x1000), None).unwrap().segments,
        [Segment {
            address: 0x1000,
            data: vec![1, 2, 3]
        }]
    );
    assert_eq!(raw(None, None).unwrap_err().code(), "IMP-1003");
    assert_eq!(raw(Some(0xFFFF_FFFE), None).unwrap_err().code(), "IMP-1010");
    assert_eq!(raw(Some(u64::MAX), None).unwrap_err().code(), "IMP-1010");
    let hex = |format| {
        let address = Some(0x1000);
        Payload::parse("x.hex", HEX.as_bytes(), PayloadOptions { address, format })
    };
    let error = hex(None).unwrap_err();
    assert_eq!(error.code(), "IMP-1004");
    assert!(error.help().unwrap().contains("format: raw"));
    assert_eq!(hex(Some(Format::Raw)).unwrap().len(), HEX.len() as u64);
}

/// `place` is `line:column`, `@offset`, or empty.
fn check_bad(bytes: &[u8], code: &str, place: &str) {
    let error = parse(bytes).expect_err(code);
    let found = match error.place {
        Place::File => String::new(),
        Place::Text { line, column } => format!("{line}:{column}"),
        Place::Offset(offset) => format!("@{offset}"),
    };
    assert_eq!((error.code(), found.as_str()), (code, place), "{error}");
    assert!(error.help().is_some(), "{error}");
}

#[test]
fn bad_text_files() {
    for (text, code, place) in [
        ("", "IMP-1001", ""),
        // Intel HEX
        (":00000001FF\n", "IMP-1001", ""),
        (":0400000001020304F2\n", "IMP-1005", "1:1"),
        (":0400000001020304F3\n:00000001FF\n", "IMP-1006", "1:18"),
        (":04000000010203F2\n:00000001FF\n", "IMP-1006", "1:16"),
        (":04000000010203F6\n:00000001FF\n", "IMP-1005", "1:2"),
        (":0400000001020304F\n", "IMP-1005", "1:19"),
        (":04\n", "IMP-1005", "1:2"),
        (":04000000010x0304F2\n", "IMP-1007", "1:13"),
        (":04000000010 0304F2\n", "IMP-1007", "1:13"),
        (":0400000001020304F2\nrubbish\n", "IMP-1007", "2:1"),
        (":00000006FA\n:00000001FF\n", "IMP-1007", "1:8"),
        (":00000001FF\n:00000001FF\n", "IMP-1007", "2:1"),
        (
            ":0100000001FE\n:0100000002FD\n:00000001FF\n",
            "IMP-1009",
            "2:4",
        ),
        (
            ":020000021000EC\n:02FFFF000102FD\n:00000001FF\n",
            "IMP-1007",
            "2:4",
        ),
        (
            ":02000004FFFFFC\n:02FFFF000102FD\n:00000001FF\n",
            "IMP-1010",
            "2:4",
        ),
        // S-record
        ("S9030000FC\n", "IMP-1001", ""),
        ("S10500000102F7\n", "IMP-1005", "1:1"),
        ("S10500000102F8\nS9030000FC\n", "IMP-1006", "1:13"),
        ("S10600000102F7\nS9030000FC\n", "IMP-1005", "1:3"),
        ("S10200FD\nS9030000FC\n", "IMP-1005", "1:3"),
        ("S1\n", "IMP-1003", ""),
        ("S105000001g2F7\nS9030000FC\n", "IMP-1007", "1:11"),
        ("S4030000FC\n", "IMP-1007", "1:1"),
        (
            "S10500000102F7\nS5030002FA\nS9030000FC\n",
            "IMP-1005",
            "2:5",
        ),
        ("S9030000FC\nS10500000102F7\n", "IMP-1007", "2:1"),
        (
            "S10500000102F7\nS10500010102F6\nS9030000FC\n",
            "IMP-1009",
            "2:5",
        ),
        ("S10500000102F7\nX\n", "IMP-1007", "2:1"),
        ("S307FFFFFFFF0102F9\nS9030000FC\n", "IMP-1010", "1:5"),
        ("no firmware at all", "IMP-1003", ""),
    ] {
        check_bad(text.as_bytes(), code, place);
    }
    let long = format!(":{}\n", "0".repeat(2000));
    check_bad(long.as_bytes(), "IMP-1007", "1:1025");
    check_bad(":04000000\u{e9}\n".as_bytes(), "IMP-1007", "1:10");
}

#[test]
fn addresses_of_intel_hex_and_s_records() {
    for (text, address, entry) in [
        (
            ":020000021000EC\n:0100000001FE\n:00000001FF\n",
            0x1_0000,
            None,
        ),
        (
            ":020000040800F2\n:0110000001EE\n:0400000508001001DE\n:00000001FF\n",
            0x0800_1000,
            Some(0x0800_1001),
        ),
        ("S1041000AA41\nS9030000FC\n", 0x1000, None),
        ("S205081000AA38\nS804081001E2\n", 0x08_1000, Some(0x08_1001)),
        (
            "S30608001000AA37\nS70508001001E1\n",
            0x0800_1000,
            Some(0x0800_1001),
        ),
    ] {
        let payload = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (payload.segments[0].address, payload.entry),
            (address, entry),
            "{text}"
        );
    }
}

#[test]
fn bad_uf2_files() {
    let one = || block(0x1000, 0, 1, 0x2000, &[1; 256]);
    let edit = |offset: usize, value: u32| {
        let mut block = one();
        block[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
        block
    };
    let two = |first: Vec<u8>, second: Vec<u8>| [first, second].concat();
    for (bytes, code, place) in [
        (one()[..511].to_vec(), "IMP-1005", "@0"),
        (edit(4, 0), "IMP-1007", "@4"),
        (edit(508, 0), "IMP-1007", "@508"),
        (edit(8, 0x1000), "IMP-1007", "@8"),
        (edit(16, 477), "IMP-1007", "@16"),
        (edit(16, 0), "IMP-1001", ""),
        (edit(8, 0x2001), "IMP-1001", ""),
        (edit(20, 1), "IMP-1007", "@20"),
        (edit(24, 3), "IMP-1005", ""),
        (edit(24, u32::MAX), "IMP-1005", ""),
        (edit(12, 0xFFFF_FFFF), "IMP-1010", "@12"),
        (
            two(block(0, 0, 2, 0x2000, &[1]), block(9, 0, 2, 0x2000, &[1])),
            "IMP-1007",
            "@532",
        ),
        (
            two(block(0, 0, 2, 0x2000, &[1]), block(9, 1, 2, 0, &[1])),
            "IMP-1007",
            "@540",
        ),
        (
            two(block(0, 0, 2, 0x2000, &[1]), block(9, 1, 3, 0x2000, &[1])),
            "IMP-1007",
            "@536",
        ),
        (
            two(
                block(0, 0, 2, 0x2000, &[1; 9]),
                block(8, 1, 2, 0x2000, &[1]),
            ),
            "IMP-1009",
            "@524",
        ),
    ] {
        check_bad(&bytes, code, place);
    }
}

#[test]
fn bad_elf_files() {
    let edit = |offset: usize, bytes: &[u8]| {
        let mut elf = ELF.to_vec();
        elf[offset..offset + bytes.len()].copy_from_slice(bytes);
        elf
    };
    for (bytes, code, place) in [
        (ELF[..5].to_vec(), "IMP-1005", ""),
        (ELF[..51].to_vec(), "IMP-1005", ""),
        (ELF[..0x1020].to_vec(), "IMP-1005", ""),
        (edit(4, &[2]), "IMP-1008", "@4"),
        (edit(5, &[2]), "IMP-1008", "@4"),
        (edit(18, &[62, 0]), "IMP-1008", "@18"),
        (edit(16, &[1]), "IMP-1007", "@16"),
        (edit(44, &[0, 0]), "IMP-1001", ""),
        // The first segment claims more bytes than the file has.
        (edit(52 + 16, &[0, 0, 0xFF, 0x7F]), "IMP-1005", "@4096"),
        // The second segment is loaded over the first.
        (edit(84 + 12, &[0x10, 0, 0, 0]), "IMP-1009", "@8192"),
    ] {
        check_bad(&bytes, code, place);
    }
}

#[test]
fn every_cut_of_every_format_is_refused_or_was_padding() {
    let whole = parse(ELF).unwrap();
    let uf2 = uf2(&whole.segments);
    // Behind the last digit only line ends follow.
    for bytes in [
        HEX.trim_end().as_bytes(),
        SREC.trim_end().as_bytes(),
        &uf2,
        ELF,
    ] {
        for len in 0..bytes.len() {
            assert!(parse(&bytes[..len]).is_err(), "{len} of {}", bytes.len());
        }
    }
}

#[test]
fn an_elf_that_names_its_bytes_many_times_takes_bounded_memory() {
    // 4096 program headers, each with the same 64 KiB, without section headers.
    let (count, len) = (4096u32, 0x1_0000u32);
    let mut elf = ELF[..52].to_vec();
    elf[32..36].fill(0);
    elf[44..46].copy_from_slice(&(count as u16).to_le_bytes());
    elf[48..52].fill(0);
    for _ in 0..count {
        for word in [1, 0, 0, 0, len, len, 5, 4] {
            elf.extend(u32::to_le_bytes(word));
        }
    }
    assert!(elf.len() > len as usize);
    check_bad(&elf, "IMP-1002", "@0");
}

fn arbitrary_near_formats() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        &b""[..],
        b":",
        b":10000000",
        b"S1",
        b"S113",
        b"S9",
        b"UF2\nWQ]\x9e",
        b"\x7fELF\x01\x01\x01",
    ]);
    (start, prop::collection::vec(any::<u8>(), 0..1200))
        .prop_map(|(start, rest)| [start, &rest].concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in arbitrary_near_formats(), address in proptest::option::of(any::<u64>())) {
        let _ = Payload::parse("x", &bytes, PayloadOptions { address, format: None });
    }

    #[test]
    fn no_damage_to_a_real_file_makes_it_panic(index in 0usize..9000, value in any::<u8>()) {
        for file in [ELF, HEX.as_bytes(), SREC.as_bytes()] {
            let mut bytes = file.to_vec();
            let index = index % bytes.len();
            bytes[index] = value;
            let _ = parse(&bytes);
        }
    }

    #[test]
    fn what_a_uf2_file_holds_comes_back(address in 0u32..0xFFFF_0000, data in prop::collection::vec(any::<u8>(), 1..2000)) {
        let segments = [Segment { address: u64::from(address), data }];
        prop_assert_eq!(parse(&uf2(&segments)).unwrap().segments, segments);
    }
}
