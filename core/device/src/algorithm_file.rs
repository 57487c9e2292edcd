//! `NAME.algorithm.ron`: a flash algorithm that lies beside the device files, because it comes from the user's own pack.
//!
//! Its code is hexadecimal text. The device file that names it has the SHA-256 of that code, so a changed one is refused.

use crate::{
    algorithm::{Algorithm, AlgorithmRef},
    load::DeviceError,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Largest algorithm file, in bytes: twice the largest code, and a line break now and then.
pub const ALGORITHM_FILE_LEN_MAX: usize = 3 << 20;

/// Bytes of code in a line.
const LINE_LEN: usize = 32;

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlgorithmFile {
    name: String,
    load_address: Option<u64>,
    init: Option<u64>,
    uninit: Option<u64>,
    program_page: u64,
    erase_sector: u64,
    erase_all: Option<u64>,
    verify: Option<u64>,
    blank_check: Option<u64>,
    data_section: u64,
    range_start: u64,
    range_end: u64,
    page_len: u32,
    program_timeout_ms: u32,
    erase_timeout_ms: u32,
    stack_len: Option<u32>,
    code: String,
}

impl Algorithm {
    /// Reads the file of an algorithm that a device file names. `file` is what errors call it.
    ///
    /// # Errors
    /// A file that is none, that is another algorithm, or whose code is not the one that was named.
    pub fn parse_file(
        file: &str,
        text: &str,
        reference: &AlgorithmRef,
    ) -> Result<Algorithm, DeviceError> {
        if text.len() > ALGORITHM_FILE_LEN_MAX {
            return Err(DeviceError::TooLarge {
                file: file.into(),
                len: text.len(),
                len_max: ALGORITHM_FILE_LEN_MAX,
            });
        }
        let read: AlgorithmFile = ron::from_str(text).map_err(|error| DeviceError::Syntax {
            file: file.into(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        })?;
        let refuse = |message: String| DeviceError::Algorithm {
            file: file.into(),
            algorithm: reference.name.clone(),
            message,
        };
        if read.name != reference.name {
            return Err(refuse(format!("it is `{}`", read.name)));
        }
        let digits: String = read.code.split_whitespace().collect();
        let code = base16ct::mixed::decode_vec(&digits)
            .map_err(|_| refuse("its code is not hexadecimal".into()))?;
        let found = base16ct::lower::encode_string(&Sha256::digest(&code));
        if !found.eq_ignore_ascii_case(&reference.sha256) {
            return Err(refuse(format!(
                "the SHA-256 of its code is {found}, expected {}",
                reference.sha256
            )));
        }
        if read.page_len == 0 || read.range_start >= read.range_end {
            return Err(refuse("it serves no bytes, or in pages of none".into()));
        }
        Ok(Algorithm {
            name: read.name,
            code,
            load_address: read.load_address,
            init: read.init,
            uninit: read.uninit,
            program_page: read.program_page,
            erase_sector: read.erase_sector,
            erase_all: read.erase_all,
            verify: read.verify,
            blank_check: read.blank_check,
            data_section: read.data_section,
            range_start: read.range_start,
            range_end: read.range_end,
            page_len: read.page_len,
            program_timeout_ms: read.program_timeout_ms,
            erase_timeout_ms: read.erase_timeout_ms,
            stack_len: read.stack_len,
        })
    }

    /// The text of its file. `source` says where it comes from.
    pub fn to_file_text(&self, source: &str) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write_file(&mut out, source);
        out
    }

    fn write_file(&self, out: &mut String, source: &str) -> std::fmt::Result {
        writeln!(out, "// Flash algorithm `{}`: {source}.", self.name)?;
        writeln!(
            out,
            "// Entry points are offsets from the start of the code; bit 0 says Thumb."
        )?;
        writeln!(out, "(\n    name: {:?},", self.name)?;
        let offset =
            |value: Option<u64>| value.map_or("None".into(), |it| format!("Some({it:#x})"));
        for (field, value) in [
            ("load_address", offset(self.load_address)),
            ("init", offset(self.init)),
            ("uninit", offset(self.uninit)),
            ("program_page", format!("{:#x}", self.program_page)),
            ("erase_sector", format!("{:#x}", self.erase_sector)),
            ("erase_all", offset(self.erase_all)),
            ("verify", offset(self.verify)),
            ("blank_check", offset(self.blank_check)),
            ("data_section", format!("{:#x}", self.data_section)),
            ("range_start", format!("{:#010x}", self.range_start)),
            ("range_end", format!("{:#010x}", self.range_end)),
            ("page_len", self.page_len.to_string()),
            ("program_timeout_ms", self.program_timeout_ms.to_string()),
            ("erase_timeout_ms", self.erase_timeout_ms.to_string()),
            ("stack_len", format!("{:?}", self.stack_len)),
        ] {
            writeln!(out, "    {field}: {value},")?;
        }
        writeln!(out, "    code: \"")?;
        for line in self.code.chunks(LINE_LEN) {
            writeln!(out, "        {}", base16ct::lower::encode_string(line))?;
        }
        writeln!(out, "    \",\n)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn algorithm() -> Algorithm {
        Algorithm {
            name: "x".into(),
            code: (0..100).collect(),
            load_address: None,
            init: Some(1),
            uninit: None,
            program_page: 0x21,
            erase_sector: 0x41,
            erase_all: Some(0x51),
            verify: None,
            blank_check: None,
            data_section: 0x60,
            range_start: 0x0800_0000,
            range_end: 0x0801_0000,
            page_len: 1024,
            program_timeout_ms: 100,
            erase_timeout_ms: 3000,
            stack_len: Some(512),
        }
    }

    fn reference() -> AlgorithmRef {
        AlgorithmRef {
            name: "x".into(),
            chip: None,
            file: Some("x.algorithm.ron".into()),
            sha256: base16ct::lower::encode_string(&Sha256::digest(&algorithm().code)),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = algorithm().to_file_text("a pack");
        assert_eq!(
            Algorithm::parse_file("x", &text, &reference()).unwrap(),
            algorithm()
        );
    }

    fn check(change: (&str, &str), code: &str, expect: &str) {
        let text = algorithm()
            .to_file_text("a pack")
            .replacen(change.0, change.1, 1);
        let error = Algorithm::parse_file("x", &text, &reference()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(expect), "{change:?}: {error}");
    }

    #[test]
    fn what_is_refused() {
        check(("\"x\"", "\"y\""), "IMP-6030", "it is `y`");
        check(
            ("000102", "010102"),
            "IMP-6030",
            "the SHA-256 of its code is",
        );
        check(("000102", "0001"), "IMP-6030", "the SHA-256 of its code is");
        check(("000102", "0g0102"), "IMP-6030", "not hexadecimal");
        check(("1024", "0"), "IMP-6030", "serves no bytes");
        check(("0x08010000", "0"), "IMP-6030", "serves no bytes");
        check(("page_len", "page"), "IMP-6001", "page");
        check(("(", ""), "IMP-6001", "");
    }
}
