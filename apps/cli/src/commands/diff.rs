//! `imprint diff`: what differs between two objects or images, whatever they are sealed with.

use crate::{
    exit::Exit,
    failure::{Result, in_file},
    files,
    keys::Passphrase,
    options::Diff,
    output::Output,
    render::{manifest, table},
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
    let mut differences = sealing(first.sealing.as_ref(), second.sealing.as_ref());
    differences.extend(compare(&mut *first.side, &mut *second.side)?);
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

/// What is compared, and how it is sealed if it is.
struct Opened {
    side: Box<dyn Side>,
    sealing: Option<Value>,
}

/// What of a manifest is not of its object.
const OF_SEALING: [&str; 7] = [
    "kind",
    "deployment_id",
    "factory",
    "revision",
    "plugin_version_min",
    "distributors",
    "restrictions",
];

/// What differs in how two images are sealed. An object is not sealed, so there is nothing to compare.
fn sealing(first: Option<&Value>, second: Option<&Value>) -> Vec<Difference> {
    let (Some(first), Some(second)) = (first, second) else {
        return Vec::new();
    };
    let text = |facts: &Value, name: &str| match &facts[name] {
        Value::Null => "none".to_string(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let names = OF_SEALING.into_iter().chain(["signers"]);
    let differing = names.filter(|name| first[name] != second[name]);
    let difference = |name: &str| Difference {
        what: name.replace('_', " "),
        change: Change::Changed {
            left: text(first, name),
            right: text(second, name),
        },
    };
    differing.map(difference).collect()
}

fn open(path: &Path, trust: &Trust, shares: &[Share]) -> Result<Opened> {
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
        return Ok(Opened {
            side: Box::new(object),
            sealing: None,
        });
    }
    let beside = grants_beside(path)?.map(|(_, bytes)| bytes);
    let mut image = Image::open(file, &trust.anchors()).map_err(|error| in_file(path, error))?;
    let mut facts = manifest(image.manifest());
    facts["signers"] = image.signers().map(|signer| signer.to_string()).collect();
    let station = trust.station_for(&mut image, beside.as_deref())?;
    let share = shares.iter().find(|share| share.image == image.id());
    let open = image
        .unlock(unlock(station, beside.as_deref(), share))
        .map_err(|error| in_file(path, error))?;
    Ok(Opened {
        side: Box::new(open),
        sealing: Some(facts),
    })
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
