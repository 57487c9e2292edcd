//! `demo`: the main job on two virtual boards, through the commands that a user would type.
//!
//! It works in a folder of its own, with keys, trust and plugins of its own, and leaves it for a look afterwards.

mod counted;

use crate::{Result, process, product, workspace};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One kind of unit.
struct Unit {
    device: &'static str,
    /// A virtual board of it, kept in a file, so that each command meets the same chip.
    board: &'static str,
    firmware: &'static str,
}

const UNITS: &[Unit] = &[
    Unit {
        device: "nRF52832_xxAA",
        board: "sensor-node.twin",
        firmware: "heartbeat-nrf52832.elf",
    },
    Unit {
        device: "STM32F103C8",
        board: "motor-board.twin",
        firmware: "heartbeat-stm32f103c8.elf",
    },
];

/// A script of `scripts/` with what its recipe gives it.
struct Job {
    script: &'static str,
    purpose: &'static str,
    rights: &'static str,
    has_firmware: bool,
    has_selftest: bool,
}

const PRODUCTION: Job = Job {
    script: "production",
    purpose: "erase, program, verify, read the UID, run test code, protect",
    rights: "mass_erase, protect",
    has_firmware: true,
    has_selftest: true,
};

const ERASE: Job = Job {
    script: "erase",
    purpose: "open the protected chip, which erases it, and prove that it is blank",
    rights: "mass_erase, unlock_by_erase",
    has_firmware: false,
    has_selftest: false,
};

const SELF_TEST: Job = Job {
    script: "self-test",
    purpose: "run test code in RAM",
    rights: "",
    has_firmware: false,
    has_selftest: true,
};

const READ_UID: Job = Job {
    script: "read-uid",
    purpose: "say which chip it is",
    rights: "",
    has_firmware: false,
    has_selftest: false,
};

/// What happens to each board. The last step of production locks the chip, and only `erase` opens it again.
const JOBS: &[Job] = &[PRODUCTION, ERASE, SELF_TEST, READ_UID, PRODUCTION];

/// Runs it.
pub fn run() -> Result<()> {
    product::build()?;
    let demo = Demo {
        folder: workspace::target().join("demo"),
    };
    demo.install(&workspace::target().join("release"))?;
    demo.start()?;
    for unit in UNITS {
        println!("\n# A new {} on the bench.", unit.device);
        demo.copy("tests/firmware/out", unit.firmware)?;
        demo.imprint(&["twin", "new", unit.device, "-o", unit.board])?;
        for job in JOBS {
            demo.run(unit, job)?;
        }
    }
    counted::run(&demo)?;
    println!("\nPASS");
    Ok(())
}

/// Where plugins are installed, from the folder of the demo.
const PLUGINS: &str = "share/imprint/plugins";

/// The folder of the demo.
struct Demo {
    folder: PathBuf,
}

impl Demo {
    /// An empty folder with the command, devices and plugins in it as a package installs them, and what is to be
    /// programmed.
    fn install(&self, built: &Path) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(|error| explain(&self.folder, error))?;
        }
        for folder in ["bin", PLUGINS, "share/imprint/devices"] {
            let path = self.folder.join(folder);
            fs::create_dir_all(&path).map_err(|error| explain(&path, error))?;
        }
        copy(
            &built.join(product::command()),
            &self.folder.join("bin").join(product::command()),
        )?;
        for name in product::libraries() {
            copy(&built.join(&name), &self.folder.join(PLUGINS).join(&name))?;
        }
        for unit in UNITS {
            let file = format!("{}.ron", unit.device);
            let to = self.folder.join("share/imprint/devices").join(&file);
            copy(&workspace::root().join("devices").join(&file), &to)?;
        }
        for job in JOBS {
            self.copy("scripts", &format!("{}.rhai", job.script))?;
        }
        self.copy("tests/firmware/out", "selftest.elf")?;
        println!("\n$ cd {}", self.folder.display());
        println!("$ export PATH=$PWD/bin:$PATH IMPRINT_HOME=$PWD/home");
        Ok(())
    }

    /// Keys and trust.
    fn start(&self) -> Result<()> {
        println!(
            "\n# The owner's key signs images and lists plugins; the station's key opens images."
        );
        self.imprint(&["key", "new", "owner"])?;
        self.imprint(&["key", "new", "station", "--station"])?;

        println!(
            "\n# Device families are shared libraries; only those on a trusted list are loaded."
        );
        self.imprint(&["plugin", "trust", "owner.pub"])?;
        for name in product::libraries() {
            let file = format!("{PLUGINS}/{name}");
            self.imprint(&["plugin", "sign", &file, "--key", "owner.key"])?;
        }
        Ok(())
    }

    /// From a script to a report of the unit.
    fn run(&self, unit: &Unit, job: &Job) -> Result<()> {
        println!("\n# {} on {}: {}.", job.script, unit.device, job.purpose);
        let recipe = format!("{}.ron", job.script);
        let path = self.folder.join(&recipe);
        let text = recipe_text(unit, job);
        fs::write(&path, &text).map_err(|error| explain(&path, error))?;
        print!("$ cat {recipe}\n{text}");
        let (object, image) = (
            format!("{}.sapobj", job.script),
            format!("{}.sap", job.script),
        );
        self.imprint(&["build", &recipe, "-o", &object])?;
        let keys = ["--key", "owner.key", "--to", "station.pub"];
        self.imprint(&[&["seal", &object, "--sap", "-o", &image][..], &keys].concat())?;
        self.imprint(&["verify", &image, "--trust", "owner.pub"])?;
        let keys = ["--trust", "owner.pub", "--station-key", "station.key"];
        let on = format!("twin:{}", unit.board);
        self.imprint(&[&["run", &image][..], &keys, &["--on", &on]].concat())
    }

    /// Copies a file of the repository into the folder.
    fn copy(&self, from: &str, name: &str) -> Result<()> {
        copy(
            &workspace::root().join(from).join(name),
            &self.folder.join(name),
        )
    }

    /// Runs the installed command.
    fn imprint(&self, arguments: &[&str]) -> Result<()> {
        process::run(&mut self.command(arguments))
    }

    /// Runs the installed command, which must refuse with this code.
    fn imprint_refused(&self, arguments: &[&str], code: &str) -> Result<()> {
        process::run_refused(&mut self.command(arguments), code)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = self.folder.join("bin").join(product::command());
        let mut command = process::command(&self.folder, &program.to_string_lossy(), arguments);
        command.env("IMPRINT_HOME", self.folder.join("home"));
        command
    }
}

/// What a person writes.
fn recipe_text(unit: &Unit, job: &Job) -> String {
    let mut payloads = String::new();
    if job.has_firmware {
        payloads += &format!(
            "\n        \"firmware\": Payload(file: {:?}),",
            unit.firmware
        );
    }
    if job.has_selftest {
        payloads += "\n        \"selftest\": Payload(file: \"selftest.elf\"),";
    }
    format!(
        "(\n    name: {:?},\n    device: {:?},\n    script: \"{}.rhai\",\n    payloads: {{{payloads}\n    }},\n    \
         rights: [{}],\n)\n",
        job.script, unit.device, job.script, job.rights
    )
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| explain(from, error))
}

fn explain(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
