//! `imprint seal`: an object becomes a signed image.

use crate::{
    exit::Exit,
    failure::{Result, in_file},
    files,
    keys::{load, load_all},
    options::Seal,
    output::Output,
    outputs,
    render::{self, visible},
};
use imprint::image::{
    Object,
    container::{FamilyRequirement, ObjectStream, SealOptions, seal_stream},
    keys::{PublicKey, SigningKey, StationPublic, system_random},
    limits::OBJECT_LEN_MAX,
    write::{Access, AtomicFile},
};
use imprint_plugin_abi::IMPRINT_ABI_MAJOR;
use serde_json::json;
use std::path::PathBuf;

pub fn run(options: &Seal, output: &Output) -> Result {
    let inputs = [&options.object, &options.key]
        .into_iter()
        .chain(&options.owner)
        .chain(&options.distributor)
        .chain(&options.to);
    outputs::check(inputs.map(PathBuf::as_path), &[options.output.as_path()])?;
    let signing: SigningKey = load(&options.key)?;
    let owner: Option<StationPublic> = options.owner.as_deref().map(load).transpose()?;
    let distributors: Vec<PublicKey> = load_all(&options.distributor)?;
    let recipients: Vec<StationPublic> = load_all(&options.to)?;
    let object = Object::from_bytes(files::read(&options.object, OBJECT_LEN_MAX)?)
        .map_err(|error| in_file(&options.object, error))?;
    let contents = object.contents();
    let family = FamilyRequirement {
        id: contents.family.clone(),
        abi_major: IMPRINT_ABI_MAJOR,
        version_min: options.plugin_version,
    };
    let mut random = system_random();
    let owner_id = owner.as_ref().map(|owner| owner.id().to_string());
    let seal_options = SealOptions {
        owner,
        distributors: &distributors,
        recipients: &recipients,
        ..SealOptions::new(&signing, family, &mut random)
    };
    let source = ObjectStream {
        contents,
        id: object.id(),
        reader: object.to_bytes(),
    };
    let mut file = AtomicFile::create(&options.output, Access::Ordinary)?;
    seal_stream(source, seal_options, file.file())
        .map_err(|error| in_file(&options.output, error))?;
    file.complete()?;

    let path = options.output.display();
    let signer = signing.public().id();
    let stations: Vec<String> = recipients
        .iter()
        .map(|station| station.id().to_string())
        .collect();
    let encrypted = owner_id.is_some() || !stations.is_empty();
    let told = json!({
        "image": path.to_string(),
        "name": contents.name.as_str(),
        "device": contents.device,
        "signer": signer.to_string(),
        "stations": stations,
        "owner": owner_id,
        "encrypted": encrypted,
    });
    output.done(&told, || {
        let device = visible(&contents.device);
        let mut text = format!("sealed {path}: {} for {device}\n", contents.name);
        let mut rows = vec![vec!["  signed by".to_string(), signer.to_string()]];
        rows.extend(stations.iter().map(|id| vec!["  readable to".to_string(), id.clone()]));
        rows.extend(owner_id.iter().map(|id| vec!["  owned by".to_string(), id.clone()]));
        text += &render::table(&rows);
        if !encrypted {
            text += "  not encrypted: everyone can read it; --to STATION.pub encrypts it to a station\n";
        }
        text
    })?;
    Ok(Exit::Pass)
}
