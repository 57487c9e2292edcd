//! `imprint root`: who may do what for an owner, in numbered documents that follow each other.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument, exists, in_file},
    files,
    keys::{Passphrase, load_all},
    options::{Root as Verb, RootRoles},
    output::Output,
    outputs,
    render::{table, visible},
};
use imprint::image::{
    keys::{PublicKey, Role, RoleKeys, RootDocument, SigningKey},
    limits::ROOT_FILE_LEN_MAX,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

type Roles = BTreeMap<Role, RoleKeys>;

pub fn run(verb: &Verb, passphrase: &Passphrase, output: &Output) -> Result {
    match verb {
        Verb::New {
            output: to,
            owner,
            roles,
            key,
        } => {
            check(roles, key, None, to)?;
            let signers: Vec<SigningKey> = passphrase.load_all(key)?;
            let signers: Vec<&SigningKey> = signers.iter().collect();
            let roles = merge(Roles::new(), roles)?;
            let root = RootDocument::first(owner, roles, &signers).map_err(Failures::from)?;
            save(&root, to, output)
        }
        Verb::Rotate {
            file,
            output: to,
            roles,
            key,
        } => {
            check(roles, key, Some(file), to)?;
            let signers: Vec<SigningKey> = passphrase.load_all(key)?;
            let signers: Vec<&SigningKey> = signers.iter().collect();
            let last = read(file)?;
            let roles = merge(last.roles().clone(), roles)?;
            let root = last.next(roles, &signers).map_err(Failures::from)?;
            save(&root, to, output)
        }
        Verb::Show { file } => {
            let root = read(file)?;
            let told = facts(&root);
            output.data(&told, || text(&root))?;
            Ok(Exit::Pass)
        }
    }
}

fn check(roles: &RootRoles, keys: &[PathBuf], old: Option<&PathBuf>, to: &Path) -> Result<()> {
    let inputs = named(roles)
        .into_iter()
        .flat_map(|(_, files)| files)
        .chain(keys)
        .chain(old);
    outputs::check(inputs.map(PathBuf::as_path), &[to])?;
    // A document is part of a chain that others hold: it is never replaced.
    match to.exists() {
        true => Err(exists(to).into()),
        false => Ok(()),
    }
}

fn read(path: &Path) -> Result<RootDocument> {
    let bytes = files::read(path, ROOT_FILE_LEN_MAX)?;
    RootDocument::from_bytes(&bytes).map_err(|error| in_file(path, error))
}

/// The roles of the options in place of those that were there.
fn merge(mut roles: Roles, options: &RootRoles) -> Result<Roles> {
    let mut thresholds = thresholds(options)?;
    for (role, files) in named(options) {
        let threshold = thresholds.remove(&role);
        let keys: Vec<PublicKey> = match (files.is_empty(), roles.get(&role)) {
            (false, _) => load_all(files)?,
            (true, Some(old)) if threshold.is_some() => old.keys().to_vec(),
            (true, _) if threshold.is_some() => {
                return Err(argument(
                    format!("the role {} has a threshold and no keys", role.name()),
                    format!("name its keys: --{} SIGNER.pub", role.name()),
                )
                .into());
            }
            (true, _) => continue,
        };
        let keys = RoleKeys::new(threshold.unwrap_or(1), keys).map_err(Failures::from)?;
        roles.insert(role, keys);
    }
    Ok(roles)
}

fn named(options: &RootRoles) -> [(Role, &Vec<PathBuf>); 5] {
    [
        (Role::Root, &options.root),
        (Role::Release, &options.release),
        (Role::Policy, &options.policy),
        (Role::Distributor, &options.distributor),
        (Role::Plugin, &options.plugin),
    ]
}

fn thresholds(options: &RootRoles) -> Result<BTreeMap<Role, usize>> {
    let mut thresholds = BTreeMap::new();
    for text in &options.threshold {
        let (name, number) = text.split_once('=').unwrap_or((text, ""));
        let role = named(options)
            .into_iter()
            .map(|(role, _)| role)
            .find(|role| role.name() == name);
        let (Some(role), Ok(number)) = (role, number.parse::<usize>()) else {
            return Err(argument(
                format!("`{text}` is no threshold"),
                "write --threshold ROLE=N, with root, release, policy, distributor or plugin",
            )
            .into());
        };
        thresholds.insert(role, number);
    }
    Ok(thresholds)
}

fn save(root: &RootDocument, to: &Path, output: &Output) -> Result {
    files::write(to, root.to_bytes())?;
    output.done(&facts(root), || {
        format!("made {}\n{}", to.display(), text(root))
    })?;
    Ok(Exit::Pass)
}

fn facts(root: &RootDocument) -> Value {
    let roles: Vec<Value> = root
        .roles()
        .iter()
        .map(|(role, keys)| {
            let ids: Vec<String> = keys.keys().iter().map(|key| key.id().to_string()).collect();
            json!({ "role": role.name(), "threshold": keys.threshold(), "keys": ids })
        })
        .collect();
    json!({
        "owner": root.owner(),
        "number": root.number(),
        "roles": roles,
        "signers": root.signers().map(|id| id.to_string()).collect::<Vec<_>>(),
    })
}

fn text(root: &RootDocument) -> String {
    let mut text = format!("number {} of {}\n", root.number(), visible(root.owner()));
    let mut rows = vec![vec!["role".to_string(), "signatures".into(), "keys".into()]];
    for (role, keys) in root.roles() {
        for (index, key) in keys.keys().iter().enumerate() {
            let (name, threshold) = match index {
                0 => (role.name().to_string(), keys.threshold().to_string()),
                _ => Default::default(),
            };
            rows.push(vec![name, threshold, key.id().to_string()]);
        }
    }
    text += &table(&rows);
    text
}
