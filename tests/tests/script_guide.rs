//! `docs/script-guide.md`: every example is checked, built and run on a virtual board, as the page says.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Chip, NRF52, Recipe, Workshop, repository};
use serde_json::json;
use std::fs;

/// The modules that `imprint script library` gives.
const LIBRARY: [&str; 4] = ["hex", "crc", "retry", "report"];

/// An example of a page.
struct Example {
    /// Where it begins.
    line: usize,
    /// The code it fails with, if it is meant to.
    fails: Option<String>,
    text: String,
}

/// The blocks that begin with ```` ```rhai ````.
fn examples(page: &str) -> Vec<Example> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let mut examples = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(rule) = line.strip_prefix("```rhai") else {
            continue;
        };
        let body = lines.by_ref().map(|(_, line)| line);
        let body: Vec<&str> = body.take_while(|line| *line != "```").collect();
        examples.push(Example {
            line: number + 1,
            fails: rule.trim().strip_prefix("fails ").map(str::to_string),
            text: body.join("\n"),
        });
    }
    examples
}

impl Example {
    /// A whole script: the lines of one without `main` stand inside of it.
    fn script(&self) -> String {
        if self.text.contains("fn main(unit)") {
            return self.text.clone();
        }
        format!(
            "fn main(unit) {{\nlet chip = unit.connect();\n{}\n}}\n",
            self.text
        )
    }

    /// The recipe of the page's examples: it has what they name.
    fn recipe(&self) -> Recipe {
        let mut recipe = Recipe::new(NRF52.device, &self.script())
            .payload("firmware", "firmware.elf", NRF52.firmware("elf"))
            .payload("selftest", "selftest.elf", Chip::selftest())
            .right("mass_erase")
            .right("protect")
            .right("unlock_by_erase")
            .setting("batch", "7")
            .file(
                "sn.serial.ron",
                b"(id: \"guide\", values: counter(positions: [constant(\"A\"), numeric(4)]))",
            )
            .section(
                "    serials: { \"sn\": (definition: \"sn.serial.ron\", address: 0x7F000, encoding: ascii(len: 16, fill: 0x20), into: \"firmware\") },
    data: {
        \"lot\": (address: 0x7F020, len: 16, source: value, encoding: ascii(fill: 0)),
        \"cal\": (address: 0x7F080, len: 8, source: script),
    },",
            );
        for name in LIBRARY {
            let path = repository().join(format!("scripts/{name}.rhai"));
            recipe = recipe.module(&format!("{name}.rhai"), &fs::read_to_string(path).unwrap());
        }
        recipe
    }
}

#[test]
fn every_example_does_what_the_page_says() {
    let workshop = Workshop::new();
    let board = format!("twin:{}", NRF52.device);
    let examples: Vec<Example> = ["docs/script-guide.md", "README.md"]
        .into_iter()
        .flat_map(examples)
        .collect();
    assert!(examples.len() > 12, "{}", examples.len());
    for (number, example) in examples.iter().enumerate() {
        let told = format!("line {}:\n{}", example.line, example.text);
        let name = format!("example-{number}");
        if example.text.contains("fn test_") {
            workshop.project(&name, &Recipe::of_script(&NRF52, "production.rhai"));
            workshop.write(&format!("{name}/script_test.rhai"), &example.text);
            workshop.imprint(&["script", "test", &name]).passes();
            continue;
        }
        let recipe = workshop.project(&name, &example.recipe());
        let check = workshop.json(&["script", "check", &recipe]);
        let codes: Vec<String> = check.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_string())
            .collect();
        match &example.fails {
            Some(code) if !codes.is_empty() => {
                assert_eq!(codes, [code.as_str()], "{told}\n{check}");
                continue;
            }
            _ => assert_eq!(codes, [""; 0], "{told}\n{check}"),
        }
        let image = workshop.image(&name, &example.recipe());
        let state = format!("{name}.state");
        let run = workshop.run_with(&image, &board, &["--state", &state, "--value", "lot=A7"]);
        let report = run.report();
        let found = report.failure.as_ref().map(|failure| failure.code.clone());
        assert_eq!(found, example.fails, "{told}\n{run}");
    }
}

/// What ships is what people begin with: the check has nothing to say about it, with its recipe or alone.
#[test]
fn the_check_is_silent_on_what_ships() {
    let workshop = Workshop::new();
    let mut count = 0;
    for file in fs::read_dir(repository().join("scripts")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rhai") {
            continue;
        }
        let path = path.to_str().unwrap();
        for options in [&[][..], &["--device", NRF52.device]] {
            let check = workshop.json(&[&["script", "check", path], options].concat());
            let findings = check.passes().json()["findings"].clone();
            assert_eq!(findings.as_array().unwrap().len(), 0, "{path}: {findings}");
        }
        count += 1;
    }
    assert!(count >= 9, "{count}");
    // The examples of the other pages.
    for file in fs::read_dir(repository().join("docs")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let page = format!("docs/{name}");
        if name == "script-guide.md" || !name.ends_with(".md") {
            continue;
        }
        for example in examples(&page) {
            workshop.write("example.rhai", example.script());
            let check = workshop.json(&["script", "check", "example.rhai"]);
            let findings = check.passes().json()["findings"].clone();
            assert_eq!(findings, json!([]), "{page}:{}", example.line);
        }
    }
    workshop.imprint(&["new", "hello"]).passes();
    let check = workshop.json(&["script", "check", "hello/recipe.ron"]);
    assert_eq!(check.passes().json()["findings"], json!([]));
}

/// `imprint script library` puts down the very modules, and never over a file.
#[test]
fn the_library_is_put_beside_a_recipe() {
    let workshop = Workshop::without_plugins();
    workshop.create_folder("p");
    let get = ["script", "library", "retry", "crc", "--to", "p"];
    workshop.imprint(&get).passes();
    for name in ["retry", "crc"] {
        let committed = fs::read(repository().join(format!("scripts/{name}.rhai"))).unwrap();
        assert_eq!(workshop.read(&format!("p/{name}.rhai")), committed);
    }
    workshop.json(&get).fails_with(2, "IMP-9002");
    let none = ["script", "library", "hex", "retri", "--to", "p"];
    let failure = workshop.json(&none).fails_with(2, "IMP-9001");
    assert_eq!(
        failure.help.as_deref(),
        Some("it has: hex, crc, retry, report")
    );
    assert!(!workshop.path("p/hex.rhai").exists(), "all or nothing");
}
