//! The peripherals of nRF51 and nRF52 for the twin.
//!
//! What a programmer and ordinary firmware meet: the flash controller, factory registers, protection, the control
//! access port, clocks that start at once, a watchdog that runs. Every other peripheral is a set of plain registers.

mod factory;

use crate::series::{Series, UICR, ctrl_ap, nvmc};
use imprint_plugin::{
    Access, Board, BusFault, Chip, DebugAccess, EraseTime, Error, ResetKind, Result,
    number_property,
};
use std::{collections::BTreeMap, ops::Range};

/// Peripherals by id, one page of 0x1000 bytes each (nRF52832 PS 7.3; nRF51 RM 5.1).
const PERIPHERALS_NRF51: Range<u64> = 0x4000_0000..0x4002_0000;
const PERIPHERALS_NRF52: Range<u64> = 0x4000_0000..0x4002_8000;
/// GPIO.
const GPIO: Range<u64> = 0x5000_0000..0x5000_1000;
/// CoreSight identification that start-up code reads to choose workarounds (errata of nRF52832).
const IDENTIFICATION_NRF52: Range<u64> = 0xF000_0000..0xF000_1000;

/// CLOCK tasks with the event and the status that they lead to (nRF52832 PS 19.2, nRF51 RM 12.2).
const CLOCK_STARTS: [(u32, u32, u32, u32); 2] = [
    // TASKS_HFCLKSTART, EVENTS_HFCLKSTARTED, HFCLKSTAT: running from the crystal.
    (0x4000_0000, 0x4000_0100, 0x4000_040C, 0x0001_0001),
    // TASKS_LFCLKSTART, EVENTS_LFCLKSTARTED, LFCLKSTAT: running.
    (0x4000_0008, 0x4000_0104, 0x4000_0418, 0x0001_0000),
];

/// WDT.TASKS_START.
const WDT_START: u32 = 0x4001_0000;
/// WDT.RUNSTATUS: 1 once started. Vendors' algorithms look at it and feed the dog.
const WDT_RUNSTATUS: u32 = 0x4001_0400;
/// WDT.REQSTATUS: the reload requests that are enabled.
const WDT_REQSTATUS: u32 = 0x4001_0404;
/// WDT.RREN: one request is enabled out of reset.
const WDT_RREN: (u32, u32) = (0x4001_0508, 1);

/// One chip.
pub struct Nrf5Board {
    series: Series,
    page_len: u64,
    flash_len: u64,
    ram_len: u64,
    /// NVMC.CONFIG.
    config: u32,
    /// CTRL-AP.RESET.
    reset: u32,
    /// The protection that was loaded at the last reset.
    is_protected: bool,
    /// Registers that only hold what was written.
    registers: BTreeMap<u32, u32>,
}

impl Board for Nrf5Board {
    fn open(chip: &mut dyn Chip, _device: &str, uid: &[u8]) -> Result<Self> {
        let series = chip.property("series").ok_or_else(|| {
            Error::invalid_argument("the device's description has no property `series`")
        })?;
        let series = Series::parse(&series)?;
        let page_len = number_property(chip, "flash.page_len")?;
        let board = Self {
            series,
            page_len,
            flash_len: page_len * number_property(chip, "flash.page_count")?,
            ram_len: number_property(chip, "ram.len")?,
            config: nvmc::REN,
            reset: 0,
            is_protected: false,
            registers: BTreeMap::new(),
        };
        factory::program(chip, series, uid)?;
        Ok(board)
    }

    fn windows(&self) -> Vec<Range<u64>> {
        match self.series {
            Series::Nrf51 => vec![PERIPHERALS_NRF51, GPIO],
            Series::Nrf52 => vec![PERIPHERALS_NRF52, GPIO, IDENTIFICATION_NRF52],
        }
    }

    fn reset(&mut self, chip: &mut dyn Chip, _kind: ResetKind) {
        self.config = nvmc::REN;
        self.registers = BTreeMap::from([WDT_RREN]);
        if self.series == Series::Nrf52 {
            self.registers.extend(factory::IDENTIFICATION_NRF52);
        }
        let mut protection = [0xFF; 4];
        // Without UICR in the description there is nothing that protects.
        let _ = chip.peek(self.series.protection_address(), &mut protection);
        self.is_protected = self.series.is_protected_by(u32::from_le_bytes(protection));
        chip.set_debug_access(match (self.is_protected, self.series) {
            (false, _) => DebugAccess::Open,
            (true, Series::Nrf51) => DebugAccess::NoFlash,
            (true, Series::Nrf52) => DebugAccess::Closed,
        });
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        let address = access.word_address();
        let word = match u64::from(address) {
            nvmc::READY | nvmc::READYNEXT => u32::from(!chip.is_busy()),
            nvmc::CONFIG => self.config,
            nvmc::ERASEPAGE..=nvmc::ERASEUICR => 0,
            _ => self.registers.get(&address).copied().unwrap_or(0),
        };
        Ok(access.read_from(word))
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        let address = access.word_address();
        let old = self.registers.get(&address).copied().unwrap_or(0);
        let value = access.written_to(old, value);
        match u64::from(address) {
            nvmc::READY | nvmc::READYNEXT => Ok(()),
            nvmc::CONFIG => {
                self.config = value & 3;
                Ok(())
            }
            nvmc::ERASEPAGE..=nvmc::ERASEUICR => self.erase(chip, u64::from(address), value),
            _ => {
                self.write_plain(address, value);
                Ok(())
            }
        }
    }

    /// A write to flash or UICR. The product specifications allow only whole, aligned words and only while writing is
    /// enabled, and do not say what else does: here it is a bus fault, so that a mistake is seen.
    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        let address = u64::from(access.address);
        let is_ours =
            address < self.flash_len || (UICR..UICR + self.series.uicr_len()).contains(&address);
        if self.config != nvmc::WEN || access.size != 4 || !is_ours {
            return Err(BusFault);
        }
        chip.program(address, &value.to_le_bytes())
    }

    fn ap_read(&mut self, chip: &mut dyn Chip, ap: u32, register: u32) -> Option<u32> {
        if self.series != Series::Nrf52 || ap != ctrl_ap::PORT {
            return None;
        }
        Some(match register {
            ctrl_ap::RESET => self.reset,
            ctrl_ap::ERASEALLSTATUS => chip.is_busy().into(),
            ctrl_ap::APPROTECTSTATUS => (!self.is_protected).into(),
            ctrl_ap::IDR => ctrl_ap::IDR_VALUE,
            _ => 0,
        })
    }

    fn ap_write(&mut self, chip: &mut dyn Chip, ap: u32, register: u32, value: u32) -> Option<()> {
        if self.series != Series::Nrf52 || ap != ctrl_ap::PORT {
            return None;
        }
        match register {
            ctrl_ap::RESET => {
                let before = std::mem::replace(&mut self.reset, value & 1);
                if before == 1 && self.reset == 0 {
                    chip.request_reset(ResetKind::System);
                }
            }
            ctrl_ap::ERASEALL if value & 1 == 1 => {
                // The only failure is a description without these memories, which has nothing to erase.
                let _ = self.erase_flash_and_uicr(chip);
                let _ = chip.poke(crate::series::RAM, &vec![0; self.ram_len as usize]);
            }
            _ => {}
        }
        Some(())
    }
}

impl Nrf5Board {
    /// An erase register of the flash controller; without effect while erasing is not enabled.
    fn erase(&mut self, chip: &mut dyn Chip, register: u64, value: u32) -> Result<(), BusFault> {
        if self.config != nvmc::EEN {
            return Ok(());
        }
        match register {
            nvmc::ERASEPAGE | nvmc::ERASEPCR0 => {
                let page = u64::from(value) / self.page_len * self.page_len;
                if page < self.flash_len {
                    chip.erase(page, self.page_len, EraseTime::Sector)?;
                }
            }
            nvmc::ERASEALL if value & 1 == 1 => self.erase_flash_and_uicr(chip)?,
            nvmc::ERASEUICR if value & 1 == 1 => {
                chip.erase(UICR, self.series.uicr_len(), EraseTime::Sector)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn erase_flash_and_uicr(&self, chip: &mut dyn Chip) -> Result<(), BusFault> {
        chip.erase(UICR, self.series.uicr_len(), EraseTime::Free)?;
        chip.erase(0, self.flash_len, EraseTime::All)
    }

    /// A peripheral without behaviour of its own, but for clocks, which start at once, and the watchdog, which runs.
    fn write_plain(&mut self, address: u32, value: u32) {
        if let WDT_RUNSTATUS | WDT_REQSTATUS = address {
            return;
        }
        self.registers.insert(address, value);
        for (task, event, status_address, status) in CLOCK_STARTS {
            if address == task && value & 1 == 1 {
                self.registers
                    .extend([(event, 1), (status_address, status)]);
            }
        }
        if address == WDT_START && value & 1 == 1 {
            let requests = self.registers.get(&WDT_RREN.0).copied().unwrap_or(0);
            self.registers
                .extend([(WDT_RUNSTATUS, 1), (WDT_REQSTATUS, requests & 0xFF)]);
        }
    }
}
