//! Every hostile script of `tests/hostile`, through the command and its worker: each ends in time, within its memory, with
//! its code and its line.
//!
//! The first line of a script says what it must end with. Where the check before production finds it already, the check is
//! then passed by, because a station cannot know that an image was built by this program.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use imprint::report::Failure;
use imprint_tests::{NRF52, Recipe, Run, Workshop, repository};
use nix::sys::resource::{UsageWho, getrusage};
use std::{fmt::Write, fs, time::Duration};

/// Time of script and unit in the recipe, in milliseconds.
const LIMIT_MS: u64 = 2_000;
/// When all must be over.
const TIME_MAX: Duration = Duration::from_secs(3);
/// The most memory of any process, in KiB.
const MEMORY_KIB_MAX: i64 = 256 << 10;

/// A script, and what its first lines say about it.
struct Hostile {
    name: String,
    text: String,
    codes: Vec<String>,
    line: Option<usize>,
    module: Option<String>,
}

impl Hostile {
    fn parse(name: String, text: String) -> Hostile {
        let first = text.lines().next().unwrap_or_default();
        let expected = first
            .strip_prefix("// expect: ")
            .unwrap_or_else(|| panic!("{name}: {first}"));
        let (codes, line) = match expected.split_once(" at ") {
            Some((codes, line)) => (codes, Some(line.parse().unwrap())),
            None => (expected, None),
        };
        let codes: Vec<String> = codes.split_whitespace().map(String::from).collect();
        assert!(!codes.is_empty(), "{name}");
        let module = text
            .lines()
            .find_map(|line| line.strip_prefix("// module: "));
        Hostile {
            module: module.map(String::from),
            name,
            codes,
            line,
            text,
        }
    }

    fn recipe(&self) -> Recipe {
        let recipe = Recipe::new(NRF52.device, &self.text).limits(LIMIT_MS, LIMIT_MS);
        match &self.module {
            Some(name) => {
                let file = format!("{name}.rhai");
                let path = repository().join("tests/hostile/modules").join(&file);
                recipe.module(&file, &fs::read_to_string(path).unwrap())
            }
            None => recipe,
        }
    }

    /// What is wrong with the end of this run; empty if it ended as it must.
    fn judge(&self, run: &Run) -> String {
        let mut wrong = String::new();
        let mut say = |text: String| writeln!(wrong, "{}: {text}", self.name).unwrap();
        let Some(failure) = run.failures().into_iter().next() else {
            say(format!("no failure\n{run}"));
            return wrong;
        };
        let Failure { code, place, .. } = &failure;
        // Script and unit have the same time here: which of the two is over first is the clock's business.
        let is_time = code == "IMP-8002" && self.codes.iter().any(|code| code == "IMP-3020");
        if !self.codes.contains(code) && !is_time {
            say(format!("ended with {failure}, expected {:?}", self.codes));
        }
        let line = place.as_ref().map(|place| place.line);
        if line.is_none() || (self.line.is_some() && line != self.line) {
            say(format!("failed at line {line:?}, expected {:?}", self.line));
        }
        // A script that does not even compile is refused like one that is built.
        let is_refused = ["IMP-300", "IMP-304"]
            .iter()
            .any(|begin| code.starts_with(begin));
        if run.exit != 1 && !(is_refused && run.exit == 6) {
            say(format!("exit code {}", run.exit));
        }
        if run.time > TIME_MAX {
            say(format!("took {:?}", run.time));
        }
        if wrong.is_empty() {
            wrong
        } else {
            format!("{wrong}{run}")
        }
    }
}

fn hostile_scripts() -> Vec<Hostile> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(repository().join("tests/hostile")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "rhai")
        {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            scripts.push(Hostile::parse(name, fs::read_to_string(&path).unwrap()));
        }
    }
    scripts.sort_by(|left, right| left.name.cmp(&right.name));
    scripts
}

fn peak_memory_kib() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()
}

#[test]
fn each_ends_in_time_and_memory_with_its_code_and_line() {
    let workshop = Workshop::new();
    let on = format!("twin:{}", NRF52.device);
    let honest = Recipe::new(NRF52.device, "fn main(unit) { unit.connect(); }");
    workshop
        .run(&workshop.image("honest", &honest), &on)
        .passed();

    let scripts = hostile_scripts();
    assert!(scripts.len() >= 34, "only {} scripts", scripts.len());
    let mut wrong = String::new();
    let mut memory_before = 0;
    for script in &scripts {
        let name = &script.name;
        let build = workshop.build(name, &script.recipe());
        if build.exit != 0 {
            wrong += &script.judge(&build);
            assert!(!workshop.path(format!("{name}.sapobj")).exists(), "{name}");
            workshop.build_unchecked(name, &script.recipe());
        }
        let image = workshop.seal(name, &[]);
        let run = workshop.run(&image, &on);
        wrong += &script.judge(&run);
        let memory = peak_memory_kib();
        let code = run
            .failures()
            .first()
            .map_or("none".into(), |failure| failure.code.clone());
        println!(
            "{name:32} {code:10} {:5} ms  {:4} MiB",
            run.time.as_millis(),
            memory >> 10
        );
        if memory > memory_before && memory > MEMORY_KIB_MAX {
            writeln!(wrong, "{name}: a process had {memory} KiB").unwrap();
        }
        memory_before = memory;
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_limit_of_the_recipe_is_the_one_that_holds() {
    let workshop = Workshop::new();
    let image = |name, unit_ms, script_ms| {
        let endless = "fn main(unit) {\n    loop { }\n}";
        workshop.image(
            name,
            &Recipe::new(NRF52.device, endless).limits(unit_ms, script_ms),
        )
    };
    for (name, unit_ms, script_ms, code) in [
        ("script", 60_000, 200, "IMP-3020"),
        ("unit", 200, 60_000, "IMP-8002"),
    ] {
        let run = workshop.run(
            &image(name, unit_ms, script_ms),
            &format!("twin:{}", NRF52.device),
        );
        run.fails_with(1, code);
        assert!(run.time < Duration::from_secs(2), "{name}: {:?}", run.time);
    }
}
