//! Twins: a virtual board as the wire of a link, and as a file that two commands share.

use crate::{limits::BOARD_FILE_LEN_MAX, report::Failure};
use imprint_target::{Link, Port, Wire, WireFault};
use imprint_twin::{Board, BoardState};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The board file cannot be read or written.
const UNREADABLE: &str = "IMP-7101";
/// The file is not a board.
const NOT_A_BOARD: &str = "IMP-7102";
/// The system's random numbers are not there.
const NO_RANDOM: &str = "IMP-7103";

/// A virtual board. Clones are the same board.
#[derive(Clone)]
pub struct Twin(Arc<Mutex<Board>>);

impl Twin {
    /// Shares a board between a link and whoever looks at it afterwards.
    pub fn new(board: Board) -> Self {
        Self(Arc::new(Mutex::new(board)))
    }

    /// A link whose wire is this board.
    pub fn link(&self) -> Link {
        Link::wire(self.clone())
    }

    /// The board itself. Not while a unit runs on it.
    pub fn board(&self) -> MutexGuard<'_, Board> {
        // A panic in a board ends one unit; what the board holds is still what the chip would hold.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The unique identifier of this board.
    pub fn uid(&self) -> Vec<u8> {
        self.board().uid().to_vec()
    }

    /// Writes the board as it would be without power, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Failure> {
        let state = self.board().save();
        let text = ron::ser::to_string_pretty(&state, ron::ser::PrettyConfig::default()).map_err(
            |error| Failure::new(UNREADABLE, format!("the board cannot be written: {error}")),
        )?;
        imprint_image::write::write_atomic(path, text.as_bytes())?;
        Ok(())
    }
}

/// A random identifier for a new board: every chip has its own.
pub(crate) fn random_uid(len: u32) -> Result<Vec<u8>, Failure> {
    let mut uid = vec![0; len as usize];
    getrandom::fill(&mut uid).map_err(|error| {
        Failure::new(
            NO_RANDOM,
            format!("the system gives no random numbers: {error}"),
        )
    })?;
    Ok(uid)
}

/// Reads a board file.
pub fn read_board(path: &Path) -> Result<BoardState, Failure> {
    let name = path.display();
    let unreadable = |error: std::io::Error| {
        Failure::new(
            UNREADABLE,
            format!("board `{name}` cannot be read: {error}"),
        )
        .with_help("`imprint twin new DEVICE -o FILE` makes one")
    };
    let len = std::fs::metadata(path).map_err(unreadable)?.len();
    if len > BOARD_FILE_LEN_MAX {
        return Err(
            Failure::new(NOT_A_BOARD, format!("`{name}` is too large for a board"))
                .with_difference(
                    format!("at most {BOARD_FILE_LEN_MAX} bytes"),
                    format!("{len} bytes"),
                ),
        );
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    ron::from_str(&text).map_err(|error| {
        Failure::new(
            NOT_A_BOARD,
            format!(
                "`{name}` is not a board: line {}, column {}: {}",
                error.span.start.line, error.span.start.col, error.code
            ),
        )
        .with_help("`imprint twin new DEVICE -o FILE` makes one")
    })
}

impl Wire for Twin {
    fn name(&self) -> String {
        format!("twin of {}", self.board().device().name)
    }

    fn is_virtual(&self) -> bool {
        true
    }

    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        self.board().set_clock_khz(khz);
        khz
    }

    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        self.board()
            .read_register(of(port), register)
            .map_err(fault)
    }

    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault> {
        self.board()
            .write_register(of(port), register, value)
            .map_err(fault)
    }

    fn read_block(
        &mut self,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), WireFault> {
        self.board()
            .read_block(of(port), register, values)
            .map_err(fault)
    }

    fn write_block(&mut self, port: Port, register: u8, values: &[u32]) -> Result<(), WireFault> {
        self.board()
            .write_block(of(port), register, values)
            .map_err(fault)
    }

    fn flush(&mut self) -> Result<(), WireFault> {
        self.board().flush().map_err(fault)
    }

    fn line_sequence(&mut self, bit_count: u8, bits: u64) {
        self.board().line_sequence(bit_count, bits);
    }

    fn pins(&mut self, output: u32, select: u32) -> u32 {
        self.board().pins(output, select)
    }

    fn voltage_mv(&mut self) -> Option<u32> {
        Some(self.board().voltage_mv())
    }

    fn now_ns(&self) -> u64 {
        self.board().now_ns()
    }

    fn pass_ns(&mut self, ns: u64) {
        self.board().pass_ns(ns);
    }

    fn identifier(&self) -> Option<Vec<u8>> {
        Some(self.uid())
    }
}

fn of(port: Port) -> imprint_twin::Port {
    match port {
        Port::Debug => imprint_twin::Port::Debug,
        Port::Access => imprint_twin::Port::Access,
    }
}

fn fault(fault: imprint_twin::WireFault) -> WireFault {
    match fault {
        imprint_twin::WireFault::NoAnswer => WireFault::NoAnswer,
        imprint_twin::WireFault::Wait => WireFault::Wait,
        imprint_twin::WireFault::Fault => WireFault::Fault,
    }
}
