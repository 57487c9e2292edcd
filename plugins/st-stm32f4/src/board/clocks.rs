//! Reset and clock control (RM0090 7): sources that are ready as soon as they are on, and the core's clock.

use imprint_plugin::{Chip, Result, number_property};
use std::collections::BTreeMap;

/// First register.
pub const FIRST: u64 = CR;
/// Last register of this block.
pub const LAST: u64 = 0x4002_3884;

const CR: u64 = 0x4002_3800;
const PLLCFGR: u64 = 0x4002_3804;
const CFGR: u64 = 0x4002_3808;
const AHB1ENR: u64 = 0x4002_3830;
const BDCR: u64 = 0x4002_3870;
const CSR: u64 = 0x4002_3874;

/// Values out of reset: HSI on and ready, trimmed to the middle; the PLL's factors; the clock of the core-coupled memory.
const RESET: [(u64, u32); 3] = [
    (CR, 0x0000_0083),
    (PLLCFGR, 0x2400_3010),
    (AHB1ENR, 0x0010_0000),
];
/// The enable bits of a register that have their ready bit just above: HSI, HSE, PLL, PLLI2S.
const CR_ENABLES: u32 = 1 << 0 | 1 << 16 | 1 << 24 | 1 << 26;
const BDCR_ENABLES: u32 = 1 << 0;
const CSR_ENABLES: u32 = 1 << 0;

const CR_HSERDY: u32 = 1 << 17;
const CR_PLLRDY: u32 = 1 << 25;
/// PLLCFGR.PLLSRC: the crystal.
const PLLCFGR_HSE: u32 = 1 << 22;

/// The internal oscillator, in kHz.
const HSI_KHZ: u32 = 16_000;

/// The clock tree.
pub struct Clocks {
    /// The crystal on the board.
    hse_khz: u32,
    registers: BTreeMap<u64, u32>,
}

impl Clocks {
    pub fn new(chip: &dyn Chip) -> Result<Self> {
        Ok(Self {
            hse_khz: number_property(chip, "clock.hse_khz")? as u32,
            registers: BTreeMap::from(RESET),
        })
    }

    pub fn reset(&mut self) {
        self.registers = BTreeMap::from(RESET);
    }

    pub fn read(&self, address: u64) -> u32 {
        let value = self.registers.get(&address).copied().unwrap_or(0);
        match address {
            CR => with_ready(value, CR_ENABLES),
            BDCR => with_ready(value, BDCR_ENABLES),
            CSR => with_ready(value, CSR_ENABLES),
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
        let (control, config) = (self.read(CR), self.read(CFGR));
        let source = match config & 0b11 {
            1 if control & CR_HSERDY != 0 => self.hse_khz,
            2 if control & CR_PLLRDY != 0 => self.pll_khz(),
            _ => HSI_KHZ,
        };
        // HPRE: 0xxx divides by 1, 1000 to 1011 by 2 to 16, 1100 to 1111 by 64 to 512.
        match config >> 4 & 0xF {
            hpre @ 0x8..=0xB => source >> (hpre - 7),
            hpre @ 0xC..=0xF => source >> (hpre - 6),
            _ => source,
        }
    }

    /// The source divided by PLLM, multiplied by PLLN, divided by PLLP.
    fn pll_khz(&self) -> u32 {
        let config = self.read(PLLCFGR);
        let source = if config & PLLCFGR_HSE == 0 {
            HSI_KHZ
        } else {
            self.hse_khz
        };
        let (m, n) = (config & 0x3F, config >> 6 & 0x1FF);
        let p = 2 * ((config >> 16 & 0b11) + 1);
        let khz = u64::from(source) * u64::from(n) / u64::from(m.max(1) * p);
        khz.min(u32::MAX.into()) as u32
    }
}

/// Each enabled source is ready.
fn with_ready(value: u32, enables: u32) -> u32 {
    value & !(enables << 1) | (value & enables) << 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use imprint_plugin::testing::TestChip;

    fn clocks(writes: &[(u64, u32)]) -> Clocks {
        let chip = TestChip::new([("clock.hse_khz", "8000")]);
        let mut clocks = Clocks::new(&chip).unwrap();
        for (address, value) in writes {
            clocks.write(*address, *value);
        }
        clocks
    }

    #[test]
    fn core_clock() {
        // HSE / 8 x 336 / 2: the usual 168 MHz.
        let pll = 8 | 336 << 6 | PLLCFGR_HSE;
        for (writes, khz) in [
            (&[][..], 16_000),
            (&[(CR, 0x0101_0083), (PLLCFGR, pll), (CFGR, 2)], 168_000),
            // The same over 4, and HCLK at half of it.
            (
                &[
                    (CR, 0x0101_0083),
                    (PLLCFGR, pll | 1 << 16),
                    (CFGR, 0x8 << 4 | 2),
                ],
                42_000,
            ),
            // HSI / 16 x 192 / 2, the factors out of reset.
            (&[(CR, 0x0100_0083), (CFGR, 2)], 96_000),
            // The PLL is selected and off: the core stays on HSI.
            (&[(PLLCFGR, pll), (CFGR, 2)], 16_000),
            (&[(CR, 0x0001_0083), (CFGR, 1)], 8000),
            (&[(CFGR, 0xC << 4)], 250),
            // A divisor that the manual forbids.
            (&[(CR, 0x0100_0083), (PLLCFGR, 1 << 6), (CFGR, 2)], 8000),
        ] {
            assert_eq!(clocks(writes).core_khz(), khz, "{writes:x?}");
        }
    }

    #[test]
    fn ready_follows_enable() {
        for (address, written, expect) in [
            (CR, 0x0501_0081, 0x0F03_0083),
            (CR, 0x0000_0083, 0x0000_0083),
            (CSR, 1, 3),
            (BDCR, 1, 3),
            (CFGR, 1, 0b101),
            (CFGR, 0b1110, 0b1010),
        ] {
            let clocks = clocks(&[(address, written)]);
            assert_eq!(clocks.read(address), expect, "{address:#x} {written:#x}");
        }
    }
}
