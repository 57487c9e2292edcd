//! Programming scripts: compiled and checked before production, run in a sandbox on one unit.
//!
//! A script is carried as text and compiled where it runs, under the same limits, so that what was signed is what a
//! person can read.

pub(crate) mod api;
mod check;
mod console;
mod definitions;
mod error;
mod evaluate;
mod functions;
mod inputs;
mod modules;
mod sandbox;
mod show;
mod testing;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod watch;

pub use check::{Finding, ImageNames, Severity, check, check_module, is_module};
pub use console::{Completer, Connector, Console, Shown, is_incomplete};
pub use definitions::{DefinitionFile, definitions};
pub use functions::FunctionInfo;
pub use testing::{
    TestFile, TestOptions, TestReport, TestSuite, WireExcerpt, check_test, test_reference,
};
pub use watch::MemoryUse;

use crate::{
    build::module_name,
    codes,
    event::Observer,
    limits::{ABORT_TIME, Limits},
    report::Failure,
    unit::{Message, UnitSession},
};
use api::{Shared, Unit};
use evaluate::{Evaluation, engine_failure, on_script_thread};
use imprint_image::OpenImage;
use imprint_target::CancelToken;
use modules::ImageModules;
use rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
    sync::{Arc, Mutex, PoisonError, mpsc::Receiver},
};
use watch::Watch;

/// A script and the modules it may import, as texts.
#[derive(Clone, Debug, Default)]
pub struct ScriptSources {
    /// Name of the script, for messages.
    pub name: String,
    /// The script.
    pub text: String,
    /// Modules by the name `import` uses.
    pub modules: BTreeMap<String, String>,
}

impl ScriptSources {
    /// Those of an image.
    pub(crate) fn of<R: Read + Seek>(image: &mut OpenImage<R>) -> Result<ScriptSources, Failure> {
        let paths: Vec<String> = image.object().modules().map(str::to_string).collect();
        let mut modules = BTreeMap::new();
        for path in paths {
            let text = image.module(&path)?.unwrap_or_default();
            modules.insert(module_name(&path).to_string(), text);
        }
        Ok(ScriptSources {
            name: "script.rhai".into(),
            text: image.script()?,
            modules,
        })
    }
}

/// A compiled script.
pub struct Program {
    sources: ScriptSources,
    modules: ImageModules,
    ast: AST,
}

/// How a script is run.
pub(crate) struct RunOptions {
    pub(crate) limits: Limits,
    pub(crate) memory_use: Option<MemoryUse>,
    pub(crate) cancel: CancelToken,
}

impl Program {
    /// Compiles a script. Nothing of it is executed.
    pub fn compile(sources: ScriptSources) -> Result<Program, Failure> {
        check::lengths(&sources)?;
        let modules = ImageModules::new(sources.modules.clone());
        let engine = sandbox::engine(&modules);
        for name in modules.names() {
            let text = modules.text(name).unwrap_or_default();
            engine
                .compile(text)
                .map_err(|error| error::from_parse_error(&error, &sources, name))?;
        }
        let mut ast = engine
            .compile(&sources.text)
            .map_err(|error| error::from_parse_error(&error, &sources, ""))?;
        // An empty source is the main script; modules set their own.
        ast.clear_source();
        Ok(Program {
            sources,
            modules,
            ast,
        })
    }

    /// Everything that would fail when it runs, as far as it can be seen before.
    pub fn check(&self, names: &ImageNames) -> Vec<Failure> {
        let engine = sandbox::engine(&self.modules);
        let findings = check::check_with(&engine, &self.sources, names).into_iter();
        findings
            .filter(Finding::is_error)
            .map(|finding| finding.failure)
            .collect()
    }

    /// Runs `main(unit)` on a unit, and `on_abort(unit)` if that fails. The unit comes back with what was recorded;
    /// meanwhile the observer is told, on this thread.
    pub(crate) fn run(
        &self,
        session: UnitSession,
        options: RunOptions,
        events: &Receiver<Message>,
        observer: &mut dyn Observer,
    ) -> (Option<UnitSession>, Result<(), Failure>) {
        let sender = session.events();
        // The unit waits in this cell, so that it survives whatever happens on the script's thread.
        let cell = Mutex::new(Some(session));
        let outcome = on_script_thread((sender, events), observer, || {
            self.run_here(&cell, &options)
        });
        let session = cell.into_inner().unwrap_or_else(PoisonError::into_inner);
        (session, outcome)
    }

    fn run_here(
        &self,
        cell: &Mutex<Option<UnitSession>>,
        options: &RunOptions,
    ) -> Result<(), Failure> {
        // A unit that passes is counted, also one that changed nothing.
        let outcome = self.call("main", cell, options).and_then(|()| finish(cell));
        if outcome.is_err()
            && let Ok(mut guard) = cell.lock()
            && let Some(session) = guard.as_mut()
        {
            session.note_failure();
        }
        if outcome.is_err() && self.has_function("on_abort", 1) {
            if let Ok(mut guard) = cell.lock()
                && let Some(session) = guard.as_mut()
            {
                session.begin_abort(ABORT_TIME);
            }
            let options = RunOptions {
                limits: Limits {
                    script_time: ABORT_TIME,
                    unit_time: ABORT_TIME,
                    ..options.limits.clone()
                },
                memory_use: options.memory_use,
                cancel: CancelToken::new(),
            };
            if let Err(failure) = self.call("on_abort", cell, &options)
                && let Ok(mut guard) = cell.lock()
                && let Some(session) = guard.as_mut()
            {
                session.note(&format!("on_abort failed: {failure}"));
            }
        }
        outcome
    }

    /// Calls one function of the script with the unit.
    fn call(
        &self,
        function: &str,
        cell: &Mutex<Option<UnitSession>>,
        options: &RunOptions,
    ) -> Result<(), Failure> {
        let session = cell
            .lock()
            .ok()
            .and_then(|mut guard| guard.take())
            .ok_or_else(|| Failure::new(codes::SCRIPT_ENGINE, "the unit is gone"))?;
        let (watch, watchdog) = Watch::start(
            options.limits.clone(),
            options.memory_use,
            options.cancel.clone(),
        )
        .map_err(|error| engine_failure(&error))?;
        let shared = Shared::new(session, watch.clone());

        let evaluation = Evaluation {
            sources: &self.sources,
            modules: &self.modules,
            ast: &self.ast,
            watch: &watch,
        };
        let log = Arc::downgrade(&shared);
        let engine = sandbox::watched(
            sandbox::engine(&self.modules),
            &self.modules,
            &watch,
            move |text| {
                if let Some(shared) = log.upgrade() {
                    shared.session().note(text);
                }
            },
        );
        let called = |engine: &Engine| {
            engine.call_fn_with_options::<Dynamic>(
                CallFnOptions::new().eval_ast(true),
                &mut Scope::new(),
                &self.ast,
                function,
                (Unit(shared.clone()),),
            )
        };
        let outcome = evaluation.run(&engine, called, || shared.ended()).map(drop);
        drop((engine, watchdog));
        if let (Some(shared), Ok(mut guard)) = (Arc::into_inner(shared), cell.lock()) {
            *guard = Some(shared.into_session());
        }
        outcome
    }

    fn has_function(&self, name: &str, parameter_count: usize) -> bool {
        self.ast
            .iter_functions()
            .any(|function| function.name == name && function.params.len() == parameter_count)
    }
}

/// What is left of a unit whose script has passed: its permit, if it changed nothing, and the target as the image leaves it.
fn finish(cell: &Mutex<Option<UnitSession>>) -> Result<(), Failure> {
    let mut guard = cell.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(session) = guard.as_mut() else {
        return Ok(());
    };
    session.permit()?;
    session.leave()
}

/// The functions Imprint gives to scripts, for the reference and for editors.
pub fn reference() -> Vec<FunctionInfo> {
    functions::reference(&sandbox::engine(&ImageModules::default()))
}

impl error::Texts for ScriptSources {
    fn text(&self, name: &str) -> &str {
        self.modules.get(name).unwrap_or(&self.text)
    }

    fn main_name(&self) -> &str {
        &self.name
    }
}
