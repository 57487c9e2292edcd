//! `imprint verify`: every bit of an image, before it is sent anywhere.

use crate::{
    exit::Exit,
    failure::Result,
    files,
    keys::Passphrase,
    options::Verify,
    output::Output,
    render::{self, visible},
    trust::{Trust, grants_beside, load_share, unlock},
};
use imprint::image::Image;
use serde_json::json;

pub fn run(options: &Verify, passphrase: &Passphrase, output: &Output) -> Result {
    let trust = Trust::required(&options.trust, passphrase)?;
    let share = load_share(options.share.as_deref())?;
    let beside = grants_beside(&options.file)?.map(|(_, bytes)| bytes);
    let path = options.file.display();
    let mut image = Image::open(files::open(&options.file)?, &trust.anchors())?;
    image.verify_all()?;
    let (id, is_plain) = (image.id(), image.manifest().key_commitment.is_none());
    let is_job = image.manifest().kind.is_job();
    let (name, device) = (
        image.manifest().name.clone(),
        image.manifest().device.clone(),
    );
    let signers: Vec<String> = image.signers().map(|signer| signer.to_string()).collect();
    let grants = image.grants()?.len();

    // What is sealed can be read too: then it is compared with what the signers vouch for.
    // A Job's content needs the cloud's share too.
    let station = trust.station_for(&mut image, beside.as_deref())?;
    let with = unlock(station, beside.as_deref(), share.as_ref());
    let can_open = is_plain || (station.is_some() && (!is_job || share.is_some()));
    let object = match can_open {
        true => Some(image.unlock(with)?.verify_all()?.to_string()),
        false => None,
    };
    let told = json!({
        "image": path.to_string(),
        "id": id.to_string(),
        "name": name.as_str(),
        "device": device,
        "signers": signers,
        "grants": grants,
        "object": object,
    });
    output.done(&told, || {
        let mut rows = vec![vec!["  id".to_string(), id.to_string()]];
        rows.extend(
            signers
                .iter()
                .map(|signer| vec!["  signed by".to_string(), signer.clone()]),
        );
        rows.extend(
            object
                .iter()
                .map(|object| vec!["  object".to_string(), object.clone()]),
        );
        if object.is_none() {
            let text = match is_job {
                true => "encrypted: with --station-key and --share the object is checked too",
                false => "encrypted: with --station-key the object is checked too",
            };
            let text = text.to_string();
            rows.push(vec!["  object".to_string(), text]);
        }
        format!(
            "good: {path}, {name} for {}\n{}",
            visible(&device),
            render::table(&rows)
        )
    })?;
    Ok(Exit::Pass)
}
