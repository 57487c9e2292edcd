//! The debug port behind its test access port (ADIv5.2, B3): scans of 35 bits, each answered by the one after it.
//!
//! An access that has to wait for the flash stays under way: the scans that follow are answered with WAIT, and not
//! done, until it has ended or is aborted.

use super::tap::{Chain, Data, Moment};
use crate::{
    board::Board,
    debug_port::{Port, Request, WireFault},
};
use imprint_device::Jtag;

/// The answer to a scan.
const ACK_WAIT: u64 = 0b001;
const ACK_OK_FAULT: u64 = 0b010;
/// Bits of a scan of DPACC, APACC or ABORT.
const SCAN_LEN: u32 = 35;
/// ABORT: end the access that is under way.
const DAPABORT: u64 = 1;
/// IDCODE of a debug port whose device does not say: Arm's, of no version.
const IDCODE: u32 = 0x0BA0_0477;

/// A chip's JTAG.
pub(super) struct JtagPort {
    chain: Chain,
    /// What the last access has read.
    result: u32,
    /// An access that waits for the flash.
    waiting: Option<Request>,
    /// It waits for a fault of the board, too: one scan long.
    is_delayed: bool,
    /// The scan under way was answered with WAIT, so it does nothing.
    is_refused: bool,
    /// Clocks whose time has not yet passed.
    bit_count: u64,
}

impl JtagPort {
    pub fn new(jtag: Option<&Jtag>) -> JtagPort {
        let (idcode, others) =
            jtag.map_or((IDCODE, &[][..]), |jtag| (jtag.idcode, &jtag.others[..]));
        JtagPort {
            chain: Chain::new(idcode, others),
            result: 0,
            waiting: None,
            is_delayed: false,
            is_refused: false,
            bit_count: 0,
        }
    }

    /// The line that resets the test access ports.
    pub fn reset(&mut self) {
        self.chain.reset();
    }

    /// A rising edge of the clock.
    pub fn clock(&mut self, board: &mut Board, tms: bool, tdi: bool) {
        self.bit_count += 1;
        // TMS is the data line of serial wire: the port listens for the sequence that switches it.
        board.port.shift(tms);
        if !board.port.is_jtag() {
            return;
        }
        match self.chain.clock(tms, tdi) {
            Moment::Nothing => {}
            Moment::Capture(Data::Own) => {}
            Moment::Capture(Data::Abort) => self.chain.load(0, SCAN_LEN),
            Moment::Capture(Data::Access(_)) => self.capture(board),
            Moment::Update(Data::Own, _) => {}
            Moment::Update(Data::Abort, scan) => {
                if scan >> 3 & DAPABORT != 0 {
                    self.waiting = None;
                }
            }
            Moment::Update(Data::Access(_), _) if self.is_refused => {}
            Moment::Update(Data::Access(port), scan) => self.update(board, port, scan),
        }
    }

    /// The data line out. Nobody drives it where nothing is, or where the pins are those of serial wire.
    pub fn tdo(&self, board: &Board) -> bool {
        board.is_gone() || !board.port.is_jtag() || self.chain.tdo()
    }

    /// Lets the time of the clocks pass.
    pub fn settle(&mut self, board: &mut Board) {
        board.pass_on_wire(std::mem::take(&mut self.bit_count));
    }

    fn capture(&mut self, board: &mut Board) {
        self.settle(board);
        if !std::mem::take(&mut self.is_delayed)
            && let Some(request) = self.waiting.take()
        {
            self.access(board, request);
        }
        self.is_refused = self.waiting.is_some();
        let scan = match self.is_refused {
            true => {
                board.port.note_overrun();
                ACK_WAIT
            }
            false => u64::from(self.result) << 3 | ACK_OK_FAULT,
        };
        self.chain.load(scan, SCAN_LEN);
    }

    fn update(&mut self, board: &mut Board, port: Port, scan: u64) {
        self.settle(board);
        let register = (scan << 1) as u8 & 0xC;
        let write = (scan & 1 == 0).then_some((scan >> 3) as u32);
        let request = Request {
            port,
            register,
            write,
        };
        match board.count_transfer() {
            Ok(()) => self.access(board, request),
            Err(WireFault::Wait) => {
                self.waiting = Some(request);
                self.is_delayed = true;
            }
            Err(WireFault::Fault | WireFault::NoAnswer) => {}
        }
    }

    fn access(&mut self, board: &mut Board, request: Request) {
        if board.is_busy_for(request) {
            self.waiting = Some(request);
            return;
        }
        self.result = board.port.scan(&mut board.cpu, request);
        board.settle();
    }
}
