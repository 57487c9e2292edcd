//! Targets that are absent, wrong, locked or worn out.

use crate::refused;
use imprint::report::{Changes, Range};
use imprint_tests::{
    CHIPS, Chip, F030, F103, F407, NRF51, NRF52, OWNER, Random, Recipe, Workshop, random_bytes,
};
use imprint_twin::BoardState;

/// What a chip keeps without power, and how often it was written.
fn kept(board: &BoardState) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        board.memories.clone(),
        board.program_count,
        board.erase_count,
    )
}

fn programming(workshop: &Workshop, chip: &Chip) -> String {
    workshop.image(
        chip.device,
        &Recipe::programming(chip, random_bytes(5, 4 << 10)),
    )
}

#[test]
fn no_target() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let image = programming(&workshop, &chip);
        let on = workshop.twin("board.twin", chip.device, &["--fault", "no-target"]);
        let before = workshop.board("board.twin");
        let run = workshop.run(&image, &on);
        let failure = run.fails_with(4, "IMP-4001");
        assert_eq!(failure.place.unwrap().line, 2, "{run}");
        assert!(failure.help.unwrap().contains("power"), "{run}");
        let report = run.report();
        assert!(report.changes.is_empty(), "{run}");
        // An empty socket is told early, not after the wire's own time-outs.
        assert!(report.time.virtual_us < Some(100_000), "{:?}", report.time);
        assert_eq!(kept(&before), kept(&workshop.board("board.twin")));
    }
}

#[test]
fn no_probe_and_no_board() {
    let workshop = Workshop::new();
    let image = programming(&workshop, &NRF52);
    let on = |on| ["run", &image[..], "--trust", OWNER, "--on", on].map(String::from);
    for (name, place, exit, code, tells) in [
        (
            "probe",
            "probe:0000:0000:none",
            4,
            "IMP-4050",
            "0000:0000:none",
        ),
        ("selector", "probe:usb:", 2, "IMP-4053", "usb:"),
        ("no such place", "chip", 2, "IMP-9001", "`chip`"),
        (
            "no such device",
            "twin:nRF52833",
            6,
            "IMP-6003",
            "`nRF52833`",
        ),
        (
            "no such board",
            "twin:missing.twin",
            8,
            "IMP-7101",
            "missing.twin",
        ),
        ("no board", "twin:owner.pub", 8, "IMP-7102", "owner.pub"),
    ] {
        let arguments = on(place);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        refused(&workshop, name, &arguments, (exit, code), &[tells]);
    }
}

#[test]
fn wrong_target() {
    let workshop = Workshop::new();
    for (meant, there) in [
        (NRF52, F103),
        (F103, NRF52),
        (NRF52, NRF51),
        (NRF51, NRF52),
        (F103, F030),
        (F030, F103),
        (F030, NRF51),
        (F407, F103),
        (F103, F407),
    ] {
        let image = programming(&workshop, &meant);
        let on = workshop.twin("board.twin", there.device, &[]);
        let before = workshop.board("board.twin");
        let run = workshop.run(&image, &on);
        let name = format!("{} on {}", meant.device, there.device);
        let failure = run.fails_with(1, "IMP-4002");
        assert!(failure.help.is_some(), "{name}: {run}");
        assert!(run.stderr.contains("expected"), "{name}: {run}");
        assert_eq!(run.report().steps.last().unwrap().name, "connect", "{name}");
        assert!(run.report().changes.is_empty(), "{name}: {run}");
        assert_eq!(kept(&before), kept(&workshop.board("board.twin")), "{name}");
    }
}

#[test]
fn locked_target() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let device = chip.device;
        let on = workshop.twin("board.twin", device, &[]);
        let image = |name: &str| {
            workshop.image(&format!("{device}-{name}"), &Recipe::of_script(&chip, name))
        };
        let production = image("production.rhai");
        workshop.run(&production, &on).passed();
        let locked = workshop.board("board.twin");

        // Another command, another image: the chip is the same, and closed.
        let run = workshop.run(&programming(&workshop, &chip), &on);
        let failure = run.fails_with(1, "IMP-4003");
        assert!(failure.help.unwrap().contains("unit.unlock()"), "{run}");
        assert!(run.report().changes.is_empty(), "{run}");
        assert_eq!(
            kept(&locked),
            kept(&workshop.board("board.twin")),
            "{device}: never implicit"
        );

        // A dump of it is an error, and no file; also when the script did not connect at all.
        let nothing = workshop.image("nothing", &Recipe::new(device, "fn main(unit) { }\n"));
        let dump = format!("{:#x}:256=dump.bin", chip.flash_start);
        let new = format!("twin:{device}");
        for (image, on) in [(&nothing, &on), (&production, &new)] {
            let run = workshop.run_with(image, on, &["--dump", &dump]);
            assert!(
                run.exit != 0 && !run.failures().is_empty(),
                "{device}: {run}"
            );
            assert!(!workshop.path("dump.bin").exists(), "{device}");
        }

        // The script that says so unlocks it, which erases it.
        let report = workshop.run(&image("erase.rhai"), &on).passed();
        assert!(report.changes.unlocked, "{device}: {report:?}");
        workshop.run(&programming(&workshop, &chip), &on).passed();
    }
}

fn covers(ranges: &[Range], address: u64) -> bool {
    ranges
        .iter()
        .any(|range| (range.address..range.address + range.len).contains(&address))
}

#[test]
fn cells_that_do_not_change() {
    let workshop = Workshop::new();
    for chip in [NRF52, F103] {
        // Every bit of the payload is 1 and 0 somewhere: the stuck one is found whichever it is.
        let bytes = [vec![0xFF; 0x400], vec![0; 0x400]].concat();
        let image = workshop.image(chip.device, &Recipe::programming(&chip, bytes));
        for (offset, bit, value) in [(0x10, 3, 0), (0x410, 0, 1), (0x7FF, 7, 1)] {
            let address = chip.flash_start + offset;
            let fault = format!("stuck@{address:#x}.{bit}={value}");
            let on = workshop.twin("board.twin", chip.device, &["--fault", &fault]);
            let run = workshop.run(&image, &on);
            let name = format!("{} {fault}", chip.device);
            let failure = run.failures().remove(0);
            assert!(
                run.exit == 1 && failure.code.starts_with("IMP-40"),
                "{name}: {run}"
            );
            let at = failure
                .address
                .unwrap_or_else(|| panic!("{name}: no address\n{run}"));
            assert!(at.abs_diff(address) < 0x400, "{name}: {at:#x}\n{run}");
            assert!(failure.help.is_some(), "{name}: {run}");
            let Changes { erased, .. } = run.report().changes;
            assert!(covers(&erased, address), "{name}: {erased:?}");
        }
    }
}

#[test]
fn power_that_fails_in_a_flash_operation() {
    let workshop = Workshop::new();
    for chip in [NRF52, F407] {
        let image = programming(&workshop, &chip);
        for operation in [1, 2, 100, 700] {
            let fault = format!("brownout@{operation}");
            let on = workshop.twin("board.twin", chip.device, &["--fault", &fault]);
            let run = workshop.run(&image, &on);
            let name = format!("{} {fault}", chip.device);
            let failure = run.failures().remove(0);
            assert!(
                run.exit == 1 && failure.code.starts_with("IMP-40"),
                "{name}: {run}"
            );
            let changes = run.report().changes;
            assert!(!changes.erased.is_empty(), "{name}: {run}");
            assert_eq!(
                changes.programmed.is_empty(),
                operation == 1,
                "{name}: {run}"
            );
            // The chip can be programmed again.
            workshop.run(&image, &on).passed();
        }
    }
}

/// A unit on an STM32F103C8 with this fault: it passes and the memory is right, or it fails with a code and advice. Never
/// a false PASS. Tells whether it passed.
fn disturbed(workshop: &Workshop, image: &str, bytes: &[u8], fault: &str) -> bool {
    let dump = format!("{:#x}:{}=dump.bin", F103.flash_start, bytes.len());
    let on = workshop.twin("board.twin", F103.device, &["--fault", fault]);
    let run = workshop.run_with(image, &on, &["--dump", &dump]);
    if let Some(failure) = run.failures().first() {
        assert!(
            failure.code.starts_with("IMP-40") && run.exit != 0,
            "{fault}: {run}"
        );
        assert!(failure.help.is_some(), "{fault}: {run}");
        return false;
    }
    assert!(
        run.exit == 0 && workshop.read("dump.bin") == bytes,
        "{fault}: {run}"
    );
    true
}

#[test]
fn answers_that_disturb_the_wire() {
    let workshop = Workshop::new();
    let bytes = random_bytes(9, 2 << 10);
    let image = workshop.image("unit", &Recipe::programming(&F103, bytes.clone()));
    let on = workshop.twin("board.twin", F103.device, &[]);
    workshop.run(&image, &on).passed();
    let transfer_count = workshop.board("board.twin").transfer_count;

    let mut random = Random::new(11);
    for _ in 0..12 {
        let transfer = 1 + random.below(transfer_count);
        // WAIT is what a busy chip answers: the transfer is made again (ADIv5, B4.2.3).
        let wait = format!("wait@{transfer}x{}", 1 + random.below(20));
        assert!(
            disturbed(&workshop, &image, &bytes, &wait),
            "{wait} was not overcome"
        );
        disturbed(&workshop, &image, &bytes, &format!("fault@{transfer}"));
    }
    for fault in ["random@1/2", "random@2/100", "random@3/900"] {
        disturbed(&workshop, &image, &bytes, fault);
    }
    for transfer in [40, 60, transfer_count / 2] {
        let on = workshop.twin(
            "board.twin",
            F103.device,
            &["--fault", &format!("wait@{transfer}x1000000")],
        );
        workshop.run(&image, &on).fails_with(1, "IMP-4006");
    }
}
