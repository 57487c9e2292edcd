//! `imprint device show`: a device's memories, and where its figures come from.

use crate::{
    exit::Exit,
    failure::Result,
    output::Output,
    places::Places,
    render::{bytes, table, visible},
};
use imprint::device::{Device, Memory};

pub fn run(name: &str, places: &Places, output: &Output) -> Result {
    let devices = places.devices()?;
    let device = devices.get(name)?;
    output.data(device, || text(device))?;
    Ok(Exit::Pass)
}

fn text(device: &Device) -> String {
    let uid = device
        .uid
        .as_ref()
        .map_or("not documented by its maker".to_string(), |uid| {
            format!("{} bytes at {:#010x}", uid.len, uid.address)
        });
    let core = format!("{:?}", device.core);
    let clock = format!("{} kHz", device.swd.clock_khz);
    let mut text = table(&[
        row(["device", &device.name]),
        row(["vendor", &device.vendor]),
        row(["family", &device.family]),
        row(["core", &core]),
        row(["swd clock", &clock]),
        row(["uid", &uid]),
    ]);
    let mut rows = vec![row([
        "memory",
        "kind",
        "start",
        "length",
        "sectors",
        "algorithm",
    ])];
    rows.extend(device.memories.iter().map(memory));
    text += &format!("\n{}\nsources\n", table(&rows));
    for source in &device.sources {
        text += &format!("  {}\n", visible(source));
    }
    text
}

fn memory(memory: &Memory) -> Vec<String> {
    let nor = memory.nor.as_ref();
    let sectors = nor.map_or_else(String::new, |nor| {
        let runs = nor.sectors.iter();
        runs.map(|run| format!("{} x {}", run.count, bytes(u64::from(run.len))))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let algorithm = nor
        .and_then(|nor| nor.algorithm.as_deref())
        .unwrap_or_default();
    row([
        &memory.name,
        &format!("{:?}", memory.kind),
        &format!("{:#010x}", memory.start),
        &bytes(memory.len),
        &sectors,
        algorithm,
    ])
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_string()).collect()
}
