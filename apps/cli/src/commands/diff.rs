//! `imprint diff`: what differs between two objects or images, whatever they are sealed with.

use crate::{
    exit::Exit,
    failure::{Result, in_file},
    files,
    keys::Passphrase,
    options::Diff,
    output::Output,
    render::table,
    trust::{Trust, grants_beside, load_share, unlock},
};
use imprint::image::{
    Image, Object,
    container::Share,
    diff::{Change, Difference, Side, compare},
    limits::OBJECT_LEN_MAX,
};
use serde_json::{Value, json};
use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// First bytes of an object; those of an image differ in the fourth.
const OBJECT_MAGIC: [u8; 4] = [0x89, b'I', b'M', b'O'];

pub fn run(options: &Diff, passphrase: &Passphrase, output: &Output) -> Result {
    let trust = Trust::of(&options.trust, passphrase)?;
    let mut shares = Vec::new();
    for path in &options.share {
        shares.extend(load_share(Some(path))?);
    }
    let mut first = open(&options.first, &trust, &shares)?;
    let mut second = open(&options.second, &trust, &shares)?;
    let differences = compare(&mut *first, &mut *second)?;
    let told = json!({
        "same": differences.is_empty(),
        "differences": differences.iter().map(facts).collect::<Vec<_>>(),
    });
    output.data(&told, || text(&differences))?;
    Ok(match differences.is_empty() {
        true => Exit::Pass,
        false => Exit::UnitFailed,
    })
}

fn open(path: &Path, trust: &Trust, shares: &[Share]) -> Result<Box<dyn Side>> {
    let mut file = files::open(path)?;
    let mut magic = Vec::new();
    file.by_ref()
        .take(OBJECT_MAGIC.len() as u64)
        .read_to_end(&mut magic)
        .and_then(|_| file.seek(SeekFrom::Start(0)))
        .map_err(|error| crate::failure::unreadable(path, error))?;
    if magic == OBJECT_MAGIC {
        let object = Object::from_bytes(files::read(path, OBJECT_LEN_MAX)?)
            .map_err(|error| in_file(path, error))?;
        return Ok(Box::new(object));
    }
    let beside = grants_beside(path)?.map(|(_, bytes)| bytes);
    let mut image = Image::open(file, &trust.anchors()).map_err(|error| in_file(path, error))?;
    let station = trust.station_for(&mut image, beside.as_deref())?;
    let share = shares.iter().find(|share| share.image == image.id());
    let open = image
        .unlock(unlock(station, beside.as_deref(), share))
        .map_err(|error| in_file(path, error))?;
    Ok(Box::new(open))
}

fn facts(difference: &Difference) -> Value {
    let what = &difference.what;
    match &difference.change {
        Change::Removed(left) => json!({ "what": what, "left": left }),
        Change::Added(right) => json!({ "what": what, "right": right }),
        Change::Changed { left, right } => json!({ "what": what, "left": left, "right": right }),
        Change::Lines { removed, added } => {
            json!({ "what": what, "lines_removed": removed, "lines_added": added })
        }
        Change::Bytes(changes) => json!({
            "what": what,
            "first_address": changes.first_address().map(|address| format!("{address:#010x}")),
            "bytes": changes.count,
        }),
    }
}

fn text(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "no differences\n".into();
    }
    let none = || "(none)".to_string();
    let mut rows = vec![vec!["what".to_string(), "first".into(), "second".into()]];
    rows.extend(differences.iter().map(|difference| {
        let (left, right) = match &difference.change {
            Change::Removed(left) => (left.clone(), none()),
            Change::Added(right) => (none(), right.clone()),
            Change::Changed { left, right } => (left.clone(), right.clone()),
            Change::Lines { removed, added } => {
                (format!("{removed} lines"), format!("{added} lines"))
            }
            Change::Bytes(changes) => {
                let first = changes.first_address().unwrap_or_default();
                (
                    format!("{} bytes differ", changes.count),
                    format!("the first at {first:#010x}"),
                )
            }
        };
        vec![difference.what.clone(), left, right]
    }));
    table(&rows)
}
