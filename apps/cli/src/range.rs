//! `START:LEN` and `START:LEN=FILE`: target memory, and the file it goes to.

use std::{ops::Range, path::PathBuf, str::FromStr};

/// One `--dump`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpOption {
    /// First address.
    pub start: u64,
    /// Length in bytes, at least 1.
    pub len: u64,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for DumpOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = "expected START:LEN=FILE, for example 0x08000000:64K=flash.bin";
        let (range, path) = text.split_once('=').ok_or(shape)?;
        let (start, len) = range.split_once(':').ok_or(shape)?;
        if path.is_empty() {
            return Err(shape.into());
        }
        let (start, len) = checked(start, len)?;
        Ok(DumpOption {
            start,
            len,
            path: path.into(),
        })
    }
}

/// `START:LEN`: a range of target memory.
pub fn range(text: &str) -> Result<Range<u64>, String> {
    let shape = "expected START:LEN, for example 0x20000000:16K";
    let (start, len) = text.split_once(':').ok_or(shape)?;
    let (start, len) = checked(start, len)?;
    Ok(start..start + len)
}

/// Start and length of a range that can be.
fn checked(start: &str, len: &str) -> Result<(u64, u64), String> {
    let (start, len) = (number(start)?, number(len)?);
    if len == 0 {
        return Err("the length is 0, expected at least 1 byte".into());
    }
    if start.checked_add(len).is_none_or(|end| end > 1 << 32) {
        return Err(format!(
            "{len} bytes at {start:#010x} do not fit in a 32-bit address space"
        ));
    }
    Ok((start, len))
}

/// A number, decimal or hexadecimal, perhaps in KiB or MiB.
fn number(text: &str) -> Result<u64, String> {
    let error = || format!("expected a number such as 4096, 0x1000, 4K or 4KiB, found `{text}`");
    let lower = text.to_ascii_lowercase();
    let (digits, unit) = match lower.strip_suffix("ib").unwrap_or(&lower) {
        kibi if kibi.ends_with('k') => (&kibi[..kibi.len() - 1], 1 << 10),
        mebi if mebi.ends_with('m') => (&mebi[..mebi.len() - 1], 1 << 20),
        _ => (lower.as_str(), 1_u64),
    };
    let number = match digits.strip_prefix("0x") {
        // `from_str_radix` would take a sign.
        Some(hex) if hex.starts_with('+') => return Err(error()),
        Some(hex) => u64::from_str_radix(hex, 16),
        None if digits.starts_with('+') => return Err(error()),
        None => digits.parse(),
    };
    number
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, start, len, path) in [
            ("0:1=a", 0, 1, "a"),
            ("0x08000000:64K=flash.bin", 0x0800_0000, 65536, "flash.bin"),
            ("0x1000:0x200=x=y", 0x1000, 0x200, "x=y"),
            ("4KiB:1MiB=d/f", 4096, 1 << 20, "d/f"),
            ("0:0x4k=f", 0, 4096, "f"),
            ("0xFFFFF000:4k=f", 0xFFFF_F000, 4096, "f"),
        ] {
            let expected = DumpOption {
                start,
                len,
                path: path.into(),
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_range() {
        for (text, part) in [
            ("", "expected START:LEN=FILE"),
            ("0:1", "expected START:LEN=FILE"),
            ("0=f", "expected START:LEN=FILE"),
            ("0:1=", "expected START:LEN=FILE"),
            ("0:0=f", "at least 1 byte"),
            ("x:1=f", "found `x`"),
            ("0:1G=f", "found `1G`"),
            ("0:=f", "found ``"),
            ("0:K=f", "found `K`"),
            ("0:+4=f", "found `+4`"),
            ("-1:4=f", "found `-1`"),
            ("0:ib=f", "found `ib`"),
            ("0xFFFFFFFF:2=f", "32-bit"),
            ("0xFFFFFFFFFFFFFFFF:1=f", "32-bit"),
            ("0:0x10000000000000000=f", "found"),
            ("0:18446744073709551615M=f", "found"),
        ] {
            let error = text.parse::<DumpOption>().expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
