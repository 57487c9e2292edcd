//! A small generic chip and a probe for the tests.
#![allow(clippy::unwrap_used, dead_code)]

pub mod firmware;

use imprint_device::{
    Core, Device, Memory, MemoryKind, Nor, RomTable, Sectors, Swd, Timing, TwinData, Uid,
};
use imprint_twin::{
    Access, Board, BoardOptions, BusFault, Chip, DebugAccess, EraseTime, Link, Peripherals, Port,
    ResetKind, WireFault,
};
use std::ops::Range;

pub const FLASH: u32 = 0x0800_0000;
pub const RAM: u32 = 0x2000_0000;
pub const RAM_ALIAS: u32 = 0x0080_0000;
pub const UID_ADDRESS: u32 = 0x1FFF_F7E8;
/// Registers of the test chip's flash controller.
pub const CONTROLLER: u32 = 0x4000_0000;
pub const WORD_NS: u64 = 50_000;
pub const SECTOR_US: u64 = 20_000;
pub const ALL_US: u64 = 40_000;

fn nor() -> Nor {
    Nor {
        algorithm: None,
        erased: 0xFF,
        sectors: vec![Sectors {
            len: 1024,
            count: 64,
            erase_us: None,
        }],
        unit_len: 4,
        timing: Timing {
            program_unit_ns: WORD_NS,
            erase_sector_us: SECTOR_US,
            erase_all_us: ALL_US,
            source: "made up".into(),
        },
    }
}

fn memory(name: &str, kind: MemoryKind, start: u32, len: u64) -> Memory {
    Memory {
        name: name.into(),
        kind,
        start: start.into(),
        len,
        aliases: Vec::new(),
        nor: (kind == MemoryKind::Flash).then(nor),
    }
}

/// A chip with 64 KiB of flash and 16 KiB of RAM at 8 MHz.
pub fn device(core: Core) -> Device {
    let mut ram = memory("ram", MemoryKind::Ram, RAM, 16 << 10);
    ram.aliases = vec![RAM_ALIAS.into()];
    Device {
        name: "test".into(),
        vendor: "none".into(),
        family: "test.chip".into(),
        chip: "none".into(),
        core,
        swd: Swd { clock_khz: 10_000 },
        memories: vec![
            memory("flash", MemoryKind::Flash, FLASH, 64 << 10),
            ram,
            memory("info", MemoryKind::Factory, 0x1FFF_F000, 4096),
        ],
        algorithms: Vec::new(),
        uid: Some(Uid {
            address: UID_ADDRESS.into(),
            len: 4,
        }),
        revision: None,
        properties: [("colour".to_string(), "green".to_string())].into(),
        guarded: Vec::new(),
        twin: TwinData {
            dpidr: 0x2BA0_1477,
            ap_idr: 0x2477_0011,
            cpuid: 0x410F_C241,
            core_clock_khz: 8_000,
            flash_wait_states: 0,
            breakpoint_count: 4,
            interrupt_count: 32,
            rom_table: RomTable {
                address: 0xE00F_F000,
                jep106_continuation: 2,
                jep106_identity: 0x44,
                part: 0x123,
            },
            boot_address: FLASH.into(),
            jtag: None,
        },
        sources: Vec::new(),
        file_sha256: None,
    }
}

/// The peripherals of the test chip, by offset of their register:
/// 0x00 enable programming, 0x04 busy, 0x08 erase sector, 0x0C erase all, 0x10 interrupt line (bit 8: level),
/// 0x14 kept without power, 0x18 core clock in kHz, 0x1C debug access, 0x20 property, 0x24 time in microseconds,
/// 0x28 how often 0x14 was written.
#[derive(Default)]
pub struct TestChip {
    enabled: bool,
    kept: u32,
    kept_count: u32,
    mailbox: u32,
}

impl Peripherals for TestChip {
    fn windows(&self) -> Vec<Range<u64>> {
        vec![0x4000_0000..0x4000_002C, 0xE004_2000..0xE004_2004]
    }

    fn reset(&mut self, _chip: &mut dyn Chip, _kind: ResetKind) {
        self.enabled = false;
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        Ok(match access.address & 0xFFF {
            _ if access.address >= 0xE000_0000 => 0xD06_0001,
            0x00 => self.enabled.into(),
            0x04 => chip.is_busy().into(),
            0x14 => self.kept,
            0x20 => chip
                .property("colour")
                .map_or(0, |colour| colour.len() as u32),
            0x28 => self.kept_count,
            0x24 => (chip.now_ns() / 1000) as u32,
            _ => return Err(BusFault),
        })
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        match access.address & 0xFFF {
            0x00 => self.enabled = value & 1 != 0,
            0x08 if self.enabled => {
                chip.erase(u64::from(value) & !1023, 1024, EraseTime::Sector)?;
            }
            0x0C if self.enabled => chip.erase(FLASH.into(), 64 << 10, EraseTime::All)?,
            0x10 => chip.set_interrupt(value & 0xFF, value >> 8 & 1 != 0),
            0x14 => (self.kept, self.kept_count) = (value, self.kept_count + 1),
            0x18 => chip.set_core_clock(value, 0),
            0x1C => chip.set_debug_access(match value {
                0 => DebugAccess::Open,
                1 => DebugAccess::NoFlash,
                _ => DebugAccess::Closed,
            }),
            _ => return Err(BusFault),
        }
        Ok(())
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        if !self.enabled || access.size != 4 {
            return Err(BusFault);
        }
        chip.program(access.address.into(), &value.to_le_bytes())
    }

    fn ap_read(&mut self, _chip: &mut dyn Chip, ap: u8, register: u8) -> Option<u32> {
        match (ap, register) {
            (1, 0x00) => Some(self.mailbox),
            (1, 0xFC) => Some(0x1234_5678),
            _ => None,
        }
    }

    fn ap_write(&mut self, chip: &mut dyn Chip, ap: u8, register: u8, value: u32) -> Option<()> {
        match (ap, register) {
            (1, 0x00) => self.mailbox = value,
            (1, 0x04) => {
                chip.erase(FLASH.into(), 64 << 10, EraseTime::All).ok()?;
                chip.set_debug_access(DebugAccess::Open);
            }
            (1, 0x08) => chip.request_reset(ResetKind::System),
            _ => return None,
        }
        Some(())
    }

    fn save(&mut self) -> Vec<u8> {
        self.kept.to_le_bytes().into()
    }

    fn load(&mut self, state: &[u8]) -> bool {
        state
            .try_into()
            .map(|bytes| self.kept = u32::from_le_bytes(bytes))
            .is_ok()
    }
}

/// Builds the test chip.
pub fn make(chip: &mut dyn Chip, uid: &[u8]) -> Result<Box<dyn Peripherals>, String> {
    chip.poke(UID_ADDRESS.into(), uid)
        .map_err(|_| "no place for the identifier")?;
    Ok(Box::new(TestChip::default()))
}

/// Builds it with firmware in its flash.
pub fn make_with(
    firmware: &[u16],
) -> impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String> {
    let bytes: Vec<u8> = firmware
        .iter()
        .flat_map(|half| half.to_le_bytes())
        .collect();
    move |chip, uid| {
        chip.poke(FLASH.into(), &bytes)
            .map_err(|_| "no place for the firmware")?;
        make(chip, uid)
    }
}

pub fn options(faults: &[&str]) -> BoardOptions {
    BoardOptions {
        uid: vec![1, 2, 3, 4],
        faults: faults.iter().map(|text| text.parse().unwrap()).collect(),
        link: Link::high_speed(),
    }
}

/// A debugger on the wire of a board.
pub struct Probe {
    pub board: Board,
}

impl Probe {
    pub fn new(core: Core, firmware: &[u16], faults: &[&str]) -> Probe {
        let board = Board::power_on(&device(core), options(faults), make_with(firmware)).unwrap();
        Probe { board }
    }

    /// A board on which the wire is up and memory can be reached.
    pub fn connected(core: Core, firmware: &[u16]) -> Probe {
        let mut probe = Probe::new(core, firmware, &[]);
        probe.connect().unwrap();
        probe
    }

    /// What probe-rs sends to reach the port, then power-up and a control word for single words.
    pub fn connect(&mut self) -> Result<u32, WireFault> {
        self.switch_to_swd();
        let id = self.board.read_register(Port::Debug, 0)?;
        self.board.write_register(Port::Debug, 8, 0)?;
        self.board.write_register(Port::Debug, 0, 0x1E)?;
        self.board.write_register(Port::Debug, 4, 0x5000_0F00)?;
        self.board.read_register(Port::Debug, 4)?;
        self.board.write_register(Port::Access, 0, 0x2300_0012)?;
        self.board.flush()?;
        Ok(id)
    }

    pub fn switch_to_swd(&mut self) {
        self.board.line_sequence(51, 0x0007_FFFF_FFFF_FFFF);
        self.board.line_sequence(16, 0xE79E);
        self.line_reset();
    }

    pub fn line_reset(&mut self) {
        self.board.line_sequence(54, 0x0007_FFFF_FFFF_FFFF);
    }

    pub fn read(&mut self, address: u32) -> Result<u32, WireFault> {
        self.board.write_register(Port::Access, 4, address)?;
        self.board.read_register(Port::Access, 0xC)
    }

    pub fn write(&mut self, address: u32, value: u32) -> Result<(), WireFault> {
        self.board.write_register(Port::Access, 4, address)?;
        self.board.write_register(Port::Access, 0xC, value)?;
        self.board.flush()
    }

    /// Sets the size of transfers to 1, 2 or 4 bytes.
    pub fn set_size(&mut self, size: u8) {
        let csw = 0x2300_0010 | size.trailing_zeros();
        self.board.write_register(Port::Access, 0, csw).unwrap();
    }

    pub fn halt(&mut self) {
        self.write(0xE000_EDF0, 0xA05F_0003).unwrap();
        assert!(self.is_halted());
    }

    pub fn go(&mut self) {
        self.write(0xE000_EDF0, 0xA05F_0001).unwrap();
    }

    pub fn step(&mut self) {
        self.write(0xE000_EDF0, 0xA05F_0005).unwrap();
    }

    pub fn is_halted(&mut self) -> bool {
        self.read(0xE000_EDF0).unwrap() >> 17 & 1 != 0
    }

    /// Lets virtual time pass until the core halts.
    pub fn wait_for_halt(&mut self) {
        for _ in 0..1000 {
            if self.is_halted() {
                return;
            }
            self.board.pass_ns(1_000_000);
        }
        let pc = self.board.peek(0, &mut []).map(|()| self.read(0xE000_EDF0));
        panic!("the core does not halt: {pc:x?}");
    }

    /// Starts the firmware again from reset, with RAM as after power-on, and under a debugger: its BKPT halts.
    pub fn restart(&mut self) {
        self.halt();
        for index in 0..128 {
            self.write(RAM + 4 * index, 0).unwrap();
        }
        self.go();
        self.write(0xE000_ED0C, 0x05FA_0004).unwrap();
    }

    pub fn register(&mut self, selector: u32) -> u32 {
        self.write(0xE000_EDF4, selector).unwrap();
        self.read(0xE000_EDF8).unwrap()
    }

    pub fn set_register(&mut self, selector: u32, value: u32) {
        self.write(0xE000_EDF8, value).unwrap();
        self.write(0xE000_EDF4, 1 << 16 | selector).unwrap();
    }

    /// Halts the core at code that lies in RAM.
    pub fn load(&mut self, code: &[u16]) {
        self.halt();
        for (index, half) in code.chunks(2).enumerate() {
            let word = u32::from(half[0]) | u32::from(*half.get(1).unwrap_or(&0)) << 16;
            self.write(RAM + 4 * index as u32, word).unwrap();
        }
        self.set_register(13, RAM + 0x2000);
        self.set_register(15, RAM);
        self.set_register(16, 1 << 24);
    }

    pub fn peek(&self, address: u32) -> u32 {
        let mut bytes = [0; 4];
        self.board.peek(address.into(), &mut bytes).unwrap();
        u32::from_le_bytes(bytes)
    }
}
