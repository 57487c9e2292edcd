//! `imprint script test`: the tests of scripts, each on a chip of its own.

use super::memory;
use crate::{
    exit::Exit,
    failure::{Result, unwritable},
    files,
    options::ScriptTest,
    output::{self, Output},
    places::Places,
    render::duration,
};
use imprint::{
    CancelToken, Engine, build, codes,
    limits::SCRIPT_LEN_MAX,
    report::Failure,
    script::{TestFile, TestOptions, TestReport, TestSuite, WireExcerpt},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
};

/// What the name of a file of tests ends with.
const TEST_SUFFIX: &str = "_test.rhai";
/// The recipe under test, where a file of tests has none of its own.
const RECIPE: &str = "recipe.ron";

/// What `--json` prints.
#[derive(Serialize)]
struct Told {
    seed: u64,
    passed: usize,
    failed: usize,
    virtual_us: u64,
    tests: Vec<Test>,
}

/// One test that was run.
#[derive(Serialize)]
struct Test {
    file: String,
    name: String,
    passed: bool,
    #[serde(flatten)]
    report: TestReport,
}

/// A file of tests and what it is about.
struct Chosen {
    path: PathBuf,
    recipe: PathBuf,
    file: TestFile,
}

pub fn run(options: &ScriptTest, places: &Places, output: &Output) -> Result {
    let (suites, chosen) = prepare(options, places)?;
    let cancel = CancelToken::new();
    let handler = cancel.clone();
    ctrlc::set_handler(move || handler.cancel())
        .map_err(|error| unwritable("signal handler".as_ref(), error))?;
    // Short enough to be typed again.
    let seed = options
        .seed
        .unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    let test_options = TestOptions {
        seed,
        cancel: cancel.clone(),
        memory_use: Some(memory::used),
    };
    memory::begin();
    let mut told = Told {
        seed,
        passed: 0,
        failed: 0,
        virtual_us: 0,
        tests: Vec::new(),
    };
    for Chosen { path, recipe, file } in &chosen {
        for name in file.tests() {
            let wanted = |filter: &String| full_name(path, name).contains(filter.as_str());
            if cancel.is_cancelled() || !options.filter.as_ref().is_none_or(wanted) {
                continue;
            }
            let report = suites[recipe].run(file, name, &test_options);
            let test = Test {
                file: path.display().to_string(),
                name: name.to_string(),
                passed: report.failure.is_none(),
                report,
            };
            show(&test, &full_name(path, name), output)?;
            told.add(test);
        }
    }
    finish(&told, &cancel, &options.dir, output)
}

impl Told {
    fn add(&mut self, test: Test) {
        match test.passed {
            true => self.passed += 1,
            false => self.failed += 1,
        }
        self.virtual_us += test.report.virtual_us;
        self.tests.push(test);
    }
}

/// Everything that can be wrong before a test runs. Each recipe is built once.
fn prepare(
    options: &ScriptTest,
    places: &Places,
) -> Result<(BTreeMap<PathBuf, TestSuite>, Vec<Chosen>)> {
    let devices = places.devices()?;
    let mut suites = BTreeMap::new();
    let mut chosen = Vec::new();
    // A folder that is not there is an error here.
    std::fs::read_dir(&options.dir)
        .map_err(|error| crate::failure::unreadable(&options.dir, error))?;
    for path in files::list(&options.dir, "rhai")? {
        let Some(recipe) = recipe_of(&path) else {
            continue;
        };
        if !suites.contains_key(&recipe) {
            let object = build(&recipe, &options.set, &devices)?;
            let engine = Engine::new(places.twin_plugins(options.unsigned)?);
            let family = &object.contents().family;
            output::warn_if_unsigned(engine.plugins(), family);
            suites.insert(recipe.clone(), TestSuite::new(engine, &object)?);
        }
        let text = files::read_text(&path, SCRIPT_LEN_MAX as u64 + 1)?;
        let file = suites[&recipe].compile(&path.display().to_string(), &text)?;
        chosen.push(Chosen { path, recipe, file });
    }
    Ok((suites, chosen))
}

/// The recipe that a file of tests is about; none for any other file.
pub fn recipe_of(path: &Path) -> Option<PathBuf> {
    let stem = path.file_name()?.to_str()?.strip_suffix(TEST_SUFFIX)?;
    let own = path.with_file_name(format!("{stem}.ron"));
    Some(match own.is_file() {
        true => own,
        false => path.with_file_name(RECIPE),
    })
}

/// A test as `--filter` sees it, and as it is shown.
fn full_name(path: &Path, name: &str) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{file}::{name}")
}

fn show(test: &Test, full_name: &str, output: &Output) -> Result<()> {
    if output.is_json {
        return Ok(());
    }
    let verdict = if test.passed { "ok" } else { "FAILED" };
    let time = duration(test.report.virtual_us);
    output.data(&(), || format!("{full_name} ... {verdict}  {time} virtual"))?;
    let Some(why) = &test.report.failure else {
        return Ok(());
    };
    output.failure(why);
    if !test.report.log.is_empty() {
        output.note(&format!("it printed:\n  {}", test.report.log.join("\n  ")));
    }
    if let Some(unit) = test
        .report
        .unit
        .as_ref()
        .and_then(|unit| unit.failure.as_ref())
    {
        output.note("the unit under test had failed:");
        output.failure(unit);
    }
    match &test.report.wire {
        Some(wire) if wire.count > 0 => output.note(&wire_text(wire)),
        _ => {}
    }
    Ok(())
}

/// The transcript, with a mark before the line that came after the failure.
fn wire_text(wire: &WireExcerpt) -> String {
    let mut text = format!("the wire around the failure, {} lines in all:", wire.count);
    let lines = wire.before.iter().chain(&wire.after);
    for (number, line) in (wire.first..).zip(lines) {
        if number == wire.first + wire.before.len() as u64 {
            text += "\n        ---- here it failed";
        }
        text += &format!("\n{number:>7} {line}");
    }
    if wire.after.is_empty() {
        text += "\n        ---- here it failed";
    }
    text
}

fn finish(told: &Told, cancel: &CancelToken, dir: &Path, output: &Output) -> Result {
    if told.tests.is_empty() && !cancel.is_cancelled() {
        return Err(Failure::new(
            codes::NO_TESTS,
            format!("there is nothing to test in `{}`", dir.display()),
        )
        .with_difference("functions `test_..` in files `*_test.rhai`", "none")
        .with_help(
            "`docs/script-guide.md` shows a test; `imprint new DIR` makes a project with one",
        )
        .into());
    }
    output.data(told, || {
        format!(
            "{}: {} passed, {} failed; {} virtual; seed {}",
            if told.failed == 0 { "ok" } else { "FAILED" },
            told.passed,
            told.failed,
            duration(told.virtual_us),
            told.seed
        )
    })?;
    Ok(match (cancel.is_cancelled(), told.failed) {
        (true, _) => Exit::Cancelled,
        (false, 0) => Exit::Pass,
        (false, _) => Exit::UnitFailed,
    })
}
