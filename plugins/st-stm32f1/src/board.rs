//! The peripherals of STM32F103 and STM32F030 for the twin.
//!
//! What a programmer and ordinary firmware meet: flash controller, option bytes, identity, clocks with their ready
//! bits, watchdog registers, the CRC unit. Every other peripheral is a set of plain registers.

mod clocks;
mod crc;
mod factory;
mod fpec;

use crate::registers::fpec as registers;
use clocks::Clocks;
use crc::Crc;
use fpec::Fpec;
use imprint_plugin::{Access, Board, BusFault, Chip, ResetKind, Result, number_property};
use std::{collections::BTreeMap, ops::Range};

/// APB1, APB2 and AHB peripherals (RM0008 3.3, RM0360 2.2).
const PERIPHERALS: Range<u64> = 0x4000_0000..0x4002_4000;
/// GPIO of STM32F0; nothing answers there on STM32F1, whose GPIO lies on APB2.
const GPIO_F0: Range<u64> = 0x4800_0000..0x4800_1800;

/// IWDG_SR: no update of prescaler or reload is pending.
const IWDG_SR: u64 = 0x4000_300C;
/// IWDG_RLR and its value out of reset.
const IWDG_RLR: (u32, u32) = (0x4000_3008, 0x0FFF);

/// One chip.
pub struct Stm32f1Board {
    fpec: Fpec,
    clocks: Clocks,
    crc: Crc,
    /// DBGMCU_IDCODE: address and value.
    idcode: (u64, u32),
    /// DBGMCU_CR, which only a power-on resets.
    debug_control: u32,
    has_gpio_f0: bool,
    /// Registers that only hold what was written.
    registers: BTreeMap<u32, u32>,
}

impl Board for Stm32f1Board {
    fn open(chip: &mut dyn Chip, _device: &str, uid: &[u8]) -> Result<Self> {
        let board = Self {
            fpec: Fpec::new(chip)?,
            clocks: Clocks::new(chip)?,
            crc: Crc::new(),
            idcode: (
                number_property(chip, "dbgmcu.address")?,
                number_property(chip, "dbgmcu.idcode")? as u32,
            ),
            debug_control: 0,
            has_gpio_f0: chip.property("gpio").as_deref() == Some("ahb2"),
            registers: BTreeMap::new(),
        };
        factory::program(chip, uid)?;
        Ok(board)
    }

    fn windows(&self) -> Vec<Range<u64>> {
        let mut windows = vec![PERIPHERALS];
        if self.has_gpio_f0 {
            windows.push(GPIO_F0);
        }
        if !PERIPHERALS.contains(&self.idcode.0) {
            windows.push(self.idcode.0..self.idcode.0 + 0x400);
        }
        windows
    }

    fn reset(&mut self, chip: &mut dyn Chip, kind: ResetKind) {
        self.registers = BTreeMap::from([IWDG_RLR]);
        self.crc = Crc::new();
        self.clocks.reset();
        if kind == ResetKind::PowerOn {
            self.debug_control = 0;
        }
        self.fpec.reset(chip);
        self.apply_clock(chip);
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        Ok(access.read_from(self.read_word(chip, access.word_address())))
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        let address = access.word_address();
        let before = self.registers.get(&address).copied().unwrap_or(0);
        let word = access.written_to(before, value);
        match u64::from(address) {
            registers::ACR..=registers::WRPR => {
                self.fpec.write(chip, u64::from(address), word)?;
                if u64::from(address) == registers::ACR {
                    self.apply_clock(chip);
                }
            }
            clocks::FIRST..=clocks::LAST => {
                self.clocks.write(u64::from(address), word);
                self.apply_clock(chip);
            }
            crc::FIRST..=crc::LAST => self.crc.write(access, u64::from(address), value),
            IWDG_SR => {}
            at if at == self.idcode.0 => {}
            at if at == self.idcode.0 + 4 => self.debug_control = word,
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
        self.fpec.cell_write(chip, access, value)
    }
}

impl Stm32f1Board {
    fn read_word(&self, chip: &dyn Chip, address: u32) -> u32 {
        match u64::from(address) {
            registers::ACR..=registers::WRPR => self.fpec.read(chip, u64::from(address)),
            clocks::FIRST..=clocks::LAST => self.clocks.read(u64::from(address)),
            crc::FIRST..=crc::LAST => self.crc.read(u64::from(address)),
            IWDG_SR => 0,
            at if at == self.idcode.0 => self.idcode.1,
            at if at == self.idcode.0 + 4 => self.debug_control,
            _ => self.registers.get(&address).copied().unwrap_or(0),
        }
    }

    fn apply_clock(&self, chip: &mut dyn Chip) {
        chip.set_core_clock(self.clocks.core_khz(), self.fpec.wait_states());
    }
}
