//! `imprint replay`: a transcript again, on a twin or with the engine, until the first difference.

use super::run::{open, parse_on, request_on, work};
use crate::{
    exit::Exit,
    failure::{Result, argument},
    files,
    keys::Passphrase,
    options::Replay,
    output::Output,
    places::Places,
    render::from_hex,
    trust::Trust,
};
use imprint::{
    Engine, Inputs, TwinOptions, Where,
    replay::{OTHER_IMAGE, read_header, replay_on_twin},
    report::Failure,
};
use serde_json::json;
use std::path::Path;

pub fn run(options: &Replay, places: &Places, passphrase: &Passphrase, output: &Output) -> Result {
    files::refuse_special(&options.file)?;
    let (against, compared) = match (&options.on, &options.image) {
        (Some(on), _) => ("twin", on_twin(options, on, places)?),
        (None, Some(image)) => (
            "engine",
            with_engine(options, image, places, passphrase, output)?,
        ),
        (None, None) => return Err(nothing_named().into()),
    };
    let told = json!({
        "transcript": options.file.display().to_string(),
        "against": against,
        "compared": compared,
    });
    output.data(&told, || {
        format!(
            "no difference: the {against} does what was recorded, {compared} transfers compared\n"
        )
    })?;
    Ok(Exit::Pass)
}

fn nothing_named() -> Failure {
    argument(
        "nothing is named to replay the transcript with",
        "write --on twin:DEVICE, --on twin:./FILE, or --image X.sap",
    )
}

/// Plays the host's side on a twin, which is made with the recorded identifier, or read and never written.
fn on_twin(options: &Replay, on: &str, places: &Places) -> Result<u64> {
    let engine = Engine::new(places.plugin_store()?);
    let twin = match parse_on(on, places)? {
        Where::TwinDevice(device) => {
            let uid = read_header(&options.file)?.uid;
            let options = TwinOptions {
                uid: uid.as_deref().and_then(from_hex),
                ..TwinOptions::default()
            };
            engine.twin(&device, options)?
        }
        Where::TwinFile(path) => engine.twin_from_file(&path)?,
        _ => return Err(nothing_named().into()),
    };
    Ok(replay_on_twin(&options.file, &twin)?.compared)
}

/// Runs the image in a worker, with the transcript in the place of a wire.
fn with_engine(
    options: &Replay,
    image: &Path,
    places: &Places,
    passphrase: &Passphrase,
    output: &Output,
) -> Result<u64> {
    let header = read_header(&options.file)?;
    let trust = Trust::required(&options.trust, passphrase)?;
    let chosen = open(image, &trust)?;
    let id = chosen.image.id().to_string();
    if id != header.image {
        return Err(
            Failure::new(OTHER_IMAGE, "the transcript is of another image")
                .with_difference(header.image, id)
                .with_help("name the image that was run, as it was sealed then")
                .into(),
        );
    }
    let inputs: Inputs = serde_json::from_str(&header.inputs).map_err(|error| {
        Failure::new(
            "IMP-7152",
            format!("the transcript's header has inputs that cannot be understood: {error}"),
        )
    })?;
    let on = Where::Transcript(options.file.clone());
    let request = request_on(on, "transcript", places, &trust, &chosen, inputs)?;
    let ended = work(files::open(image)?, &request, None, output)?;
    match (ended.failures.into_iter().next(), ended.report) {
        (Some(failure), _) => Err(failure.into()),
        (None, Some(report)) => Ok(report.transfer_count),
        (None, None) => Ok(0),
    }
}
