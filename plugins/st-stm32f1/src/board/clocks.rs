//! Reset and clock control (RM0008 7, RM0360 7): sources that are ready as soon as they are on, and the core's clock.

use imprint_plugin::{Chip, Error, Result, number_property};
use std::collections::BTreeMap;

/// First register.
pub const FIRST: u64 = CR;
/// Last register of this block.
pub const LAST: u64 = 0x4002_103C;

const CR: u64 = 0x4002_1000;
const CFGR: u64 = 0x4002_1004;
const BDCR: u64 = 0x4002_1020;
const CSR: u64 = 0x4002_1024;
const CFGR2: u64 = 0x4002_102C;
const CR2: u64 = 0x4002_1034;

/// CR out of reset: HSI on and ready, trimmed to the middle.
const CR_RESET: u32 = 0x0000_0083;
/// The enable bits of a register that have their ready bit just above.
const CR_ENABLES: u32 = 1 << 0 | 1 << 16 | 1 << 24;
const BDCR_ENABLES: u32 = 1 << 0;
const CSR_ENABLES: u32 = 1 << 0;
const CR2_ENABLES: u32 = 1 << 0;

/// HSI of both chips, in kHz.
const HSI_KHZ: u32 = 8000;

const CR_HSERDY: u32 = 1 << 17;
const CR_PLLRDY: u32 = 1 << 25;

/// How CFGR and CFGR2 divide what the PLL multiplies: the property `rcc.pll`.
#[derive(Clone, Copy)]
enum PllInput {
    /// HSE, halved by CFGR.PLLXTPRE (STM32F1).
    Pllxtpre,
    /// HSE, divided by CFGR2.PREDIV (STM32F0).
    Prediv,
}

/// The clock tree.
pub struct Clocks {
    pll_input: PllInput,
    /// The crystal on the board.
    hse_khz: u32,
    registers: BTreeMap<u64, u32>,
}

impl Clocks {
    pub fn new(chip: &dyn Chip) -> Result<Self> {
        let pll_input = match chip.property("rcc.pll").as_deref() {
            Some("pllxtpre") => PllInput::Pllxtpre,
            Some("prediv") => PllInput::Prediv,
            other => {
                return Err(Error::invalid_argument(format!(
                    "the property `rcc.pll` of the device's description is {other:?}, expected pllxtpre or prediv"
                )));
            }
        };
        let hse_khz = number_property(chip, "clock.hse_khz")? as u32;
        let mut clocks = Self {
            pll_input,
            hse_khz,
            registers: BTreeMap::new(),
        };
        clocks.reset();
        Ok(clocks)
    }

    pub fn reset(&mut self) {
        self.registers = BTreeMap::from([(CR, CR_RESET)]);
    }

    pub fn read(&self, address: u64) -> u32 {
        let value = self.registers.get(&address).copied().unwrap_or(0);
        match address {
            CR => with_ready(value, CR_ENABLES),
            BDCR => with_ready(value, BDCR_ENABLES),
            CSR => with_ready(value, CSR_ENABLES),
            CR2 => with_ready(value, CR2_ENABLES),
            // SWS follows SW at once.
            CFGR => value & !0b1100 | (value & 0b11) << 2,
            _ => value,
        }
    }

    pub fn write(&mut self, address: u64, value: u32) {
        self.registers.insert(address, value);
    }

    /// Clock of the core in kHz.
    pub fn core_khz(&self) -> u32 {
        let config = self.read(CFGR);
        let source = match config & 0b11 {
            1 if self.read(CR) & CR_HSERDY != 0 => self.hse_khz,
            2 if self.read(CR) & CR_PLLRDY != 0 => self.pll_khz(config),
            _ => HSI_KHZ,
        };
        // HPRE: 0xxx divides by 1, 1000 to 1011 by 2 to 16, 1100 to 1111 by 64 to 512.
        match config >> 4 & 0xF {
            hpre @ 0x8..=0xB => source >> (hpre - 7),
            hpre @ 0xC..=0xF => source >> (hpre - 6),
            _ => source,
        }
    }

    fn pll_khz(&self, config: u32) -> u32 {
        let input = if config & 1 << 16 == 0 {
            HSI_KHZ / 2
        } else {
            match self.pll_input {
                PllInput::Pllxtpre => self.hse_khz >> (config >> 17 & 1),
                PllInput::Prediv => self.hse_khz / ((self.read(CFGR2) & 0xF) + 1),
            }
        };
        // PLLMUL: 0000 is 2, 1110 and 1111 are both 16.
        input * ((config >> 18 & 0xF) + 2).min(16)
    }
}

/// Each enabled source is ready.
fn with_ready(value: u32, enables: u32) -> u32 {
    value & !(enables << 1) | (value & enables) << 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint_plugin::testing::TestChip;

    fn check(pll: &str, writes: &[(u64, u32)], khz: u32) {
        let chip = TestChip::new([("rcc.pll", pll), ("clock.hse_khz", "8000")]);
        let mut clocks = Clocks::new(&chip).ok().unwrap_or_else(|| panic!("{pll}"));
        for (address, value) in writes {
            clocks.write(*address, *value);
        }
        assert_eq!(clocks.core_khz(), khz, "{pll} {writes:x?}");
    }

    #[test]
    fn core_clock() {
        check("pllxtpre", &[], 8000);
        // HSE x 9, the usual 72 MHz.
        check(
            "pllxtpre",
            &[(CR, 0x0101_0083), (CFGR, 7 << 18 | 1 << 16 | 2)],
            72_000,
        );
        // HSI / 2 x 16.
        check(
            "pllxtpre",
            &[(CR, 0x0100_0083), (CFGR, 0xE << 18 | 2)],
            64_000,
        );
        // The PLL is selected and off: the core stays on HSI.
        check("pllxtpre", &[(CFGR, 7 << 18 | 1 << 16 | 2)], 8000);
        check("pllxtpre", &[(CFGR, 0x8 << 4)], 4000);
        check("pllxtpre", &[(CFGR, 0xC << 4)], 125);
        // HSI / 2 x 12.
        check("prediv", &[(CR, 0x0100_0083), (CFGR, 10 << 18 | 2)], 48_000);
        // HSE / 2 x 12.
        check(
            "prediv",
            &[
                (CR, 0x0101_0083),
                (CFGR2, 1),
                (CFGR, 10 << 18 | 1 << 16 | 2),
            ],
            48_000,
        );
    }

    #[test]
    fn ready_follows_enable() {
        let chip = TestChip::new([("rcc.pll", "prediv"), ("clock.hse_khz", "8000")]);
        let mut clocks = Clocks::new(&chip).ok().unwrap_or_else(|| panic!("clocks"));
        assert_eq!(clocks.read(CR), 0x83);
        clocks.write(CR, 0x0101_0081);
        assert_eq!(clocks.read(CR), 0x0303_0083);
        clocks.write(CSR, 1);
        assert_eq!(clocks.read(CSR), 3);
        clocks.write(CFGR, 1);
        assert_eq!(clocks.read(CFGR), 0b101);
    }
}
