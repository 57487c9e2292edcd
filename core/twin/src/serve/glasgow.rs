//! The applet `probe-rs` of a Glasgow Interface Explorer, as probe-rs 0.32 drives it over a socket.
//!
//! Frames of COBS, each ended by a zero; the first byte of a frame is its target, the rest goes on where the target's
//! last frame ended. The root answers who it is and has clock and reset; serial wire takes transfers and sequences.
//! As in the applet, WAIT is repeated by the probe, and every transfer has its own answer, also after a FAULT.

use super::{Flow, ServeError, cobs, line};
use crate::{
    board::Board,
    debug_port::{Port, Request, WireFault},
    limits,
};

const ROOT: u8 = 0;
const SERIAL_WIRE: u8 = 1;

/// What the applet calls itself.
const IDENTIFIER: &[u8] = b"probe-rs,v01";
/// The clock that is divided, in Hz.
const REFERENCE_CLOCK_HZ: u32 = 48_000_000;

/// Commands to the root.
const IDENTIFY: u8 = 0x00;
const GET_REFERENCE_CLOCK: u8 = 0x10;
const GET_DIVISOR: u8 = 0x11;
const SET_DIVISOR: u8 = 0x12;
const ASSERT_RESET: u8 = 0x20;
const CLEAR_RESET: u8 = 0x21;

/// Commands to serial wire: a sequence with its length below, or a transfer with what it is below.
const SEQUENCE: u8 = 0x20;
const SEQUENCE_LEN_MASK: u8 = 0x1F;
const TRANSFER_MASK: u8 = 0x0F;
const TRANSFER_ACCESS_PORT: u8 = 1;
const TRANSFER_READ: u8 = 1 << 1;

/// Answers: the acknowledge, and what follows it.
const ACK_OK: u8 = 1;
const ACK_WAIT: u8 = 2;
const ACK_FAULT: u8 = 4;
const NO_DATA: u8 = 0x10;
const ERROR: u8 = 0x20;

/// One client.
pub(super) struct Glasgow {
    /// The beginning of a frame.
    frame: Vec<u8>,
    /// What the targets have not yet taken: less than one command.
    root: Vec<u8>,
    serial_wire: Vec<u8>,
    divisor: u16,
}

impl Glasgow {
    pub fn new(board: &Board) -> Glasgow {
        let clock_hz = board.device().swd.clock_khz.saturating_mul(1000).max(1);
        let divisor = REFERENCE_CLOCK_HZ.div_ceil(clock_hz).saturating_sub(1);
        Glasgow {
            frame: Vec::new(),
            root: Vec::new(),
            serial_wire: Vec::new(),
            divisor: u16::try_from(divisor).unwrap_or(u16::MAX),
        }
    }

    pub fn receive(
        &mut self,
        board: &mut Board,
        bytes: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<Flow, ServeError> {
        let mut answers = [vec![ROOT], vec![SERIAL_WIRE]];
        let taken = self.take(board, bytes, &mut answers);
        for answered in answers.iter().filter(|answered| answered.len() > 1) {
            cobs::encode(answered, answer);
        }
        taken.map(|()| Flow::Continue)
    }

    fn take(
        &mut self,
        board: &mut Board,
        bytes: &[u8],
        [root, serial_wire]: &mut [Vec<u8>; 2],
    ) -> Result<(), ServeError> {
        for &byte in bytes {
            if byte != 0 {
                if self.frame.len() == limits::SERVE_MESSAGE_LEN_MAX {
                    return Err(ServeError::message_len());
                }
                self.frame.push(byte);
                continue;
            }
            let frame = cobs::decode(&std::mem::take(&mut self.frame))?;
            match frame.split_first() {
                Some((&ROOT, data)) => {
                    self.root.extend_from_slice(data);
                    self.serve_root(board, root)?;
                }
                Some((&SERIAL_WIRE, data)) => {
                    self.serial_wire.extend_from_slice(data);
                    self.serve_serial_wire(board, serial_wire)?;
                }
                _ => {
                    return Err(ServeError::Frame {
                        what: "it is for nobody",
                    });
                }
            }
        }
        Ok(())
    }

    fn serve_root(&mut self, board: &mut Board, answer: &mut Vec<u8>) -> Result<(), ServeError> {
        let bytes = std::mem::take(&mut self.root);
        let mut rest = bytes.as_slice();
        while let Some((&command, after)) = rest.split_first() {
            rest = after;
            match command {
                IDENTIFY => answer.extend_from_slice(IDENTIFIER),
                GET_REFERENCE_CLOCK => answer.extend(REFERENCE_CLOCK_HZ.to_le_bytes()),
                GET_DIVISOR => answer.extend(self.divisor.to_le_bytes()),
                SET_DIVISOR => {
                    let Some((divisor, after)) = after.split_first_chunk() else {
                        self.root = [&[command], after].concat();
                        break;
                    };
                    rest = after;
                    self.divisor = u16::from_le_bytes(*divisor);
                    let clock_hz = REFERENCE_CLOCK_HZ / (u32::from(self.divisor) + 1);
                    board.set_clock_khz((clock_hz / 1000).max(limits::SERVE_CLOCK_KHZ_MIN));
                }
                ASSERT_RESET => line::set_reset(board, true),
                CLEAR_RESET => line::set_reset(board, false),
                found => {
                    return Err(ServeError::Command {
                        target: ROOT,
                        found,
                    });
                }
            }
        }
        Ok(())
    }

    fn serve_serial_wire(
        &mut self,
        board: &mut Board,
        answer: &mut Vec<u8>,
    ) -> Result<(), ServeError> {
        let bytes = std::mem::take(&mut self.serial_wire);
        let mut rest = bytes.as_slice();
        while let Some((&command, after)) = rest.split_first() {
            let is_sequence = command & !SEQUENCE_LEN_MASK == SEQUENCE;
            if !is_sequence && command & !TRANSFER_MASK != 0 {
                return Err(ServeError::Command {
                    target: SERIAL_WIRE,
                    found: command,
                });
            }
            rest = after;
            let mut data = None;
            if is_sequence || command & TRANSFER_READ == 0 {
                let Some((word, after)) = after.split_first_chunk() else {
                    self.serial_wire = [&[command], after].concat();
                    break;
                };
                (data, rest) = (Some(u32::from_le_bytes(*word)), after);
            }
            match (is_sequence, data) {
                (true, bits) => {
                    // 32 bits are written as 0.
                    let bit_count = (command & SEQUENCE_LEN_MASK).wrapping_sub(1) % 32 + 1;
                    board.line_sequence(bit_count, bits.unwrap_or(0).into());
                }
                (false, write) => transfer(board, command, write, answer),
            }
        }
        Ok(())
    }
}

fn transfer(board: &mut Board, command: u8, write: Option<u32>, answer: &mut Vec<u8>) {
    let port = match command & TRANSFER_ACCESS_PORT {
        0 => Port::Debug,
        _ => Port::Access,
    };
    let register = command & 0xC;
    let request = Request {
        port,
        register,
        write,
    };
    match line::transfer(board, request) {
        Ok(value) if write.is_none() => {
            answer.push(ACK_OK);
            answer.extend(value.to_le_bytes());
        }
        Ok(_) => answer.push(NO_DATA | ACK_OK),
        Err(WireFault::Wait) => answer.push(NO_DATA | ACK_WAIT),
        Err(WireFault::Fault) => answer.push(NO_DATA | ACK_FAULT),
        Err(WireFault::NoAnswer) => answer.push(ERROR),
    }
}
