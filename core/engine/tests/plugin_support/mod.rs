//! What the tests of the plugin boundary share: libraries to load, a key to sign them, a target in memory.
// Each test crate uses its own part of this module.
#![allow(dead_code)]

use ed25519_dalek::SigningKey;
use imprint::plugin::{
    Cancellation, FamilyStatus, HostCall, HostCore, HostDebugPort, HostError, HostResult,
    HostTarget, LogLevel, PluginStore, sign_manifest,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock, atomic::AtomicBool},
};
use tempfile::TempDir;

/// Key of who signs plugins here.
pub const SECRET: [u8; 32] = [7; 32];

/// The public key that belongs to `SECRET`.
pub fn public_key() -> [u8; 32] {
    SigningKey::from_bytes(&SECRET).verifying_key().to_bytes()
}

/// Top of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compiles the template in C.
pub fn compile_template(folder: &Path) -> PathBuf {
    let sources =
        ["plugin.c", "board.c", "text.c"].map(|file| root().join("plugins/template-c").join(file));
    compile_c(folder, "template_c", &sources, &[])
}

/// Compiles a plugin in C. Each use of other `defines` is another library.
fn compile_c(folder: &Path, name: &str, sources: &[PathBuf], defines: &[&str]) -> PathBuf {
    let library = folder.join(format!("lib{name}.so"));
    let output = Command::new("cc")
        .args([
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-missing-field-initializers",
        ])
        .args(["-fPIC", "-shared"])
        .arg("-I")
        .arg(root().join("plugins/include"))
        .args(defines.iter().map(|define| format!("-D{define}")))
        .arg("-o")
        .arg(&library)
        .args(sources)
        .output()
        .expect("no C compiler `cc`; install one: apt-get install gcc");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    library
}

/// A plugin that is wrong in the way that `defines` choose.
pub fn compile_broken(folder: &Path, name: &str, defines: &[&str]) -> PathBuf {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plugin_support/broken.c");
    compile_c(folder, name, &[source], defines)
}

/// Builds the plugins of this repository as shared libraries, once, and returns the folder they are in.
pub fn rust_plugins() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // <target>/<profile>/deps/<test>
        let test = std::env::current_exe().unwrap();
        let target = test.ancestors().nth(3).unwrap();
        for package in [
            "imprint-nordic-nrf5",
            "imprint-st-stm32f1",
            "imprint-st-stm32f4",
        ] {
            cargo_build(target, &["-p", package, "--lib"]);
        }
        cargo_build(target, &["-p", "imprint-plugin", "--example", "faulty"]);
        target.join("debug")
    })
}

fn cargo_build(target: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--target-dir"])
        .arg(target)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A plugin folder with these libraries, each signed with `SECRET`.
pub fn signed_folder(libraries: &[&Path]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for library in libraries {
        let copy = folder.path().join(library.file_name().unwrap());
        fs::copy(library, &copy).unwrap();
        sign_manifest(&copy, &SECRET).unwrap().write().unwrap();
    }
    folder
}

/// A store of one folder that trusts `SECRET`'s key.
pub fn store_of(folder: &Path) -> PluginStore {
    PluginStore::open(&[folder.into()], &[public_key()]).unwrap()
}

/// A target in memory.
#[derive(Default)]
pub struct FakeTarget {
    pub memory: BTreeMap<u64, u8>,
    pub properties: BTreeMap<String, String>,
    pub lines: Vec<(LogLevel, String)>,
    pub cancelled: Arc<AtomicBool>,
    /// `read` panics instead of reading.
    pub panics: bool,
}

impl FakeTarget {
    pub fn new(properties: &[(&str, &str)]) -> Self {
        let pairs = properties
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        Self {
            properties: pairs.collect(),
            ..Self::default()
        }
    }

    pub fn put(&mut self, address: u64, bytes: &[u8]) {
        self.memory.extend((address..).zip(bytes.iter().copied()));
    }
}

impl HostTarget for FakeTarget {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> HostResult<()> {
        assert!(!self.panics, "the host was asked to panic");
        for (address, byte) in (address..).zip(buffer) {
            *byte = *self.memory.get(&address).ok_or_else(|| HostError {
                status: FamilyStatus::Target,
                address: Some(address),
                message: format!("nothing answers at {address:#010x}"),
            })?;
        }
        Ok(())
    }

    fn write(&mut self, address: u64, data: &[u8]) -> HostResult<()> {
        self.put(address, data);
        Ok(())
    }

    fn call(&mut self, call: &HostCall) -> HostResult<u64> {
        Ok(call.args[0])
    }

    fn delay_us(&mut self, _us: u64) -> HostResult<()> {
        Ok(())
    }

    fn progress(&mut self, _done: u64, _total: u64) {}

    fn log(&mut self, level: LogLevel, message: &str) {
        self.lines.push((level, message.into()));
    }

    fn cancellation(&self) -> Cancellation {
        let flag = self.cancelled.clone();
        Arc::new(move || flag.load(std::sync::atomic::Ordering::Relaxed))
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }

    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        None
    }

    fn core(&mut self) -> Option<&mut dyn HostCore> {
        None
    }
}
