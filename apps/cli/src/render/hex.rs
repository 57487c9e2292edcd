//! Bytes as hexadecimal digits, and back.

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of such digits; none of anything else.
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        assert_eq!(hex(&[0, 0x0a, 0xff]), "000aff");
        assert_eq!(from_hex("000aFf"), Some(vec![0, 0x0a, 0xff]));
        for text in ["0", "0x", "gg", "+1", "é"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
