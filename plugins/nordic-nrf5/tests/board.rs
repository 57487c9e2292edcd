//! The board as the flash algorithms and a programmer meet it.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use imprint_nordic_nrf5::Nrf5Board;
use imprint_plugin::{
    Board, BusFault, Chip, DebugAccess, EraseTime, ResetKind,
    testing::{TestChip, core_access},
};

const UID: [u8; 8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88];

const READY: u32 = 0x4001_E400;
const CONFIG: u32 = 0x4001_E504;
const ERASEPAGE: u32 = 0x4001_E508;
const ERASEALL: u32 = 0x4001_E50C;
const ERASEUICR: u32 = 0x4001_E514;
const APPROTECT: u32 = 0x1000_1208;
const RBPCONF: u32 = 0x1000_1004;

fn device(name: &str) -> Device {
    let path = format!("{}/../../devices/{name}.ron", env!("CARGO_MANIFEST_DIR"));
    Device::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A chip that left the factory and got power.
struct Bench {
    chip: TestChip,
    board: Nrf5Board,
}

impl Bench {
    fn new(name: &str) -> Self {
        let device = device(name);
        let properties = device
            .properties
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let mut chip = TestChip::new(properties);
        for memory in &device.memories {
            chip = chip.with_memory(memory.start..memory.end());
        }
        let mut board = Nrf5Board::open(&mut chip, name, &UID).unwrap();
        board.reset(&mut chip, ResetKind::PowerOn);
        Self { chip, board }
    }

    fn read(&mut self, address: u32) -> u32 {
        self.board
            .read(&mut self.chip, core_access(address, 4))
            .unwrap()
    }

    fn write(&mut self, address: u32, value: u32) {
        self.board
            .write(&mut self.chip, core_access(address, 4), value)
            .unwrap();
    }

    fn cell(&mut self, address: u32, size: u8, value: u32) -> Result<(), BusFault> {
        self.board
            .cell_write(&mut self.chip, core_access(address, size), value)
    }

    fn program(&mut self, address: u32, value: u32) {
        self.write(CONFIG, 1);
        self.cell(address, 4, value).unwrap();
        self.write(CONFIG, 0);
    }
}

#[test]
fn descriptions_are_valid() {
    for (name, memories) in [("nRF52832_xxAA", 4), ("nRF51822_xxAA", 4)] {
        let device = device(name);
        assert_eq!(device.family, "nordic.nrf5");
        assert_eq!(device.memories.len(), memories);
        assert_eq!(device.main_flash().unwrap().start, 0);
        let flash: u64 = device.properties["flash.page_len"].parse::<u64>().unwrap()
            * device.properties["flash.page_count"]
                .parse::<u64>()
                .unwrap();
        assert_eq!(flash, device.main_flash().unwrap().len, "{name}");
    }
}

#[test]
fn factory_registers() {
    let bench = Bench::new("nRF52832_xxAA");
    let chip = &bench.chip;
    assert_eq!(chip.word(0x1000_0010), 4096);
    assert_eq!(chip.word(0x1000_0014), 128);
    assert_eq!(chip.word(0x1000_0060), 0x4433_2211);
    assert_eq!(chip.word(0x1000_0064), 0x8877_6655);
    assert_eq!(chip.word(0x1000_0100), 0x52832);
    assert_eq!(chip.word(0x1000_010C), 64);
    assert_eq!(chip.word(0x1000_0110), 512);
    let bench = Bench::new("nRF51822_xxAA");
    assert_eq!(bench.chip.word(0x1000_005C), 0xFFFF_0072);
    assert_eq!(bench.chip.word(0x1000_0014), 256);
}

#[test]
fn a_wrong_identifier_is_refused() {
    let device = device("nRF52832_xxAA");
    let properties = device
        .properties
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let mut chip = TestChip::new(properties).with_memory(0x1000_0000..0x1000_1000);
    let error = Nrf5Board::open(&mut chip, "nRF52832_xxAA", &[1, 2, 3])
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "the unique identifier has 3 bytes, expected 8"
    );
}

#[test]
fn erase_and_program() {
    for name in ["nRF52832_xxAA", "nRF51822_xxAA"] {
        let mut bench = Bench::new(name);
        bench.program(0x1000, 0x1234_5678);
        assert_eq!(bench.chip.word(0x1000), 0x1234_5678, "{name}");
        // Without an erase bits only go to 0.
        bench.program(0x1000, 0xFFFF_0000);
        assert_eq!(bench.chip.word(0x1000), 0x1234_0000, "{name}");
        // An erase register without effect, because erasing is not enabled.
        bench.write(ERASEPAGE, 0x1000);
        assert_eq!(bench.chip.word(0x1000), 0x1234_0000, "{name}");
        bench.write(CONFIG, 2);
        bench.write(ERASEPAGE, 0x1000);
        bench.write(CONFIG, 0);
        assert_eq!(bench.chip.word(0x1000), 0xFFFF_FFFF, "{name}");
        assert_eq!(bench.read(CONFIG), 0, "{name}");
        assert_eq!(bench.read(READY), 1, "{name}");
        bench.chip.is_busy = true;
        assert_eq!(bench.read(READY), 0, "{name}");
    }
}

#[test]
fn writes_that_are_not_enabled_fault() {
    let mut bench = Bench::new("nRF52832_xxAA");
    assert_eq!(bench.cell(0x1000, 4, 0), Err(BusFault), "read only");
    bench.write(CONFIG, 2);
    assert_eq!(bench.cell(0x1000, 4, 0), Err(BusFault), "erase enabled");
    bench.write(CONFIG, 1);
    assert_eq!(bench.cell(0x1000, 1, 0), Err(BusFault), "a byte");
    assert_eq!(bench.cell(0x1000, 2, 0), Err(BusFault), "a half-word");
    assert_eq!(
        bench.cell(0x1000_0060, 4, 0),
        Err(BusFault),
        "factory registers"
    );
    assert_eq!(bench.cell(0x1000, 4, 0), Ok(()));
    bench.board.reset(&mut bench.chip, ResetKind::System);
    assert_eq!(bench.cell(0x1000, 4, 0), Err(BusFault), "after a reset");
}

#[test]
fn erase_of_everything_takes_uicr_with_it() {
    let mut bench = Bench::new("nRF51822_xxAA");
    bench.program(0x2000, 0);
    bench.program(0x1000_1080, 42);
    bench.write(CONFIG, 2);
    bench.write(ERASEUICR, 1);
    assert_eq!(bench.chip.word(0x1000_1080), u32::MAX);
    assert_eq!(bench.chip.word(0x2000), 0);
    bench.write(ERASEALL, 1);
    assert_eq!(bench.chip.word(0x2000), u32::MAX);
    assert_eq!(
        bench.chip.erases.last(),
        Some(&(0, 0x4_0000, EraseTime::All))
    );
    assert_eq!(
        bench.chip.word(0x1000_0060),
        0x4433_2211,
        "the factory registers stay"
    );
}

#[test]
fn nrf52_protection_and_control_access_port() {
    let mut bench = Bench::new("nRF52832_xxAA");
    assert_eq!(
        bench.board.ap_read(&mut bench.chip, 1, 0xFC),
        Some(0x0288_0000)
    );
    assert_eq!(bench.board.ap_read(&mut bench.chip, 2, 0xFC), None);
    bench.program(0x4000, 0xCAFE_F00D);
    bench.program(APPROTECT, 0xFFFF_FF00);
    assert_eq!(
        bench.chip.debug_access,
        DebugAccess::Open,
        "only the next reset protects"
    );
    assert_eq!(bench.board.ap_read(&mut bench.chip, 1, 0x0C), Some(1));
    bench.board.reset(&mut bench.chip, ResetKind::System);
    assert_eq!(bench.chip.debug_access, DebugAccess::Closed);
    assert_eq!(bench.board.ap_read(&mut bench.chip, 1, 0x0C), Some(0));

    bench.chip.poke(0x2000_0000, &[7; 4]).unwrap();
    bench.board.ap_write(&mut bench.chip, 1, 0x04, 1).unwrap();
    assert_eq!(bench.chip.word(0x4000), u32::MAX);
    assert_eq!(bench.chip.word(0x2000_0000), 0, "RAM is erased too");
    assert_eq!(
        bench.chip.debug_access,
        DebugAccess::Closed,
        "protected until the reset"
    );
    bench.board.ap_write(&mut bench.chip, 1, 0x00, 1).unwrap();
    bench.board.ap_write(&mut bench.chip, 1, 0x00, 0).unwrap();
    assert!(bench.chip.settle(&mut bench.board));
    assert_eq!(bench.chip.debug_access, DebugAccess::Open);
}

#[test]
fn nrf51_protection() {
    let mut bench = Bench::new("nRF51822_xxAA");
    assert_eq!(
        bench.board.ap_read(&mut bench.chip, 1, 0xFC),
        None,
        "there is no control access port"
    );
    bench.program(RBPCONF, 0xFFFF_00FF);
    bench.board.reset(&mut bench.chip, ResetKind::System);
    assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash);
    bench.write(CONFIG, 2);
    bench.write(ERASEALL, 1);
    assert_eq!(
        bench.chip.debug_access,
        DebugAccess::NoFlash,
        "protected until the reset"
    );
    bench.board.reset(&mut bench.chip, ResetKind::System);
    assert_eq!(bench.chip.debug_access, DebugAccess::Open);
}

#[test]
fn what_firmware_waits_for() {
    let mut bench = Bench::new("nRF52832_xxAA");
    assert_eq!(bench.read(0x4000_0100), 0);
    bench.write(0x4000_0000, 1);
    assert_eq!(bench.read(0x4000_0100), 1, "the crystal runs");
    bench.write(0x4000_0100, 0);
    assert_eq!(bench.read(0x4000_0100), 0, "an event can be cleared");
    assert_eq!(bench.read(0x4001_0400), 0, "the watchdog does not run");
    bench.write(0x4001_0000, 1);
    assert_eq!(bench.read(0x4001_0400), 1);
    assert_eq!(bench.read(0x4001_0404), 1);
    bench.write(0x5000_0504, 0xA5);
    assert_eq!(bench.read(0x5000_0504), 0xA5, "GPIO holds what is written");
}
