//! `demo`: the main job on two virtual boards, through the commands that a user would type.
//!
//! It works in a folder of its own, with keys, trust and plugins of its own, and leaves it for a look afterwards.

use crate::{Result, process, test, workspace};
use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX},
    fs,
    path::{Path, PathBuf},
};

/// A project folder, and the device it programs.
const UNITS: &[(&str, &str)] = &[
    ("sensor-node", "nRF52832_xxAA"),
    ("motor-board", "STM32F103C8"),
];

/// The folder of the demo, and how `imprint` is called in it.
struct Demo {
    folder: PathBuf,
    imprint: String,
}

/// Runs it.
pub fn run() -> Result<()> {
    test::build_families(&["--release"])?;
    let release = workspace::target().join("release");
    let demo = Demo {
        folder: workspace::target().join("demo"),
        imprint: display(&release.join(format!("imprint{EXE_SUFFIX}"))),
    };
    println!("\n$ cd {}", demo.folder.display());
    demo.start(&release)?;
    for (project, device) in UNITS {
        demo.program(project, device)?;
    }
    println!("\nPASS");
    Ok(())
}

impl Demo {
    /// An empty folder with keys and trusted plugins.
    fn start(&self, release: &Path) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(|error| explain(&self.folder, error))?;
        }
        let plugins = self.folder.join("plugins");
        fs::create_dir_all(&plugins).map_err(|error| explain(&plugins, error))?;

        println!("\n# The owner's signing key, the station's key, and who may give plugins.");
        self.imprint(&["key", "new", "owner"])?;
        self.imprint(&["key", "new", "station", "--station"])?;
        self.imprint(&["plugin", "trust", "owner.pub"])?;

        println!("\n# The families are shared libraries; only listed ones are loaded.");
        for family in test::FAMILIES {
            let name = format!("{DLL_PREFIX}{}{DLL_SUFFIX}", family.replace('-', "_"));
            let (from, to) = (release.join(&name), plugins.join(&name));
            fs::copy(&from, &to).map_err(|error| explain(&from, error))?;
            let file = format!("plugins/{name}");
            self.imprint(&["plugin", "sign", &file, "--key", "owner.key"])?;
        }
        self.imprint(&["plugin", "list"])
    }

    /// From a new project to a programmed unit.
    fn program(&self, project: &str, device: &str) -> Result<()> {
        let recipe = format!("{project}/recipe.ron");
        let (object, image) = (format!("{project}.sapobj"), format!("{project}.sap"));
        println!("\n# {device}: script, firmware and settings become one signed image.");
        self.imprint(&["new", project, "--device", device])?;
        self.imprint(&["build", &recipe, "-o", &object])?;
        let key = ["--key", "owner.key", "--to", "station.pub"];
        self.imprint(&[&["seal", &object, "--sap", "-o", &image][..], &key].concat())?;
        self.imprint(&["verify", &image, "--trust", "owner.pub"])?;

        println!("\n# The image programs a chip.");
        let keys = ["--trust", "owner.pub", "--station-key", "station.key"];
        let on = format!("twin:{device}");
        self.imprint(&[&["run", &image][..], &keys, &["--on", &on]].concat())
    }

    /// Runs `imprint` with the demo's own trust and plugins.
    fn imprint(&self, arguments: &[&str]) -> Result<()> {
        let mut command = process::command(&self.folder, &self.imprint, arguments);
        command.args(["--home", "home", "--plugins", "plugins", "--devices"]);
        command.arg(workspace::root().join("devices"));
        process::run(&mut command)
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

fn explain(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
