//! `imprint grant`: one more station may open an image. Nothing of the image changes, and nobody signs it again.

use crate::{
    exit::Exit,
    failure::{Result, argument, in_file},
    files,
    keys::{Passphrase, load},
    options::Grant as Options,
    output::Output,
    outputs, render,
    trust::{Trust, grants_path, now, unlock},
};
use imprint::image::{
    Image,
    container::{Date, GrantTerms},
    keys::{SigningKey, StationPublic, StationSecret, system_random},
    limits::GRANT_COUNT_MAX,
    write::{Access, AtomicFile},
};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Bytes of one grant.
const GRANT_LEN: u64 = 288;

pub fn run(options: &Options, passphrase: &Passphrase, output: &Output) -> Result {
    let beside = grants_path(&options.file);
    let target = options.output.as_deref().unwrap_or(&beside);
    let inputs = [&options.file, &options.to, &options.open_with, &options.key];
    let inputs = inputs.into_iter().chain(&options.trust);
    outputs::check(inputs.map(PathBuf::as_path), &[target])?;
    let issuer: SigningKey = passphrase.load(&options.key)?;
    let opener: StationSecret = passphrase.load(&options.open_with)?;
    let station: StationPublic = load(&options.to)?;
    let terms = terms(options)?;
    let mut trust = Trust::of_files(&options.trust)?;
    if options.trust.is_empty() {
        trust.keys.push(issuer.public());
    }
    let mut image = Image::open(files::open(&options.file)?, &trust.anchors())
        .map_err(|error| in_file(&options.file, error))?;
    // A grant that would be refused everywhere is better refused here.
    let may_issue = image.may_issue(&issuer.public());
    let id = image.id();
    let known = read_grants(&beside)?;
    let granting = image
        .granting(&unlock(Some(&opener), known.as_deref(), None))
        .map_err(|error| in_file(&options.file, error))?;
    let grant = granting.issue(&station, &terms, &issuer, &mut system_random())?;
    append(target, grant.to_bytes())?;

    let path = target.display();
    let station = station.id().to_string();
    let until = terms.until_s.map(|seconds| Date(seconds).to_string());
    let told = json!({
        "grants": path.to_string(),
        "image": id.to_string(),
        "station": station,
        "cap": terms.cap,
        "until": until,
        "issuer": issuer.public().id().to_string(),
    });
    output.done(&told, || {
        let mut rows = vec![
            vec!["  of image".to_string(), id.to_string()],
            vec!["  to station".into(), station.clone()],
        ];
        rows.extend(terms.cap.map(|cap| vec!["  units".into(), cap.to_string()]));
        rows.extend(until.clone().map(|until| vec!["  until".into(), until]));
        let mut text = format!("added a grant to {path}\n{}", render::table(&rows));
        if !may_issue {
            text +=
                "  it counts only where the issuer is trusted: it signed nothing of this image\n";
        }
        text
    })?;
    Ok(Exit::Pass)
}

fn terms(options: &Options) -> Result<GrantTerms> {
    let until_s = options.until.map(|date| date.0);
    if until_s.is_some_and(|until| until < now()) {
        return Err(argument(
            "the grant would be over before it begins",
            "give --until a day that is to come",
        )
        .into());
    }
    if options.cap == Some(0) {
        return Err(argument("a cap of 0 units grants nothing", "give --cap 1 or more").into());
    }
    Ok(GrantTerms {
        cap: options.cap,
        until_s,
        owner: false,
    })
}

fn read_grants(path: &Path) -> Result<Option<Vec<u8>>> {
    match path.is_file() {
        true => files::read(path, GRANT_COUNT_MAX * GRANT_LEN).map(Some),
        false => Ok(None),
    }
}

/// Adds a record to the file, which is there as it was or with the record.
fn append(path: &Path, grant: &[u8]) -> Result<()> {
    let mut bytes = read_grants(path)?.unwrap_or_default();
    imprint::image::container::Grant::parse_all(&bytes).map_err(|error| in_file(path, error))?;
    bytes.extend_from_slice(grant);
    let mut file = AtomicFile::create(path, Access::Ordinary)?;
    file.file()
        .write_all(&bytes)
        .map_err(|error| crate::failure::unwritable(path, error))?;
    Ok(file.complete()?)
}
