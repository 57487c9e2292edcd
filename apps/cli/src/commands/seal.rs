//! `imprint seal`: an object becomes a signed image, a SAP or a Job.

use crate::{
    exit::Exit,
    failure::{Result, argument, exists, in_file},
    files,
    keys::{Passphrase, load, load_all},
    options::Seal,
    output::Output,
    outputs,
    render::{self, hex, visible},
    trust::Trust,
};
use imprint::image::{
    Image, Object,
    container::{
        FamilyRequirement, JobOptions, ObjectStream, Policy, Restrictions, SealOptions, Share,
        seal_job_stream, seal_stream,
    },
    keys::{PublicKey, SigningKey, StationPublic, system_random},
    limits::OBJECT_LEN_MAX,
    write::{Access, AtomicFile},
};
use imprint_plugin_abi::IMPRINT_ABI_MAJOR;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Everything that is read before anything is written.
struct Sealing {
    signing: SigningKey,
    cosigners: Vec<SigningKey>,
    owner: Option<StationPublic>,
    distributors: Vec<PublicKey>,
    recipients: Vec<StationPublic>,
    restrictions: Restrictions,
    object: Object,
}

pub fn run(options: &Seal, passphrase: &Passphrase, output: &Output) -> Result {
    let inputs = [&options.object, &options.key]
        .into_iter()
        .chain(&options.cosign)
        .chain(&options.policy)
        .chain(&options.owner)
        .chain(&options.distributor)
        .chain(&options.to)
        .chain(&options.replaces);
    let outputs: Vec<&Path> = std::iter::once(&options.output)
        .chain(&options.share)
        .map(PathBuf::as_path)
        .collect();
    outputs::check(inputs.map(PathBuf::as_path), &outputs)?;
    let sealing = read(options, passphrase)?;
    let job = job(options, &sealing)?;
    let mut random = system_random();
    let cosigners: Vec<&SigningKey> = sealing.cosigners.iter().collect();
    let contents = sealing.object.contents();
    let family = FamilyRequirement {
        id: contents.family.clone(),
        abi_major: IMPRINT_ABI_MAJOR,
        version_min: options.plugin_version,
    };
    let seal_options = SealOptions {
        cosigners: &cosigners,
        distributors: &sealing.distributors,
        restrictions: sealing.restrictions.clone(),
        owner: sealing.owner.clone(),
        recipients: &sealing.recipients,
        ..SealOptions::new(&sealing.signing, family, &mut random)
    };
    let source = ObjectStream {
        contents,
        id: sealing.object.id(),
        reader: sealing.object.to_bytes(),
    };
    let mut file = AtomicFile::create(&options.output, Access::Ordinary)?;
    let failed = |error| in_file(&options.output, error);
    match (job, &options.share) {
        (Some(job), Some(path)) => {
            let share = seal_job_stream(source, seal_options, job, file.file()).map_err(failed)?;
            complete(file, &share, path)?;
        }
        _ => {
            seal_stream(source, seal_options, file.file()).map_err(failed)?;
            file.complete()?;
        }
    }
    tell(options, &sealing, job, output)?;
    Ok(Exit::Pass)
}

/// Share and image are there together, or neither: an image without its share could never be run.
fn complete(file: AtomicFile<'_>, share: &Share, path: &Path) -> Result<()> {
    share.save(path)?;
    file.complete().inspect_err(|_| {
        // What failed is told by the error above.
        let _ = std::fs::remove_file(path);
    })?;
    Ok(())
}

fn read(options: &Seal, passphrase: &Passphrase) -> Result<Sealing> {
    if let Some(share) = options.share.as_deref().filter(|it| it.exists()) {
        return Err(exists(share).into());
    }
    let restrictions = options.policy.as_deref().map(Policy::load).transpose()?;
    Ok(Sealing {
        signing: passphrase.load(&options.key)?,
        cosigners: passphrase.load_all(&options.cosign)?,
        owner: options.owner.as_deref().map(load).transpose()?,
        distributors: load_all(&options.distributor)?,
        recipients: load_all(&options.to)?,
        restrictions: restrictions.unwrap_or_default(),
        object: Object::from_bytes(files::read(&options.object, OBJECT_LEN_MAX)?)
            .map_err(|error| in_file(&options.object, error))?,
    })
}

/// Which deployment a Job belongs to: a new one of a factory, or that of the Job it replaces.
fn job(options: &Seal, sealing: &Sealing) -> Result<Option<JobOptions>> {
    if !options.job {
        return Ok(None);
    }
    if let Some(old) = &options.replaces {
        let mut trust = Trust::default();
        trust.keys.push(sealing.signing.public());
        trust
            .keys
            .extend(sealing.cosigners.iter().map(SigningKey::public));
        let image = Image::open(files::open(old)?, &trust.anchors())
            .map_err(|error| in_file(old, error))?;
        return JobOptions::replacing(image.manifest())
            .map(Some)
            .map_err(|error| in_file(old, error));
    }
    let Some(factory) = options.factory.as_deref().and_then(factory) else {
        return Err(argument(
            "a Job is bound to one virtual factory",
            "give its id, 32 hexadecimal digits: --factory ID; or the Job that this one replaces: --replaces OLD.job",
        )
        .into());
    };
    Ok(Some(JobOptions::new(factory)))
}

fn factory(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.len() == 32 && text.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
    Some(number.to_be_bytes())
}

fn tell(options: &Seal, sealing: &Sealing, job: Option<JobOptions>, output: &Output) -> Result<()> {
    let contents = sealing.object.contents();
    let path = options.output.display();
    let signers: Vec<String> = std::iter::once(&sealing.signing)
        .chain(&sealing.cosigners)
        .map(|signer| signer.public().id().to_string())
        .collect();
    let id = |station: &StationPublic| station.id().to_string();
    let stations: Vec<String> = sealing.recipients.iter().map(id).collect();
    let owner = sealing.owner.as_ref().map(id);
    let is_encrypted = owner.is_some() || !stations.is_empty();
    let mut told = json!({
        "image": path.to_string(),
        "kind": if job.is_some() { "Job" } else { "SAP" },
        "name": contents.name.as_str(),
        "device": contents.device,
        "signer": signers[0],
        "signers": signers,
        "stations": stations,
        "owner": owner,
        "encrypted": is_encrypted,
        "restricted": !sealing.restrictions.is_empty(),
    });
    if let Some(job) = job {
        told["factory"] = Value::from(hex(&job.factory));
        told["revision"] = Value::from(job.revision.get());
        told["share"] = Value::from(options.share.as_ref().map(|it| it.display().to_string()));
    }
    output.done(&told, || {
        let device = visible(&contents.device);
        let mut text = format!("sealed {path}: {} for {device}\n", contents.name);
        let row = |what: &str, value: String| vec![format!("  {what}"), value];
        let mut rows: Vec<Vec<String>> = Vec::new();
        rows.extend(signers.iter().map(|it| row("signed by", it.clone())));
        rows.extend(stations.iter().map(|it| row("readable to", it.clone())));
        rows.extend(owner.iter().map(|it| row("owned by", it.clone())));
        if let Some(job) = job {
            rows.push(row("factory", hex(&job.factory)));
            rows.push(row("revision", job.revision.to_string()));
        }
        text += &render::table(&rows);
        if let Some(share) = &options.share {
            let share = share.display();
            text += &format!("  {share} is the cloud's share of its key: give it to the cloud alone\n");
        }
        if !is_encrypted {
            text += "  not encrypted: everyone can read it; --to STATION.pub encrypts it to a station\n";
        }
        text
    })
}
