//! The probes that are plugged in, as plain data.

use imprint::{ProbeState, list_probes};
use serde::Serialize;

/// A probe that is plugged in.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// What a unit's `on` takes for it, as in `probe:0123ABCD`.
    pub on: String,
    /// What its maker calls it.
    pub name: String,
    /// The driver that would be used.
    pub driver: String,
    /// `free`, `busy` or `no permission`, as far as that is known without trying.
    pub state: &'static str,
}

/// All probes that are plugged in. None is opened: one may be programming a unit.
pub fn probes() -> Vec<Probe> {
    let probes = list_probes().into_iter().map(|probe| Probe {
        on: format!("probe:{}", probe.selector()),
        name: probe.name,
        driver: probe.driver,
        state: match probe.state {
            ProbeState::Free => "free",
            ProbeState::Busy => "busy",
            ProbeState::NoPermission => "no permission",
        },
    });
    probes.collect()
}
