//! The board as the flash algorithms and a programmer meet it.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use imprint_plugin::{
    Board, BusFault, DebugAccess, EraseTime, ResetKind,
    testing::{TestChip, core_access},
};
use imprint_st_stm32f1::Stm32f1Board;

const KEYR: u32 = 0x4002_2004;
const OPTKEYR: u32 = 0x4002_2008;
const SR: u32 = 0x4002_200C;
const CR: u32 = 0x4002_2010;
const AR: u32 = 0x4002_2014;
const OBR: u32 = 0x4002_201C;
const WRPR: u32 = 0x4002_2020;
const FLASH: u32 = 0x0800_0000;
const OPTIONS: u32 = 0x1FFF_F800;

const EOP: u32 = 0x20;
const PGERR: u32 = 0x04;
const WRPRTERR: u32 = 0x10;

const DEVICES: [(&str, u8); 2] = [("STM32F103C8", 0xA5), ("STM32F030C8", 0xAA)];

fn device(name: &str) -> Device {
    let path = format!("{}/../../devices/{name}.ron", env!("CARGO_MANIFEST_DIR"));
    Device::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A chip that left the factory and got power.
struct Bench {
    chip: TestChip,
    board: Stm32f1Board,
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
        let mut board = Stm32f1Board::open(&mut chip, name, &[7; 12]).unwrap();
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

    fn open(&mut self) {
        for register in [KEYR, OPTKEYR] {
            self.write(register, 0x4567_0123);
            self.write(register, 0xCDEF_89AB);
        }
        assert_eq!(self.read(CR), 0x200);
    }

    fn reset(&mut self) {
        self.board.reset(&mut self.chip, ResetKind::System);
    }

    /// Programs a half-word as the algorithms do and returns what the status says.
    fn program(&mut self, control: u32, address: u32, value: u16) -> u32 {
        self.write(SR, EOP | PGERR | WRPRTERR);
        self.write(CR, 0x200 | control);
        self.cell(address, 2, value.into()).unwrap();
        let status = self.read(SR);
        self.write(CR, 0x200);
        status
    }

    /// Starts an erase as the algorithms do and returns what the status says.
    fn erase(&mut self, control: u32) -> u32 {
        self.write(SR, EOP | PGERR | WRPRTERR);
        self.write(CR, 0x200 | control);
        self.write(CR, 0x200 | control | 0x40);
        let status = self.read(SR);
        self.write(CR, 0x200);
        status
    }
}

#[test]
fn descriptions_are_valid() {
    for (name, _) in DEVICES {
        let device = device(name);
        assert_eq!(device.family, "st.stm32f1");
        assert_eq!(device.main_flash().unwrap().len, 64 << 10);
        assert_eq!(
            device.uid.is_some(),
            device.properties.contains_key("uid.address"),
            "{name}"
        );
    }
}

#[test]
fn factory_state() {
    let mut bench = Bench::new("STM32F103C8");
    assert_eq!(bench.chip.word(0x1FFF_F7E0), 0xFFFF_0040, "flash size");
    assert_eq!(bench.chip.word(0x1FFF_F7E8), 0x0707_0707);
    assert_eq!(bench.chip.word(OPTIONS.into()), 0x00FF_5AA5);
    assert_eq!(bench.read(OBR), 0x03FF_FFFC, "nothing protected, no error");
    assert_eq!(bench.read(WRPR), u32::MAX);
    assert_eq!(bench.read(0xE004_2000), 0x2003_6410);
    let mut bench = Bench::new("STM32F030C8");
    assert_eq!(bench.chip.word(0x1FFF_F7CC) & 0xFFFF, 64);
    assert_eq!(bench.chip.word(OPTIONS.into()), 0x00FF_55AA);
    assert_eq!(bench.read(OBR), 0xFFFF_FF00);
    assert_eq!(bench.read(0x4001_5800), 0x1000_6440);
}

#[test]
fn erase_and_program() {
    for (name, _) in DEVICES {
        let mut bench = Bench::new(name);
        bench.open();
        assert_eq!(bench.program(1, FLASH + 0x400, 0x1234), EOP, "{name}");
        assert_eq!(bench.program(1, FLASH + 0x402, 0x5678), EOP, "{name}");
        assert_eq!(bench.chip.word(0x0800_0400), 0x5678_1234, "{name}");
        assert_eq!(
            bench.program(1, FLASH + 0x400, 0x1230),
            PGERR,
            "{name}: not erased"
        );
        assert_eq!(bench.chip.word(0x0800_0400), 0x5678_1234, "{name}");
        assert_eq!(
            bench.program(1, FLASH + 0x400, 0),
            EOP,
            "{name}: zero goes over anything"
        );
        // Through the alias at 0.
        assert_eq!(bench.program(1, 0x404, 0xABCD), EOP, "{name}");
        assert_eq!(bench.chip.word(0x0800_0404), 0xFFFF_ABCD, "{name}");
        bench.write(AR, FLASH + 0x5FE);
        assert_eq!(bench.erase(2), EOP, "{name}");
        assert_eq!(bench.chip.word(0x0800_0400), u32::MAX, "{name}");
        assert_eq!(
            bench.chip.erases.last(),
            Some(&(0x0800_0400, 0x400, EraseTime::Sector))
        );
        assert_eq!(bench.erase(4), EOP, "{name}");
        assert_eq!(
            bench.chip.erases.last(),
            Some(&(0x0800_0000, 0x1_0000, EraseTime::All))
        );
    }
}

#[test]
fn busy_hides_the_end() {
    let mut bench = Bench::new("STM32F103C8");
    bench.open();
    assert_eq!(bench.program(1, FLASH, 1), EOP);
    bench.chip.is_busy = true;
    assert_eq!(bench.read(SR), 1);
}

#[test]
fn writes_that_are_not_enabled_fault() {
    let mut bench = Bench::new("STM32F103C8");
    assert_eq!(bench.cell(FLASH, 2, 0), Err(BusFault), "locked");
    bench.open();
    assert_eq!(bench.cell(FLASH, 2, 0), Err(BusFault), "PG is not set");
    bench.write(CR, 0x201);
    assert_eq!(bench.cell(FLASH, 4, 0), Err(BusFault), "a word");
    assert_eq!(bench.cell(FLASH, 1, 0), Err(BusFault), "a byte");
    assert_eq!(
        bench.cell(0x1FFF_F7E8, 2, 0),
        Err(BusFault),
        "system memory"
    );
    assert_eq!(bench.cell(FLASH, 2, 0), Ok(()));
    bench.write(CR, 0x80);
    assert_eq!(
        bench.read(CR) & 0x280,
        0x80,
        "locked again, and the option bytes with it"
    );
}

#[test]
fn a_wrong_key_locks_until_reset() {
    let mut bench = Bench::new("STM32F030C8");
    bench.write(KEYR, 0x4567_0123);
    bench.write(KEYR, 0x1234_5678);
    bench.write(KEYR, 0x4567_0123);
    bench.write(KEYR, 0xCDEF_89AB);
    assert_eq!(bench.read(CR), 0x80);
    bench.reset();
    bench.open();
}

#[test]
fn option_bytes() {
    for (name, key) in DEVICES {
        let mut bench = Bench::new(name);
        bench.open();
        assert_eq!(
            bench.program(0x10, OPTIONS + 4, 0x0042),
            PGERR,
            "{name}: not erased"
        );
        assert_eq!(bench.erase(0x20), EOP, "{name}");
        // The controller makes the complement.
        assert_eq!(bench.program(0x10, OPTIONS, key.into()), EOP, "{name}");
        assert_eq!(bench.program(0x10, OPTIONS + 4, 0x0042), EOP, "{name}");
        assert_eq!(bench.program(0x10, OPTIONS + 8, 0x00FE), EOP, "{name}");
        assert_eq!(
            bench.chip.word(u64::from(OPTIONS + 4)),
            0xFFFF_BD42,
            "{name}"
        );
        assert_eq!(
            bench.read(WRPR),
            u32::MAX,
            "{name}: only a reset loads them"
        );
        bench.reset();
        assert_eq!(bench.read(WRPR), 0xFFFF_FFFE, "{name}");
        bench.open();
        assert_eq!(
            bench.program(1, FLASH + 0xFFE, 1),
            WRPRTERR,
            "{name}: the first 4 KiB"
        );
        assert_eq!(bench.program(1, FLASH + 0x1000, 1), EOP, "{name}");
        assert_eq!(bench.erase(4), WRPRTERR, "{name}: not all can be erased");
    }
}

#[test]
fn read_protection_ends_with_an_erase() {
    for (name, key) in DEVICES {
        let mut bench = Bench::new(name);
        bench.open();
        bench.program(1, FLASH, 0xBEEF);
        bench.erase(0x20);
        assert_eq!(bench.program(0x10, OPTIONS, 0), EOP, "{name}");
        assert_eq!(
            bench.chip.debug_access,
            DebugAccess::Open,
            "{name}: only the next reset protects"
        );
        bench.reset();
        assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash, "{name}");
        assert_eq!(bench.read(OBR) & 2, 2, "{name}");

        bench.open();
        bench.write(AR, FLASH);
        assert_eq!(bench.erase(2), WRPRTERR, "{name}");
        assert_eq!(bench.program(1, FLASH + 0x8000, 1), WRPRTERR, "{name}");
        assert_eq!(bench.erase(0x20), EOP, "{name}");
        assert_eq!(
            bench.chip.word(FLASH.into()),
            0xFFFF_BEEF,
            "{name}: nothing is erased so far"
        );
        assert_eq!(bench.program(0x10, OPTIONS, key.into()), EOP, "{name}");
        assert_eq!(
            bench.chip.word(FLASH.into()),
            u32::MAX,
            "{name}: the key erases the flash"
        );
        assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash, "{name}");
        bench.reset();
        assert_eq!(bench.chip.debug_access, DebugAccess::Open, "{name}");
    }
}

#[test]
fn erased_option_bytes_protect() {
    for (name, _) in DEVICES {
        let mut bench = Bench::new(name);
        bench.open();
        bench.erase(0x20);
        bench.reset();
        assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash, "{name}");
    }
}

#[test]
fn level_2_is_for_ever() {
    let mut bench = Bench::new("STM32F030C8");
    bench.open();
    bench.erase(0x20);
    assert_eq!(bench.program(0x10, OPTIONS, 0xCC), EOP);
    bench.write(CR, 0x2200);
    assert!(bench.chip.settle(&mut bench.board), "OBL_LAUNCH resets");
    assert_eq!(bench.chip.debug_access, DebugAccess::Closed);
    assert_eq!(bench.read(OBR) & 6, 6);
    bench.open();
    assert_eq!(bench.erase(0x20), 0, "the option bytes stay");

    let mut bench = Bench::new("STM32F103C8");
    bench.open();
    bench.erase(0x20);
    bench.program(0x10, OPTIONS, 0xCC);
    bench.reset();
    assert_eq!(
        bench.chip.debug_access,
        DebugAccess::NoFlash,
        "STM32F1 has no level 2"
    );
}

#[test]
fn what_firmware_waits_for() {
    let mut bench = Bench::new("STM32F103C8");
    assert_eq!(bench.chip.core_clock, Some((8000, 0)));
    bench.write(0x4002_2000, 0x32);
    bench.write(0x4002_1000, 0x0101_0083);
    bench.write(0x4002_1004, 7 << 18 | 1 << 16 | 2);
    assert_eq!(bench.read(0x4002_1000) & 0x0202_0002, 0x0202_0002);
    assert_eq!(bench.read(0x4002_1004) & 0xC, 8);
    assert_eq!(bench.chip.core_clock, Some((72_000, 2)));
    assert_eq!(
        bench.read(0x4000_300C),
        0,
        "the watchdog takes its settings at once"
    );
    bench.write(0xE004_2004, 7);
    bench.reset();
    assert_eq!(bench.read(0xE004_2004), 7, "DBGMCU_CR outlives a reset");
    assert_eq!(bench.chip.core_clock, Some((8000, 0)));
    bench.board.reset(&mut bench.chip, ResetKind::PowerOn);
    assert_eq!(bench.read(0xE004_2004), 0);
}
