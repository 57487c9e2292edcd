//! A target that is lost in the middle: the report says in which step, where, and what had been changed.

use imprint::report::{Changes, Range, UnitReport};
use imprint_tests::{Chip, F103, NRF52, Recipe, Run, Workshop, random_bytes};
use imprint_twin::BoardState;

const STEPS: [&str; 4] = ["connect", "erase", "program", "verify"];
const STATEMENTS: [&str; 3] = [
    "chip.erase();",
    "chip.program(unit.payload(\"firmware\"));",
    "chip.verify(unit.payload(\"firmware\"));",
];

/// Transfers on the wire after each step of an undisturbed unit, from scripts that end there.
fn transfers(workshop: &Workshop, chip: &Chip, bytes: &[u8]) -> Vec<u64> {
    (0..=STATEMENTS.len())
        .map(|count| {
            let body = STATEMENTS[..count].join("\n    ");
            let script =
                format!("fn main(unit) {{\n    let chip = unit.connect();\n    {body}\n}}\n");
            let recipe = Recipe::new(chip.device, &script).right("mass_erase");
            let image = workshop.image(
                "part",
                &recipe.raw("firmware", chip.flash_start, bytes.to_vec()),
            );
            let on = workshop.twin("part.twin", chip.device, &[]);
            workshop.run(&image, &on).passed();
            workshop.board("part.twin").transfer_count
        })
        .collect()
}

fn lost_at(workshop: &Workshop, image: &str, chip: &Chip, transfer: u64) -> (Run, BoardState) {
    let on = workshop.twin(
        "board.twin",
        chip.device,
        &["--fault", &format!("vanish@{transfer}")],
    );
    let run = workshop.run(image, &on);
    (run, workshop.board("board.twin"))
}

#[test]
fn the_step_and_the_changes_are_told() {
    let workshop = Workshop::new();
    for chip in [NRF52, F103] {
        let bytes = random_bytes(1, 8 << 10);
        let image = workshop.image("unit", &Recipe::programming(&chip, bytes.clone()));
        let ends = transfers(&workshop, &chip, &bytes);
        assert!(ends.is_sorted_by(|left, right| left < right), "{ends:?}");
        for step in 1..STEPS.len() {
            let (begin, end) = (ends[step - 1], ends[step]);
            for transfer in [
                begin + (end - begin) / 4,
                begin + (end - begin) / 2,
                end - 1,
            ] {
                let (run, board) = lost_at(&workshop, &image, &chip, transfer);
                let name = format!("{} lost at {transfer}, in {}", chip.device, STEPS[step]);
                judge(&name, step, &run, &board);
            }
        }
    }
}

fn judge(name: &str, step: usize, run: &Run, board: &BoardState) {
    let failure = run.fails_with(1, "IMP-4004");
    let report = run.report();
    let last = report
        .steps
        .last()
        .unwrap_or_else(|| panic!("{name}: no step\n{run}"));
    assert_eq!(
        (last.name.as_str(), last.ok),
        (STEPS[step], false),
        "{name}: {run}"
    );
    // An erase ends with a look at what was erased.
    let is_told = failure.message.contains(STEPS[step])
        || (step == 1 && failure.message.contains("blank check"));
    assert!(is_told, "{name}: {run}");
    assert!(
        failure.address.is_some() && failure.help.is_some(),
        "{name}: {run}"
    );
    assert_eq!(
        failure.place.as_ref().map(|place| place.line),
        Some(step + 2),
        "{name}: {run}"
    );
    let Changes {
        erased, programmed, ..
    } = &report.changes;
    // At first the algorithm is loaded, which changes nothing.
    assert!(
        !erased.is_empty() || board.erase_count == 0,
        "{name}: {run}"
    );
    // In the erase nothing is programmed yet; in the verify all is.
    match STEPS[step] {
        "erase" => assert!(programmed.is_empty(), "{name}: {run}"),
        "verify" => assert!(len(programmed) >= 8 << 10, "{name}: {run}"),
        _ => {}
    }
    told_all(name, &report, board);
}

fn len(ranges: &[Range]) -> u64 {
    ranges.iter().map(|range| range.len).sum()
}

/// Whatever is not blank on the chip was told as programmed.
fn told_all(name: &str, report: &UnitReport, board: &BoardState) {
    let Some(flash) = board.device.main_flash() else {
        panic!("{name}: no flash")
    };
    let cells = board
        .memories
        .iter()
        .find(|memory| memory.name == flash.name);
    for run in cells.iter().flat_map(|cells| &cells.runs) {
        for offset in run.offset..run.offset + run.data.len() as u64 {
            let address = flash.start + offset;
            let told = report
                .changes
                .programmed
                .iter()
                .any(|range| (range.address..range.address + range.len).contains(&address));
            assert!(
                told,
                "{name}: {address:#x} was programmed, and nobody says so"
            );
        }
    }
}

#[test]
fn lost_before_anything_was_changed() {
    let workshop = Workshop::new();
    let image = workshop.image("unit", &Recipe::programming(&NRF52, random_bytes(1, 1024)));
    let fresh = {
        workshop.twin("board.twin", NRF52.device, &["--uid", "0011223344556677"]);
        workshop.board("board.twin")
    };
    let connect = transfers(&workshop, &NRF52, &[1; 16])[0];
    for transfer in [2, 5, connect / 4, connect / 2, connect - 1] {
        let (run, board) = lost_at(&workshop, &image, &NRF52, transfer);
        let name = format!("lost at {transfer} of {connect}");
        let code = run.failures().remove(0).code;
        assert!(
            ["IMP-4001", "IMP-4004"].contains(&code.as_str()),
            "{name}: {run}"
        );
        assert!(
            [1, 4].contains(&run.exit) && run.report().changes.is_empty(),
            "{name}: {run}"
        );
        assert_eq!((board.program_count, board.erase_count), (0, 0), "{name}");
        let flash =
            |board: &BoardState| board.memories.iter().find(|it| it.name == "flash").cloned();
        assert_eq!(flash(&board), flash(&fresh), "{name}");
    }
}

#[test]
fn a_lost_target_can_be_programmed_again() {
    let workshop = Workshop::new();
    let bytes = random_bytes(2, 8 << 10);
    let image = workshop.image("unit", &Recipe::programming(&NRF52, bytes.clone()));
    let ends = transfers(&workshop, &NRF52, &bytes);
    let (run, mut board) = lost_at(&workshop, &image, &NRF52, (ends[1] + ends[2]) / 2);
    run.fails_with(1, "IMP-4004");
    // The contact is made again.
    board.faults.clear();
    workshop.write("board.twin", ron::to_string(&board).unwrap());
    workshop.run(&image, "twin:board.twin").passed();
}
