//! `imprint run`: one unit, in a worker process.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument, unreadable, unwritable},
    files, keys,
    options::Run,
    output::Output,
    outputs,
    places::Places,
    render,
};
use imprint::{
    image::{
        keys::{KeyFile, PublicKey, StationSecret},
        write::check_replaceable,
    },
    report::{Failure, Outcome, UnitReport},
    worker::{Dump, Ended, Request, Where, WorkerProcess},
};
use serde::Serialize;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

pub fn run(options: &Run, places: &Places, output: &Output) -> Result {
    match request(options, places) {
        Ok(request) => {
            let ended = work(&options.image, &request, output)?;
            show(ended, &options.on, output)
        }
        // A program that reads the object finds the same fields whatever went wrong.
        Err(failures) => show(before_the_unit(&failures), &options.on, output),
    }
}

fn before_the_unit(failures: &Failures) -> Ended {
    Ended {
        failures: failures.to_vec(),
        ..Ended::default()
    }
}

/// Everything the worker needs, so that it opens no key and no configuration itself.
fn request(options: &Run, places: &Places) -> Result<Request> {
    let trust: Vec<PublicKey> = keys::load_all(&options.trust)?;
    let station_key = options
        .station_key
        .as_deref()
        .map(keys::load::<StationSecret>)
        .transpose()?;
    let plugin_trust = places.plugin_trust()?;
    let on = parse_on(&options.on, places)?;
    check_outputs(options, places, &on)?;
    let text = |key: &PublicKey| key.to_text().to_string();
    Ok(Request {
        trust: trust.iter().map(text).collect(),
        station_key: station_key.map(|key| key.to_text().to_string()),
        grants: grants_beside(&options.image),
        plugin_folders: places.plugins.clone(),
        plugin_trust: plugin_trust.iter().map(text).collect(),
        on,
        on_name: options.on.clone(),
        dumps: options
            .dump
            .iter()
            .map(|dump| Dump {
                start: dump.start,
                len: dump.len,
                path: dump.path.clone(),
            })
            .collect(),
        transcript: options.transcript.clone(),
        has_gate: false,
        inputs: imprint::Inputs::default(),
    })
}

/// No dump and no transcript may cost what the run needs.
fn check_outputs(options: &Run, places: &Places, on: &Where) -> Result<()> {
    let grants = grants_beside(&options.image);
    let board = match on {
        Where::TwinFile(path) => Some(path),
        _ => None,
    };
    let found = places.files()?;
    let inputs = std::iter::once(&options.image)
        .chain(&options.trust)
        .chain(&options.station_key)
        .chain(&grants)
        .chain(board)
        .chain(&found);
    let outputs: Vec<&Path> = options
        .dump
        .iter()
        .map(|dump| dump.path.as_path())
        .chain(options.transcript.as_deref())
        .collect();
    outputs::check(inputs.map(PathBuf::as_path), &outputs)?;
    // What could not be written afterwards is better told before the unit is touched.
    for path in outputs.into_iter().chain(board.map(PathBuf::as_path)) {
        check_replaceable(path)?;
    }
    Ok(())
}

/// `IMAGE.grants`, where there is one: grants that were made after the image was sealed.
fn grants_beside(image: &Path) -> Option<PathBuf> {
    let mut name = image.as_os_str().to_owned();
    name.push(".grants");
    Some(PathBuf::from(name)).filter(|path| path.is_file())
}

/// Reads `--on`.
fn parse_on(text: &str, places: &Places) -> Result<Where> {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "probe" => Ok(Where::Probe(rest.into())),
        "twin" if rest.is_empty() => Err(bad_on(text)),
        "twin" if is_file_name(rest) => {
            files::refuse_special(rest.as_ref())?;
            Ok(Where::TwinFile(rest.into()))
        }
        "twin" => Ok(Where::TwinDevice(Box::new(
            places.devices()?.get(rest)?.clone(),
        ))),
        _ => Err(bad_on(text)),
    }
}

/// A board's file has a dot or a separator; no part number has.
fn is_file_name(text: &str) -> bool {
    text.contains(['.', '/', MAIN_SEPARATOR])
}

fn bad_on(text: &str) -> Failures {
    argument(
        format!("`{text}` does not say where the unit is"),
        "write --on twin:DEVICE, --on twin:./FILE, --on probe or --on probe:SELECTOR",
    )
    .into()
}

/// Starts the worker, shows how far it is, and hands it Ctrl-C.
fn work(image: &Path, request: &Request, output: &Output) -> Result<Ended> {
    let image = match files::open(image) {
        Ok(image) => image,
        Err(failures) => return Ok(before_the_unit(&failures)),
    };
    let executable =
        std::env::current_exe().map_err(|error| unreadable("imprint".as_ref(), error))?;
    let worker = WorkerProcess::spawn(&executable, image, request)?;
    let canceller = worker.canceller();
    ctrlc::set_handler(move || canceller.cancel())
        .map_err(|error| unwritable("signal handler".as_ref(), error))?;
    let mut bars = render::Bars::new(output.is_watched() && !output.is_json);
    Ok(worker.finish(None, &mut bars))
}

/// What `--json` prints: the report, and what failed beside it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    report: &'a UnitReport,
    /// What failed after the script: a dump, the board's file.
    #[serde(skip_serializing_if = "<[Failure]>::is_empty")]
    failures: &'a [Failure],
}

/// Prints the report on standard output and failures on standard error.
fn show(ended: Ended, on: &str, output: &Output) -> Result {
    let Ended {
        report,
        mut failures,
        ..
    } = ended;
    let begun = report.is_some();
    let report = report.unwrap_or_else(|| not_begun(on, &mut failures));
    let told = Told {
        report: &report,
        failures: &failures,
    };
    if begun || output.is_json {
        output.data(&told, || render::report(&report))?;
    }
    for failure in report.failure.iter().chain(&failures) {
        output.failure(failure);
    }
    Ok(match (Exit::of_report(&report), failures.is_empty()) {
        (Exit::Pass, false) => match Exit::of_failures(&failures) {
            // A unit that passed did not fail, but what was asked for after it did.
            exit @ (Exit::File | Exit::Worker | Exit::Cancelled) => exit,
            _ => Exit::UnitFailed,
        },
        (exit, _) => exit,
    })
}

/// The report of a unit that did not begin.
fn not_begun(on: &str, failures: &mut Vec<Failure>) -> UnitReport {
    let failure = (!failures.is_empty()).then(|| failures.remove(0));
    let is_cancelled = failure
        .as_ref()
        .is_some_and(|failure| Exit::of_code(&failure.code) == Exit::Cancelled);
    UnitReport {
        outcome: if is_cancelled {
            Outcome::Cancelled
        } else {
            Outcome::Fail
        },
        failure,
        on: on.into(),
        ..UnitReport::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_devices() {
        for (text, is_file) in [
            ("nRF52832_xxAA", false),
            ("board.twin", true),
            ("./board", true),
            ("boards/1", true),
        ] {
            assert_eq!(is_file_name(text), is_file, "{text}");
        }
    }
}
