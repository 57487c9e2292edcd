//! `imprint plugin check`: the conformance kit on one library. Each case runs in a process of its own, this same executable.

use crate::{
    exit::Exit,
    failure::{Result, in_file, unreadable},
    files,
    options::{CheckBoard, PluginCheck},
    output::Output,
    places::Places,
    render::table,
};
use imprint::{device::Device, report::Failure};
use imprint_testkit::{
    BoardKind, Case, Origin, Row, Subject, Verdict, cases, check, families, families_here, run_here,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// No device of the plugin's families is known.
const NO_DEVICE: &str = "IMP-5130";
/// There is no case of that name.
const UNKNOWN_CASE: &str = "IMP-5131";
/// The device is not one of the plugin's.
const OTHER_FAMILY: &str = "IMP-5132";
/// No host would load the plugin, and yet no case failed.
const NOT_TRIED: &str = "IMP-5134";
/// This executable does not know itself.
const NO_SELF: &str = "IMP-5133";
/// Longest device description that is read, in bytes.
const DEVICE_LEN_MAX: u64 = 1 << 20;

pub fn run(options: &PluginCheck, places: &Places, output: &Output) -> Result {
    let wanted = wanted(&options.case)?;
    let Some(file) = options.file.as_ref().filter(|_| !options.list) else {
        return list(&wanted, output);
    };
    let file = file
        .canonicalize()
        .map_err(|error| unreadable(file, error))?;
    let mut devices = named_devices(&options.device, places)?;
    if options.families || options.in_process {
        return here(options, &file, devices, &wanted);
    }
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(
            NO_SELF,
            format!("this command does not find its own file: {error}"),
        )
    })?;
    let time = Duration::from_secs(options.timeout);
    let known = families(process(&program, options, &file, &["--families"]), time);
    choose_devices(&mut devices, &known, places, &options.device)?;
    let names: Vec<String> = devices.keys().cloned().collect();
    let report = check(
        &wanted,
        &names,
        time,
        |case, device| {
            let mut command = process(
                &program,
                options,
                &file,
                &["--in-process", "--case", case.name],
            );
            if let Some((_, path)) = device.and_then(|name| devices.get(name)) {
                command.arg("--device").arg(path);
            }
            command
        },
        |row| {
            if output.is_watched() && !output.is_json {
                output.note(&format!(
                    "{} {}",
                    row.case,
                    row.device.as_deref().unwrap_or("")
                ));
            }
        },
    );
    let failed = report.failures().count();
    let shown = |row: &&Row| !options.only_failed || matches!(row.verdict, Verdict::Failed(_));
    let rows: Vec<&Row> = report.rows.iter().filter(shown).collect();
    let told = json!({
        "file": file.display().to_string(),
        "devices": names,
        "failed": failed,
        "cases": rows.iter().map(|row| facts(row)).collect::<Vec<_>>(),
    });
    output.data(&told, || {
        let mut text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let count = report.rows.len();
        let passed = report
            .rows
            .iter()
            .filter(|row| row.verdict == Verdict::Passed)
            .count();
        let other = count - passed - failed;
        if known.is_empty() {
            text += "no host would load it, so its behaviour was not tried\n";
        }
        text += &format!("{passed} passed, {failed} failed, {other} not applicable\n");
        text
    })?;
    if known.is_empty() && failed == 0 {
        let message = format!("`{}` is not tried: no host would load it", file.display());
        let failure = Failure::new(NOT_TRIED, message).with_help("run all cases to see why");
        return Err(failure.into());
    }
    Ok(if failed == 0 {
        Exit::Pass
    } else {
        Exit::PluginRefused
    })
}

/// The process of a case, or of a question.
fn process(program: &Path, options: &PluginCheck, file: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["plugin", "check"]).arg(file).args(arguments);
    if options.board == CheckBoard::Plain {
        command.args(["--board", "plain"]);
    }
    command
}

/// What the process of a case does.
fn here(
    options: &PluginCheck,
    file: &Path,
    devices: BTreeMap<String, (Device, PathBuf)>,
    wanted: &[&'static Case],
) -> Result {
    let subject = Subject {
        origin: Origin::File(file.into()),
        device: devices.into_values().next().map(|(device, _)| device),
        board: match options.board {
            CheckBoard::Own => BoardKind::Own,
            CheckBoard::Plain => BoardKind::Plain,
        },
    };
    if options.families {
        families_here(&subject);
        return Ok(Exit::Pass);
    }
    let mut exit = Exit::Pass;
    for case in wanted {
        if let Verdict::Failed(_) = run_here(case, &subject) {
            exit = Exit::PluginRefused;
        }
    }
    Ok(exit)
}

fn wanted(names: &[String]) -> Result<Vec<&'static Case>> {
    if names.is_empty() {
        return Ok(cases().iter().collect());
    }
    let find = |name: &String| {
        let found = cases().iter().find(|case| case.name == name);
        found.ok_or_else(|| {
            Failure::new(UNKNOWN_CASE, format!("there is no case `{name}`"))
                .with_help("`imprint plugin check --list` shows all")
                .into()
        })
    };
    names.iter().map(find).collect()
}

fn list(wanted: &[&'static Case], output: &Output) -> Result {
    let facts: Vec<Value> = wanted
        .iter()
        .map(|case| json!({ "case": case.name, "purpose": case.purpose, "rule": case.rule }))
        .collect();
    output.data(&json!({ "cases": facts }), || {
        let rows: Vec<Vec<String>> = wanted
            .iter()
            .map(|case| vec![case.name.to_string(), case.purpose.to_string()])
            .collect();
        table(&rows)
    })?;
    Ok(Exit::Pass)
}

/// The devices that the command line names, with their files.
fn named_devices(named: &[String], places: &Places) -> Result<BTreeMap<String, (Device, PathBuf)>> {
    let mut found = BTreeMap::new();
    for name in named {
        let is_file = name.ends_with(".ron") || name.contains(std::path::MAIN_SEPARATOR);
        let (device, path) = if is_file {
            let path = PathBuf::from(name);
            let text = files::read_text(&path, DEVICE_LEN_MAX)?;
            let device = Device::parse(name, &text).map_err(|error| in_file(&path, error))?;
            (device, path)
        } else {
            let devices = places.devices()?;
            let device = devices.get(name)?;
            let path = devices
                .iter()
                .find(|(known, _)| known.name == device.name)
                .map(|(_, path)| path.to_path_buf());
            (device.clone(), path.unwrap_or_default())
        };
        found.insert(device.name.clone(), (device, path));
    }
    Ok(found)
}

/// Without named ones, all known devices of the plugin's families.
fn choose_devices(
    devices: &mut BTreeMap<String, (Device, PathBuf)>,
    families: &[String],
    places: &Places,
    named: &[String],
) -> Result<()> {
    // A plugin that no host would load: the cases about its tables say why.
    if families.is_empty() {
        devices.clear();
        return Ok(());
    }
    for (device, path) in devices.values() {
        if !families.contains(&device.family) {
            let message = format!("`{}` is no device of this plugin", path.display());
            let failure = Failure::new(OTHER_FAMILY, message)
                .with_difference(families.join(", "), device.family.clone())
                .with_help("`family` in the device file and `ID` in the family must be the same");
            return Err(failure.into());
        }
    }
    if !named.is_empty() {
        return Ok(());
    }
    for (device, path) in places.devices()?.iter() {
        if families.contains(&device.family) {
            devices.insert(device.name.clone(), (device.clone(), path.into()));
        }
    }
    if devices.is_empty() {
        let message = format!("no device of the family {} is known", families.join(", "));
        let failure =
            Failure::new(NO_DEVICE, message).with_help("give its description: `--device FILE.ron`");
        return Err(failure.into());
    }
    Ok(())
}

fn facts(row: &Row) -> Value {
    let (verdict, reason, finding) = match &row.verdict {
        Verdict::Passed => ("passed", None, None),
        Verdict::NotApplicable(reason) => ("not applicable", Some(reason), None),
        Verdict::Failed(finding) => ("failed", None, Some(finding)),
    };
    json!({
        "case": row.case,
        "device": row.device,
        "verdict": verdict,
        "reason": reason,
        "finding": finding,
        "purpose": row.purpose,
        "rule": row.rule,
    })
}
