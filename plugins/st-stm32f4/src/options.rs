//! The option bytes by name: fields of FLASH_OPTCR (RM0090 3.9.6).

use crate::registers::flash::{OPTCR_NWRP, OPTCR_RDP};
use imprint_plugin::{Error, Named, Result};

/// The options of the family.
pub const OPTIONS: &[Named] = &[
    Named::new(
        "BOR_LEV",
        "Brown-out reset: 0 level 3 (2.7 V), 1 level 2 (2.4 V), 2 level 1 (2.1 V), 3 off",
    ),
    Named::new(
        "WDG_SW",
        "1: software starts the watchdog; 0: it runs from reset",
    ),
    Named::new("nRST_STOP", "0: entering Stop mode is a reset"),
    Named::new("nRST_STDBY", "0: entering Standby mode is a reset"),
    Named::new(
        "RDP",
        "Read protection; read only here, 0xAA is open, all but 0xCC can be opened",
    ),
    Named::new(
        "nWRP",
        "Write protection, a bit a sector, bit 0 for sector 0; 0 protects",
    ),
];

/// Where the fields are in FLASH_OPTCR.
const MASKS: [(&str, u32); 6] = [
    ("BOR_LEV", 0b11 << 2),
    ("WDG_SW", 1 << 5),
    ("nRST_STOP", 1 << 6),
    ("nRST_STDBY", 1 << 7),
    (RDP, OPTCR_RDP),
    ("nWRP", OPTCR_NWRP),
];

/// The option that protects, which only `protect` and `unlock` change.
pub const RDP: &str = "RDP";

/// The value of an option in FLASH_OPTCR.
pub fn get(optcr: u32, name: &str) -> Result<u32> {
    let mask = mask(name)?;
    Ok((optcr & mask) >> mask.trailing_zeros())
}

/// FLASH_OPTCR with an option set.
pub fn set(optcr: u32, name: &str, value: u64) -> Result<u32> {
    let mask = mask(name)?;
    let largest = mask >> mask.trailing_zeros();
    match u32::try_from(value) {
        Ok(value) if value <= largest => Ok(optcr & !mask | value << mask.trailing_zeros()),
        _ => Err(Error::invalid_argument(format!(
            "`{name}` is at most {largest:#x}, found {value:#x}"
        ))),
    }
}

fn mask(name: &str) -> Result<u32> {
    let found = MASKS.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, mask)| *mask)
        .ok_or_else(|| Error::invalid_argument(format!("this family has no option `{name}`")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::registers::flash::OPTCR_FACTORY;

    #[test]
    fn fields_of_the_factory() {
        for ((name, _), expect) in MASKS.into_iter().zip([3, 1, 1, 1, 0xAA, 0xFFF]) {
            assert_eq!(get(OPTCR_FACTORY, name).unwrap(), expect, "{name}");
            let cleared = set(OPTCR_FACTORY, name, 0).unwrap();
            assert_eq!(get(cleared, name).unwrap(), 0, "{name}");
            assert_eq!(
                set(cleared, name, expect.into()).unwrap(),
                OPTCR_FACTORY,
                "{name}"
            );
        }
    }

    #[test]
    fn what_does_not_fit() {
        for (name, value) in [
            ("BOR_LEV", 4),
            ("nWRP", 0x1000),
            ("WDG_SW", 1 << 32),
            ("", 0),
        ] {
            assert!(
                set(OPTCR_FACTORY, name, value).is_err(),
                "{name} {value:#x}"
            );
        }
    }
}
