//! Probes: probe-rs's own, and a wire that stands in for one, behind one forwarding probe.

mod forwarding;
mod interface;
mod list;
mod selector;
#[cfg(test)]
mod st_link_test;
mod wire_probe;

pub(crate) use forwarding::Forwarding;
pub(crate) use list::open_probe;
pub use list::{ProbeInfo, ProbeState, list_probes};
pub use selector::ProbeSelector;
pub(crate) use wire_probe::WireProbe;

use crate::wire::WireFault;
use probe_rs::architecture::arm::{ArmError, DapError};

/// A fault as probe-rs names it.
fn dap_error(fault: WireFault) -> ArmError {
    ArmError::Dap(match fault {
        WireFault::NoAnswer => DapError::NoAcknowledge,
        WireFault::Wait => DapError::WaitResponse,
        WireFault::Fault => DapError::FaultResponse,
    })
}

/// The fault in an error of probe-rs, looking through whatever wraps it. A probe with a protocol of its own says it in
/// words only.
pub(crate) fn wire_fault(error: &ArmError) -> Option<WireFault> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(ArmError::Dap(dap)) = error.downcast_ref::<ArmError>() {
            return Some(dap_fault(dap));
        }
        if let Some(dap) = error.downcast_ref::<DapError>() {
            return Some(dap_fault(dap));
        }
        next = error.source();
    }
    st_link_fault(&format!("{error:?}"))
}

fn dap_fault(error: &DapError) -> WireFault {
    match error {
        DapError::WaitResponse => WireFault::Wait,
        DapError::FaultResponse => WireFault::Fault,
        // A lost protocol or a wrong parity means that the two sides do not hear each other.
        DapError::NoAcknowledge | DapError::Protocol(_) | DapError::IncorrectParity => {
            WireFault::NoAnswer
        }
    }
}

/// The status names of ST-Link's protocol (probe-rs `probe/stlink/constants.rs`), as its errors print them.
fn st_link_fault(text: &str) -> Option<WireFault> {
    const NAMES: [(&str, WireFault); 8] = [
        ("SwdApFault", WireFault::Fault),
        ("SwdDpFault", WireFault::Fault),
        ("SwdApStickyError", WireFault::Fault),
        ("SwdApWait", WireFault::Wait),
        ("SwdDpWait", WireFault::Wait),
        ("JtagGetIdcodeError", WireFault::NoAnswer),
        ("JtagNoDeviceConnected", WireFault::NoAnswer),
        ("SwdApError", WireFault::NoAnswer),
    ];
    NAMES
        .iter()
        .find(|(name, _)| text.contains(name))
        .map(|(_, fault)| *fault)
}
