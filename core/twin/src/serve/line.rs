//! The pins as a probe moves them that knows nothing of debug ports: serial wire as it is on the line, and the reset.

use crate::{
    board::Board,
    debug_port::{Port, Request, WireFault},
};

/// CMSIS-DAP pin bit of the reset line, which is high when it is released.
const PIN_RESET: u32 = 1 << 7;

/// One transfer. WAIT is repeated, as probes do; a FAULT stays until the client clears it. A read of an access port
/// gives the value of the read before, and an access that fails shows at the transfer after it (ADIv5.2, B4.2.2).
pub(super) fn transfer(board: &mut Board, request: Request) -> Result<u32, WireFault> {
    let (before, had_error) = (board.port.read_buffer(), board.port.has_sticky_error());
    let is_access = request.port == Port::Access;
    match board.transfer(request) {
        Ok(_) if is_access => Ok(before),
        Err(WireFault::Fault) if is_access && !had_error => Ok(before),
        answer => answer,
    }
}

/// Holds the chip in reset, or lets it go.
pub(super) fn set_reset(board: &mut Board, asserted: bool) {
    board.pins(if asserted { 0 } else { PIN_RESET }, PIN_RESET);
}

/// Is the chip held in reset?
pub(super) fn is_reset(board: &mut Board) -> bool {
    board.pins(0, 0) & PIN_RESET == 0
}
