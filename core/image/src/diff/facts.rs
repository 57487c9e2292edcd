//! What an object says of itself, as names and texts that a person compares.

use crate::{
    barcode::BarcodeRules,
    object::{Contents, DataEntry, SerialEntry},
    recipe::{DataSource, Name, Right, RunTest, TestReport},
    serial::{Encoding, Positions, Values},
};
use std::{collections::BTreeMap, fmt::Debug};

/// All facts, by name.
pub(super) fn of(contents: &Contents) -> BTreeMap<String, String> {
    let mut facts = Facts(BTreeMap::new());
    facts.object(contents);
    facts.link(contents);
    for (name, payload) in &contents.payloads {
        let part = format!("payload `{name}`");
        facts.add(&part, "is there", "yes");
        facts.add(&part, "window", yes_or_no(payload.window));
        facts.add(&part, "after tests", yes_or_no(payload.after_tests));
    }
    for (name, serial) in &contents.serials {
        facts.serial(name, serial);
    }
    for (name, data) in &contents.data {
        facts.data(name, data);
    }
    for test in &contents.tests {
        facts.test(test);
    }
    for input in &contents.inputs {
        facts.put(format!("input `{}`", input.role), hex(&input.sha256));
    }
    facts.0
}

struct Facts(BTreeMap<String, String>);

impl Facts {
    fn put(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.insert(name.into(), value.to_string());
    }

    fn add(&mut self, part: &str, what: &str, value: impl ToString) {
        self.put(format!("{part}, {what}"), value);
    }

    fn object(&mut self, contents: &Contents) {
        self.put("name", &contents.name);
        self.put("device", &contents.device);
        self.put("family", &contents.family);
        let rights = contents.rights.iter().map(|right: &Right| right.name());
        self.put("rights", joined(rights));
        self.put("limit of a unit", ms(contents.limits.unit_time_ms));
        self.put("limit of the script", ms(contents.limits.script_time_ms));
        for (name, value) in &contents.settings {
            self.put(format!("setting `{name}`"), format!("{:?}", value.as_str()));
        }
        if let Some(barcode) = &contents.barcode {
            self.put("barcode", rules(barcode));
        }
        let tests = contents.tests.iter().map(|test| test.name.as_str());
        self.put("tests", joined(tests));
        self.put("memory", hex(&contents.memory_sha256));
    }

    fn link(&mut self, contents: &Contents) {
        let link = contents.link.unwrap_or_default();
        let clock = link.clock_khz.map(|khz| format!("{khz} kHz"));
        self.add("link", "protocol", word(link.protocol));
        self.add("link", "clock", clock.unwrap_or("the device's".into()));
        self.add("link", "connect", word(link.connect));
        self.add("link", "reset", word(link.reset));
        let Some(power) = contents.power else {
            return;
        };
        let voltage = power.voltage_mv.map(|mv| format!("{mv} mV"));
        self.add("power", "voltage", voltage.unwrap_or("any".into()));
        self.add("power", "settle", ms(power.settle_ms));
        self.add("power", "off", ms(power.off_ms));
        self.add("power", "after", word(power.after));
    }

    fn serial(&mut self, name: &Name, serial: &SerialEntry) {
        let part = format!("serial `{name}`");
        let definition = &serial.definition;
        self.add(&part, "id", &definition.id);
        self.add(&part, "values a unit", definition.per_unit);
        self.add(&part, "on fail", word(serial.on_fail));
        self.window(
            &part,
            serial.address,
            serial.len(),
            serial.into.as_ref(),
            serial.over,
        );
        self.add(&part, "encoding", encoding(&serial.encoding));
        match &definition.values {
            Values::Counter(counter) => {
                self.add(&part, "positions", positions(counter.positions()));
                let (start, end) = (counter.start(), counter.end());
                self.add(&part, "values", format!("{start:?} to {end:?}"));
                self.add(&part, "step", counter.step());
                self.add(&part, "direction", word(counter.direction()));
                self.add(&part, "fastest", word(counter.fastest()));
            }
            Values::List { count, sha256 } => {
                self.add(&part, "values", format!("list of {count}, {}", hex(sha256)));
            }
            Values::Supplied(allowed) => {
                self.add(&part, "positions", positions(allowed));
                self.add(&part, "values", "supplied");
            }
        }
    }

    fn data(&mut self, name: &Name, data: &DataEntry) {
        let part = format!("data `{name}`");
        let len = u64::from(data.len);
        self.window(&part, data.address, len, data.into.as_ref(), data.over);
        self.add(&part, "encoding", encoding(&data.encoding));
        let source = match &data.source {
            DataSource::Uid(transform) => format!("uid, {}", word(transform)),
            DataSource::Date(format) => format!("date {:?}", format.as_str()),
            DataSource::Result(test, result) => format!("result `{result}` of test `{test}`"),
            plain => word(plain),
        };
        self.add(&part, "source", source);
    }

    fn window(&mut self, part: &str, address: u64, len: u64, into: Option<&Name>, over: bool) {
        self.add(part, "address", format!("{address:#010x}"));
        self.add(part, "length", format!("{len} bytes"));
        self.add(part, "into", into.map_or("its own step", Name::as_str));
        self.add(part, "over", yes_or_no(over));
    }

    fn test(&mut self, test: &RunTest) {
        let part = format!("test `{}`", test.name);
        self.add(&part, "payload", &test.payload);
        self.add(
            &part,
            "arguments",
            joined(test.args.iter().map(u32::to_string)),
        );
        self.add(&part, "time-out", ms(test.timeout_ms));
        self.add(&part, "load", word(test.load));
        let via = match test.via {
            TestReport::Semihosting => "semihosting".into(),
            TestReport::Mailbox { address } => format!("mailbox at {address:#010x}"),
        };
        self.add(&part, "via", via);
    }
}

fn rules(barcode: &BarcodeRules) -> String {
    let ranges = barcode.ranges.iter().map(|range| {
        let (from, len) = (range.from, range.len);
        format!("{len} digits from {from}: {} to {}", range.min, range.max)
    });
    let ranges = joined(ranges);
    format!("{}; ranges: {ranges}", positions(&barcode.positions))
}

fn positions(positions: &Positions) -> String {
    joined(positions.iter().map(|position| position.describe()))
}

fn encoding(encoding: &Encoding) -> String {
    match encoding {
        Encoding::Ascii { len, fill } => format!("ascii, {len} bytes, filled with {fill:#04x}"),
        Encoding::Little { len } => format!("little, {len} bytes"),
        Encoding::Big { len } => format!("big, {len} bytes"),
        plain => word(plain),
    }
}

/// A plain variant as a recipe writes it.
fn word(variant: impl Debug) -> String {
    let mut word = String::new();
    for character in format!("{variant:?}").chars() {
        if character.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(character.to_ascii_lowercase());
    }
    word
}

fn joined<T: ToString>(parts: impl Iterator<Item = T>) -> String {
    let parts: Vec<String> = parts.map(|part| part.to_string()).collect();
    match parts.is_empty() {
        true => "none".into(),
        false => parts.join(", "),
    }
}

fn ms(time: impl ToString) -> String {
    format!("{} ms", time.to_string())
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// In hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}
