//! What foreign programs speak to a board: the wire protocols of three of them, as state machines.
//!
//! A `Session` is one client. Bytes go in, bytes come out, and in between the board's pins move; sockets, threads and
//! clocks are the caller's. So a session can be tested and fuzzed like any reader of foreign bytes, and whoever has
//! other sockets can serve a board, too. Bytes that are not the protocol end the session, with a reason.

mod bitbang;
mod cobs;
mod error;
mod glasgow;
mod jtag;
mod line;
mod pyocd;
mod tap;

pub use error::ServeError;

use crate::board::Board;

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The applet `probe-rs` of a Glasgow: serial wire, as probe-rs drives it.
    Glasgow,
    /// The remote probe of pyOCD: serial wire.
    Pyocd,
    /// OpenOCD's remote_bitbang: the pins of JTAG.
    Bitbang,
}

/// Whether the client goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// It has said that it is done.
    Done,
}

/// One client of a board.
pub struct Session(Kind);

enum Kind {
    Glasgow(glasgow::Glasgow),
    Pyocd(pyocd::Pyocd),
    Bitbang(bitbang::Bitbang),
}

impl Session {
    /// A client that has just connected.
    pub fn new(protocol: Protocol, board: &mut Board) -> Session {
        Session(match protocol {
            Protocol::Glasgow => Kind::Glasgow(glasgow::Glasgow::new(board)),
            Protocol::Pyocd => Kind::Pyocd(pyocd::Pyocd::default()),
            Protocol::Bitbang => Kind::Bitbang(bitbang::Bitbang::new(board)),
        })
    }

    /// Takes bytes of the client and adds the answer to `answer`: at most some 20 bytes for each, and what a block of
    /// `limits::SERVE_BLOCK_LEN_MAX` words takes. After an error the client is to be disconnected; `answer` then has
    /// what came before.
    pub fn receive(
        &mut self,
        board: &mut Board,
        bytes: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<Flow, ServeError> {
        match &mut self.0 {
            Kind::Glasgow(session) => session.receive(board, bytes, answer),
            Kind::Pyocd(session) => session.receive(board, bytes, answer),
            Kind::Bitbang(session) => session.receive(board, bytes, answer),
        }
    }

    /// The client has gone, and with it its hold on the reset line.
    pub fn end(self, board: &mut Board) {
        line::set_reset(board, false);
    }
}
