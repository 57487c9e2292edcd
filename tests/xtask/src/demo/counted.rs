//! The part of the demo that counts: a batch of two units with serial numbers, and the third that is refused.

use super::{Demo, UNITS, explain};
use crate::Result;
use std::fs;

const RECIPE: &str = r#"(
    name: "numbered",
    device: "nRF52832_xxAA",
    script: "numbered.rhai",
    payloads: {
        "firmware": (file: "heartbeat-nrf52832.elf"),
    },
    serials: {
        "sn": (definition: "sn.serial.ron", address: 0x7F000, encoding: ascii(len: 8, fill: 0), into: "firmware"),
    },
)
"#;

const SERIAL: &str = r#"(
    id: "demo-sn",
    values: counter(positions: [constant("A"), numeric(4)], start: "A0100"),
)
"#;

const POLICY: &str = "(units: 2, not_after: \"2099-12-31\")\n";

/// Runs it, in the folder of the demo, after the first boards.
pub fn run(demo: &Demo) -> Result<()> {
    println!("\n# A batch of two: the policy limits it, and each unit gets a number of its own.");
    for (name, text) in [
        ("numbered.ron", RECIPE),
        ("sn.serial.ron", SERIAL),
        ("policy.ron", POLICY),
    ] {
        let path = demo.folder.join(name);
        fs::write(&path, text).map_err(|error| explain(&path, error))?;
        print!("$ cat {name}\n{text}");
    }
    demo.copy("scripts", "numbered.rhai")?;
    demo.copy("tests/firmware/out", UNITS[0].firmware)?;
    demo.imprint(&["build", "numbered.ron", "-o", "numbered.sapobj"])?;
    let keys = ["--key", "owner.key", "--to", "station.pub"];
    let seal = ["seal", "numbered.sapobj", "--sap", "-o", "numbered.sap"];
    demo.imprint(&[&seal[..], &keys, &["--policy", "policy.ron"]].concat())?;

    let keys = ["--trust", "owner.pub", "--station-key", "station.key"];
    let unit = ["--on", "twin:nRF52832_xxAA", "--state", "state"];
    let run = [&["run", "numbered.sap"][..], &keys, &unit].concat();
    demo.imprint(&run)?;
    demo.imprint(&run)?;
    println!("\n# The batch is made. A third unit is refused before its chip is touched.");
    demo.imprint_refused(&run, "IMP-8100")?;
    demo.imprint(&["state", "show", "state"])
}
