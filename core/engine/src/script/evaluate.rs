//! Evaluating a piece of script: on a thread of its own, under watch, with its failure made readable.
//!
//! A unit's `main`, a test and a line of the console differ in what they evaluate; everything around it is here once.

use crate::{
    codes,
    event::Observer,
    limits::SCRIPT_STACK_LEN,
    report::Failure,
    script::{ScriptSources, error, functions::FunctionTable, modules::ImageModules, watch::Watch},
    unit::Message,
};
use rhai::{AST, Engine, EvalAltResult};
use std::{
    panic::AssertUnwindSafe,
    sync::mpsc::{Receiver, Sender},
};

/// What is evaluated, for messages.
pub(crate) struct Evaluation<'a> {
    /// The texts that places refer to.
    pub(crate) sources: &'a ScriptSources,
    /// The modules that may be imported.
    pub(crate) modules: &'a ImageModules,
    /// Has the script's own functions.
    pub(crate) ast: &'a AST,
    pub(crate) watch: &'a Watch,
}

impl Evaluation<'_> {
    /// Evaluates. What was ended has failed as that, also where the script or a function of Rhai swallowed the end:
    /// `ended` tells whether something else than the watch did that.
    pub(crate) fn run<T>(
        &self,
        engine: &Engine,
        work: impl FnOnce(&Engine) -> Result<T, Box<EvalAltResult>>,
        ended: impl FnOnce() -> Option<Failure>,
    ) -> Result<T, Failure> {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
            work(engine).map_err(|error| {
                let mut functions = FunctionTable::new(engine);
                functions.add_script(self.ast);
                let (module, position) = self.watch.place();
                let last = (self.modules.source(module), position);
                error::from_eval_error(*error, last, self.sources, &functions)
            })
        }))
        .unwrap_or_else(|_| {
            Err(Failure::new(
                codes::SCRIPT_ENGINE,
                "the script engine panicked",
            ))
        });
        let stopped = || self.watch.stopped().map(|stop| error::stopped(Some(stop)));
        match ended().or_else(stopped) {
            Some(end) => Err(self.with_place(end, outcome.err())),
            None => outcome,
        }
    }

    /// The end of a script, with the place where it failed or else where it was last.
    fn with_place(&self, mut end: Failure, failure: Option<Failure>) -> Failure {
        if let Some(failure) = failure {
            if codes::is_final(&failure.code) {
                return failure;
            }
            end.place = failure.place;
        }
        if end.place.is_none() {
            let (module, position) = self.watch.place();
            let source = self.modules.source(module);
            end.place = error::place(position, self.sources, source, Vec::new());
        }
        end
    }
}

/// Does `work` on a thread that is deep enough for a script. Meanwhile the observer is told, on this thread, until
/// `work` ends.
pub(crate) fn on_script_thread<T: Send>(
    events: (Sender<Message>, &Receiver<Message>),
    observer: &mut dyn Observer,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    let (sender, receiver) = events;
    let end = EndOfEvents(sender);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("script".into())
            .stack_size(SCRIPT_STACK_LEN)
            .spawn_scoped(scope, || {
                let _end = end;
                work()
            });
        loop {
            match receiver.recv() {
                Ok(Message::Event(event)) => observer.event(&event),
                Ok(Message::Announcement(event, told)) => {
                    observer.event(&event);
                    // A unit that did not wait so long goes on without.
                    let _ = told.send(());
                }
                Ok(Message::End) | Err(_) => break,
            }
        }
        match thread.map(|thread| thread.join()) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::new(
                codes::SCRIPT_ENGINE,
                "the script's thread ended",
            )),
            Err(error) => Err(engine_failure(&error)),
        }
    })
}

/// Tells the observer's side that nothing more comes, however the script's thread ends.
struct EndOfEvents(Sender<Message>);

impl Drop for EndOfEvents {
    fn drop(&mut self) {
        let _ = self.0.send(Message::End);
    }
}

/// A thread that could not be started.
pub(crate) fn engine_failure(error: &std::io::Error) -> Failure {
    Failure::new(
        codes::SCRIPT_ENGINE,
        format!("the script's thread could not be started: {error}"),
    )
}
