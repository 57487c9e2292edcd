//! `imprint script test`: the tests of this repository's scripts, of new projects, and tests that fail in every way.
#![allow(clippy::unwrap_used)]

use imprint_tests::{CHIPS, NRF52, Recipe, Run, Workshop, repository};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use std::fs;

/// Two kilobytes of firmware whose first byte is 0.
fn recipe() -> Recipe {
    Recipe::programming(&NRF52, vec![0; 2048])
        .section("    limits: (unit_time_ms: 2000, script_time_ms: 1000),")
}

/// Runs these tests on the script of `recipe`.
fn run(workshop: &Workshop, recipe: &Recipe, tests: &str, options: &[&str]) -> Run {
    workshop.project("p", recipe);
    workshop.write("p/script_test.rhai", tests);
    workshop.imprint(&[&["script", "test", "p"], options].concat())
}

/// The JSON objects of the tests, by their order.
fn told(run: &Run) -> Vec<Value> {
    run.json()["tests"].as_array().unwrap().clone()
}

#[test]
fn the_scripts_of_this_repository_pass_their_tests() {
    let workshop = Workshop::new();
    let scripts = repository().join("scripts");
    let run = workshop.json(&["script", "test", scripts.to_str().unwrap()]);
    let run = run.passes();
    assert!(told(&run).len() >= 18, "{run}");
    // Each script that is run has tests.
    for entry in fs::read_dir(&scripts).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if text.contains("\nfn main(unit)") {
            let tests = format!("{}/{name}_test.rhai", scripts.display());
            let has_tests = |test: &Value| test["file"] == tests.as_str();
            assert!(told(&run).iter().any(has_tests), "{name} has no tests");
        }
    }
}

#[test]
fn the_payloads_of_the_scripts_are_the_firmware_that_the_tests_use() {
    let example = repository().join("scripts/example");
    for name in ["heartbeat-nrf52832.hex", "selftest.hex"] {
        let built = fs::read(repository().join("tests/firmware/out").join(name)).unwrap();
        let same = fs::read(example.join(name)).unwrap() == built;
        assert!(same, "copy tests/firmware/out/{name} to scripts/example");
    }
}

#[test]
fn the_tests_of_a_new_project_pass() {
    let workshop = Workshop::new();
    for chip in CHIPS {
        let name = chip.device;
        workshop.imprint(&["new", name, "--device", name]).passes();
        let run = workshop.json(&["script", "test", name]).passes();
        let object = run.json();
        assert_eq!(
            (&object["passed"], &object["failed"]),
            (&3.into(), &0.into()),
            "{run}"
        );
        assert!(object["virtual_us"].as_u64() > Some(100_000), "{run}");
    }
}

/// One test that fails, with its body, its code, and what a person is shown beside.
fn check(workshop: &Workshop, body: &str, code: &str, shown: &[&str]) {
    let tests = format!("import \"script\" as script;\nfn test_it(bench) {{\n{body}\n}}\n");
    let run = run(workshop, &recipe(), &tests, &[]);
    assert_eq!(run.exit, 1, "{body}\n{run}");
    assert!(
        run.stdout.contains("script_test.rhai::test_it ... FAILED"),
        "{run}"
    );
    assert!(
        run.stderr.starts_with(&format!("error[{code}]")),
        "{body}\n{run}"
    );
    for part in shown {
        assert!(run.stderr.contains(part), "{body}: no {part:?}\n{run}");
    }
}

#[test]
fn a_test_that_fails_says_why_and_where() {
    let workshop = Workshop::new();
    let place = "--> p/script_test.rhai:3:1";
    for (body, code, shown) in [
        ("assert(1 == 2);", "IMP-3050", &[place, "does not hold"][..]),
        (
            "assert(1 == 2, \"one is two\");",
            "IMP-3050",
            &[place, "one is two"],
        ),
        (
            "assert_eq(4096, 17);",
            "IMP-3050",
            &[place, "expected: 17 (0x11)", "found: 4096 (0x1000)"],
        ),
        (
            "assert_eq(bench.read(0, 2), from_hex(\"00\"), \"erased\");",
            "IMP-3050",
            &[
                place,
                "erased",
                "expected: 00 (1 bytes)",
                "found: ffff (2 bytes)",
            ],
        ),
        (
            "assert_eq(1, \"1\");",
            "IMP-3050",
            &["expected: \"1\"", "found: 1"],
        ),
        (
            "assert_eq([1, #{ a: 2 }], [1, #{ a: 3 }]);",
            "IMP-3050",
            &["#{ a: 3 }"],
        ),
        // It cannot be caught.
        ("try { assert(false); } catch { }", "IMP-3050", &[]),
        ("[1, 2].map(|x| assert(x == 2));", "IMP-3050", &[place]),
        // In a function of the script, with the way there.
        (
            "helper();\n} fn helper() {\nassert(false);",
            "IMP-3050",
            &["script_test.rhai:5:1"],
        ),
        (
            "expect_error(\"IMP-4010\", || 1 + 1);",
            "IMP-3051",
            &[
                place,
                "expected: IMP-4010",
                "found: it succeeded, and gave 2",
            ],
        ),
        (
            "expect_error(\"IMP-4010\", || fail(\"no\"));",
            "IMP-3051",
            &["found: IMP-3010: no, in line 3"],
        ),
        // An assertion within is not what was expected.
        (
            "expect_error(\"IMP-3050\", || assert(false));",
            "IMP-3050",
            &[],
        ),
        ("fail(\"no\");", "IMP-3010", &[place]),
        ("bench.rum();", "IMP-3002", &["did you mean `bench.run()"]),
        (
            "bench.fault(\"explode@3\");",
            "IMP-7007",
            &["p/script_test.rhai:3:7"],
        ),
        (
            "bench.read(0x9000_0000, 4);",
            "IMP-3011",
            &["has no 4 bytes at 0x90000000"],
        ),
        ("bench.read(0, 100_000);", "IMP-3011", &["at most"]),
        (
            "bench.set_serial(\"sn\", \"1\");",
            "IMP-3011",
            &["no serial number `sn`"],
        ),
        (
            "script::main(1);",
            "IMP-3003",
            &["`connect` does not take (i64)", "script:2:21"],
        ),
        (
            "let unit = bench.unit(); let chip = unit.connect(); bench.run(); chip.uid();",
            "IMP-4105",
            &["this unit is over"],
        ),
        // What the sandbox of production does not have, a test has not either.
        ("eval(\"1\");", "IMP-3001", &[]),
    ] {
        if code == "IMP-3001" {
            workshop.project("p", &recipe());
            workshop.write(
                "p/script_test.rhai",
                format!("fn test_it() {{\n{body}\n}}\n"),
            );
            let run = workshop.json(&["script", "test", "p"]);
            run.fails_with(6, code);
            continue;
        }
        check(&workshop, body, code, shown);
    }
    // A test's own parameters.
    let run = run(&workshop, &recipe(), "fn test_two(a, b) { }\n", &[]);
    assert!(
        run.exit == 1 && run.stderr.contains("error[IMP-3053]"),
        "{run}"
    );
}

#[test]
fn the_wire_is_shown_around_the_failure() {
    let workshop = Workshop::new();
    let test = "fn test_it(bench) { bench.fault(\"vanish@200\"); assert_eq(bench.run().outcome, \"pass\"); }\n";
    let text = run(&workshop, &recipe(), test, &[]);
    let wire: Vec<&str> = text
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("the wire around"))
        .collect();
    assert!(
        text.stderr.contains("the unit under test had failed:"),
        "{text}"
    );
    let mark = wire
        .iter()
        .position(|line| line.ends_with("---- here it failed"));
    let mark = mark.unwrap_or_else(|| panic!("no mark\n{text}"));
    assert_eq!(mark, 21, "20 lines before it\n{text}");
    assert!(
        wire[mark..].iter().any(|line| line.ends_with("! NoAnswer")),
        "{text}"
    );

    let json = run(&workshop, &recipe(), test, &["--json", "--seed", "3"]);
    assert_eq!(json.exit, 1, "{json}");
    let object = json.json();
    assert_eq!(
        (&object["seed"], &object["failed"]),
        (&3.into(), &1.into()),
        "{json}"
    );
    let test = &told(&json)[0];
    assert_eq!(test["failure"]["code"], "IMP-3050", "{json}");
    assert_eq!(test["unit"]["outcome"], "fail", "{json}");
    let before = test["wire"]["before"].as_array().unwrap();
    assert_eq!(before.len(), 20, "{json}");
    // The last line before the failure is that of a transfer: what comes after it is at the failure or later.
    assert!(test["unit"]["failed_at"].as_u64() > Some(100), "{json}");
    assert!(
        !test["wire"]["after"].as_array().unwrap().is_empty(),
        "{json}"
    );

    // Without a unit that failed it is what was last.
    let test = "fn test_it(bench) { bench.unit().connect(); assert(false); }\n";
    let json = run(&workshop, &recipe(), test, &["--json"]);
    let test = &told(&json)[0];
    assert!(
        test["unit"].is_null() && test["wire"]["after"] == Value::Array(vec![]),
        "{json}"
    );
    let wire = &test["wire"];
    assert_eq!(
        wire["first"].as_u64().unwrap() + 19,
        wire["count"].as_u64().unwrap(),
        "{json}"
    );
}

#[test]
fn the_same_seed_is_the_same_run() {
    let workshop = Workshop::new();
    let tests = "fn test_a(bench) { print(hex(bench.uid) + \" \" + bench.seed); bench.fault(\"random@\" + bench.seed + \"/3\"); \
                 print(bench.run().code); }\nfn test_b(bench) { print(hex(bench.uid) + \" \" + bench.seed); }\n";
    let logs = |options: &[&str]| -> Vec<(Value, Value)> {
        let run = run(
            &workshop,
            &recipe(),
            tests,
            &[&["--json"], options].concat(),
        )
        .passes();
        told(&run)
            .iter()
            .map(|test| (test["log"].clone(), test["virtual_us"].clone()))
            .collect()
    };
    let first = logs(&["--seed", "7"]);
    assert_eq!(first, logs(&["--seed", "7"]));
    assert_ne!(first[0].0[0], logs(&["--seed", "8"])[0].0[0]);
    assert_ne!(
        first[0].0[0], first[1].0[0],
        "each test has a chip of its own"
    );
    // Alone it is the same as among others.
    assert_eq!(logs(&["--seed", "7", "--filter", "test_b"]), first[1..]);
}

#[test]
fn what_hangs_is_ended() {
    let workshop = Workshop::new();
    // The test itself.
    check(&workshop, "loop { }", "IMP-3020", &["p/script_test.rhai:3"]);
    // The script under test, by the times of its recipe: it computes, or it waits.
    for (body, code) in [
        ("loop { }", "IMP-3020"),
        ("loop { unit.delay_ms(10); }", "IMP-8002"),
    ] {
        let recipe = Recipe::with_body(&format!("    {body}"))
            .section("    limits: (unit_time_ms: 1000, script_time_ms: 500),");
        let test = format!("fn test_it(bench) {{ assert_eq(bench.run().code, \"{code}\"); }}\n");
        run(&workshop, &recipe, &test, &[]).passes();
    }
    // Units without end.
    let recipe = Recipe::new(NRF52.device, "fn main(unit) { }\n");
    let test = "fn test_it(bench) { loop { bench.run(); } }\n";
    let run = run(&workshop, &recipe, test, &[]);
    assert!(
        run.exit == 1 && run.stderr.starts_with("error[IMP-3025]"),
        "{run}"
    );
}

#[test]
fn ctrl_c_ends_the_tests() {
    let workshop = Workshop::new();
    // A day of the chip's time: nobody waits for its end.
    let recipe = Recipe::with_body("    loop { unit.delay_ms(1); }")
        .section("    limits: (unit_time_ms: 86400000, script_time_ms: 3600000),");
    workshop.project("p", &recipe);
    let tests = "fn test_a(bench) { bench.run(); }\nfn test_b(bench) { bench.run(); }\n";
    workshop.write("p/script_test.rhai", tests);
    let started = workshop.start(&["script", "test", "p", "--json"]);
    // Nothing shows from outside when the first unit runs; whenever it comes, it ends the tests.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    kill(Pid::from_raw(started.id() as i32), Signal::SIGINT).unwrap();
    let run = started.finish();
    assert_eq!(run.exit, 5, "{run}");
    assert!(told(&run).len() <= 1, "{run}");
    for test in told(&run) {
        // The unit that ran has heard of it too; one without is ended by its operations, much later.
        assert_ne!(test["unit"]["outcome"], "fail", "{run}");
    }
}

#[test]
fn units_are_counted_and_given_what_the_test_says() {
    let workshop = Workshop::new();
    let recipe = Recipe::of_one_step("", "    unit.record(\"who\", unit.barcode + unit.station);");
    let test = r#"
        fn test_values(bench) {
            assert_eq(bench.run().code, "IMP-8182");
            bench.set_value("go", "ok");
            assert_eq(bench.run().code, "IMP-8182");
            bench.set_barcode("B");
            bench.set_station("S");
            let result = bench.run();
            assert_eq(result.outcome, "pass");
            assert_eq(result.records.who, "BS");
            assert_eq(result.ordinal, 0);
            assert_eq(bench.read(0x3020, 2).as_string(), "ok");
            bench.set_value("go", "bad");
            let failed = bench.run();
            assert_eq(failed.failure.message, "a scratch");
            assert_eq(failed.steps, ["connect", "permit", "erase", "program"]);
            assert(failed.changed, "it had begun");
            assert_eq(bench.device, "nRF52832_xxAA");
            assert(bench.virtual_us > 0 && failed.transfers > 0 && failed.virtual_us > 0, "time passes");
        }
    "#;
    run(&workshop, &recipe, test, &[]).passes();
}

#[test]
fn a_setting_is_replaced_and_a_recipe_beside_its_tests_is_taken() {
    let workshop = Workshop::new();
    let script = |value: &str| {
        format!(
            "fn main(unit) {{ unit.record(\"which\", unit.setting(\"batch\") + \"{value}\"); }}\n"
        )
    };
    let recipe = Recipe::new(NRF52.device, &script("main")).setting("batch", "1");
    let own = recipe.to_ron().replace("script.rhai", "own.rhai");
    workshop.write("p/own.ron", own);
    workshop.write("p/own.rhai", script("own"));
    workshop.write(
        "p/own_test.rhai",
        "fn test_it(bench) { assert_eq(bench.run().records.which, \"2own\"); }\n",
    );
    let test = "fn test_it(bench) { assert_eq(bench.run().records.which, \"2main\"); }\n";
    run(&workshop, &recipe, test, &["--set", "batch=2"]).passes();
    let run = workshop.imprint(&["script", "test", "p", "--filter", "own_test.rhai::"]);
    assert!(run.exit == 1 && run.stdout.contains("1 failed"), "{run}");
}

#[test]
fn what_cannot_be_tested_is_told() {
    let workshop = Workshop::new();
    workshop.project("p", &recipe());
    let nothing = |exit: i32, code: &str, options: &[&str]| {
        workshop
            .json(&[&["script", "test"], options].concat())
            .fails_with(exit, code);
    };
    nothing(2, "IMP-3052", &["p"]);
    nothing(8, "IMP-9010", &["nowhere"]);
    workshop.write("p/script_test.rhai", "fn helper() { }\n");
    nothing(2, "IMP-3052", &["p"]);
    workshop.write("p/script_test.rhai", "fn test_it() { }\n");
    nothing(2, "IMP-3052", &["p", "--filter", "other"]);
    workshop.imprint(&["script", "test", "p"]).passes();
    workshop.write("p/script.rhai", "fn main(unit) { unit.conect(); }\n");
    nothing(6, "IMP-3002", &["p"]);
    // Without plugins there is no twin.
    let bare = Workshop::without_plugins();
    bare.project("p", &recipe());
    bare.write("p/script_test.rhai", "fn test_it(bench) { }\n");
    let run = bare.imprint(&["script", "test", "p"]);
    assert!(
        run.exit == 1 && run.stderr.starts_with("error[IMP-5"),
        "{run}"
    );
}
