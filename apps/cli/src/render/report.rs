//! The report of a unit as people read it.

use crate::render::{table, units, visible};
use imprint::report::{Changes, Outcome, Range, Step, Time, UnitReport, Value};

/// The whole report but for its failure, which is drawn as every failure is.
pub fn report(report: &UnitReport) -> String {
    let mut text = heading(report);
    text += &facts(report);
    if !report.steps.is_empty() {
        text += "\n";
        text += &table(&steps(&report.steps));
    }
    let records: Vec<Vec<String>> = report
        .records
        .iter()
        .map(|record| vec!["record".into(), record.name.clone(), value(&record.value)])
        .collect();
    let log: Vec<Vec<String>> = report
        .log
        .iter()
        .map(|line| {
            vec![
                "log".into(),
                line.source.clone(),
                line.text.trim_end().to_string(),
            ]
        })
        .collect();
    for rows in [records, log].iter().filter(|rows| !rows.is_empty()) {
        text += "\n";
        text += &table(rows);
    }
    // The report of a worker that died has what its client heard of it, and no end.
    let is_closed = report.time != Time::default();
    if report.outcome != Outcome::Pass {
        // It told what it was about to change, and not how far it came.
        let most = if is_closed || report.changes.is_empty() {
            ""
        } else {
            "at most "
        };
        let changes = changes(&report.changes);
        text += &format!("\nchanged on the target: {most}{changes}\n");
    }
    if is_closed {
        text += &format!("\n{}\n", total(report));
    }
    text
}

fn heading(report: &UnitReport) -> String {
    let outcome = match report.outcome {
        Outcome::Pass => "PASS",
        Outcome::Fail => "FAIL",
        Outcome::Cancelled => "CANCELLED",
    };
    format!(
        "{outcome}  {} for {} on {}\n",
        visible(&report.image.name),
        visible(&report.device),
        visible(&report.on)
    )
}

fn facts(report: &UnitReport) -> String {
    let facts = [
        ("image", Some(&report.image.id)),
        ("signer", Some(&report.image.signer)),
        ("chip", report.identity.as_ref()),
        ("uid", report.uid.as_ref()),
    ];
    let rows: Vec<Vec<String>> = facts
        .into_iter()
        .filter_map(|(name, fact)| Some(vec![name.to_string(), fact?.clone()]))
        .filter(|row| !row[1].is_empty())
        .collect();
    table(&rows)
}

fn steps(steps: &[Step]) -> Vec<Vec<String>> {
    let has_virtual = steps.iter().any(|step| step.time.virtual_us.is_some());
    let mut heading = vec!["step", "on", "result", "length", "real"];
    if has_virtual {
        heading.extend(["virtual", "rate"]);
    } else {
        heading.push("rate");
    }
    let mut rows = vec![heading.into_iter().map(str::to_string).collect()];
    for step in steps {
        let len = if step.len == 0 {
            String::new()
        } else {
            units::bytes(step.len)
        };
        let mut row = vec![
            step.name.clone(),
            step.detail.clone(),
            if step.ok { "ok" } else { "FAILED" }.to_string(),
            len,
            units::duration(step.time.real_us),
        ];
        if has_virtual {
            row.push(
                step.time
                    .virtual_us
                    .map_or_else(String::new, units::duration),
            );
        }
        row.push(rate(step).unwrap_or_default());
        rows.push(row);
    }
    rows
}

/// Bytes in the time of a step that moved them. Test code is loaded, but that is not what takes its time.
fn rate(step: &Step) -> Option<String> {
    let us = step.time.virtual_us.unwrap_or(step.time.real_us);
    let moved = step.ok && step.name != "run test";
    units::rate(step.len, us).filter(|_| moved)
}

fn value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(value) => value.clone(),
    }
}

/// What was changed, in words.
fn changes(changes: &Changes) -> String {
    if changes.is_empty() {
        return "nothing".into();
    }
    let mut parts = Vec::new();
    if changes.unlocked {
        parts.push("unlocked, which erased it".to_string());
    }
    for (what, ranges) in [
        ("erased", &changes.erased),
        ("programmed", &changes.programmed),
    ] {
        if !ranges.is_empty() {
            parts.push(format!(
                "{what} {}",
                ranges.iter().map(range).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    if !changes.options.is_empty() {
        let options = changes.options.join(", ");
        parts.push(format!("options written: {}", visible(&options)));
    }
    if changes.protected {
        parts.push("protection written".to_string());
    }
    parts.join("; ")
}

fn range(range: &Range) -> String {
    format!("{} at {:#010x}", units::bytes(range.len), range.address)
}

fn total(report: &UnitReport) -> String {
    let mut text = format!("total {}", units::duration(report.time.real_us));
    if let Some(us) = report.time.virtual_us {
        text += &format!(" real, {} virtual", units::duration(us));
    }
    if report.transfer_count > 0 {
        text += &format!(", {} transfers", report.transfer_count);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::visible_lines;
    use imprint::report::{ImageFacts, LogLine, Record};

    fn unit() -> UnitReport {
        let step = |name: &str, ok, len, virtual_us| Step {
            name: name.into(),
            detail: "firmware".into(),
            ok,
            len,
            time: Time {
                real_us: 2_000,
                virtual_us,
            },
        };
        UnitReport {
            outcome: Outcome::Fail,
            image: ImageFacts {
                id: "aa".into(),
                name: "node".into(),
                signer: "bb".into(),
            },
            device: "chip".into(),
            on: "twin:chip".into(),
            uid: Some("0102".into()),
            steps: vec![
                step("connect", true, 0, Some(900)),
                step("erase", true, 65536, Some(2_000_000)),
                step("program", false, 65536, Some(2_000_000)),
            ],
            records: vec![Record {
                name: "adc".into(),
                value: Value::Integer(7),
            }],
            log: vec![LogLine {
                source: "test".into(),
                text: "hello\n".into(),
            }],
            changes: Changes {
                erased: vec![Range {
                    address: 0,
                    len: 65536,
                }],
                ..Changes::default()
            },
            time: Time {
                real_us: 4_000,
                virtual_us: Some(2_000_900),
            },
            transfer_count: 12,
            ..UnitReport::default()
        }
    }

    #[test]
    fn a_report_says_all() {
        let text = report(&unit());
        for part in [
            "FAIL  node for chip on twin:chip\n",
            "uid     0102\n",
            "step     on        result  length  real    virtual  rate\n",
            "connect  firmware  ok              2.0 ms  900 µs\n",
            "erase    firmware  ok      64 KiB  2.0 ms  2.00 s   32.8 kB/s\n",
            "program  firmware  FAILED  64 KiB  2.0 ms  2.00 s\n",
            "record  adc  7\n",
            "log  test  hello\n",
            "changed on the target: erased 64 KiB at 0x00000000\n",
            "total 4.0 ms real, 2.00 s virtual, 12 transfers\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_real_chip_has_no_virtual_time() {
        let mut unit = unit();
        unit.outcome = Outcome::Pass;
        unit.time.virtual_us = None;
        unit.steps
            .iter_mut()
            .for_each(|step| step.time.virtual_us = None);
        let text = report(&unit);
        assert!(
            !text.contains("virtual") && !text.contains("changed"),
            "{text}"
        );
        assert!(text.contains("32768.0 kB/s"), "{text}");
    }

    #[test]
    fn nothing_from_outside_acts_on_the_terminal() {
        let mut unit = unit();
        let evil = "\x1b[2K\r\nPASS\u{202e}\u{9b}".to_string();
        let text = || evil.clone();
        unit.image = ImageFacts {
            id: text(),
            name: text(),
            signer: text(),
        };
        (unit.device, unit.on) = (text(), text());
        (unit.steps[0].name, unit.steps[1].detail) = (text(), text());
        unit.records[0].name = text();
        unit.records[0].value = Value::Text(text());
        unit.log[0].source = text();
        // The end of a line of the log is no part of it.
        unit.log[0].text = text() + "\r\n";
        unit.changes.options = vec![evil.clone()];
        (unit.identity, unit.uid) = (Some(evil.clone()), Some(evil));
        let text = report(&unit);
        assert_eq!(text, visible_lines(&text));
        let forged = text.lines().find(|line| line.starts_with("PASS"));
        assert_eq!(forged, None, "{text}");
        assert_eq!(text.matches(r"\u{1b}[2K\r\nPASS\u{202e}\u{9b}").count(), 14);
    }

    #[test]
    fn what_a_dead_worker_changed_is_known_at_most() {
        let mut unit = unit();
        unit.time = Time::default();
        let text = report(&unit);
        assert!(text.contains("changed on the target: at most "), "{text}");
        assert!(!text.contains("total"), "{text}");
        unit.changes = Changes::default();
        let text = report(&unit);
        assert!(text.contains("changed on the target: nothing"), "{text}");
    }

    #[test]
    fn a_target_that_was_not_touched_is_said_so() {
        let text = report(&UnitReport::default());
        assert!(text.contains("changed on the target: nothing\n"), "{text}");
    }
}
