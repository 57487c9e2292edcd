//! `imprint inspect`: what is in an image or object.
//!
//! Of an image whose signer nobody vouches for, only the header and the ids of the keys are shown: everything else could
//! have been written by anyone.

use crate::{
    exit::Exit,
    failure::Result,
    files,
    keys::{load, load_all},
    options::Inspect,
    output::Output,
    render::{bytes, hex, table},
};
use imprint::image::{
    Image, Object, TrustAnchors, Unlock,
    container::{HeaderView, Kind, Manifest, Suite},
    keys::{PublicKey, StationSecret},
    limits::OBJECT_LEN_MAX,
    object::Contents,
};
use serde_json::{Value, json};
use std::io::{Read, Seek};

/// First bytes of an object; those of an image differ in the fourth.
const OBJECT_MAGIC: [u8; 8] = [0x89, b'I', b'M', b'O', 0x0D, 0x0A, 0x1A, 0x0A];

pub fn run(options: &Inspect, output: &Output) -> Result {
    let mut file = files::open(&options.file)?;
    let mut magic = Vec::new();
    file.by_ref()
        .take(OBJECT_MAGIC.len() as u64)
        .read_to_end(&mut magic)
        .map_err(|error| crate::failure::unreadable(&options.file, error))?;
    let facts = if magic == OBJECT_MAGIC {
        object(&Object::from_bytes(files::read(
            &options.file,
            OBJECT_LEN_MAX,
        )?)?)
    } else if options.trust.is_empty() {
        header(&Image::header_only(file)?)
    } else {
        let trust: Vec<PublicKey> = load_all(&options.trust)?;
        let station: Option<StationSecret> =
            options.station_key.as_deref().map(load).transpose()?;
        image(
            Image::open(file, &TrustAnchors::new(trust))?,
            station.as_ref(),
        )?
    };
    output.data(&facts, || text(&facts))?;
    Ok(Exit::Pass)
}

/// What anyone can say of an image.
fn header(view: &HeaderView) -> Value {
    json!({
        "what": "image",
        "trusted": false,
        "suite": suite(view.header.suite),
        "signers": view.signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "manifest_len": view.header.manifest_len,
        "payload_len": view.header.payload_len,
        "image_len": view.header.image_len(),
        "grants_len": view.trailing_len,
    })
}

/// What a trusted signer vouches for; and what is inside, where that can be read.
fn image<R: Read + Seek>(mut image: Image<R>, station: Option<&StationSecret>) -> Result<Value> {
    let stations: Vec<String> = image
        .grants()?
        .iter()
        .map(|grant| grant.station().to_string())
        .collect();
    let suite_of = image.header().suite;
    let mut facts = json!({
        "what": "image",
        "trusted": true,
        "id": image.id().to_string(),
        "suite": suite(suite_of),
        "signers": image.signers().map(|signer| signer.to_string()).collect::<Vec<_>>(),
        "stations": stations,
        "payload_len": image.header().payload_len,
        "manifest": manifest(image.manifest()),
    });
    // A Job's content needs the cloud's share too.
    let is_job = image.manifest().kind.is_job();
    if suite_of == Suite::Plain || (station.is_some() && !is_job) {
        let open = image.unlock(Unlock {
            station,
            ..Unlock::default()
        })?;
        facts["object"] = contents(open.object());
    }
    Ok(facts)
}

fn object(object: &Object) -> Value {
    json!({
        "what": "object",
        "id": object.id().to_string(),
        "len": object.to_bytes().len(),
        "object": contents(object.contents()),
    })
}

fn manifest(manifest: &Manifest) -> Value {
    json!({
        "kind": match manifest.kind {
            Kind::Sap => "SAP",
            Kind::Job { .. } => "Job",
        },
        "name": manifest.name.as_str(),
        "device": manifest.device,
        "deployment_id": hex(&manifest.deployment_id),
        "rights": manifest.rights.iter().map(|right| right.name()).collect::<Vec<_>>(),
        "unit_time_ms": manifest.limits.unit_time_ms,
        "script_time_ms": manifest.limits.script_time_ms,
        "family": manifest.family.id,
        "plugin_abi": manifest.family.abi_major,
        "plugin_version_min": manifest.family.version_min.to_string(),
        "distributors": manifest.distributors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "object_len": manifest.object_len,
    })
}

fn contents(contents: &Contents) -> Value {
    let payloads: Vec<Value> = contents
        .payloads
        .iter()
        .map(|(name, payload)| {
            let segments: Vec<Value> = payload
                .segments
                .iter()
                .map(|segment| {
                    json!({ "address": format!("{:#010x}", segment.address), "len": segment.len })
                })
                .collect();
            json!({ "name": name.as_str(), "len": payload.len(), "segments": segments })
        })
        .collect();
    let sections: Vec<Value> = contents
        .sections
        .iter()
        .map(|section| json!({ "name": section.name, "len": section.len }))
        .collect();
    json!({
        "name": contents.name.as_str(),
        "device": contents.device,
        "family": contents.family,
        "rights": contents.rights.iter().map(|right| right.name()).collect::<Vec<_>>(),
        "settings": contents.settings.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        "payloads": payloads,
        "sections": sections,
    })
}

fn suite(suite: Suite) -> &'static str {
    match suite {
        Suite::Encrypted => "encrypted",
        Suite::Plain => "plain",
    }
}

/// The same facts in lines; a list of objects becomes a table.
fn text(facts: &Value) -> String {
    let mut text = String::new();
    write(facts, 0, &mut text);
    if facts["trusted"] == Value::Bool(false) {
        text += "\nNobody vouches for this. With --trust SIGNER.pub the rest is shown.\n";
    }
    text
}

fn write(facts: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let fields = facts.as_object().into_iter().flatten();
    let (below, here): (Vec<_>, Vec<_>) = fields.partition(|(_, value)| is_nested(value));
    let rows: Vec<Vec<String>> = here
        .into_iter()
        .map(|(name, value)| vec![format!("{indent}{}", words(name)), plain(name, value)])
        .collect();
    text.push_str(&table(&rows));
    for (name, value) in below {
        text.push_str(&format!("\n{indent}{}\n", words(name)));
        match value {
            Value::Array(items) => text.push_str(&table_of(items, depth + 1)),
            value => write(value, depth + 1, text),
        }
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    }
}

/// A row for each object.
fn table_of(items: &[Value], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let rows: Vec<Vec<String>> = items
        .iter()
        .filter_map(Value::as_object)
        .map(|fields| {
            let mut row: Vec<String> = fields
                .iter()
                .map(|(name, value)| plain(name, value))
                .collect();
            if let Some(first) = row.first_mut() {
                first.insert_str(0, &indent);
            }
            row
        })
        .collect();
    table(&rows)
}

fn words(name: &str) -> String {
    name.trim_end_matches("_len").replace('_', " ")
}

fn plain(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Bool(value) => if *value { "yes" } else { "no" }.into(),
        Value::String(value) => value.clone(),
        Value::Number(number) if name == "len" || name.ends_with("_len") => {
            bytes(number.as_u64().unwrap_or_default())
        }
        Value::Number(number) => number.to_string(),
        Value::Array(items) if items.is_empty() => "none".into(),
        Value::Array(items) => items
            .iter()
            .map(|item| plain(name, item))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| plain(name, value))
            .collect::<Vec<_>>()
            .join(" "),
    }
}
