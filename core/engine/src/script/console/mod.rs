//! A console: lines of script on one target, with what they leave behind.
//!
//! The unit is that of an image which has rights and nothing else, so a line can do what a script with these rights can,
//! under the same bounds. Each line has its own time and its own end; the variables, functions and the unit stay.

mod complete;
mod incomplete;

pub use complete::Completer;
pub use incomplete::is_incomplete;

use super::{
    FunctionInfo, MemoryUse, ScriptSources,
    api::{Chip, Shared, Unit},
    error,
    evaluate::{Evaluation, engine_failure, on_script_thread},
    modules::ImageModules,
    sandbox,
    show::show,
    watch::Watch,
};
use crate::{
    build::build_from,
    codes,
    devices::Devices,
    engine::{Engine, RunOptions},
    event::Observer,
    limits::{CONSOLE_LINES_MAX, Limits, SCRIPT_LEN_MAX},
    private_image::PrivateImage,
    report::Failure,
    unit::{Message, UnitSession},
};
use imprint_image::recipe::{MemorySources, Recipe, Right};
use imprint_target::{CancelToken, Control, Link};
use rhai::{AST, Dynamic, Scope};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

/// What places call the lines of a console.
const NAME: &str = "console";
/// The variables that a console brings.
const UNIT: &str = "unit";
const CHIP: &str = "chip";

/// Makes the link to the target, at the beginning and after it was lost.
pub type Connector = Box<dyn FnMut(&Engine) -> Result<Link, Failure>>;

/// A console on one target.
pub struct Console {
    engine: Engine,
    image: PrivateImage,
    connector: Connector,
    shared: Arc<Shared>,
    events: (Sender<Message>, Receiver<Message>),
    memory_use: Option<MemoryUse>,
    known: Arc<[FunctionInfo]>,
    session: Session,
}

/// What lines leave behind.
struct Session {
    scope: Scope<'static>,
    /// The functions that lines have defined.
    functions: AST,
    /// All lines so far, so that a place in an earlier one can be shown.
    sources: ScriptSources,
    line_count: usize,
}

/// What a line gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The value as a person reads it.
    pub text: String,
    /// What it is: `int`, `string`, `blob`, `Memory` ...
    pub kind: String,
}

impl Console {
    /// A console on what `connector` leads to, a `device` of `devices`. Nothing moves on the wire before a line wants it.
    ///
    /// # Errors
    /// A device that is not known or cannot be frozen, a plugin that is missing, a link that cannot be made.
    pub fn new(
        engine: Engine,
        (devices, device): (&Devices, &str),
        rights: &BTreeSet<Right>,
        mut connector: Connector,
        memory_use: Option<MemoryUse>,
    ) -> Result<Console, Failure> {
        let image = image(devices, device, rights)?;
        let events = channel();
        let unit = begin(&engine, &image, connector(&engine)?, events.0.clone())?;
        let limits = Limits::default();
        let (watch, _) = Watch::start(limits, memory_use, CancelToken::new())
            .map_err(|error| engine_failure(&error))?;
        let shared = Shared::new(unit, watch);
        let mut scope = Scope::new();
        scope.push(UNIT, Unit(shared.clone()));
        Ok(Console {
            engine,
            image,
            connector,
            shared,
            events,
            memory_use,
            known: complete::known(),
            session: Session {
                scope,
                functions: AST::empty(),
                sources: ScriptSources {
                    name: NAME.into(),
                    ..ScriptSources::default()
                },
                line_count: 0,
            },
        })
    }

    /// Evaluates a line, or several that belong together. Returns its value, where it has one. The observer is told on this
    /// thread; `cancel` ends this line alone.
    pub fn line(
        &mut self,
        text: &str,
        cancel: CancelToken,
        observer: &mut dyn Observer,
    ) -> Result<Option<Shown>, Failure> {
        self.session.check(text)?;
        self.reconnect()?;
        let limits = Limits::default();
        let unit_time = limits.unit_time;
        let (watch, watchdog) = Watch::start(limits, self.memory_use, cancel)
            .map_err(|error| engine_failure(&error))?;
        self.shared.begin(watch.clone());
        self.shared.session().begin_line(Control {
            cancel: watch.interrupt(),
            budget: Some(unit_time),
        });
        let Console {
            shared,
            session,
            events: (sender, receiver),
            ..
        } = self;
        let outcome = on_script_thread((sender.clone(), receiver), observer, || {
            session.evaluate(text, shared, &watch)
        });
        drop(watchdog);
        if self.shared.session().is_connected() && !self.session.scope.contains(CHIP) {
            self.session.scope.push(CHIP, Chip(self.shared.clone()));
        }
        outcome
    }

    /// What completes a line as the console is now.
    pub fn completer(&self) -> Completer {
        let memories = self.shared.session().memory_names();
        Completer::new(
            self.known.clone(),
            &self.session.scope,
            &self.session.functions,
            memories,
        )
    }

    /// Variables and what they hold, in the order of their names.
    pub fn variables(&self) -> BTreeMap<String, Shown> {
        let variables = self.session.scope.iter();
        variables
            .map(|(name, _, value)| (name.to_string(), shown(&value)))
            .collect()
    }

    /// A target that was lost may be there again.
    fn reconnect(&mut self) -> Result<(), Failure> {
        if !self.shared.session().is_lost() {
            return Ok(());
        }
        let link = (self.connector)(&self.engine)?;
        let unit = begin(&self.engine, &self.image, link, self.events.0.clone())?;
        *self.shared.session() = unit;
        Ok(())
    }
}

impl Session {
    fn check(&self, text: &str) -> Result<(), Failure> {
        if text.len() > SCRIPT_LEN_MAX {
            return Err(Failure::new(
                codes::SCRIPT_TOO_LONG,
                "the line is longer than a script may be",
            )
            .with_difference(
                format!("at most {SCRIPT_LEN_MAX} bytes"),
                format!("{} bytes", text.len()),
            ));
        }
        let line_count = self.line_count + text.lines().count();
        if line_count > CONSOLE_LINES_MAX {
            return Err(Failure::new(
                codes::CONSOLE_LINES,
                "the console has had more lines than it can number",
            )
            .with_difference(
                format!("at most {CONSOLE_LINES_MAX}"),
                line_count.to_string(),
            )
            .with_help("start another console"));
        }
        Ok(())
    }

    /// Evaluates a line, on the thread of the script.
    fn evaluate(
        &mut self,
        text: &str,
        shared: &Arc<Shared>,
        watch: &Arc<Watch>,
    ) -> Result<Option<Shown>, Failure> {
        // The lines before it are blank ones, so that its places have the numbers of the console.
        let numbered = "\n".repeat(self.line_count) + text;
        self.line_count += text.lines().count();
        self.sources.text += text;
        self.sources.text += "\n";

        let modules = ImageModules::default();
        let unit = Arc::downgrade(shared);
        let mut engine =
            sandbox::watched(sandbox::engine(&modules), &modules, watch, move |text| {
                if let Some(shared) = unit.upgrade() {
                    shared.session().note(text);
                }
            });
        // `let x = ..` again is how a person changes her mind.
        engine.set_allow_shadowing(true);
        let line = engine
            .compile_with_scope(&self.scope, numbered)
            .map_err(|error| error::from_parse_error(&error, &self.sources, ""))?;
        let ast = self.functions.merge(&line);
        self.functions = ast.clone_functions_only();
        let evaluation = Evaluation {
            sources: &self.sources,
            modules: &modules,
            ast: &ast,
            watch,
        };
        let scope = &mut self.scope;
        let outcome = evaluation.run(
            &engine,
            |engine| engine.eval_ast_with_scope::<Dynamic>(scope, &ast),
            || shared.ended(),
        );
        // What is shadowed cannot be reached any more, and would count against the number of variables.
        self.scope = self.scope.clone_visible();
        outcome.map(|value| (!value.is_unit()).then(|| shown(&value)))
    }
}

fn shown(value: &Dynamic) -> Shown {
    let kind = value.type_name();
    Shown {
        text: show(value),
        kind: kind.rsplit("::").next().unwrap_or(kind).to_string(),
    }
}

/// An image that has rights and nothing else.
fn image(
    devices: &Devices,
    device: &str,
    rights: &BTreeSet<Right>,
) -> Result<PrivateImage, Failure> {
    let rights: Vec<&str> = rights.iter().map(|right| right.name()).collect();
    let text = format!(
        "(name: \"console\", device: {:?}, script: \"main.rhai\", payloads: {{}}, rights: [{}])",
        device,
        rights.join(", ")
    );
    let recipe = Recipe::parse("console", &text)?;
    let script = ("main.rhai".to_string(), b"fn main(unit) {}".to_vec());
    let sources = MemorySources(BTreeMap::from([script]));
    let object = build_from(&recipe, &sources, devices).map_err(|failures| {
        let first = failures.into_iter().next();
        first.unwrap_or_else(|| Failure::new(codes::SCRIPT_ENGINE, "the console was not built"))
    })?;
    PrivateImage::seal(&object)
}

fn begin(
    engine: &Engine,
    image: &PrivateImage,
    link: Link,
    events: Sender<Message>,
) -> Result<UnitSession, Failure> {
    engine.begin(image.open()?, link, RunOptions::default(), events)
}
