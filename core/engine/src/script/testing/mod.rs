//! Tests of scripts: functions `test_..` that run the unchanged script on a twin and say what they expect.
//!
//! A test has the sandbox of production, and on top of it the functions of this room and closures: what a test captures is
//! its author's own and is in no image, and `expect_error("IMP-4010", || chip.verify(firmware))` is how it reads best. What is
//! under test has neither: its units are run by the engine as in production, in an engine of their own.

// What `export_module` generates takes each argument with `unwrap`, after Rhai has checked its type.
#![allow(clippy::unwrap_used)]

mod assertions;
mod bench;
mod unit_result;
mod wire_log;

pub use wire_log::WireExcerpt;

use super::{
    FunctionInfo, MemoryUse, ScriptSources, api,
    check::{Finding, ImageNames, check_with},
    error,
    evaluate::{Evaluation, engine_failure, on_script_thread},
    functions,
    modules::{ImageModules, SCRIPT_UNDER_TEST},
    sandbox,
    watch::{Stop, Watch},
};
use crate::{
    codes,
    engine::Engine,
    event::Silent,
    limits::{LOG_LINES_MAX, Limits, MODULES_MAX, SCRIPT_LEN_MAX},
    private_image::PrivateImage,
    report::{Failure, UnitReport},
};
use bench::{Bench, Parts};
use imprint_device::Device;
use imprint_image::object::Object;
use imprint_target::CancelToken;
use rhai::{AST, CallFnOptions, Dynamic, Module, Scope};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use unit_result::UnitResult;

/// What the name of a test begins with.
const TEST_PREFIX: &str = "test_";

/// What is under test: the object of a recipe.
pub struct TestSuite {
    engine: Arc<Engine>,
    image: PrivateImage,
    device: Device,
    modules: ImageModules,
}

/// A file of tests, compiled.
pub struct TestFile {
    sources: ScriptSources,
    ast: AST,
}

/// How a test is run.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// Chooses the identifier of the chip and `bench.seed`. The same seed and the same name give the same run.
    pub seed: u64,
    /// Stops it from any thread.
    pub cancel: CancelToken,
    /// Tells how much memory the process uses.
    pub memory_use: Option<MemoryUse>,
}

/// What came of a test.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TestReport {
    /// Why it failed; none if it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Time of the chip, in microseconds.
    pub virtual_us: u64,
    /// Units that were begun.
    pub unit_count: usize,
    /// What the test printed.
    pub log: Vec<String>,
    /// Of a test that failed, the last unit that `bench.run()` made, if that failed too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Box<UnitReport>>,
    /// Of a test that failed, the wire: around where that unit failed, or else the test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wire: Option<WireExcerpt>,
}

impl TestSuite {
    /// Takes an object under test. `engine` has the plugin of its device.
    pub fn new(engine: Engine, object: &Object) -> Result<TestSuite, Failure> {
        let image = PrivateImage::seal(object)?;
        let mut opened = image.open()?;
        let device = opened.device()?.device;
        let script = ScriptSources::of(&mut opened)?;
        Ok(TestSuite {
            engine: Arc::new(engine),
            image,
            device,
            modules: ImageModules::for_test(script.modules, script.text),
        })
    }

    /// Compiles a file of tests. `name` is what messages call it.
    pub fn compile(&self, name: &str, text: &str) -> Result<TestFile, Failure> {
        if text.len() > SCRIPT_LEN_MAX {
            return Err(Failure::new(
                codes::SCRIPT_TOO_LONG,
                format!("`{name}` is longer than a script may be"),
            )
            .with_difference(
                format!("at most {SCRIPT_LEN_MAX} bytes"),
                format!("{} bytes", text.len()),
            ));
        }
        let sources = ScriptSources {
            name: name.into(),
            text: text.into(),
            modules: self.modules.texts().clone(),
        };
        let mut ast = test_engine(&self.modules)
            .compile(text)
            .map_err(|error| error::from_parse_error(&error, &sources, ""))?;
        ast.clear_source();
        Ok(TestFile { sources, ast })
    }

    /// Runs one test on a chip of its own. Whatever happens is in the report.
    pub fn run(&self, file: &TestFile, name: &str, options: &TestOptions) -> TestReport {
        match self.run_here(file, name, options) {
            Ok(report) => report,
            Err(failure) => TestReport {
                failure: Some(failure),
                ..TestReport::default()
            },
        }
    }

    fn run_here(
        &self,
        file: &TestFile,
        name: &str,
        options: &TestOptions,
    ) -> Result<TestReport, Failure> {
        let cancel = options.cancel.clone();
        let (watch, watchdog) = Watch::start(Limits::default(), options.memory_use, cancel)
            .map_err(|error| engine_failure(&error))?;
        let chance = Chance::of(options.seed, name);
        let bench = Bench::new(Parts {
            engine: self.engine.clone(),
            image: self.image.clone(),
            device: self.device.clone(),
            seed: chance.seed(),
            uid: self.device.uid.as_ref().map(|uid| chance.bytes(uid.len)),
            watch: watch.clone(),
            memory_use: options.memory_use,
        })?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, receiver) = mpsc::channel();
        let outcome = on_script_thread((sender, &receiver), &mut Silent, || {
            self.call(file, name, &bench, &watch, log.clone())
        });
        drop(watchdog);
        let mut report = TestReport {
            failure: outcome.err(),
            virtual_us: bench.virtual_us(),
            unit_count: bench.unit_count(),
            log: std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner)),
            ..TestReport::default()
        };
        if report.failure.is_some() {
            let (unit, at) = bench.failed_unit().unzip();
            report.wire = Some(bench.wire().around(at));
            report.unit = unit.map(Box::new);
        }
        Ok(report)
    }

    /// Calls the function, on the thread of the script.
    fn call(
        &self,
        file: &TestFile,
        name: &str,
        bench: &Bench,
        watch: &Arc<Watch>,
        log: Arc<Mutex<Vec<String>>>,
    ) -> Result<(), Failure> {
        let print = move |text: &str| {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.len() < LOG_LINES_MAX {
                log.push(text.to_string());
            }
        };
        let engine = sandbox::watched(test_engine(&self.modules), &self.modules, watch, print);
        let evaluation = Evaluation {
            sources: &file.sources,
            modules: &self.modules,
            ast: &file.ast,
            watch,
        };
        let arguments = match file.parameter_count(name) {
            Some(0) => Vec::new(),
            Some(1) => vec![Dynamic::from(bench.clone())],
            count => return Err(other_parameters(name, count)),
        };
        let called = |engine: &rhai::Engine| {
            engine.call_fn_with_options::<Dynamic>(
                CallFnOptions::new().eval_ast(true),
                &mut Scope::new(),
                &file.ast,
                name,
                arguments,
            )
        };
        let outcome = evaluation.run(&engine, called, || None).map(drop);
        outcome.map_err(|failure| match watch.stopped() {
            Some(Stop::UnitTime) => Failure {
                message: "the test took longer than it may".into(),
                help: Some("a unit that hangs is ended by `unit_time_ms` of its recipe".into()),
                ..failure
            },
            _ => failure,
        })
    }
}

impl TestFile {
    /// Names of its tests, in the order of their lines.
    pub fn tests(&self) -> Vec<&str> {
        let mut tests: Vec<_> = self
            .ast
            .iter_functions()
            .filter(|function| function.name.starts_with(TEST_PREFIX))
            .map(|function| function.name)
            .collect();
        // Rhai keeps functions by their hash; a person reads them in the order of the text.
        let text = &self.sources.text;
        tests.sort_by_key(|name| (text.find(&format!("fn {name}(")), *name));
        tests.dedup();
        tests
    }

    fn parameter_count(&self, name: &str) -> Option<usize> {
        let mut functions = self.ast.iter_functions();
        let function = functions.find(|function| function.name == name)?;
        Some(function.params.len())
    }
}

fn other_parameters(name: &str, count: Option<usize>) -> Failure {
    let found = count.map_or("no such function".into(), |count| {
        format!("{count} parameters")
    });
    Failure::new(
        codes::TEST_PARAMETERS,
        format!("`{name}` does not take what a test is given"),
    )
    .with_difference(format!("fn {name}(bench), or fn {name}()"), found)
}

/// What is left to chance in one test.
struct Chance(Sha256);

impl Chance {
    /// Of the seed of the run and the name of the test, so that a test is the same alone and among others.
    fn of(seed: u64, name: &str) -> Chance {
        Chance(
            Sha256::new()
                .chain_update(seed.to_le_bytes())
                .chain_update(name),
        )
    }

    fn seed(&self) -> u64 {
        let bytes = self.block(u32::MAX);
        bytes
            .into_iter()
            .take(8)
            .fold(0, |seed, byte| seed << 8 | u64::from(byte))
    }

    fn bytes(&self, len: u32) -> Vec<u8> {
        let blocks = (0..len.div_ceil(32)).flat_map(|number| self.block(number));
        blocks.take(len as usize).collect()
    }

    fn block(&self, number: u32) -> [u8; 32] {
        self.0
            .clone()
            .chain_update(number.to_le_bytes())
            .finalize()
            .into()
    }
}

/// The sandbox of production with what tests have beside.
fn test_engine(modules: &ImageModules) -> rhai::Engine {
    let mut engine = sandbox::engine(modules);
    engine.register_global_module(module().into());
    engine
        .register_type_with_name::<Bench>("Bench")
        .register_type_with_name::<UnitResult>("UnitResult");
    engine
        .set_allow_anonymous_fn(true)
        .set_max_modules(MODULES_MAX + 1);
    engine
}

fn module() -> Module {
    let mut module = Module::new();
    module.combine_flatten(rhai::exported_module!(bench::functions));
    module.combine_flatten(rhai::exported_module!(unit_result::functions));
    module.combine_flatten(rhai::exported_module!(assertions::functions));
    module
}

/// The check of a file of tests: what of it would fail when its line runs. `sources` has its text, the modules of the recipe and
/// the script under test, as the module `script`. Names of the recipe and rights are left alone: a test may want a refusal.
pub fn check_test(sources: &ScriptSources) -> Vec<Finding> {
    let mut modules = sources.modules.clone();
    let script = modules.remove(SCRIPT_UNDER_TEST).unwrap_or_default();
    let engine = test_engine(&ImageModules::for_test(modules, script));
    let mut findings = check_with(&engine, sources, &ImageNames::default());
    // What is wrong with the modules is their own check's to say.
    findings.retain(|finding| {
        let place = finding.failure.place.as_ref();
        finding.failure.code != codes::SCRIPT_NO_MAIN
            && place.is_none_or(|place| place.script == sources.name)
    });
    findings
}

/// The functions that only tests have, for the reference and for editors.
pub fn test_reference() -> Vec<FunctionInfo> {
    let mut engine = rhai::Engine::new_raw();
    api::register_types(&mut engine);
    engine.register_global_module(module().into());
    functions::reference(&engine)
}
