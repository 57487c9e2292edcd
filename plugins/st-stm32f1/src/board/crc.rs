//! The CRC unit (RM0008 4, RM0360 6): CRC-32 with polynomial 0x04C11DB7, most significant bit first, a word at a time.

use imprint_plugin::Access;

/// First register.
pub const FIRST: u64 = DR;
/// Last register.
pub const LAST: u64 = CR;

/// Takes data and gives the CRC.
const DR: u64 = 0x4002_3000;
/// A byte for the user.
const IDR: u64 = 0x4002_3004;
/// Bit 0 starts again.
const CR: u64 = 0x4002_3008;

const POLYNOMIAL: u32 = 0x04C1_1DB7;

/// The unit.
pub struct Crc {
    value: u32,
    user: u32,
}

impl Crc {
    pub fn new() -> Self {
        Self {
            value: u32::MAX,
            user: 0,
        }
    }

    pub fn read(&self, address: u64) -> u32 {
        match address {
            DR => self.value,
            IDR => self.user,
            _ => 0,
        }
    }

    /// A write of `access.size` bytes of data, or of a register.
    pub fn write(&mut self, access: Access, address: u64, value: u32) {
        match address {
            DR => self.take(value, u32::from(access.size) * 8),
            IDR => self.user = value & 0xFF,
            _ if value & 1 == 1 => self.value = u32::MAX,
            _ => {}
        }
    }

    fn take(&mut self, value: u32, bits: u32) {
        self.value ^= value << (32 - bits);
        for _ in 0..bits {
            let carry = self.value >> 31;
            self.value = (self.value << 1) ^ (carry * POLYNOMIAL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint_plugin::testing::core_access;

    #[test]
    fn crc_of_known_words() {
        let mut crc = Crc::new();
        crc.write(core_access(DR as u32, 4), DR, 0x0000_0000);
        assert_eq!(crc.read(DR), 0xC704_DD7B);
        crc.write(core_access(CR as u32, 4), CR, 1);
        assert_eq!(crc.read(DR), u32::MAX);
        // CRC-32/MPEG-2 of "12345678", whose bytes go in most significant first.
        crc.write(core_access(DR as u32, 4), DR, 0x3132_3334);
        crc.write(core_access(DR as u32, 4), DR, 0x3536_3738);
        crc.write(core_access(DR as u32, 1), DR, 0x39);
        assert_eq!(crc.read(DR), 0x0376_E6E7, "CRC-32/MPEG-2 of 123456789");
    }
}
