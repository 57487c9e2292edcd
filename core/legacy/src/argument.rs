//! Arguments: file names and numbers, as the reference writes them.

/// A file and what follows it. Without quotes, a last word that is a number is no part of the name.
pub(crate) fn file_and_number(text: &str) -> (&str, &str) {
    if let Some(rest) = text.strip_prefix('"') {
        let (file, rest) = rest.split_once('"').unwrap_or((rest, ""));
        return (file.trim(), rest.trim());
    }
    match text.rsplit_once(char::is_whitespace) {
        Some((file, last)) if number(last).is_some() => (file.trim_end(), last),
        _ => (text, ""),
    }
}

/// A hexadecimal number of at most 32 bits: `8000`, `$8000`, `0x8000`, `8000h`.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = text
        .strip_prefix('$')
        .or_else(|| text.strip_prefix("0x"))
        .or_else(|| text.strip_prefix("0X"))
        .or_else(|| text.strip_suffix(['h', 'H']))
        .unwrap_or(text);
    let is_number =
        (1..=8).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_hexdigit());
    is_number.then(|| u64::from_str_radix(digits, 16).ok())?
}

/// A decimal number.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let is_number = (1..=18).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_numbers() {
        for (text, expected) in [
            ("a.arp", ("a.arp", "")),
            ("a.arp 8000", ("a.arp", "8000")),
            (
                "C:\\Program Files\\a b.arp\t$10",
                ("C:\\Program Files\\a b.arp", "$10"),
            ),
            ("\"a b 10\"", ("a b 10", "")),
            ("\"a b\" 10", ("a b", "10")),
            ("\"a b", ("a b", "")),
            ("a 1.s19", ("a 1.s19", "")),
            ("", ("", "")),
        ] {
            assert_eq!(file_and_number(text), expected, "{text}");
        }
        for (text, expected) in [
            ("8000", Some(0x8000)),
            ("$fF", Some(255)),
            ("0x10", Some(16)),
            ("10h", Some(16)),
            ("FFFFFFFF", Some(0xFFFF_FFFF)),
            ("100000000", None),
            ("0x", None),
            ("+1", None),
            ("h", None),
            ("é", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(
            (decimal("4000"), decimal("+1"), decimal("4s")),
            (Some(4000), None, None)
        );
    }
}
