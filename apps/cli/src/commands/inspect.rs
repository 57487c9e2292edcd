//! `imprint inspect`: what is in an image or object.
//!
//! Of an image whose signer nobody vouches for, only the header and the ids of the keys are shown: everything else could
//! have been written by anyone.

use crate::{
    exit::Exit,
    failure::Result,
    files,
    keys::Passphrase,
    options::Inspect,
    output::Output,
    render::{self, contents, grant, manifest, plan},
    trust::{Trust, grants_beside, load_share, unlock},
};
use imprint::image::{
    Image, Object,
    container::{Grant, HeaderView, Share, Suite},
    limits::OBJECT_LEN_MAX,
};
use serde_json::{Value, json};
use std::io::{Read, Seek};

/// First bytes of an object; those of an image differ in the fourth.
const OBJECT_MAGIC: [u8; 8] = [0x89, b'I', b'M', b'O', 0x0D, 0x0A, 0x1A, 0x0A];

pub fn run(options: &Inspect, passphrase: &Passphrase, output: &Output) -> Result {
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
        )?)?)?
    } else if options.trust.trust.is_empty() && options.trust.keyring.is_none() {
        header(&Image::header_only(file)?)
    } else {
        let trust = Trust::of(&options.trust, passphrase)?;
        let share = load_share(options.share.as_deref())?;
        let beside = grants_beside(&options.file)?.map(|(_, bytes)| bytes);
        let opened = Image::open(file, &trust.anchors())?;
        image(opened, &trust, beside.as_deref(), share.as_ref())?
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
fn image<R: Read + Seek>(
    mut image: Image<R>,
    trust: &Trust,
    beside: Option<&[u8]>,
    share: Option<&Share>,
) -> Result<Value> {
    let mut records = image.grants()?;
    records.extend(Grant::parse_all(beside.unwrap_or_default())?);
    let suite_of = image.header().suite;
    let mut facts = json!({
        "what": "image",
        "trusted": true,
        "id": image.id().to_string(),
        "suite": suite(suite_of),
        "signers": image.signers().map(|signer| signer.to_string()).collect::<Vec<_>>(),
        "stations": records.iter().map(|grant| grant.station().to_string()).collect::<Vec<_>>(),
        "payload_len": image.header().payload_len,
        "manifest": manifest(image.manifest()),
        "grants": records.iter().map(grant).collect::<Vec<_>>(),
    });
    // A Job's content needs the cloud's share too.
    let is_job = image.manifest().kind.is_job();
    let station = trust.station_for(&mut image, beside)?;
    if suite_of == Suite::Plain || (station.is_some() && (!is_job || share.is_some())) {
        let mut open = image.unlock(unlock(station, beside, share))?;
        facts["object"] = contents(open.object());
        facts["plan"] = plan(&open.plan()?);
    }
    Ok(facts)
}

fn object(object: &Object) -> Result<Value> {
    Ok(json!({
        "what": "object",
        "id": object.id().to_string(),
        "len": object.to_bytes().len(),
        "object": contents(object.contents()),
        "plan": object.plan().map(|it| plan(&it))?,
    }))
}

fn suite(suite: Suite) -> &'static str {
    match suite {
        Suite::Encrypted => "encrypted",
        Suite::Plain => "plain",
    }
}

fn text(facts: &Value) -> String {
    let mut text = render::facts_text(facts);
    if facts["trusted"] == Value::Bool(false) {
        text += "\nNobody vouches for this. With --trust SIGNER.pub the rest is shown.\n";
    }
    text
}
