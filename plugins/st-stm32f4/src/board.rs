//! The peripherals of STM32F405/407 and STM32F415/417 for the twin.
//!
//! What a programmer and ordinary firmware meet: flash interface, option bytes, identity, clocks and voltage scaling with
//! their ready bits, watchdog registers. Every other peripheral is a set of plain registers.

mod clocks;
mod factory;
mod flash;

use crate::registers::{IDCODE, flash as registers};
use clocks::Clocks;
use flash::FlashInterface;
use imprint_plugin::{Access, Board, BusFault, Chip, ResetKind, Result, number_property};
use std::{collections::BTreeMap, ops::Range};

/// APB1, APB2 and AHB1; AHB2; the memory controller's registers (RM0090 table 1).
const PERIPHERALS: [Range<u64>; 3] = [
    0x4000_0000..0x4008_0000,
    0x5000_0000..0x5006_0C00,
    0xA000_0000..0xA000_1000,
];
/// DBGMCU, on the bus of the core (RM0090 38.6).
const DBGMCU: Range<u64> = 0xE004_2000..0xE004_2400;
/// DBGMCU_CR, DBGMCU_APB1_FZ and DBGMCU_APB2_FZ.
const DEBUG_CONTROL: Range<u64> = 0xE004_2004..0xE004_2010;

/// IWDG_SR: no update of prescaler or reload is pending.
const IWDG_SR: u64 = 0x4000_300C;
/// IWDG_RLR and its value out of reset.
const IWDG_RLR: (u32, u32) = (0x4000_3008, 0x0FFF);

/// PWR_CR and its value out of reset: voltage scale 1 (RM0090 5.4.1).
const PWR_CR: (u32, u32) = (0x4000_7000, 0x4000);
/// PWR_CSR (RM0090 5.4.2).
const PWR_CSR: u64 = 0x4000_7004;
/// PWR_CSR.BRE, and BRR, which follows it.
const PWR_CSR_BRE: u32 = 1 << 9;
const PWR_CSR_BRR: u32 = 1 << 3;
/// PWR_CSR.VOSRDY: the regulator is where it was set to.
const PWR_CSR_VOSRDY: u32 = 1 << 14;

/// One chip.
pub struct Stm32f4Board {
    flash: FlashInterface,
    clocks: Clocks,
    idcode: u32,
    /// Registers of DBGMCU that only a power-on resets.
    debug_control: BTreeMap<u32, u32>,
    /// Registers that only hold what was written.
    registers: BTreeMap<u32, u32>,
}

impl Board for Stm32f4Board {
    fn open(chip: &mut dyn Chip, _device: &str, uid: &[u8]) -> Result<Self> {
        let board = Self {
            flash: FlashInterface::new(chip)?,
            clocks: Clocks::new(chip)?,
            idcode: number_property(chip, "dbgmcu.idcode")? as u32,
            debug_control: BTreeMap::new(),
            registers: BTreeMap::new(),
        };
        factory::program(chip, uid)?;
        Ok(board)
    }

    fn windows(&self) -> Vec<Range<u64>> {
        PERIPHERALS.into_iter().chain([DBGMCU]).collect()
    }

    fn reset(&mut self, chip: &mut dyn Chip, kind: ResetKind) {
        self.registers = BTreeMap::from([IWDG_RLR, PWR_CR]);
        if kind == ResetKind::PowerOn {
            self.debug_control.clear();
        }
        self.clocks.reset();
        self.flash.reset(chip);
        self.apply_clock(chip);
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        Ok(access.read_from(self.read_word(chip, access.word_address())))
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        let address = access.word_address();
        let word = access.written_to(self.read_word(chip, address), value);
        match u64::from(address) {
            registers::ACR..=registers::OPTCR => {
                self.flash.write(chip, address.into(), word)?;
                self.apply_clock(chip);
            }
            clocks::FIRST..=clocks::LAST => {
                self.clocks.write(address.into(), word);
                self.apply_clock(chip);
            }
            IWDG_SR | IDCODE => {}
            at if DEBUG_CONTROL.contains(&at) => {
                self.debug_control.insert(address, word);
            }
            _ => {
                self.registers.insert(address, word);
            }
        }
        Ok(())
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        self.flash.cell_write(chip, access, value)
    }
}

impl Stm32f4Board {
    fn read_word(&self, chip: &dyn Chip, address: u32) -> u32 {
        let plain = self.registers.get(&address).copied().unwrap_or(0);
        match u64::from(address) {
            registers::ACR..=registers::OPTCR => self.flash.read(chip, address.into()),
            clocks::FIRST..=clocks::LAST => self.clocks.read(address.into()),
            IWDG_SR => 0,
            PWR_CSR if plain & PWR_CSR_BRE != 0 => plain | PWR_CSR_VOSRDY | PWR_CSR_BRR,
            PWR_CSR => plain & !PWR_CSR_BRR | PWR_CSR_VOSRDY,
            IDCODE => self.idcode,
            at if DEBUG_CONTROL.contains(&at) => {
                self.debug_control.get(&address).copied().unwrap_or(0)
            }
            _ => plain,
        }
    }

    fn apply_clock(&self, chip: &mut dyn Chip) {
        chip.set_core_clock(self.clocks.core_khz(), self.flash.wait_states());
    }
}
