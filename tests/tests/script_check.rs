//! `imprint script check` as editors use it: its lines, its object, and what `docs/editor.md` says of both.
#![allow(clippy::unwrap_used)]

use imprint_tests::{NRF52, Recipe, Workshop, random_bytes, repository};
use regex::Regex;
use serde_json::{Value, json};
use std::{fs, process::Command};

/// A project with mistakes in its script and in a module.
fn project(workshop: &Workshop) -> String {
    let script = r#"import "lib/common" as common;
fn main(unit) {
    let chip = unit.connect();
    chip.program(unit.payload("firmwar"));
    chip.programm(unit.payload("firmware"));
    chip.protect();
    chip.option("NONE");
    chip.command("nothing");
    common::helper(chip);
    return;
    unit.log("é: never");
}
"#;
    let module = "fn helper(chip) {\n    if chip.read32(0) & 1 != 0 { chip.go(); }\n}\n";
    let recipe = Recipe::new(NRF52.device, script)
        .raw("firmware", 0, random_bytes(4, 64))
        .module("lib/common.rhai", module);
    workshop.project("p", &recipe)
}

/// Severity, code, file, line and column of each finding, in order.
const FOUND: [(&str, &str, &str, u64, u64); 7] = [
    ("error", "IMP-3006", "p/script.rhai", 4, 31),
    ("error", "IMP-3002", "p/script.rhai", 5, 10),
    ("error", "IMP-3007", "p/script.rhai", 6, 10),
    ("error", "IMP-3006", "p/script.rhai", 7, 17),
    ("error", "IMP-3006", "p/script.rhai", 8, 18),
    ("warning", "IMP-3040", "p/script.rhai", 11, 5),
    ("error", "IMP-3004", "p/lib/common.rhai", 2, 23),
];

#[test]
fn the_object_has_every_finding_with_its_range() {
    let workshop = Workshop::new();
    let recipe = project(&workshop);
    let run = workshop.imprint(&["script", "check", &recipe, "--format", "json"]);
    assert_eq!(run.exit, 6, "{run}");
    let object = run.json();
    let findings = object["findings"].as_array().unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap();
            let start = &finding["range"]["start"];
            let number = |name: &str| start[name].as_u64().unwrap();
            (
                text("severity"),
                text("code"),
                text("file"),
                number("line"),
                number("column"),
            )
        })
        .collect();
    assert_eq!(found, FOUND, "{run}");
    // What is marked is what is meant.
    for (finding, marked) in findings.iter().zip([
        "\"firmwar\"",
        "programm",
        "protect",
        "\"NONE\"",
        "\"nothing\"",
        "unit",
        "&",
    ]) {
        let text = finding["text"].as_str().unwrap();
        let column = |name: &str| finding["range"][name]["column"].as_u64().unwrap() as usize;
        let characters = text.chars().skip(column("start") - 1);
        let found: String = characters.take(column("end") - column("start")).collect();
        assert_eq!(found, marked, "{finding}");
    }
    // The page shows the first of them.
    let page = fs::read_to_string(repository().join("docs/editor.md")).unwrap();
    let shown: Value = blocks(&page, "json")
        .iter()
        .filter_map(|block| serde_json::from_str(block).ok())
        .find(|value: &Value| value["findings"].is_array())
        .unwrap();
    let mut first = findings[0].clone();
    first["file"] = json!("script.rhai");
    assert_eq!(shown["findings"][0], first);
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&shown), names(&object));
}

/// The blocks of a page with this word behind their fence.
fn blocks(page: &str, word: &str) -> Vec<String> {
    let fence = format!("\n```{word}\n");
    let blocks = page.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap().to_string())
        .collect()
}

/// The task of the page, applied to what its own command prints.
#[test]
fn the_problem_matcher_of_the_page_reads_every_line() {
    let workshop = Workshop::new();
    project(&workshop);
    let page = fs::read_to_string(repository().join("docs/editor.md")).unwrap();
    let tasks: Value = serde_json::from_str(&blocks(&page, "json")[0]).unwrap();
    let task = &tasks["tasks"][0];
    let command = task["command"].as_str().unwrap();
    let arguments = command.strip_prefix("imprint ").unwrap().split(' ');
    // The task runs in the folder of the recipe.
    let mut line = Command::new(workshop.command());
    line.arg("--home").arg(workshop.path("home"));
    line.arg("--plugins").arg(workshop.path("plugins"));
    line.arg("--devices").arg(repository().join("devices"));
    line.args(arguments).current_dir(workshop.path("p"));
    let output = line.output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let pattern = &task["problemMatcher"]["pattern"];
    let regex = Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
    let group = |name: &str| pattern[name].as_u64().unwrap() as usize;
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<_> = text
        .lines()
        .map(|line| {
            let captures = regex.captures(line).unwrap_or_else(|| panic!("{line}"));
            let of = |name: &str| captures[group(name)].to_string();
            assert!(!of("message").is_empty(), "{line}");
            let number = |name: &str| of(name).parse::<u64>().unwrap();
            (
                of("severity"),
                of("code"),
                format!("p/{}", of("file")),
                number("line"),
                number("column"),
            )
        })
        .collect();
    let expect = FOUND.map(|(severity, code, file, line, column)| {
        (
            severity.to_string(),
            code.to_string(),
            file.to_string(),
            line,
            column,
        )
    });
    assert_eq!(found, expect, "{text}");
}

#[test]
fn a_recipe_that_cannot_be_read_is_a_finding_of_its_own() {
    let workshop = Workshop::without_plugins();
    workshop.write("bad.ron", "(\n    nam: \"x\",\n)");
    let run = workshop.imprint(&["script", "check", "bad.ron", "--format", "json"]);
    assert_eq!(run.exit, 6, "{run}");
    let finding = &run.json()["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["range"]["start"]["line"]),
        (&json!("bad.ron"), &json!(2)),
        "{run}"
    );
    let short = workshop.imprint(&["script", "check", "bad.ron", "--format", "short"]);
    assert!(short.stdout.starts_with("bad.ron:2:"), "{short}");
    workshop
        .json(&["script", "check", "bad.ron", "--device", NRF52.device])
        .fails_with(2, "IMP-9001");
}

/// Without the plugin nobody knows what the family has; that is said, and nothing is made up.
#[test]
fn without_the_plugin_its_names_are_not_looked_at() {
    let workshop = Workshop::without_plugins();
    let recipe = project(&workshop);
    let run = workshop.imprint(&["script", "check", &recipe, "--format", "json"]);
    let object = run.json();
    assert_eq!(
        object["findings"].as_array().unwrap().len(),
        FOUND.len() - 2,
        "{run}"
    );
    let note = object["notes"][0].as_str().unwrap();
    assert!(
        note.contains("names of options and commands are not checked"),
        "{run}"
    );
}
