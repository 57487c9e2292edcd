//! QEMU's remote debugger: the core's registers, breakpoints, running and stopping (GDB manual, appendix E).
//!
//! Memory goes over qtest, because this way past QEMU's flash controller a write changes flash as if it were RAM.

use crate::{error::QemuError, limits::PACKET_LEN_MAX};
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
};

/// Registers, by the debugger's numbers.
pub(crate) const SP: u32 = 13;
pub(crate) const PC: u32 = 15;
pub(crate) const XPSR: u32 = 25;

/// The connection. Whatever fails on it ends the board.
pub(crate) struct Gdb {
    stream: UnixStream,
    received: Vec<u8>,
}

/// What a socket did instead of answering.
pub(crate) fn broken(error: &io::Error, asked: &str) -> QemuError {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => QemuError::Silent {
            asked: asked.into(),
        },
        _ => ended(),
    }
}

/// QEMU closed the socket. Its last words are found by who has its process.
pub(crate) fn ended() -> QemuError {
    QemuError::Ended {
        text: String::new(),
    }
}

impl Gdb {
    /// Greets the debugger. It gives no registers before it was asked to describe them.
    pub(crate) fn open(stream: UnixStream) -> Result<Gdb, QemuError> {
        let mut gdb = Gdb {
            stream,
            received: Vec::new(),
        };
        gdb.ask("qSupported:vContSupported+")?;
        gdb.ask("qXfer:features:read:target.xml:0,7fb")?;
        Ok(gdb)
    }

    /// Reads a register of the stopped core.
    pub(crate) fn register(&mut self, number: u32) -> Result<u32, QemuError> {
        let asked = format!("p{number:x}");
        let found = self.ask(&asked)?;
        let mut bytes = [0; 4];
        match base16ct::mixed::decode(found.as_bytes(), &mut bytes) {
            Ok(decoded) if decoded.len() == 4 => Ok(u32::from_le_bytes(bytes)),
            _ => Err(QemuError::Answer { asked, found }),
        }
    }

    /// Writes a register of the stopped core.
    pub(crate) fn set_register(&mut self, number: u32, value: u32) -> Result<(), QemuError> {
        self.order(&format!("P{number:x}={:08x}", value.swap_bytes()))
    }

    /// Stops the core at an instruction.
    pub(crate) fn insert_breakpoint(&mut self, address: u32) -> Result<(), QemuError> {
        self.order(&format!("Z1,{address:x},2"))
    }

    /// Stops it there no more.
    pub(crate) fn remove_breakpoint(&mut self, address: u32) -> Result<(), QemuError> {
        self.order(&format!("z1,{address:x},2"))
    }

    /// Lets the core run until something stops it.
    pub(crate) fn go_on(&mut self) -> Result<(), QemuError> {
        self.send("vCont;c")
    }

    /// Executes one instruction.
    pub(crate) fn step(&mut self) -> Result<(), QemuError> {
        let found = self.ask("vCont;s:1")?;
        check_stop("vCont;s", &found)
    }

    /// Stops the running core.
    pub(crate) fn interrupt(&mut self) -> Result<(), QemuError> {
        let asked = "an interrupt";
        // One that has just stopped by itself has said so, and takes no notice of this.
        self.write(&[3], asked)?;
        let found = self.receive(asked)?;
        check_stop(asked, &found)
    }

    /// Whether the running core has stopped.
    pub(crate) fn has_stopped(&mut self) -> Result<bool, QemuError> {
        let asked = "a look at the core";
        self.stream
            .set_nonblocking(true)
            .map_err(|error| broken(&error, asked))?;
        let read = self.read_some(asked);
        self.stream
            .set_nonblocking(false)
            .map_err(|error| broken(&error, asked))?;
        match read {
            Ok(()) | Err(QemuError::Silent { .. }) => {}
            Err(error) => return Err(error),
        }
        match take_packet(&mut self.received) {
            Taken::Nothing => Ok(false),
            Taken::Packet(found) => {
                self.write(b"+", asked)?;
                check_stop(asked, &found)?;
                Ok(true)
            }
            Taken::Broken(found) => Err(QemuError::Answer {
                asked: asked.into(),
                found,
            }),
        }
    }

    /// Resets the machine. Its core stays stopped, with PC and SP from the vector table.
    pub(crate) fn reset(&mut self) -> Result<(), QemuError> {
        let command = base16ct::lower::encode_string(b"system_reset");
        let asked = format!("qRcmd,{command}");
        self.send(&asked)?;
        loop {
            let found = self.receive("system_reset")?;
            match found.as_str() {
                "OK" => return Ok(()),
                // What the command prints.
                _ if found.starts_with('O') => {}
                _ => return Err(QemuError::Answer { asked, found }),
            }
        }
    }

    fn order(&mut self, asked: &str) -> Result<(), QemuError> {
        let found = self.ask(asked)?;
        match found.as_str() {
            "OK" => Ok(()),
            _ => Err(QemuError::Answer {
                asked: asked.into(),
                found,
            }),
        }
    }

    fn ask(&mut self, asked: &str) -> Result<String, QemuError> {
        self.send(asked)?;
        self.receive(asked)
    }

    fn send(&mut self, text: &str) -> Result<(), QemuError> {
        let packet = format!("${text}#{:02x}", checksum(text.as_bytes()));
        self.write(packet.as_bytes(), text)
    }

    fn write(&mut self, bytes: &[u8], asked: &str) -> Result<(), QemuError> {
        self.stream
            .write_all(bytes)
            .map_err(|error| broken(&error, asked))
    }

    /// The next packet, acknowledged.
    fn receive(&mut self, asked: &str) -> Result<String, QemuError> {
        loop {
            match take_packet(&mut self.received) {
                Taken::Nothing => self.read_some(asked)?,
                Taken::Packet(text) => {
                    self.write(b"+", asked)?;
                    return Ok(text);
                }
                Taken::Broken(found) => {
                    return Err(QemuError::Answer {
                        asked: asked.into(),
                        found,
                    });
                }
            }
        }
    }

    fn read_some(&mut self, asked: &str) -> Result<(), QemuError> {
        let mut block = [0; 2048];
        match self.stream.read(&mut block) {
            Ok(0) => Err(ended()),
            Ok(len) => {
                self.received.extend_from_slice(&block[..len]);
                Ok(())
            }
            Err(error) => Err(broken(&error, asked)),
        }
    }
}

/// `T05..` and `S05` are stops; `W` and `X` are the end of QEMU.
fn check_stop(asked: &str, found: &str) -> Result<(), QemuError> {
    match found.as_bytes().first() {
        Some(b'T' | b'S') => Ok(()),
        Some(b'W' | b'X') => Err(ended()),
        _ => Err(QemuError::Answer {
            asked: asked.into(),
            found: found.into(),
        }),
    }
}

/// What the first bytes of a stream are.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// No whole packet yet.
    Nothing,
    Packet(String),
    /// No packet at all.
    Broken(String),
}

/// Takes one packet, `$text#checksum`, from the front. Acknowledges before it are passed over.
fn take_packet(received: &mut Vec<u8>) -> Taken {
    let Some(start) = received.iter().position(|byte| *byte == b'$') else {
        received.clear();
        return Taken::Nothing;
    };
    let body = &received[start + 1..];
    let Some(len) = body.iter().position(|byte| *byte == b'#') else {
        return match body.len() > PACKET_LEN_MAX {
            true => Taken::Broken("a packet that does not end".into()),
            false => Taken::Nothing,
        };
    };
    let Some(sum) = body.get(len + 1..len + 3) else {
        return Taken::Nothing;
    };
    let text = String::from_utf8_lossy(&body[..len]).into_owned();
    let is_sound = sum.eq_ignore_ascii_case(format!("{:02x}", checksum(&body[..len])).as_bytes());
    received.drain(..start + 1 + len + 3);
    match is_sound {
        true => Taken::Packet(text),
        false => Taken::Broken(text),
    }
}

fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets() {
        let packet = |text: &str| Taken::Packet(text.into());
        for (bytes, expect, left) in [
            ("", Taken::Nothing, ""),
            ("+", Taken::Nothing, ""),
            ("+$OK", Taken::Nothing, "+$OK"),
            ("+$OK#9", Taken::Nothing, "+$OK#9"),
            ("+$OK#9a", packet("OK"), ""),
            ("$#00", packet(""), ""),
            ("$OK#9A$T05thread:01;#07", packet("OK"), "$T05thread:01;#07"),
            ("$OK#9b", Taken::Broken("OK".into()), ""),
        ] {
            let mut received = bytes.as_bytes().to_vec();
            assert_eq!(take_packet(&mut received), expect, "{bytes}");
            assert_eq!(String::from_utf8_lossy(&received), left, "{bytes}");
        }
        let mut endless = vec![b'$'; PACKET_LEN_MAX + 2];
        assert!(matches!(take_packet(&mut endless), Taken::Broken(_)));
    }

    #[test]
    fn stops() {
        for (text, expect) in [
            ("T05thread:01;", Ok(())),
            ("S05", Ok(())),
            ("W00", Err("IMP-7132")),
            ("X06", Err("IMP-7132")),
            ("OK", Err("IMP-7134")),
            ("", Err("IMP-7134")),
        ] {
            let found = check_stop("?", text).map_err(|error| error.code());
            assert_eq!(found, expect, "{text}");
        }
    }
}
