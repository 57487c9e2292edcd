//! OpenOCD's remote_bitbang: one character a move of the pins (its manual, `remote_bitbang`), in the form that OpenOCD
//! 0.12 speaks, which is JTAG.
//!
//! `0` to `7` set TCK, TMS and TDI; `R` asks for TDO; `r`, `s`, `t`, `u` set the reset of the test access ports and that
//! of the chip; `B` and `b` are a lamp; `Q` ends.

use super::{Flow, ServeError, jtag::JtagPort, line};
use crate::board::Board;

/// Bits of a character that sets pins.
const TDI: u8 = 1;
const TMS: u8 = 1 << 1;
const TCK: u8 = 1 << 2;

/// A line reset, and the sequence from serial wire to JTAG behind it (ADIv5.2, B5.3.3), first bit lowest.
const LINE_RESET: (u8, u64) = (56, u64::MAX);
const SWD_TO_JTAG: (u8, u64) = (16, 0xE73C);

/// One client.
pub(super) struct Bitbang {
    port: JtagPort,
    clock_is_high: bool,
    /// The reset of the test access ports is held.
    is_held: bool,
}

impl Bitbang {
    /// The pins become those of JTAG, whoever used them before.
    pub fn new(board: &mut Board) -> Bitbang {
        for (bit_count, bits) in [LINE_RESET, SWD_TO_JTAG] {
            board.line_sequence(bit_count, bits);
        }
        let port = JtagPort::new(board.device().twin.jtag.as_ref());
        Bitbang {
            port,
            clock_is_high: false,
            is_held: false,
        }
    }

    pub fn receive(
        &mut self,
        board: &mut Board,
        bytes: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<Flow, ServeError> {
        let taken = bytes
            .iter()
            .map(|byte| self.take(board, *byte, answer))
            .find(|taken| *taken != Ok(Flow::Continue));
        self.port.settle(board);
        taken.unwrap_or(Ok(Flow::Continue))
    }

    fn take(
        &mut self,
        board: &mut Board,
        byte: u8,
        answer: &mut Vec<u8>,
    ) -> Result<Flow, ServeError> {
        match byte {
            b'0'..=b'7' => self.set_pins(board, byte - b'0'),
            b'R' => answer.push(if self.port.tdo(board) { b'1' } else { b'0' }),
            b'r'..=b'u' => {
                let resets = byte - b'r';
                self.port.settle(board);
                line::set_reset(board, resets & 1 != 0);
                self.is_held = resets & 2 != 0;
                if self.is_held {
                    self.port.reset();
                }
            }
            b'B' | b'b' => {}
            b'Q' => return Ok(Flow::Done),
            found => return Err(ServeError::Character { found }),
        }
        Ok(Flow::Continue)
    }

    fn set_pins(&mut self, board: &mut Board, pins: u8) {
        let clock_was_high = std::mem::replace(&mut self.clock_is_high, pins & TCK != 0);
        if self.clock_is_high && !clock_was_high && !self.is_held {
            self.port.clock(board, pins & TMS != 0, pins & TDI != 0);
        }
    }
}
