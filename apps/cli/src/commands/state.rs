//! `imprint state`: what a station has counted, for people and programs.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument, in_file, unreadable},
    files,
    options::State as Verb,
    output::Output,
    render::{hex, table},
    trust::now,
};
use imprint::{
    account::{
        StateFolder,
        ledger::{DefinitionHash, DeploymentId, SerialId, station::Station},
    },
    image::{Object, limits::OBJECT_LEN_MAX, serial::List},
};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(verb: &Verb, output: &Output) -> Result {
    match verb {
        Verb::Show { dir } => show(dir, output),
        Verb::Serial {
            dir,
            object,
            name,
            next,
        } => serial(dir, object, name, next, output),
    }
}

fn show(dir: &Path, output: &Output) -> Result {
    // To look must not make a folder where there was none.
    if !dir.is_dir() {
        return Err(unreadable(dir, "there is no such folder").into());
    }
    let books = StateFolder::open(dir)
        .and_then(|folder| folder.books(now()))
        .map_err(Failures::from)?;
    let told = facts(&books);
    output.data(&told, || text(&told))?;
    Ok(Exit::Pass)
}

fn facts(books: &Station) -> Value {
    let deployments: Vec<Value> = books.deployments().map(|id| counts(books, id)).collect();
    let serials: Vec<Value> = books
        .serials()
        .map(|id| json!({ "serial": hex(&id.0), "next_index": books.next_index(id) }))
        .collect();
    let open: Vec<Value> = books
        .open()
        .map(|(attempt, open)| {
            json!({
                "attempt": attempt.to_string(),
                "deployment_id": open.deployment.to_string(),
                "ordinal": open.ordinal,
                "uid": open.uid.as_ref().map(ToString::to_string),
            })
        })
        .collect();
    json!({ "deployments": deployments, "serials": serials, "open": open })
}

fn counts(books: &Station, id: DeploymentId) -> Value {
    let counts = books.counts(id);
    json!({
        "deployment_id": id.to_string(),
        "passed": counts.passed,
        "attempts": counts.attempts,
        "failures": counts.failures,
        "unknown": counts.unknown,
        "open": counts.open,
    })
}

fn text(facts: &Value) -> String {
    let mut text = String::new();
    for (what, columns) in [
        (
            "deployments",
            &[
                "deployment_id",
                "passed",
                "attempts",
                "failures",
                "unknown",
                "open",
            ][..],
        ),
        ("serials", &["serial", "next_index"]),
        ("open", &["attempt", "deployment_id", "ordinal", "uid"]),
    ] {
        let entries = facts[what]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if entries.is_empty() {
            continue;
        }
        let head = columns.iter().map(|column| column.replace('_', " "));
        let mut rows = vec![head.collect::<Vec<_>>()];
        rows.extend(entries.iter().map(|entry| {
            let cell = |column: &&str| match &entry[*column] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                value => value.to_string(),
            };
            columns.iter().map(cell).collect()
        }));
        text += &format!("{what}\n{}\n", table(&rows));
    }
    match text.is_empty() {
        true => "nothing was counted yet\n".into(),
        false => text,
    }
}

fn serial(dir: &Path, object: &Path, name: &str, next: &str, output: &Output) -> Result {
    let sealed = Object::from_bytes(files::read(object, OBJECT_LEN_MAX)?)
        .map_err(|error| in_file(object, error))?;
    let contents = sealed.contents();
    let Some(entry) = contents.serials.get(name) else {
        let known: Vec<&str> = contents.serials.keys().map(|it| it.as_str()).collect();
        return Err(argument(
            format!("`{}` has no serial number `{name}`", object.display()),
            format!("it has: {}", known.join(", ")),
        )
        .into());
    };
    let definition = &entry.definition;
    let list = sealed.list(name);
    let values = list.as_ref().map(List::values).unwrap_or_default();
    let Some(index) = definition.index_of(next, values) else {
        return Err(argument(
            format!("`{next}` is no value of serial number `{name}`"),
            "`imprint inspect` shows what values it has",
        )
        .into());
    };
    let id = SerialId(definition.id_hash());
    let folder = StateFolder::open(dir).map_err(Failures::from)?;
    folder
        .set_next(id, DefinitionHash(definition.hash()), index, now())
        .map_err(Failures::from)?;
    let told = json!({ "counter": definition.id.as_str(), "next": next, "next_index": index });
    output.done(&told, || {
        format!("the next unit of `{}` takes {next}", definition.id)
    })?;
    Ok(Exit::Pass)
}
