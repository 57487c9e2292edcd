//! Loads and stores: alignment, the private peripheral bus, and lists of registers (ARMv7-M ARM, A3.2 and B3.1).

use super::{Cpu, Trap, timing};
use crate::peripherals::BusFault;

/// From here on addresses belong to the core's own peripherals and to vendors.
pub(crate) const PRIVATE_START: u32 = 0xE000_0000;

impl Cpu {
    /// Reads `N` aligned bytes.
    #[inline(always)]
    fn read<const N: usize>(&mut self, address: u32) -> Result<u32, Trap> {
        self.bus.cycles += timing::TRANSFER;
        let answer = if address < PRIVATE_START {
            self.bus.core_read::<N>(address)
        } else {
            self.private_read(crate::peripherals::Master::Core, address, N as u8)
        };
        answer.map_err(|BusFault| Trap::Data { address })
    }

    /// Writes `N` aligned bytes.
    #[inline(always)]
    fn write<const N: usize>(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        self.bus.cycles += timing::TRANSFER;
        let answer = if address < PRIVATE_START {
            self.bus.core_write::<N>(address, value)
        } else {
            self.private_write(crate::peripherals::Master::Core, address, N as u8, value)
        };
        answer.map_err(|BusFault| Trap::Data { address })
    }

    /// LDR.
    #[inline(always)]
    pub(super) fn load_word(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 3 == 0 {
            self.read::<4>(address)
        } else {
            self.load_unaligned(address, 4)
        }
    }

    /// LDRH, without extension.
    #[inline(always)]
    pub(super) fn load_half(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 1 == 0 {
            self.read::<2>(address)
        } else {
            self.load_unaligned(address, 2)
        }
    }

    /// LDRB, without extension.
    #[inline(always)]
    pub(super) fn load_byte(&mut self, address: u32) -> Result<u32, Trap> {
        self.read::<1>(address)
    }

    /// STR.
    #[inline(always)]
    pub(super) fn store_word(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 3 == 0 {
            self.write::<4>(address, value)
        } else {
            self.store_unaligned(address, 4, value)
        }
    }

    /// STRH.
    #[inline(always)]
    pub(super) fn store_half(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 1 == 0 {
            self.write::<2>(address, value & 0xFFFF)
        } else {
            self.store_unaligned(address, 2, value)
        }
    }

    /// STRB.
    #[inline(always)]
    pub(super) fn store_byte(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        self.write::<1>(address, value & 0xFF)
    }

    /// Only ARMv7-M has unaligned transfers, and only if the program has not forbidden them.
    fn check_unaligned(&self) -> Result<(), Trap> {
        if !self.profile.is_v7 || self.scb.traps_unaligned() {
            return Err(Trap::Unaligned);
        }
        Ok(())
    }

    #[cold]
    fn load_unaligned(&mut self, address: u32, len: u32) -> Result<u32, Trap> {
        self.check_unaligned()?;
        (0..len).try_fold(0, |value, index| {
            let byte = self.read::<1>(address.wrapping_add(index))?;
            Ok(value | byte << (8 * index))
        })
    }

    #[cold]
    fn store_unaligned(&mut self, address: u32, len: u32, value: u32) -> Result<(), Trap> {
        self.check_unaligned()?;
        for index in 0..len {
            self.write::<1>(address.wrapping_add(index), value >> (8 * index) & 0xFF)?;
        }
        Ok(())
    }

    /// LDRD, LDM and exclusive loads have to be aligned on every core.
    pub(super) fn load_aligned(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 3 == 0 {
            self.read::<4>(address)
        } else {
            Err(Trap::Unaligned)
        }
    }

    /// STRD, STM and exclusive stores.
    pub(super) fn store_aligned(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 3 == 0 {
            self.write::<4>(address, value)
        } else {
            Err(Trap::Unaligned)
        }
    }

    /// Stores the registers of `list`, the lowest first, from `address` up.
    pub(super) fn store_list(&mut self, mut address: u32, list: u32) -> Result<(), Trap> {
        for index in 0..15 {
            if list >> index & 1 != 0 {
                self.store_aligned(address, self.state.r[index])?;
                address = address.wrapping_add(4);
            }
        }
        Ok(())
    }

    /// Loads the registers of `list` from `address` up, then writes the base back, then branches if R15 is in
    /// the list. A load that fails leaves all registers as they were.
    pub(super) fn load_list(
        &mut self,
        mut address: u32,
        list: u32,
        write_back: Option<(u32, u32)>,
    ) -> Result<(), Trap> {
        let mut values = [0; 16];
        for (index, value) in values.iter_mut().enumerate() {
            if list >> index & 1 != 0 {
                *value = self.load_aligned(address)?;
                address = address.wrapping_add(4);
            }
        }
        for (index, value) in values.iter().enumerate().take(15) {
            if list >> index & 1 != 0 {
                self.state.set(index as u32, *value);
            }
        }
        if let Some((register, value)) = write_back {
            self.state.set(register, value);
        }
        if list >> 15 & 1 != 0 {
            return self.branch_exchange(values[15]);
        }
        Ok(())
    }
}
