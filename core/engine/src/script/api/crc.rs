//! Check sums by their parameters, as the catalogues have them: in Rust, because a script takes a thousand times as long.

use super::{Result, argument};
use rhai::{Map, NativeCallContext};

/// A CRC of 8 to 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameters {
    width: u32,
    polynomial: u32,
    initial: u32,
    /// Bits go in and come out lowest first.
    reflected: bool,
    final_xor: u32,
}

/// The sum of bytes, with parameters as a script gives them.
pub(super) fn crc(context: &NativeCallContext, bytes: &[u8], map: &Map) -> Result<i64> {
    let parameters = parameters(map).map_err(|message| argument(context, message))?;
    Ok(sum(parameters, bytes).into())
}

fn parameters(map: &Map) -> std::result::Result<Parameters, String> {
    let mut found = Parameters {
        width: 0,
        polynomial: 0,
        initial: 0,
        reflected: false,
        final_xor: 0,
    };
    for (name, value) in map {
        let number = value.as_int().ok().and_then(|it| u32::try_from(it).ok());
        match (name.as_str(), number, value.as_bool()) {
            ("width", Some(number @ 8..=32), _) => found.width = number,
            ("polynomial", Some(number), _) => found.polynomial = number,
            ("initial", Some(number), _) => found.initial = number,
            ("final_xor", Some(number), _) => found.final_xor = number,
            ("reflected", _, Ok(flag)) => found.reflected = flag,
            ("width", ..) => return Err(format!("`width` is 8 to 32 bits, found {value}")),
            ("reflected", ..) => {
                return Err(format!("`reflected` is true or false, found {value}"));
            }
            ("polynomial" | "initial" | "final_xor", ..) => {
                return Err(format!(
                    "`{name}` is a number of at most 32 bits, found {value}"
                ));
            }
            _ => {
                return Err(format!(
                    "a CRC has `width`, `polynomial`, `initial`, `reflected` and `final_xor`, found `{name}`"
                ));
            }
        }
    }
    let mask = mask(found.width);
    match found {
        _ if found.width == 0 || found.polynomial == 0 => {
            Err("a CRC needs `width` and `polynomial`".into())
        }
        _ if (found.polynomial | found.initial | found.final_xor) & !mask != 0 => Err(format!(
            "a number does not fit in `width`, {} bits",
            found.width
        )),
        _ => Ok(found),
    }
}

fn sum(parameters: Parameters, bytes: &[u8]) -> u32 {
    let Parameters { width, .. } = parameters;
    let reflect = |value: u32, width: u32| value.reverse_bits() >> (32 - width);
    // The register's highest bit is at its top, whatever the width.
    let polynomial = parameters.polynomial << (32 - width);
    let register = bytes
        .iter()
        .fold(parameters.initial << (32 - width), |register, byte| {
            let byte = match parameters.reflected {
                true => byte.reverse_bits(),
                false => *byte,
            };
            (0..8).fold(register ^ (u32::from(byte) << 24), |register, _| {
                let out = register >> 31;
                (register << 1) ^ (polynomial * out)
            })
        });
    let value = register >> (32 - width);
    let value = match parameters.reflected {
        true => reflect(value, width),
        false => value,
    };
    (value ^ parameters.final_xor) & mask(width)
}

fn mask(width: u32) -> u32 {
    u32::MAX.checked_shr(32 - width.min(32)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check values of the text `123456789`: Greg Cook, Catalogue of parametrised CRC algorithms.
    #[test]
    fn the_published_check_values() {
        for (name, width, polynomial, initial, reflected, final_xor, check) in [
            ("CRC-8/SMBUS", 8, 0x07, 0, false, 0, 0xF4),
            ("CRC-8/MAXIM-DOW", 8, 0x31, 0, true, 0, 0xA1),
            ("CRC-8/I-432-1", 8, 0x07, 0, false, 0x55, 0xA1),
            (
                "CRC-12/UMTS-like, not reflected",
                12,
                0x80F,
                0,
                false,
                0,
                0xF5B,
            ),
            ("CRC-15/CAN", 15, 0x4599, 0, false, 0, 0x059E),
            ("CRC-16/ARC", 16, 0x8005, 0, true, 0, 0xBB3D),
            ("CRC-16/MODBUS", 16, 0x8005, 0xFFFF, true, 0, 0x4B37),
            ("CRC-16/IBM-3740", 16, 0x1021, 0xFFFF, false, 0, 0x29B1),
            ("CRC-16/XMODEM", 16, 0x1021, 0, false, 0, 0x31C3),
            ("CRC-16/KERMIT", 16, 0x1021, 0, true, 0, 0x2189),
            (
                "CRC-24/OPENPGP",
                24,
                0x86_4CFB,
                0xB7_04CE,
                false,
                0,
                0x21_CF02,
            ),
            (
                "CRC-32/ISO-HDLC",
                32,
                0x04C1_1DB7,
                u32::MAX,
                true,
                u32::MAX,
                0xCBF4_3926,
            ),
            (
                "CRC-32/ISCSI",
                32,
                0x1EDC_6F41,
                u32::MAX,
                true,
                u32::MAX,
                0xE306_9283,
            ),
            (
                "CRC-32/MPEG-2",
                32,
                0x04C1_1DB7,
                u32::MAX,
                false,
                0,
                0x0376_E6E7,
            ),
        ] {
            let parameters = Parameters {
                width,
                polynomial,
                initial,
                reflected,
                final_xor,
            };
            assert_eq!(sum(parameters, b"123456789"), check, "{name}");
        }
        assert_eq!(mask(8), 0xFF);
    }

    #[test]
    fn parameters_that_cannot_be_are_refused() {
        let check = |fields: &[(&str, i64)], expect: &str| {
            let fields = fields.iter();
            let map: Map = fields
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect();
            let error = parameters(&map).err().unwrap_or_default();
            assert!(error.contains(expect), "{map:?}: {error}");
        };
        check(&[], "needs `width`");
        check(&[("width", 16)], "needs `width` and `polynomial`");
        check(&[("width", 7)], "8 to 32 bits, found 7");
        check(&[("width", 33)], "8 to 32 bits, found 33");
        check(&[("polynomial", -1)], "at most 32 bits, found -1");
        check(&[("polynomial", 1 << 32)], "at most 32 bits");
        check(&[("reflected", 1)], "true or false");
        check(&[("polynom", 1)], "found `polynom`");
        check(&[("width", 8), ("polynomial", 0x1021)], "does not fit");
        check(
            &[("width", 8), ("polynomial", 7), ("initial", 0x100)],
            "does not fit",
        );
        check(&[("width", 8), ("polynomial", 7)], "");
    }
}
