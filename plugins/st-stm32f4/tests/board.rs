//! The board as the flash algorithms and a programmer meet it.
#![allow(clippy::unwrap_used)]

use imprint_device::Device;
use imprint_plugin::{
    Access, Board, BusFault, DebugAccess, EraseTime, Master, ResetKind,
    testing::{TestChip, core_access},
};
use imprint_st_stm32f4::Stm32f4Board;

const KEYR: u32 = 0x4002_3C04;
const OPTKEYR: u32 = 0x4002_3C08;
const SR: u32 = 0x4002_3C0C;
const CR: u32 = 0x4002_3C10;
const OPTCR: u32 = 0x4002_3C14;
const FLASH: u32 = 0x0800_0000;
const OTP: u32 = 0x1FFF_7800;
const OPTIONS: u64 = 0x1FFF_C000;

const WRPERR: u32 = 0x10;
const PGPERR: u32 = 0x40;
const PGSERR: u32 = 0x80;
/// Each error with OPERR, because the bench lets errors interrupt.
const OPERR: u32 = 2;
const EOP: u32 = 1;

/// CR with EOPIE and ERRIE, so that SR tells of every end.
const INTERRUPTS: u32 = 3 << 24;
const PG: u32 = 1;
const SER: u32 = 2;
const MER: u32 = 4;
const STRT: u32 = 1 << 16;
const X32: u32 = 2 << 8;

fn device() -> Device {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../devices/STM32F407VG.ron");
    Device::parse("STM32F407VG", &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A chip that left the factory and got power.
struct Bench {
    chip: TestChip,
    board: Stm32f4Board,
}

impl Bench {
    fn new() -> Self {
        let device = device();
        let properties = device
            .properties
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let mut chip = TestChip::new(properties);
        for memory in &device.memories {
            chip = chip.with_memory(memory.start..memory.end());
        }
        let mut board = Stm32f4Board::open(&mut chip, "STM32F407VG", &[7; 12]).unwrap();
        board.reset(&mut chip, ResetKind::PowerOn);
        Self { chip, board }
    }

    /// The same with the flash and the option bytes open.
    fn open() -> Self {
        let mut bench = Self::new();
        bench.unlock();
        bench
    }

    fn unlock(&mut self) {
        for (register, keys) in [
            (KEYR, [0x4567_0123, 0xCDEF_89AB]),
            (OPTKEYR, [0x0819_2A3B, 0x4C5D_6E7F]),
        ] {
            keys.iter().for_each(|key| self.write(register, *key));
        }
        self.write(CR, INTERRUPTS);
        assert_eq!(self.read(CR), INTERRUPTS);
        assert_eq!(self.read(OPTCR) & 1, 0);
    }

    fn try_write(&mut self, address: u32, value: u32) -> Result<(), BusFault> {
        self.board
            .write(&mut self.chip, core_access(address, 4), value)
    }

    fn read(&mut self, address: u32) -> u32 {
        self.board
            .read(&mut self.chip, core_access(address, 4))
            .unwrap()
    }

    fn write(&mut self, address: u32, value: u32) {
        self.try_write(address, value).unwrap();
    }

    fn cell(&mut self, address: u32, size: u8, value: u32) -> Result<(), BusFault> {
        self.board
            .cell_write(&mut self.chip, core_access(address, size), value)
    }

    fn reset(&mut self) {
        self.board.reset(&mut self.chip, ResetKind::System);
    }

    /// What SR says now, which is cleared.
    fn status(&mut self) -> u32 {
        let status = self.read(SR);
        self.write(SR, u32::MAX);
        assert_eq!(self.read(SR), 0);
        status
    }

    /// Writes to cells with these bits of CR and returns what the status says.
    fn program(&mut self, control: u32, address: u32, size: u8, value: u32) -> u32 {
        self.write(CR, INTERRUPTS | control);
        self.cell(address, size, value).unwrap();
        self.write(CR, INTERRUPTS);
        self.status()
    }

    /// Programs a word as the algorithm does.
    fn word(&mut self, address: u32, value: u32) -> u32 {
        self.program(PG | X32, address, 4, value)
    }

    /// Starts an erase as the algorithm does and returns what the status says.
    fn erase(&mut self, control: u32) -> u32 {
        self.write(CR, INTERRUPTS | control);
        self.write(CR, INTERRUPTS | control | STRT);
        assert_eq!(self.read(CR) & STRT, 0, "the start does not stay");
        self.status()
    }

    /// Programs the option bytes.
    fn options(&mut self, options: u32) -> u32 {
        self.write(OPTCR, options);
        self.write(OPTCR, options | 2);
        self.status()
    }
}

#[test]
fn the_description_is_the_boards() {
    let device = device();
    assert_eq!(device.family, "st.stm32f4");
    let flash = device.main_flash().unwrap();
    assert_eq!(flash.len, 1 << 20);
    let sectors = &flash.nor.as_ref().unwrap().sectors;
    let sectors: Vec<_> = sectors.iter().map(|run| (run.len, run.count)).collect();
    assert_eq!(sectors, [(0x4000, 4), (0x1_0000, 1), (0x2_0000, 7)]);
    assert_eq!(device.main_ram().unwrap().len, 128 << 10);
    assert_eq!(device.revision.unwrap().of(0x100F_6413), 0x100F);
}

#[test]
fn factory_state() {
    let mut bench = Bench::new();
    assert_eq!(bench.chip.word(0x1FFF_7A10), 0x0707_0707);
    assert_eq!(bench.chip.word(0x1FFF_7A20) >> 16, 1024, "flash size");
    assert_eq!(bench.chip.word(OPTIONS) & 0xFFFF, 0xAAEF);
    assert_eq!(bench.chip.word(OPTIONS + 8) & 0xFFFF, 0xFFFF);
    assert_eq!(bench.read(OPTCR), 0x0FFF_AAED, "RM0090 3.9.6");
    assert_eq!(bench.read(CR), 0x8000_0000);
    assert_eq!(bench.read(0xE004_2000), 0x100F_6413);
    assert_eq!(bench.chip.debug_access, DebugAccess::Open);
}

#[test]
fn programming_clears_bits_and_asks_for_no_erased_place() {
    let mut bench = Bench::open();
    assert_eq!(bench.word(FLASH + 0x400, 0x1234_5678), EOP);
    assert_eq!(bench.word(FLASH + 0x400, 0xFFFF_0000), EOP);
    assert_eq!(bench.chip.word(0x0800_0400), 0x1234_0000);
    // Through the alias at 0.
    assert_eq!(bench.word(0x404, 0xABCD), EOP);
    assert_eq!(bench.chip.word(0x0800_0404), 0xABCD);
    // The other widths, each with its PSIZE.
    assert_eq!(bench.program(PG, FLASH + 0x409, 1, 0x5A), EOP);
    assert_eq!(bench.program(PG | 1 << 8, FLASH + 0x40A, 2, 0x1234), EOP);
    assert_eq!(bench.chip.word(0x0800_0408), 0x1234_5AFF);
}

#[test]
fn what_control_does_not_allow_sets_a_flag() {
    let mut bench = Bench::open();
    for (control, size, expect) in [
        (0, 4, PGSERR),
        (X32, 4, PGSERR),
        (SER | X32, 4, PGSERR),
        (PG, 4, PGPERR),
        (PG, 2, PGPERR),
        (PG | X32, 1, PGPERR),
        (PG | X32, 2, PGPERR),
        (PG | 1 << 8, 4, PGPERR),
        // Words of 64 bits need a supply of their own, and no single access is one.
        (PG | 3 << 8, 4, PGPERR),
    ] {
        let status = bench.program(control, FLASH, size, 0);
        assert_eq!(status, expect | OPERR, "{control:#x} {size}");
        assert_eq!(bench.chip.word(FLASH.into()), u32::MAX, "{control:#x}");
    }
    assert_eq!(bench.cell(0x1FFF_C000, 4, 0), Err(BusFault), "options");
    assert_eq!(bench.cell(0x1FFF_7A10, 4, 0), Err(BusFault), "identifier");
    // Without interrupts there is neither an end nor OPERR.
    bench.write(CR, PG | X32);
    bench.cell(FLASH, 4, 1).unwrap();
    assert_eq!(bench.read(SR), 0);
    bench.cell(FLASH, 2, 1).unwrap();
    assert_eq!(bench.status(), PGPERR);
    bench.write(CR, 1 << 31 | PG | X32);
    bench.cell(FLASH, 4, 0).unwrap();
    assert_eq!(bench.status(), PGSERR, "locked");
    assert_eq!(bench.chip.word(FLASH.into()), 1);
}

#[test]
fn sectors_of_unequal_size() {
    let sectors = [
        (0, 0x0800_0000, 0x4000),
        (3, 0x0800_C000, 0x4000),
        (4, 0x0801_0000, 0x1_0000),
        (5, 0x0802_0000, 0x2_0000),
        (11, 0x080E_0000, 0x2_0000),
    ];
    for (number, address, len) in sectors {
        let mut bench = Bench::open();
        for at in [address - 4, address, address + len - 4, address + len] {
            if (FLASH..FLASH + (1 << 20)).contains(&at) {
                assert_eq!(bench.word(at, 0), EOP);
            }
        }
        assert_eq!(bench.erase(SER | number << 3), EOP, "{number}");
        let expect = (u64::from(address), u64::from(len), EraseTime::Sector);
        assert_eq!(bench.chip.erases, [expect], "{number}");
        assert_eq!(bench.chip.word((address + len - 4).into()), u32::MAX);
        if number < 11 {
            assert_eq!(bench.chip.word((address + len).into()), 0, "{number}");
        }
    }
    let mut bench = Bench::open();
    assert_eq!(bench.erase(SER | 12 << 3), PGSERR | OPERR, "no such sector");
    assert_eq!(bench.erase(MER), EOP);
    let all = (u64::from(FLASH), 1 << 20, EraseTime::All);
    assert_eq!(bench.chip.erases, [all]);
}

#[test]
fn busy_hides_the_end_and_starts_nothing() {
    let mut bench = Bench::open();
    bench.write(CR, INTERRUPTS | PG | X32);
    bench.cell(FLASH, 4, 1).unwrap();
    bench.chip.is_busy = true;
    assert_eq!(bench.read(SR), 1 << 16);
    bench.write(CR, INTERRUPTS | MER | STRT);
    bench.write(OPTCR, 0x0FFF_55EC | 2);
    assert!(bench.chip.erases.is_empty());
    bench.chip.is_busy = false;
    assert_eq!(bench.read(SR), EOP);
}

#[test]
fn a_wrong_key_faults_and_locks_until_reset() {
    for (register, control, keys) in [
        (KEYR, CR, [0x4567_0123, 0xCDEF_89AB]),
        (OPTKEYR, OPTCR, [0x0819_2A3B, 0x4C5D_6E7F]),
    ] {
        let mut bench = Bench::new();
        let closed = bench.read(control);
        bench.write(control, 0);
        assert_eq!(bench.read(control), closed, "{register:#x}: it is locked");
        bench.write(register, keys[0]);
        assert_eq!(bench.try_write(register, 0x1234), Err(BusFault));
        for key in keys {
            assert_eq!(bench.try_write(register, key), Err(BusFault));
        }
        assert_eq!(bench.read(control), closed, "{register:#x}");
        bench.reset();
        bench.unlock();
    }
    let mut bench = Bench::open();
    bench.write(CR, 1 << 31);
    bench.write(OPTCR, 1);
    bench.unlock();
}

#[test]
fn options_are_programmed_by_their_start_and_loaded_by_a_reset() {
    let mut bench = Bench::open();
    bench.write(OPTCR, 0x0FFE_AAE0);
    assert_eq!(bench.chip.word(OPTIONS) & 0xFFFF, 0xAAEF, "not started");
    bench.reset();
    assert_eq!(bench.read(OPTCR), 0x0FFF_AAED);
    bench.unlock();
    // Brown-out level 3, and the sectors 0 and 4 protected.
    assert_eq!(bench.options(0x0FEE_AAE0), EOP);
    assert_eq!(bench.chip.word(OPTIONS) & 0xFFFF, 0xAAE3);
    assert_eq!(bench.chip.word(OPTIONS + 8) & 0xFFFF, 0xFFEE);
    assert_eq!(bench.word(FLASH, 1), EOP, "only a reset loads them");
    bench.reset();
    assert_eq!(bench.read(OPTCR), 0x0FEE_AAE1);
    bench.unlock();
    for (address, expect) in [
        (FLASH + 0x3FFC, WRPERR | OPERR),
        (FLASH + 0x4000, EOP),
        (FLASH + 0x1_0000, WRPERR | OPERR),
        (FLASH + 0x2_0000, EOP),
    ] {
        assert_eq!(bench.word(address, 2), expect, "{address:#x}");
    }
    assert_eq!(bench.erase(SER), WRPERR | OPERR);
    assert_eq!(bench.erase(SER | 1 << 3), EOP);
    assert_eq!(bench.erase(MER), WRPERR | OPERR, "not all can be erased");
}

#[test]
fn level_1_closes_the_flash_and_leaving_it_erases_it() {
    let mut bench = Bench::open();
    bench.word(FLASH, 0xBEEF);
    assert_eq!(bench.options(0x0FFF_55EC), EOP);
    assert_eq!(bench.chip.debug_access, DebugAccess::Open, "until a reset");
    bench.reset();
    assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash);
    bench.unlock();
    assert_eq!(bench.word(FLASH + 0x400, 1), WRPERR | OPERR);
    assert_eq!(bench.erase(SER), WRPERR | OPERR);
    // Other options change, and so does the byte that protects, without an erase.
    assert_eq!(bench.options(0x0FFF_00E4), EOP);
    bench.reset();
    assert_eq!(bench.chip.word(FLASH.into()), 0xBEEF);
    bench.unlock();
    assert_eq!(bench.options(0x0FFF_AAE4), EOP);
    assert_eq!(bench.chip.word(FLASH.into()), u32::MAX);
    assert!(
        bench
            .chip
            .erases
            .contains(&(FLASH.into(), 1 << 20, EraseTime::All))
    );
    bench.reset();
    assert_eq!(bench.chip.debug_access, DebugAccess::Open);
    assert_eq!(bench.read(OPTCR), 0x0FFF_AAE5);
}

#[test]
fn erased_option_bytes_protect() {
    let mut bench = Bench::new();
    imprint_plugin::Chip::poke(&mut bench.chip, OPTIONS, &[0xFF; 16]).unwrap();
    bench.reset();
    assert_eq!(bench.chip.debug_access, DebugAccess::NoFlash);
}

#[test]
fn level_2_is_for_ever() {
    let mut bench = Bench::open();
    assert_eq!(bench.options(0x0FFF_CCEC), EOP);
    bench.reset();
    assert_eq!(bench.chip.debug_access, DebugAccess::Closed);
    bench.unlock();
    assert_eq!(bench.options(0x0FFF_AAEC), 0);
    bench.reset();
    assert_eq!(bench.chip.debug_access, DebugAccess::Closed);
}

#[test]
fn one_time_blocks_lock() {
    let mut bench = Bench::open();
    let lock_word = OTP + 0x200;
    assert_eq!(bench.word(OTP + 0x20, 0xFFFF_1234), EOP);
    assert_eq!(bench.word(OTP + 0x20, 0x5678_FFFF), EOP);
    assert_eq!(bench.chip.word(u64::from(OTP + 0x20)), 0x5678_1234);
    // Block 1.
    assert_eq!(bench.word(lock_word, 0xFFFF_00FF), EOP);
    for (offset, expect) in [
        (0x1C, EOP),
        (0x20, WRPERR | OPERR),
        (0x3C, WRPERR | OPERR),
        (0x40, EOP),
        (0x1FC, EOP),
    ] {
        assert_eq!(bench.word(OTP + offset, 0), expect, "{offset:#x}");
    }
    assert_eq!(bench.word(lock_word + 12, 0), EOP);
    assert_eq!(bench.word(OTP + 0x1FC, 0), WRPERR | OPERR, "block 15");
    assert_eq!(bench.erase(MER), EOP);
    assert_eq!(bench.chip.word(u64::from(OTP + 0x20)), 0x5678_1234);
}

#[test]
fn what_firmware_waits_for() {
    let mut bench = Bench::new();
    assert_eq!(bench.chip.core_clock, Some((16_000, 0)));
    // Voltage scale 1, 5 wait states, HSE / 8 x 336 / 2.
    bench.write(0x4000_7000, 1 << 14);
    assert_eq!(bench.read(0x4000_7004), 1 << 14, "VOSRDY");
    bench.write(0x4000_7004, 1 << 9);
    assert_eq!(bench.read(0x4000_7004), 1 << 14 | 1 << 9 | 1 << 3, "BRR");
    bench.write(0x4002_3C00, 0x705);
    bench.write(0x4002_3804, 8 | 336 << 6 | 1 << 22);
    bench.write(0x4002_3800, 0x0101_0083);
    bench.write(0x4002_3808, 2);
    assert_eq!(bench.read(0x4002_3800) & 0x0202_0002, 0x0202_0002);
    assert_eq!(bench.read(0x4002_3808) & 0xC, 8);
    assert_eq!(bench.chip.core_clock, Some((168_000, 5)));
    bench.write(0x4000_3000, 0xCCCC);
    assert_eq!(bench.read(0x4000_300C), 0, "the watchdog is set at once");
    bench.write(0xE004_2004, 7);
    bench.write(0xE004_2000, 0);
    bench.reset();
    assert_eq!(bench.read(0xE004_2004), 7, "DBGMCU_CR outlives a reset");
    assert_eq!(bench.read(0xE004_2000), 0x100F_6413);
    assert_eq!(bench.chip.core_clock, Some((16_000, 0)));
    bench.board.reset(&mut bench.chip, ResetKind::PowerOn);
    assert_eq!(bench.read(0xE004_2004), 0);
}

#[test]
fn parts_of_registers() {
    let mut bench = Bench::new();
    let half = Access {
        master: Master::Debugger,
        address: 0x4002_0002,
        size: 2,
    };
    bench.write(0x4002_0000, 0x1111_2222);
    bench.board.write(&mut bench.chip, half, 0xABCD).unwrap();
    assert_eq!(bench.read(0x4002_0000), 0xABCD_2222);
    assert_eq!(bench.board.read(&mut bench.chip, half), Ok(0xABCD));
}

#[test]
fn descriptions_that_make_no_chip() {
    for (kib, uid_len, expect) in [
        ("1000", 12, "whole sectors"),
        ("2048", 12, "whole sectors"),
        ("0", 12, "whole sectors"),
        ("much", 12, "expected a number"),
        ("1024", 8, "8 bytes, expected 12"),
        ("1024", 12, "no memory at 0x1fff7a10"),
    ] {
        let mut chip = TestChip::new([
            ("flash.kib", kib),
            ("dbgmcu.idcode", "0"),
            ("clock.hse_khz", "8000"),
        ]);
        let error = Stm32f4Board::open(&mut chip, "X", &vec![0; uid_len])
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(expect), "{error}");
    }
}
