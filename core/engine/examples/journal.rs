//! What the accounts cost a unit, beside two bare fsyncs on the same disk. Prints one JSON object.
//!
//! `cargo run --release -p imprint --example journal FOLDER`
//!
//! A unit is journalled twice before anything goes on: when it begins, and when it ends. Both times the record must be on
//! the disk. Medians of time on the wall, in microseconds; units and bare fsyncs take turns.
#![allow(clippy::print_stdout)]

use imprint::account::{
    StateFolder,
    ledger::{
        AttemptId, DefinitionHash, DeploymentId, SerialId, Uid,
        station::{Caps, Demand, End, OnFailure, SerialDemand, Window},
    },
};
use std::{
    error::Error,
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

const COUNT: u64 = 400;

/// A time, in seconds since 1970.
const NOW: u64 = 1_800_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("expected a folder")?;
    let folder = Path::new(&folder);
    let state = StateFolder::open(&folder.join("state"))?;
    let mut bare = File::create(folder.join("bare"))?;
    let (mut units, mut syncs) = (Vec::new(), Vec::new());
    for number in 0..COUNT {
        let start = Instant::now();
        unit(&state, number)?;
        units.push(start.elapsed());

        let start = Instant::now();
        for _ in 0..2 {
            bare.write_all(&[0; 128])?;
            bare.sync_data()?;
        }
        syncs.push(start.elapsed());
    }
    let figures = serde_json::json!({
        "unit_us": median_us(units),
        "two_fsyncs_us": median_us(syncs),
    });
    println!("{figures}");
    Ok(())
}

/// Begins and ends one unit with a serial number.
fn unit(state: &StateFolder, number: u64) -> Result<(), Box<dyn Error>> {
    let demand = Demand {
        deployment: DeploymentId([7; 16]),
        caps: Caps {
            units: Some(COUNT),
            ..Caps::default()
        },
        window: Window::default(),
        serials: vec![SerialDemand {
            id: SerialId([1; 32]),
            definition: DefinitionHash([2; 32]),
            index_end: COUNT,
            count: 1,
            on_failure: OnFailure::Return,
        }],
        values: Vec::new(),
    };
    let id = AttemptId(u128::from(number).to_le_bytes());
    let uid = Uid::new(&number.to_le_bytes());
    let attempt = state.begin(&demand, id, uid, NOW + number)?;
    Ok(state.end(attempt, End::Pass, NOW + number)?)
}

fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}
