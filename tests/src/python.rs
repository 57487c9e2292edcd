//! Python with packages from its index, pinned, in an environment of its own in the target folder.

use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const INSTALL: &str = "needed: apt-get install python3 python3-venv";
const NETWORK: &str =
    "the packages come from PyPI: a network, or PIP_FIND_LINKS with a folder of wheels";

/// The interpreter of the environment for a list of requirements, made once for each list in `folder`.
pub fn python(folder: &Path, name: &str, requirements: &Path) -> PathBuf {
    let list = fs::read(requirements)
        .unwrap_or_else(|error| panic!("{}: {error}", requirements.display()));
    let hash: String = Sha256::digest(list)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let home = folder.join(format!("{name}-{hash}"));
    let python = home.join("bin/python3");
    // Written last: what is there without it was interrupted.
    let complete = home.join("complete");
    if !complete.exists() {
        let mut venv = Command::new("python3");
        done(venv.args(["-m", "venv", "--clear"]).arg(&home), INSTALL);
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        done(pip.arg(requirements), NETWORK);
        fs::write(&complete, "").unwrap_or_else(|error| panic!("{}: {error}", complete.display()));
    }
    python
}

/// Runs to a good end.
fn done(command: &mut Command, advice: &str) {
    let line = format!("{command:?}");
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{line}: {error}; {advice}"));
    let streams = [&output.stdout, &output.stderr];
    let said = streams.map(|it| String::from_utf8_lossy(it)).join("\n");
    assert!(output.status.success(), "{line}: {said}\n{advice}");
}
