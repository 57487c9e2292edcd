//! Hardware breakpoints: the FPB of ARMv7-M in revision 1, which is also the breakpoint unit of ARMv6-M
//! (ARMv7-M ARM, C1.11; ARMv6-M ARM, C1.9). Patching code and remapping literals are not modelled.

/// First comparator, as an offset from 0xE000_2000.
const FIRST_COMPARATOR: u32 = 8;
/// FP_CTRL: the unit is on.
const ENABLE: u32 = 1;
/// FP_CTRL: writes count only with this.
const KEY: u32 = 2;
/// Comparators of revision 1 reach the code region.
const CODE_END: u32 = 0x2000_0000;

/// The breakpoint unit.
pub(crate) struct Fpb {
    enabled: bool,
    comparators: Vec<u32>,
    /// Addresses that stop, while the unit is on.
    addresses: Vec<u32>,
}

impl Fpb {
    /// A unit with that many comparators.
    pub fn new(count: u32) -> Fpb {
        Fpb {
            enabled: false,
            comparators: vec![0; count as usize],
            addresses: Vec::new(),
        }
    }

    /// After power came on. A system reset leaves breakpoints in place.
    pub fn reset(&mut self) {
        *self = Fpb::new(self.comparators.len() as u32);
    }

    /// Is there any breakpoint?
    #[inline(always)]
    pub fn is_armed(&self) -> bool {
        !self.addresses.is_empty()
    }

    /// Is there one here?
    #[inline(always)]
    pub fn matches(&self, address: u32) -> bool {
        self.addresses.contains(&address)
    }

    /// A register by its offset from 0xE000_2000.
    pub fn read(&self, offset: u32) -> u32 {
        if offset == 0 {
            let count = self.comparators.len() as u32;
            return (count >> 4) << 12 | (count & 15) << 4 | u32::from(self.enabled);
        }
        let index = offset.wrapping_sub(FIRST_COMPARATOR) / 4;
        self.comparators.get(index as usize).copied().unwrap_or(0)
    }

    /// Writes it.
    pub fn write(&mut self, offset: u32, value: u32) {
        if offset == 0 {
            if value & KEY != 0 {
                self.enabled = value & ENABLE != 0;
            }
        } else if offset >= FIRST_COMPARATOR {
            let index = (offset - FIRST_COMPARATOR) / 4;
            if let Some(comparator) = self.comparators.get_mut(index as usize) {
                *comparator = value & 0xDFFF_FFFD;
            }
        }
        self.find_addresses();
    }

    fn find_addresses(&mut self) {
        self.addresses.clear();
        if !self.enabled {
            return;
        }
        for comparator in self.comparators.iter().filter(|value| *value & ENABLE != 0) {
            let address = comparator & (CODE_END - 4);
            if comparator >> 30 & 1 != 0 {
                self.addresses.push(address);
            }
            if comparator >> 31 != 0 {
                self.addresses.push(address + 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparators_name_half_words() {
        let mut unit = Fpb::new(6);
        assert_eq!(unit.read(0), 0x60);
        unit.write(8, 0x4000_0101);
        assert!(!unit.is_armed(), "the unit is off");
        unit.write(0, 1);
        assert!(!unit.is_armed(), "no key");
        unit.write(0, 3);
        assert_eq!(unit.read(0), 0x61);
        assert!(unit.matches(0x100) && !unit.matches(0x102));
        unit.write(12, 0xC000_0201);
        assert!(unit.matches(0x200) && unit.matches(0x202));
        unit.write(8, 0x4000_0100);
        assert!(!unit.matches(0x100));
        unit.write(8 + 4 * 6, 0x4000_0301);
        assert!(!unit.matches(0x300), "there is no seventh comparator");
        unit.write(0, 2);
        assert!(!unit.is_armed());
    }

    #[test]
    fn the_count_is_in_two_fields() {
        assert_eq!(Fpb::new(20).read(0), 0x1040);
    }
}
