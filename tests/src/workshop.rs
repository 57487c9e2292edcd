//! A folder with keys, trusted plugins and the command, in which a test works as a person would.

use crate::{
    Chip, Recipe, Run, Snapshot, Started, command_path, library_name, library_path, repository,
};
use imprint_image::{
    object::{BuildError, Object},
    recipe::{FolderSources, Recipe as ParsedRecipe},
};
use imprint_twin::BoardState;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// Public key of the owner, who signs images and lists plugins.
pub const OWNER: &str = "owner.pub";
/// Public key of the station.
pub const STATION: &str = "station.pub";
/// Families, by the names of their crates.
const FAMILIES: [&str; 3] = [
    "imprint-nordic-nrf5",
    "imprint-st-stm32f1",
    "imprint-st-stm32f4",
];

/// The folder; it goes with the value.
pub struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// A folder with an owner's and a station's keys, and with the families signed and trusted.
    pub fn new() -> Workshop {
        let workshop = Workshop::without_plugins();
        workshop.imprint(&["plugin", "trust", OWNER]).passes();
        for family in FAMILIES {
            let name = library_name(family);
            link(&library_path(family), &workshop.path("plugins").join(&name));
            let file = format!("plugins/{name}");
            workshop
                .imprint(&["plugin", "sign", &file, "--key", "owner.key"])
                .passes();
        }
        workshop
    }

    /// A folder with keys alone: no plugin, nobody trusted.
    pub fn without_plugins() -> Workshop {
        // Beside the command, so that it can be linked instead of copied.
        let command = command_path();
        let beside = command.with_file_name("imprint-tests");
        let folder = fs::create_dir_all(&beside).and_then(|()| TempDir::new_in(&beside));
        let folder = folder.unwrap_or_else(|error| panic!("{}: {error}", beside.display()));
        let workshop = Workshop { folder };
        for name in ["bin", "plugins", "home"] {
            workshop.create_folder(name);
        }
        // In a folder of its own, because the command also looks for plugins beside itself.
        link(&command, &workshop.command());
        workshop.imprint(&["key", "new", "owner"]).passes();
        workshop
            .imprint(&["key", "new", "station", "--station"])
            .passes();
        workshop
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command in this folder.
    pub fn command(&self) -> PathBuf {
        self.path("bin/imprint")
    }

    /// Writes a file, with the folders it lies in. A link to something else is replaced, never written through.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        // There may be none.
        let _ = fs::remove_file(&path);
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(&path, bytes));
        written.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Makes a folder.
    pub fn create_folder(&self, name: &str) {
        fs::create_dir_all(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// What lies in the folder now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.folder.path())
    }

    /// Starts `imprint` with these arguments, with the home, devices and plugins of this folder.
    pub fn start(&self, arguments: &[&str]) -> Started {
        Started::new(&mut self.line(arguments))
    }

    /// Runs `imprint` to its end.
    pub fn imprint(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// Runs `imprint --json` to its end.
    pub fn json(&self, arguments: &[&str]) -> Run {
        self.imprint(&[arguments, &["--json"]].concat())
    }

    /// The command line, not yet started.
    pub fn line(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.command());
        command
            .current_dir(self.folder.path())
            .env_remove("IMPRINT_HOME");
        // First, so that a folder that the test names counts more.
        command.args(["--home", "home", "--plugins", "plugins", "--devices"]);
        command.arg(repository().join("devices")).args(arguments);
        command
    }

    /// Writes a recipe and its files into a folder, and returns the path of the recipe.
    pub fn project(&self, name: &str, recipe: &Recipe) -> String {
        for (path, bytes) in recipe.files() {
            self.write(&format!("{name}/{path}"), bytes);
        }
        format!("{name}/recipe.ron")
    }

    /// Builds `NAME.sapobj` of a recipe.
    pub fn build(&self, name: &str, recipe: &Recipe) -> Run {
        let recipe = self.project(name, recipe);
        self.json(&["build", &recipe, "-o", &format!("{name}.sapobj")])
    }

    /// Builds and seals a recipe: `NAME.sap`, signed by the owner, readable to everyone.
    pub fn image(&self, name: &str, recipe: &Recipe) -> String {
        self.build(name, recipe).passes();
        self.seal(name, &[])
    }

    /// Builds `NAME.sapobj` as the library does, without the check of the script: a station cannot know who built an image.
    pub fn build_unchecked(&self, name: &str, recipe: &Recipe) {
        let path = self.project(name, recipe);
        let text = String::from_utf8_lossy(&self.read(&path)).into_owned();
        let parsed = ParsedRecipe::parse(&path, &text).unwrap_or_else(|error| panic!("{error}"));
        let harmless = Recipe::new(&parsed.device, "fn main(unit) { }\n");
        self.build("harmless", &harmless).passes();
        let object = Object::from_bytes(self.read("harmless.sapobj"))
            .and_then(|object| object.device())
            .map_err(BuildError::from)
            .and_then(|device| {
                let folder = FolderSources::new(&self.path(name));
                let folder = folder.unwrap_or_else(|error| panic!("{error}"));
                Object::build(&parsed, &folder, &device)
            })
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.write(&format!("{name}.sapobj"), object.to_bytes());
    }

    /// Seals `NAME.sapobj` as `NAME.sap` with further options.
    pub fn seal(&self, name: &str, options: &[&str]) -> String {
        let (object, image) = (format!("{name}.sapobj"), format!("{name}.sap"));
        let seal = ["seal", &object, "--sap", "-o", &image, "--key", "owner.key"];
        self.json(&[&seal, options].concat()).passes();
        image
    }

    /// Runs an image of the owner.
    pub fn run(&self, image: &str, on: &str) -> Run {
        self.run_with(image, on, &[])
    }

    /// Runs an image of the owner with further options.
    pub fn run_with(&self, image: &str, on: &str, options: &[&str]) -> Run {
        self.json(&[&["run", image, "--trust", OWNER, "--on", on], options].concat())
    }

    /// Runs an image of the owner on a new board of `chip`, and returns all of the chip's flash.
    pub fn flash_after(&self, image: &str, chip: &Chip) -> (Run, Vec<u8>) {
        let dump = format!("{:#x}:{}=flash.bin", chip.flash_start, chip.flash_len);
        let run = self.run_with(image, &format!("twin:{}", chip.device), &["--dump", &dump]);
        run.passed();
        (run, self.read("flash.bin"))
    }

    /// Makes the virtual board `FILE`, and returns what `--on` calls it.
    pub fn twin(&self, file: &str, device: &str, options: &[&str]) -> String {
        // A board that is there is never replaced.
        let _ = fs::remove_file(self.path(file));
        let new = ["twin", "new", device, "-o", file];
        self.json(&[&new, options].concat()).passes();
        format!("twin:{file}")
    }

    /// What a virtual board holds without power.
    pub fn board(&self, file: &str) -> BoardState {
        let text = String::from_utf8_lossy(&self.read(file)).into_owned();
        ron::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

impl Default for Workshop {
    fn default() -> Self {
        Self::new()
    }
}

/// A second name for a file, or a copy where the file systems differ.
fn link(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}
