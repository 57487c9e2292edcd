//! Boards of QEMU: a chip model from elsewhere, joined where a twin is.

pub use imprint_qemu::{MACHINES, QemuBoard, QemuError};

use crate::report::{Failure, Outcome, UnitReport};

/// Says in a report why the board was lost, if it was: on the wire that is a target which does not answer any more. What the
/// unit had met of it is kept as what was found.
pub fn tell_trouble(board: &QemuBoard, report: &mut UnitReport) {
    let (Some(trouble), Outcome::Fail) = (board.trouble(), report.outcome) else {
        return;
    };
    let met = report.failure.take();
    let mut failure = Failure::from(trouble);
    if let Some(met) = met {
        failure.found = Some(met.to_string());
        failure.address = met.address;
        failure.place = met.place;
    }
    report.failure = Some(failure);
}
