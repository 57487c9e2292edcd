//! The board as a programmer meets it.
#![allow(clippy::unwrap_used)]

use imprint_plugin::{
    Board, BusFault, DebugAccess, ResetKind,
    testing::{TestChip, core_access},
};
use imprint_template_rust::A1Board;

fn a1() -> (TestChip, A1Board) {
    let mut chip = TestChip::new([("part", "0xACE000A1"), ("flash.end", "0x10000")])
        .with_memory(0..0x1_0000)
        .with_memory(0x1FF0_0000..0x1FF0_0400)
        .with_memory(0x1FF0_1000..0x1FF0_1400);
    let mut board = A1Board::open(&mut chip, "A1", &[7; 8]).unwrap();
    board.reset(&mut chip, ResetKind::PowerOn);
    (chip, board)
}

#[test]
fn the_factory_has_programmed_part_and_identifier() {
    let (chip, _) = a1();
    assert_eq!(chip.word(0x1FF0_0000), 0xACE0_00A1);
    assert_eq!(chip.word(0x1FF0_0004), 0x0707_0707);
}

#[test]
fn cells_are_written_only_as_the_controller_was_told() {
    let (mut chip, mut board) = a1();
    let control = core_access(0x4000_1000, 4);
    for (told, address, size, expected) in [
        (0, 0x100, 4, Err(BusFault)),
        (2, 0x100, 4, Err(BusFault)),
        (1, 0x100, 2, Err(BusFault)),
        (1, 0x100, 4, Ok(())),
    ] {
        board.write(&mut chip, control, told).unwrap();
        let written = board.cell_write(&mut chip, core_access(address, size), 0x1234_5678);
        assert_eq!(written, expected, "{told}, {size} bytes at {address:#010x}");
    }
    assert_eq!(chip.word(0x100), 0x1234_5678);
    let status = core_access(0x4000_1008, 4);
    assert_eq!(board.read(&mut chip, status), Ok(0));

    // A word that is not erased stays as it is, and the controller says so until it is told the next thing.
    let written = board.cell_write(&mut chip, core_access(0x100, 4), 0);
    assert_eq!((written, chip.word(0x100)), (Ok(()), 0x1234_5678));
    assert_eq!(board.read(&mut chip, status), Ok(2));
    board.write(&mut chip, control, 1).unwrap();
    assert_eq!(board.read(&mut chip, status), Ok(0));
}

#[test]
fn the_lock_is_armed_by_a_reset_and_ends_with_an_erase() {
    let (mut chip, mut board) = a1();
    let (control, lock) = (core_access(0x4000_1000, 4), core_access(0x1FF0_1000, 4));
    board.write(&mut chip, control, 1).unwrap();
    board.cell_write(&mut chip, lock, 0).unwrap();
    assert_eq!(chip.debug_access, DebugAccess::Open);
    board.reset(&mut chip, ResetKind::System);
    assert_eq!(chip.debug_access, DebugAccess::Closed);

    board.ap_write(&mut chip, 1, 0, 1).unwrap();
    assert_eq!(chip.debug_access, DebugAccess::Open);
    board.reset(&mut chip, ResetKind::System);
    assert_eq!(chip.debug_access, DebugAccess::Open);
}
