//! What manifests, grants, objects and plans say, as plain facts for a person or a program.

use super::{hex, table};
use imprint::image::{
    barcode::BarcodeRules,
    container::{Date, Grant, Kind, Manifest, Restrictions},
    object::Contents,
    plan::{EraseStrategy, Plan},
    recipe::{DataSource, OnFail, TestMemory, TestReport},
    serial::{Definition, Values},
};
use serde_json::{Value, json};

/// What anyone may know of an image whose signatures hold.
pub fn manifest(manifest: &Manifest) -> Value {
    let mut facts = json!({
        "kind": if manifest.kind.is_job() { "Job" } else { "SAP" },
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
    });
    if let Kind::Job { factory, revision } = manifest.kind {
        facts["factory"] = json!(hex(&factory));
        facts["revision"] = json!(revision.get());
    }
    if !manifest.restrictions.is_empty() {
        facts["restrictions"] = restrictions(&manifest.restrictions);
    }
    facts
}

fn restrictions(restrictions: &Restrictions) -> Value {
    let date = |seconds: Option<u64>| seconds.map(|seconds| Date(seconds).to_string());
    let entries = [
        ("not_before", json!(date(restrictions.not_before_s))),
        ("not_after", json!(date(restrictions.not_after_s))),
        ("units", json!(restrictions.units)),
        ("attempts", json!(restrictions.attempts)),
        ("failures", json!(restrictions.failures)),
        (
            "stations",
            match restrictions.stations.is_empty() {
                true => Value::Null,
                false => restrictions
                    .stations
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            },
        ),
        (
            "device_revision_min",
            json!(
                restrictions
                    .device_revision_min
                    .map(|revision| format!("{revision:#x}"))
            ),
        ),
    ];
    let present = entries.into_iter().filter(|(_, value)| !value.is_null());
    present
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

/// What a grant permits. Whether it is good is found when it is used.
pub fn grant(grant: &Grant) -> Value {
    let terms = grant.terms();
    json!({
        "station": grant.station().to_string(),
        "for": if terms.owner { "owner" } else { "runs" },
        "units": terms.cap.map_or("as the image".into(), |cap| cap.to_string()),
        "until": terms.until_s.map_or("no end".into(), |until| Date(until).to_string()),
    })
}

/// What an object says of itself.
pub fn contents(contents: &Contents) -> Value {
    let mut facts = json!({
        "name": contents.name.as_str(),
        "device": contents.device,
        "family": contents.family,
        "rights": contents.rights.iter().map(|right| right.name()).collect::<Vec<_>>(),
        "settings": contents.settings.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        "memory_sha256": hex(&contents.memory_sha256),
        "payloads": payloads(contents),
    });
    let mut add = |name: &str, values: Vec<Value>| {
        if !values.is_empty() {
            facts[name] = values.into();
        }
    };
    add("serials", serials(contents));
    add("data", data(contents));
    add("tests", tests(contents));
    let input = |input: &imprint::image::object::Input| json!({ "role": input.role, "sha256": hex(&input.sha256) });
    add("inputs", contents.inputs.iter().map(input).collect());
    let section = |section: &imprint::image::object::Section| json!({ "name": section.name, "len": section.len });
    add("sections", contents.sections.iter().map(section).collect());
    if let Some(rules) = &contents.barcode {
        facts["barcode"] = json!(barcode(rules));
    }
    if let Some(link) = &contents.link {
        facts["link"] = json!({
            "clock_khz": link.clock_khz,
            "connect": format!("{:?}", link.connect).to_lowercase(),
            "reset": format!("{:?}", link.reset).to_lowercase(),
        });
    }
    if let Some(power) = &contents.power {
        facts["power"] = json!({
            "voltage_mv": power.voltage_mv,
            "settle_ms": power.settle_ms,
            "off_ms": power.off_ms,
            "after": format!("{:?}", power.after).to_lowercase(),
        });
    }
    facts
}

fn barcode(rules: &BarcodeRules) -> String {
    let positions: Vec<String> = rules.positions.iter().map(|it| it.describe()).collect();
    let ranges = rules.ranges.iter().map(|range| {
        let (from, len) = (range.from, range.len);
        format!(
            "; {len} digits from {from} are {} to {}",
            range.min, range.max
        )
    });
    format!("{}{}", positions.join(", "), ranges.collect::<String>())
}

fn payloads(contents: &Contents) -> Vec<Value> {
    let payload = |(name, payload): (
        &imprint::image::recipe::Name,
        &imprint::image::object::PayloadEntry,
    )| {
        let segments: Vec<Value> = payload
            .segments
            .iter()
            .map(|segment| {
                json!({ "address": format!("{:#010x}", segment.address), "len": segment.len })
            })
            .collect();
        json!({
            "name": name.as_str(),
            "len": payload.len(),
            "segments": segments,
            "memory_sha256": hex(&payload.memory_sha256),
        })
    };
    contents.payloads.iter().map(payload).collect()
}

fn serials(contents: &Contents) -> Vec<Value> {
    let serial = contents.serials.iter().map(|(name, entry)| {
        json!({
            "name": name.as_str(),
            "counter": entry.definition.id.as_str(),
            "values": values(&entry.definition),
            "a_unit": entry.definition.per_unit,
            "address": format!("{:#010x}", entry.address),
            "len": entry.len(),
            "into": entry.into.as_ref().map(|into| into.as_str()),
            "on_fail": match entry.on_fail {
                OnFail::GiveBack => "give back",
                OnFail::Burn => "burn",
            },
        })
    });
    serial.collect()
}

fn values(definition: &Definition) -> String {
    match &definition.values {
        Values::Counter(counter) => format!("{} to {}", counter.start(), counter.end()),
        Values::List { count, .. } => format!("{count} from a list"),
        Values::Supplied(_) => "supplied".into(),
    }
}

fn data(contents: &Contents) -> Vec<Value> {
    let data = contents.data.iter().map(|(name, entry)| {
        json!({
            "name": name.as_str(),
            "source": source(&entry.source),
            "address": format!("{:#010x}", entry.address),
            "len": entry.len,
            "into": entry.into.as_ref().map(|into| into.as_str()),
        })
    });
    data.collect()
}

fn source(source: &DataSource) -> String {
    match source {
        DataSource::Value => "value".into(),
        DataSource::Barcode => "barcode".into(),
        DataSource::Uid(transform) => format!("uid, {transform:?}").to_lowercase(),
        DataSource::Date(_) => "date".into(),
        DataSource::Station => "station".into(),
        DataSource::Script => "script".into(),
        DataSource::Result(test, name) => format!("result `{name}` of test `{test}`"),
    }
}

fn tests(contents: &Contents) -> Vec<Value> {
    let test = contents.tests.iter().map(|test| {
        json!({
            "name": test.name.as_str(),
            "payload": test.payload.as_str(),
            "in": match test.load {
                TestMemory::Ram => "ram",
                TestMemory::Flash => "flash",
            },
            "answers": match test.via {
                TestReport::Semihosting => "by semihosting".into(),
                TestReport::Mailbox { address } => format!("in a mailbox at {address:#010x}"),
            },
            "timeout_ms": test.timeout_ms,
        })
    });
    test.collect()
}

/// How long the target is erased, and what is not programmed because it is blank.
pub fn plan(plan: &Plan) -> Value {
    let memories = plan.memories.iter().map(|memory| {
        let len: u64 = memory.erase.iter().map(|range| range.len).sum();
        json!({
            "memory": memory.name,
            "erase": match memory.strategy {
                EraseStrategy::Sectors => "sectors",
                EraseStrategy::All => "all at once",
            },
            "len": len,
            "sectors_us": memory.sectors_us,
            "all_us": memory.all_us,
        })
    });
    memories.collect()
}

/// The same facts in lines; a list of objects becomes a table.
pub fn facts_text(facts: &Value) -> String {
    let mut text = String::new();
    write(facts, 0, &mut text);
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
            super::bytes(number.as_u64().unwrap_or_default())
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
