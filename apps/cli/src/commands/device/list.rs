//! `imprint device list`: the known devices, and where each comes from.

use crate::{
    exit::Exit,
    failure::Result,
    output::Output,
    places::Places,
    render::{bytes, table},
};
use serde_json::json;

pub fn run(places: &Places, output: &Output) -> Result {
    let devices = places.devices()?;
    let told: Vec<_> = devices
        .iter()
        .map(|(device, path)| {
            json!({
                "name": device.name,
                "vendor": device.vendor,
                "family": device.family,
                "file": path.display().to_string(),
            })
        })
        .collect();
    output.data(&json!({ "devices": told }), || {
        let mut rows = vec![row(["device", "vendor", "family", "flash", "file"])];
        rows.extend(devices.iter().map(|(device, path)| {
            let flash = device
                .main_flash()
                .map_or_else(String::new, |flash| bytes(flash.len));
            let file = path.display().to_string();
            row([&device.name, &device.vendor, &device.family, &flash, &file])
        }));
        table(&rows)
    })?;
    Ok(Exit::Pass)
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_string()).collect()
}
