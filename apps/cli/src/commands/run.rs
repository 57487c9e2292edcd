//! `imprint run`: one unit, in a worker process.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument, unreadable, unwritable},
    files,
    keys::Passphrase,
    options::Run,
    output::Output,
    outputs,
    places::Places,
    render::{self, hex},
    trust::{Trust, grants_beside, grants_path, now, unlock},
};
use imprint::{
    Gate, Inputs, PlaceName,
    account::{StateFolder, UnitAccount, UnitDemand},
    codes,
    image::{
        OpenImage,
        keys::{KeyFile, StationSecret},
        write::check_replaceable,
    },
    open_image,
    records::RecordFile,
    report::{Failure, Outcome, UnitReport},
    worker::{Dump, Ended, Request, Where, WorkerProcess},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

pub fn run(options: &Run, places: &Places, passphrase: &Passphrase, output: &Output) -> Result {
    match prepare(options, places, passphrase, output) {
        Ok(prepared) => {
            let ended = prepared.run(output)?;
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

/// A unit that may begin: who signed is trusted, what restricts the image is met, and its books are open.
struct Prepared {
    image: File,
    request: Request,
    demand: UnitDemand,
    folder: Option<Arc<StateFolder>>,
    records: Option<RecordFile>,
}

fn prepare(
    options: &Run,
    places: &Places,
    passphrase: &Passphrase,
    output: &Output,
) -> Result<Prepared> {
    let trust = Trust::required(&options.trust, passphrase)?;
    let inputs = inputs(options)?;
    let mut chosen = choose(options, &trust)?;
    let station = chosen.station.map(|station| station.public().id());
    let demand = UnitDemand::of(&mut chosen.image, station, &inputs.values)?;
    let request = request(options, places, &trust, &chosen, inputs, output)?;
    let folder = options
        .state
        .as_deref()
        .map(StateFolder::open)
        .transpose()?;
    let records = options
        .records
        .as_deref()
        .map(RecordFile::open)
        .transpose()?;
    Ok(Prepared {
        image: files::open(chosen.path)?,
        request: Request {
            has_gate: folder.is_some(),
            ..request
        },
        demand,
        folder: folder.map(Arc::new),
        records,
    })
}

impl Prepared {
    /// Runs the unit in a worker; counts it where there are books, and keeps its record where there is a file for it.
    fn run(mut self, output: &Output) -> Result<Ended> {
        let records = self.records.as_mut();
        let Some(folder) = &self.folder else {
            if let Err(failure) = self.demand.admit_uncounted(now()) {
                return Ok(before_the_unit(&failure.into()));
            }
            let mut ended = work(self.image, &self.request, None, output)?;
            keep(&mut ended, records);
            return Ok(ended);
        };
        let account = match UnitAccount::admit(folder, self.demand, now) {
            Ok(account) => account,
            Err(failure) => return Ok(before_the_unit(&failure.into())),
        };
        let mut ended = work(self.image, &self.request, Some(&mut account.gate()), output)?;
        // Nobody is shown a pass before it is written down. First the record: a pass without one is counted as none.
        keep(&mut ended, records);
        let known = ended.report.as_ref().filter(|_| !ended.is_lost);
        if let Err(failure) = account.end(known) {
            match &mut ended.report {
                Some(report) if report.outcome == Outcome::Pass => {
                    report.outcome = Outcome::Fail;
                    report.failure = Some(failure);
                    // The last record of a unit is the one that counts.
                    keep(&mut ended, self.records.as_mut());
                }
                _ => ended.failures.push(failure),
            }
        }
        Ok(ended)
    }
}

/// Keeps the record of a unit that began.
fn keep(ended: &mut Ended, records: Option<&mut RecordFile>) {
    let Some((report, records)) = ended.report.as_mut().zip(records) else {
        return;
    };
    if let Err(failure) = report.keep_in(records) {
        ended.failures.push(failure);
    }
}

/// What is handed in for this unit.
fn inputs(options: &Run) -> Result<Inputs> {
    let mut values = BTreeMap::new();
    for text in &options.value {
        let Some((name, value)) = text.split_once('=') else {
            let message = format!("`{text}` is no value with a name");
            return Err(argument(message, "write --value NAME=VALUE").into());
        };
        if values.insert(name.to_string(), value.to_string()).is_some() {
            let message = format!("the value `{name}` is given twice");
            return Err(argument(message, "give each value once").into());
        }
    }
    Ok(Inputs {
        values,
        barcode: options.barcode.clone(),
        station_name: options.station_name.clone(),
        time_s: Some(now()),
    })
}

/// The image that is run, opened as this station.
pub(super) struct Chosen<'a> {
    path: &'a Path,
    pub(super) image: OpenImage<File>,
    station: Option<&'a StationSecret>,
    grants: Option<PathBuf>,
}

/// Of several images the one whose rules the scanned text meets: none or two are an error, and nothing is programmed.
fn choose<'a>(options: &'a Run, trust: &'a Trust) -> Result<Chosen<'a>> {
    if let [path] = &options.image[..] {
        return open(path, trust);
    }
    let Some(barcode) = &options.barcode else {
        return Err(argument(
            "several images are given, and nothing says which one to run",
            "scan the unit: --barcode TEXT; or name one image",
        )
        .into());
    };
    let mut matching = Vec::new();
    for path in &options.image {
        let chosen = open(path, trust)?;
        let rules = chosen.image.object().barcode.as_ref();
        if rules.is_some_and(|rules| rules.matches(barcode)) {
            matching.push(chosen);
        }
    }
    match matching.len() {
        1 => Ok(matching.remove(0)),
        0 => Err(barcode_failure("none of the images takes", barcode, &[])),
        _ => Err(barcode_failure("several images take", barcode, &matching)),
    }
}

fn barcode_failure(what: &str, barcode: &str, matching: &[Chosen]) -> Failures {
    let found: Vec<String> = matching
        .iter()
        .map(|chosen| chosen.path.display().to_string())
        .collect();
    let found = match found.is_empty() {
        true => "none".to_string(),
        false => found.join(", "),
    };
    Failure::new(
        codes::BARCODE_REFUSED,
        format!("{what} the scanned text `{barcode}`"),
    )
    .with_difference("exactly one", found)
    .with_help("check the label; `imprint inspect` shows the rules of an image")
    .into()
}

pub(super) fn open<'a>(path: &'a Path, trust: &'a Trust) -> Result<Chosen<'a>> {
    let beside = grants_beside(path)?;
    let bytes = beside.as_ref().map(|(_, bytes)| bytes.as_slice());
    let mut image = open_image(files::open(path)?, &trust.anchors())?;
    let station = trust.station_for(&mut image, bytes)?;
    let image = image.unlock(unlock(station, bytes, None))?;
    Ok(Chosen {
        path,
        image,
        station,
        grants: beside.map(|(path, _)| path),
    })
}

/// Everything the worker needs, so that it opens no key and no configuration itself.
fn request(
    options: &Run,
    places: &Places,
    trust: &Trust,
    chosen: &Chosen,
    inputs: Inputs,
    output: &Output,
) -> Result<Request> {
    let on = parse_on(&options.on, places)?;
    if options.unsigned.allow_unsigned_plugins && !on.is_twin() {
        return Err(unsigned_off_twin(&options.on).into());
    }
    check_outputs(options, places, &on)?;
    if options.transcript.is_some() && chosen.image.manifest().key_commitment.is_some() {
        output.warning(&plain_transcript());
    }
    Ok(Request {
        allow_unsigned_plugins: options.unsigned.allow_unsigned_plugins,
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
        ..request_on(on, &options.on, places, trust, chosen, inputs)?
    })
}

/// A transcript has what an encrypted image hides.
fn plain_transcript() -> Failure {
    Failure::new(
        codes::PLAIN_TRANSCRIPT,
        "the image is encrypted, and its transcript is not: it has the firmware as it goes over the wire",
    )
    .with_help("keep it as you keep the firmware, or run without --transcript")
}

/// What a worker is asked to run there, with nothing beside it.
pub(super) fn request_on(
    on: Where,
    on_name: &str,
    places: &Places,
    trust: &Trust,
    chosen: &Chosen,
    inputs: Inputs,
) -> Result<Request> {
    let plugin_trust = places.plugin_trust()?;
    Ok(Request {
        trust: trust.key_texts(),
        roots: trust
            .roots
            .iter()
            .map(|root| hex(root.to_bytes()))
            .collect(),
        station_key: chosen.station.map(|key| key.to_text().to_string()),
        grants: chosen.grants.clone(),
        plugin_folders: places.plugins.clone(),
        plugin_trust: plugin_trust
            .iter()
            .chain(trust.anchors().plugin_signers())
            .map(|key| key.to_text().to_string())
            .collect(),
        allow_unsigned_plugins: false,
        on,
        on_name: on_name.into(),
        dumps: Vec::new(),
        transcript: None,
        has_gate: false,
        inputs,
    })
}

/// No dump and no transcript may cost what the run needs.
fn check_outputs(options: &Run, places: &Places, on: &Where) -> Result<()> {
    let grants: Vec<PathBuf> = options.image.iter().map(|it| grants_path(it)).collect();
    let board = match on {
        Where::TwinFile(path) => Some(path),
        _ => None,
    };
    let found = places.files()?;
    let trust = &options.trust;
    let inputs = options
        .image
        .iter()
        .chain(&trust.trust)
        .chain(&trust.station_key)
        .chain(&grants)
        .chain(board)
        .chain(&found);
    let outputs: Vec<&Path> = options
        .dump
        .iter()
        .map(|dump| dump.path.as_path())
        .chain(options.transcript.as_deref())
        .chain(options.records.as_deref())
        .collect();
    outputs::check(inputs.map(PathBuf::as_path), &outputs)?;
    // What could not be written afterwards is better told before the unit is touched.
    for path in outputs.into_iter().chain(board.map(PathBuf::as_path)) {
        check_replaceable(path)?;
    }
    Ok(())
}

/// The engine refuses it too; here it is told what was written.
pub fn unsigned_off_twin(on: &str) -> Failure {
    Failure::new(
        codes::UNSIGNED_OFF_TWIN,
        format!("--allow-unsigned-plugins is for twins, and the unit is on `{on}`"),
    )
    .with_help(
        "sign the plugin: `imprint plugin sign FILE --key KEY`, `imprint plugin trust KEY.pub`",
    )
}

/// Reads `--on`.
pub fn parse_on(text: &str, places: &Places) -> Result<Where> {
    match PlaceName::parse(text) {
        Some(PlaceName::Probe(selector)) => Ok(Where::Probe(selector.into())),
        Some(PlaceName::TwinFile(path)) => {
            files::refuse_special(path)?;
            Ok(Where::TwinFile(path.into()))
        }
        Some(PlaceName::TwinDevice(name)) => Ok(Where::TwinDevice(Box::new(
            places.devices()?.get(name)?.clone(),
        ))),
        Some(PlaceName::Qemu(machine)) => Ok(Where::Qemu(machine.into())),
        None => Err(bad_on(text)),
    }
}

fn bad_on(text: &str) -> Failures {
    argument(
        format!("`{text}` does not say where the unit is"),
        "write --on twin:DEVICE, --on twin:./FILE, --on probe, --on probe:SELECTOR or --on qemu:microbit",
    )
    .into()
}

/// Starts the worker, shows how far it is, and hands it Ctrl-C.
pub(super) fn work(
    image: File,
    request: &Request,
    gate: Option<&mut dyn Gate>,
    output: &Output,
) -> Result<Ended> {
    let executable =
        std::env::current_exe().map_err(|error| unreadable("imprint".as_ref(), error))?;
    let worker = WorkerProcess::spawn(&executable, image, request)?;
    let canceller = worker.canceller();
    ctrlc::set_handler(move || canceller.cancel())
        .map_err(|error| unwritable("signal handler".as_ref(), error))?;
    let mut bars = render::Bars::new(output.is_watched() && !output.is_json);
    Ok(worker.finish(gate, &mut bars))
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
