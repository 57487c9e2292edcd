//! The option bytes by name, and what they mean.

use crate::registers::OPTION_BYTES;
use imprint_plugin::{Error, Named, Result};

/// The options of the family. A device with little flash has only the first two bytes of write protection.
pub const OPTIONS: &[Named] = &[
    Named::new("RDP", "Read protection key"),
    Named::new("USER", "Watchdog and reset behaviour in stop and standby"),
    Named::new("DATA0", "For the user"),
    Named::new("DATA1", "For the user"),
    Named::new(
        "WRP0",
        "Write protection of the first 32 KiB, a bit for 4 KiB, 0 protects",
    ),
    Named::new("WRP1", "Write protection of the second 32 KiB"),
    Named::new("WRP2", "Write protection of the third 32 KiB"),
    Named::new("WRP3", "Write protection of the fourth 32 KiB"),
];

/// Names in the order of the half-words.
pub const NAMES: [&str; 8] = [
    "RDP", "USER", "DATA0", "DATA1", "WRP0", "WRP1", "WRP2", "WRP3",
];

/// Position of RDP in `NAMES`.
pub const RDP: usize = 0;
/// Position of WRP0 in `NAMES`.
pub const WRP0: usize = 4;

/// Position of the option `name` on a device that has `count` option bytes.
pub fn position(name: &str, count: usize) -> Result<usize> {
    let position = NAMES
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| Error::invalid_argument(format!("this family has no option `{name}`")))?;
    if position >= count {
        return Err(Error::unsupported(format!(
            "this device has no option `{name}`"
        )));
    }
    Ok(position)
}

/// Address of the half-word at `position`.
pub fn address(position: usize) -> u64 {
    OPTION_BYTES + 2 * position as u64
}

/// The half-word that holds `byte`: the byte and its complement.
pub fn half_word(byte: u8) -> u16 {
    u16::from_le_bytes([byte, !byte])
}

/// The byte that a half-word holds and whether its complement is right. Erased cells count as the byte 0xFF and right
/// (PM0075 2.5).
pub fn byte_of(half_word: u16) -> (u8, bool) {
    let [byte, complement] = half_word.to_le_bytes();
    if half_word == 0xFFFF {
        return (0xFF, true);
    }
    if complement == !byte {
        (byte, true)
    } else {
        (0xFF, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(half_word: u16, expect: (u8, bool)) {
        assert_eq!(byte_of(half_word), expect, "{half_word:#06x}");
    }

    #[test]
    fn half_words() {
        check(half_word(0xA5), (0xA5, true));
        check(0x5AA5, (0xA5, true));
        check(0x55AA, (0xAA, true));
        check(0x00FF, (0xFF, true));
        check(0xFFFF, (0xFF, true));
        check(0xFFA5, (0xFF, false));
        check(0x0000, (0xFF, false));
    }
}
