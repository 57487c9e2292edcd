//! `imprint probe`: the probes that are plugged in.

use crate::{exit::Exit, failure::Result, options::Probe as Verb, output::Output, render::table};
use imprint::{ProbeInfo, ProbeState, list_probes};
use serde_json::json;

pub fn run(verb: &Verb, output: &Output) -> Result {
    match verb {
        Verb::List => list(output),
    }
}

/// Opens no probe: one may be programming a unit.
fn list(output: &Output) -> Result {
    let probes = list_probes();
    let told: Vec<_> = probes
        .iter()
        .map(|probe| {
            json!({
                "on": on(probe),
                "name": probe.name,
                "driver": probe.driver,
                "vendor": format!("{:04x}", probe.vendor),
                "product": format!("{:04x}", probe.product),
                "serial": probe.serial,
                "state": state(probe.state),
            })
        })
        .collect();
    if probes.is_empty() {
        output.note("no probe is plugged in");
        if !output.is_json {
            return Ok(Exit::Pass);
        }
    }
    output.data(&json!({ "probes": told }), || {
        let heading = ["--on", "probe", "driver", "state"]
            .map(str::to_string)
            .to_vec();
        let rows = probes.iter().map(|probe| {
            vec![
                on(probe),
                probe.name.clone(),
                probe.driver.clone(),
                state(probe.state).into(),
            ]
        });
        table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
    })?;
    Ok(Exit::Pass)
}

/// What `run --on` takes for this probe.
fn on(probe: &ProbeInfo) -> String {
    format!("probe:{}", probe.selector())
}

fn state(state: ProbeState) -> &'static str {
    match state {
        ProbeState::Free => "free",
        ProbeState::Busy => "busy",
        ProbeState::NoPermission => "no permission",
    }
}
