//! `imprint device check`: everything that is wrong with a device file, at once.

use crate::{
    exit::Exit,
    failure::Result,
    files,
    options::Unsigned,
    output::{self, Output},
    places::Places,
};
use imprint::{
    check_device,
    device::Device,
    script::{Finding, Severity},
};
use serde_json::json;
use std::path::Path;

/// One byte more than a device file may have, so that the check says so.
const LEN_MAX: u64 = (256 << 10) + 1;

pub fn run(path: &Path, unsigned: Unsigned, places: &Places, output: &Output) -> Result {
    let text = files::read_text(path, LEN_MAX)?;
    let file = path.display().to_string();
    let plugins = places.twin_plugins(unsigned)?;
    if let Ok(device) = Device::parse(&file, &text) {
        output::warn_if_unsigned(&plugins, &device.family);
    }
    let findings = check_device(path, &text, plugins);
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    if output.is_json {
        output.done(&json!({ "file": file, "findings": findings }), String::new)?;
    } else {
        for finding in &findings {
            show(finding, output);
        }
        let warnings = findings.len() - errors;
        output.note(&format!("{file}: {errors} errors, {warnings} warnings"));
    }
    Ok(match errors {
        0 => Exit::Pass,
        _ => Exit::BuildRefused,
    })
}

fn show(finding: &Finding, output: &Output) {
    match finding.severity {
        Severity::Error => output.failure(&finding.failure),
        Severity::Warning => output.warning(&finding.failure),
    }
}
