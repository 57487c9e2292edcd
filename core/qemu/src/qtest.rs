//! qtest: reads and writes of QEMU's buses, as the core's own (QEMU, `softmmu/qtest.c`).
//!
//! What is written this way meets the flash controller: unless it is told to write, flash stays as it is, and a write
//! clears bits only. It works while the core runs, too.

use crate::{
    error::QemuError,
    gdb::{broken, ended},
    limits::{LINE_LEN_MAX, READ_LEN_MAX},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
};

/// The connection.
pub(crate) struct Qtest {
    stream: BufReader<UnixStream>,
}

impl Qtest {
    pub(crate) fn new(stream: UnixStream) -> Qtest {
        Qtest {
            stream: BufReader::new(stream),
        }
    }

    /// Reads a word.
    pub(crate) fn read_word(&mut self, address: u32) -> Result<u32, QemuError> {
        let asked = format!("readl {address:#x}");
        let found = self.ask(&asked)?;
        let digits = found.trim_start_matches("0x");
        match u64::from_str_radix(digits, 16).map(u32::try_from) {
            Ok(Ok(value)) => Ok(value),
            _ => Err(QemuError::Answer { asked, found }),
        }
    }

    /// Writes one, two or four bytes at once.
    pub(crate) fn write_part(
        &mut self,
        address: u32,
        len: u32,
        value: u32,
    ) -> Result<(), QemuError> {
        let width = match len {
            1 => 'b',
            2 => 'w',
            _ => 'l',
        };
        self.ask(&format!("write{width} {address:#x} {value:#x}"))
            .map(|_| ())
    }

    /// Reads bytes of memory, `READ_LEN_MAX` at most.
    pub(crate) fn read(&mut self, address: u32, len: u32) -> Result<Vec<u8>, QemuError> {
        let len = len.min(READ_LEN_MAX);
        if len == 0 {
            return Ok(Vec::new());
        }
        let asked = format!("read {address:#x} {len:#x}");
        let found = self.ask(&asked)?;
        match base16ct::mixed::decode_vec(found.trim_start_matches("0x")) {
            Ok(bytes) if bytes.len() == len as usize => Ok(bytes),
            _ => Err(QemuError::Answer {
                asked,
                found: found.chars().take(40).collect(),
            }),
        }
    }

    /// Writes bytes of memory.
    pub(crate) fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), QemuError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let digits = base16ct::lower::encode_string(bytes);
        self.ask(&format!("write {address:#x} {:#x} 0x{digits}", bytes.len()))
            .map(|_| ())
    }

    /// Sends a line and gives what stands after `OK`.
    fn ask(&mut self, line: &str) -> Result<String, QemuError> {
        let asked = line.chars().take(40).collect::<String>();
        let mut stream = self.stream.get_ref();
        stream
            .write_all(line.as_bytes())
            .and_then(|()| stream.write_all(b"\n"))
            .map_err(|error| broken(&error, &asked))?;
        let mut answer = Vec::new();
        self.stream
            .by_ref()
            .take(LINE_LEN_MAX as u64)
            .read_until(b'\n', &mut answer)
            .map_err(|error| broken(&error, &asked))?;
        if answer.is_empty() {
            return Err(ended());
        }
        let answer = String::from_utf8_lossy(&answer);
        match answer.trim_end().strip_prefix("OK") {
            Some(rest) if answer.ends_with('\n') => Ok(rest.trim_start().to_string()),
            _ => Err(QemuError::Answer {
                asked,
                found: answer.chars().take(40).collect(),
            }),
        }
    }
}
