//! The flash path on a board: what ends up in the cells, and what a failure says.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, Controller, DATA, FLASH, FLASH_LEN, RAM, device, noise};
use imprint_target::{NotBlank, Progress, Segment, Step, TargetError};
use imprint_twin::Fault;

fn segment(address: u64, data: &[u8]) -> Segment<'_> {
    Segment { address, data }
}

#[test]
fn erase_program_verify() {
    let bench = Bench::new();
    let firmware = noise(FLASH_LEN as usize, 1);
    let mut target = bench.attach();
    let segments = [segment(FLASH, &firmware)];
    let mut flash = target.flash();
    flash.erase_range(FLASH, FLASH_LEN).unwrap();
    flash.check_blank(FLASH, FLASH_LEN).unwrap();
    flash.program(&segments).unwrap();
    flash.verify_crc(&segments).unwrap();
    flash.verify_compare(&segments).unwrap();
    assert_eq!(bench.peek(FLASH, firmware.len()), firmware);
    assert_eq!(
        target.changes().to_string(),
        "erased 0x08000000..0x08010000, programmed 0x08000000..0x08010000"
    );
}

/// Programs segments into erased memory and compares all of it with a model.
#[track_caller]
fn check_programmed(segments: &[Segment<'_>]) {
    let bench = Bench::new();
    let mut model = vec![0xFF; (FLASH_LEN + 0x1000) as usize];
    for segment in segments {
        // The alias at 0 shows the same cells.
        let home = if segment.address < FLASH {
            segment.address + FLASH
        } else {
            segment.address
        };
        let offset = (home - FLASH) as usize;
        model[offset..offset + segment.data.len()].copy_from_slice(segment.data);
    }
    let mut target = bench.attach();
    target.flash().program(segments).unwrap();
    target.flash().verify_compare(segments).unwrap();
    target.flash().verify_crc(segments).unwrap();
    assert!(
        bench.peek(FLASH, FLASH_LEN as usize) == model[..FLASH_LEN as usize],
        "flash differs"
    );
    assert!(
        bench.peek(DATA, 0x1000) == model[FLASH_LEN as usize..],
        "data differs"
    );
}

#[test]
fn segments_of_every_shape() {
    let bytes = noise(6000, 2);
    for (address, len) in [
        (0, 1),
        (1, 1),
        (3, 1),
        (3, 2),
        (2, 4),
        (1023, 2),
        (1020, 4),
        (0, 1024),
        (1, 1024),
        (7, 4099),
        (0, 3),
        (FLASH_LEN - 1, 1),
        (FLASH_LEN - 5, 10),
        (FLASH_LEN - 1500, 4000),
        (0x7FFF, 2),
    ] {
        check_programmed(&[segment(FLASH + address, &bytes[..len])]);
    }
    // Neighbours in one word, in one page, across pages; in any order; through the alias.
    check_programmed(&[
        segment(FLASH, &bytes[..1]),
        segment(FLASH + 1, &bytes[1..2]),
    ]);
    check_programmed(&[
        segment(FLASH + 2, &bytes[2..9]),
        segment(FLASH, &bytes[..2]),
    ]);
    check_programmed(&[
        segment(FLASH + 100, &bytes[..9]),
        segment(FLASH + 900, &bytes[9..300]),
    ]);
    check_programmed(&[
        segment(0x40, &bytes[..70]),
        segment(FLASH + 0x100, &bytes[70..140]),
    ]);
    check_programmed(&[
        segment(DATA + 9, &bytes[..70]),
        segment(FLASH + 9, &bytes[..70]),
    ]);
    check_programmed(&[segment(FLASH, &[])]);
    check_programmed(&[]);
    // What equals erased memory is not programmed, and verifies.
    check_programmed(&[segment(FLASH, &[0xFF; 3000])]);
}

#[test]
fn erasing_takes_whole_sectors_and_no_more() {
    for (address, len, erased) in [
        (0, 1, 0..1024),
        (1023, 2, 0..2048),
        (1024, 1024, 1024..2048),
        (0x7FFF, 2, 0x7C00..0x9000),
        (0x8001, 1, 0x8000..0x9000),
        (0xF000, 0x1001, 0xF000..0x1_0100),
        (0, 0, 0..0),
    ] {
        let bench = Bench::new();
        let zeros = vec![0; (FLASH_LEN + 0x1000) as usize];
        let mut target = bench.attach();
        target.flash().program(&[segment(FLASH, &zeros)]).unwrap();
        target.flash().erase_range(FLASH + address, len).unwrap();
        let cells = [
            bench.peek(FLASH, FLASH_LEN as usize),
            bench.peek(DATA, 0x1000),
        ]
        .concat();
        let expect: Vec<u8> = (0..cells.len())
            .map(|offset| if erased.contains(&offset) { 0xFF } else { 0 })
            .collect();
        assert!(cells == expect, "{len} bytes at {address:#x}");
    }
}

#[test]
fn erasing_a_memory_at_once() {
    let bench = Bench::new();
    let mut target = bench.attach();
    target
        .flash()
        .program(&[segment(FLASH, &noise(5000, 3)), segment(DATA, &[0; 16])])
        .unwrap();
    target.flash().erase_all("flash").unwrap();
    assert!(
        bench
            .peek(FLASH, FLASH_LEN as usize)
            .iter()
            .all(|byte| *byte == 0xFF)
    );
    assert_eq!(bench.peek(DATA, 16), [0; 16]);
    assert_eq!(
        target.flash().erase_all("nothing").unwrap_err().code(),
        "IMP-4041"
    );
    assert_eq!(
        target.flash().erase_all("ram").unwrap_err().code(),
        "IMP-4042"
    );
    assert_eq!(
        target.flash().erase_all("options").unwrap_err().code(),
        "IMP-4042"
    );
}

#[test]
fn blank_check_names_the_first_byte() {
    let bench = Bench::new();
    let mut target = bench.attach();
    for offset in [FLASH_LEN - 1, 0x8003, 0x2001, 5] {
        target
            .flash()
            .program(&[segment(FLASH + offset, &[0x7E])])
            .unwrap();
        let expect = NotBlank {
            address: FLASH + offset,
            found: 0x7E,
            erased: 0xFF,
        };
        for (start, len) in [
            (0, FLASH_LEN),
            (offset, 1),
            (1, FLASH_LEN - 1),
            (offset.saturating_sub(2), 3),
        ] {
            let found = target.flash().is_blank(FLASH + start, len).unwrap();
            assert_eq!(found, Some(expect), "{len} bytes at {start:#x}");
        }
    }
    assert_eq!(target.flash().is_blank(FLASH + 6, 0x1000).unwrap(), None);
    assert_eq!(target.flash().is_blank(FLASH + 6, 0).unwrap(), None);
    let error = target.flash().check_blank(FLASH, 16).unwrap_err();
    assert_eq!(
        error.to_string(),
        "blank check failed at 0x08000005: found 0x7e, expected 0xff"
    );
}

#[test]
fn verify_names_the_first_byte() {
    let bench = Bench::new();
    let bytes = noise(0x1_1000, 4);
    let mut target = bench.attach();
    target.flash().program(&[segment(FLASH, &bytes)]).unwrap();
    for offset in [0, 1, 511, 0x8002, 0xFFFF, 0x1_0000, 0x1_0FFF] {
        let mut wrong = bytes.clone();
        wrong[offset] ^= 0x10;
        let expect = TargetError::VerifyMismatch {
            address: FLASH + offset as u64,
            expected: wrong[offset],
            found: bytes[offset],
        };
        for from in [0, 1, 2, 3] {
            let from = from.min(offset);
            let segments = [segment(FLASH + from as u64, &wrong[from..])];
            assert_eq!(target.flash().verify_crc(&segments), Err(expect.clone()));
            assert_eq!(
                target.flash().verify_compare(&segments),
                Err(expect.clone())
            );
        }
    }
}

#[test]
fn a_crc_of_any_range() {
    let bytes = noise(0x1_1000, 9);
    let bench = Bench::new();
    let little = little_ram();
    for bench in [bench, little] {
        let mut target = bench.attach();
        target.flash().program(&[segment(FLASH, &bytes)]).unwrap();
        for (from, len) in [
            (0, 0x1_0000),
            (0, 0),
            (1, 1),
            (1, 4),
            (3, 1000),
            (4, 64),
            (0xFFFF, 1),
        ] {
            let expect = crc32fast::hash(&bytes[from..from + len]);
            let found = target
                .flash()
                .crc32(FLASH + from as u64, len as u64)
                .unwrap();
            assert_eq!(found, expect, "{len} bytes at {from:#x}");
        }
        assert_eq!(
            target.flash().crc32(FLASH - 4, 8).unwrap_err().code(),
            "IMP-4040"
        );
    }
}

#[test]
fn a_stuck_bit_is_found() {
    let stuck = Fault::Stuck {
        address: FLASH + 0x2345,
        bit: 3,
        value: true,
    };
    let bench = Bench::with(
        Controller {
            is_lenient: true,
            ..Controller::default()
        },
        &[stuck],
    );
    let mut target = bench.attach();
    let error = target
        .flash()
        .program(&[segment(FLASH, &[0; 0x3000])])
        .unwrap_err();
    let expect = "`ProgramPage` of algorithm `test` failed at 0x08002000 with code 1";
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("IMP-4020", expect)
    );
    let error = target
        .flash()
        .verify_crc(&[segment(FLASH, &[0; 0x2400])])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "verify failed at 0x08002345: expected 0x00, found 0x08"
    );
}

#[test]
fn programming_twice_fails_where_it_would_change_bits() {
    let bench = Bench::new();
    let mut target = bench.attach();
    target
        .flash()
        .program(&[segment(FLASH + 0x400, &[0x55; 8])])
        .unwrap();
    target
        .flash()
        .program(&[segment(FLASH + 0x400, &[0x55; 8])])
        .unwrap();
    let error = target
        .flash()
        .program(&[segment(FLASH, &[0xAA; 0x800])])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`ProgramPage` of algorithm `test` failed at 0x08000400 with code 1"
    );
}

/// Each range or segment list that is refused before anything is done.
#[test]
fn what_is_outside_is_refused_untouched() {
    let bench = Bench::new();
    let mut target = bench.attach();
    let before = target.transfer_count();
    let ranges = [
        (FLASH - 1, 2, "IMP-4040"),
        (FLASH_LEN, 1, "IMP-4040"),
        (DATA, 0x1001, "IMP-4040"),
        (u64::MAX, 2, "IMP-4040"),
        (1 << 32, 4, "IMP-4040"),
        (RAM, 4, "IMP-4042"),
    ];
    for (address, len, code) in ranges {
        let mut flash = target.flash();
        assert_eq!(
            flash.erase_range(address, len).unwrap_err().code(),
            code,
            "{address:#x}"
        );
        assert_eq!(
            flash.is_blank(address, len).unwrap_err().code(),
            code,
            "{address:#x}"
        );
        let data = vec![0; len as usize];
        let segments = [segment(FLASH, &[1, 2]), segment(address, &data)];
        assert_eq!(
            flash.program(&segments).unwrap_err().code(),
            code,
            "{address:#x}"
        );
        assert_eq!(
            flash.verify_crc(&segments).unwrap_err().code(),
            code,
            "{address:#x}"
        );
        assert_eq!(
            flash.verify_compare(&segments).unwrap_err().code(),
            code,
            "{address:#x}"
        );
    }
    let overlaps = [
        [segment(FLASH, &[1, 2]), segment(FLASH + 1, &[2])],
        [segment(FLASH + 1, &[2]), segment(FLASH, &[1, 2])],
        [segment(FLASH, &[1, 2]), segment(1, &[2])],
    ];
    for segments in overlaps {
        let error = target.flash().program(&segments).unwrap_err();
        assert_eq!(error, TargetError::Overlap { address: FLASH + 1 });
    }
    assert_eq!(
        target
            .flash()
            .program(&[segment(0x0900_0000, &[0])])
            .unwrap_err()
            .code(),
        "IMP-4042"
    );
    assert_eq!(target.transfer_count(), before, "the wire moved");
    assert!(target.changes().is_empty());
}

/// Programs with a changed algorithm or device; the error's code and text.
#[track_caller]
fn check_failure(change: impl FnOnce(&mut Bench), code: &str, text: &str) {
    let mut bench = Bench::new();
    change(&mut bench);
    let mut target = bench.attach();
    let error = target
        .flash()
        .program(&[segment(FLASH + 0x10, &noise(3000, 5))])
        .unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    // The target is still there, and what needs no algorithm works.
    target.flash().is_blank(FLASH, 0x1000).unwrap();
}

#[test]
fn algorithms_that_fail() {
    check_failure(
        |bench| bench.algorithm().program_page = 0x63,
        "IMP-4021",
        "`ProgramPage` of algorithm `test` at 0x08000010 did not end within 201 ms (pc 0x20000066)",
    );
    check_failure(
        |bench| bench.algorithm().init = Some(0x65),
        "IMP-4023",
        "the core took a HardFault in `Init` of algorithm `test` at 0x08000000 (pc 0x2000006c)",
    );
    check_failure(
        |bench| bench.algorithm().init = Some(0x6D),
        "IMP-4024",
        "the core stopped in `Init` of algorithm `test` at 0x08000000 (pc 0x20000070)",
    );
    check_failure(
        |bench| bench.algorithm().stack_len = Some(16),
        "IMP-4025",
        "algorithm `test` overran its stack of 16 bytes",
    );
    // UnInit with another function than Init's: here because Init is left out.
    check_failure(
        |bench| bench.algorithm().init = None,
        "IMP-4023",
        "the core took a HardFault in `ProgramPage` of algorithm `test` at 0x08000010 (pc 0x20000046)",
    );
    // A wrong static base leads nowhere.
    check_failure(
        |bench| bench.algorithm().data_section = 0x6C,
        "IMP-4023",
        "the core took a HardFault in `Init` of algorithm `test` at 0x08000000 (pc 0x20000008)",
    );
    check_failure(
        |bench| bench.frozen.algorithms.clear(),
        "IMP-4042",
        "memory `flash` has no flash algorithm",
    );
    check_failure(
        |bench| bench.algorithm().load_address = Some(0x2000_0002),
        "IMP-4033",
        "algorithm `test` cannot be used: it must be loaded at 0x20000002, outside of `ram`",
    );
    check_failure(
        |bench| bench.algorithm().page_len = 0x4000,
        "IMP-4027",
        "algorithm `test` needs 17528 bytes of RAM, 16384 are there",
    );
}

#[test]
fn every_place_of_code_and_buffers() {
    let bytes = noise(5000, 6);
    let layouts: [fn(&mut Bench); 5] = [
        // One buffer only: RAM has no room for two.
        |bench| bench.algorithm().page_len = 8192,
        // Two buffers that are not aligned to 1 KiB.
        |bench| bench.algorithm().page_len = 7500 / 4 * 4,
        |bench| bench.algorithm().load_address = Some(0x2000_0100),
        |bench| bench.algorithm().stack_len = Some(100),
        |bench| bench.algorithm().page_len = 256,
    ];
    for change in layouts {
        let mut bench = Bench::new();
        change(&mut bench);
        let mut target = bench.attach();
        let segments = [segment(FLASH + 3, &bytes)];
        target.flash().erase_range(FLASH, 0x2000).unwrap();
        target.flash().program(&segments).unwrap();
        target.flash().verify_crc(&segments).unwrap();
        assert!(bench.peek(FLASH + 3, bytes.len()) == bytes);
    }
}

/// A chip whose RAM holds an algorithm, but not the tables of the CRC.
fn little_ram() -> Bench {
    let mut device = device();
    for memory in &mut device.memories {
        if memory.name == "ram" {
            memory.len = 0xC00;
        }
    }
    let mut bench = Bench::of_chip(&device, Controller::default(), &[]);
    bench.algorithm().stack_len = Some(256);
    bench
}

#[test]
fn little_ram_verifies_by_reading_back() {
    let bench = little_ram();
    let bytes = noise(5000, 7);
    let mut target = bench.attach();
    target.flash().program(&[segment(FLASH, &bytes)]).unwrap();
    target
        .flash()
        .verify_crc(&[segment(FLASH, &bytes)])
        .unwrap();
    let error = target
        .flash()
        .verify_crc(&[segment(FLASH, &[0; 5000])])
        .unwrap_err();
    assert_eq!(error.code(), "IMP-4010");
}

#[test]
fn progress_adds_up() {
    let bench = Bench::new();
    let bytes = noise(0x9000, 8);
    let mut target = bench.attach();
    let mut seen: Vec<Progress> = Vec::new();
    let mut note = |progress| seen.push(progress);
    let mut flash = target.flash().with_progress(&mut note);
    flash.erase_range(FLASH + 1, 0x9000).unwrap();
    flash.program(&[segment(FLASH + 1, &bytes)]).unwrap();
    flash.verify_crc(&[segment(FLASH + 1, &bytes)]).unwrap();
    flash.is_blank(FLASH + 0xA000, 0x1000).unwrap();
    for (step, total) in [
        (Step::Erase, 0xA000),
        (Step::Program, 0x9004),
        (Step::Verify, 0x9000),
        (Step::BlankCheck, 0x1000),
    ] {
        let steps: Vec<&Progress> = seen
            .iter()
            .filter(|progress| progress.step == step)
            .collect();
        assert!(
            steps.windows(2).all(|pair| pair[0].done < pair[1].done),
            "{step}"
        );
        assert!(
            steps.iter().all(|progress| progress.total == total),
            "{step}"
        );
        assert_eq!(
            (steps[0].done, steps[steps.len() - 1].done),
            (0, total),
            "{step}"
        );
    }
}
