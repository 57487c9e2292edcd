//! The sandbox: an engine that has only what a programming script needs.
//!
//! Built from nothing (`new_raw`) and named packages, because the standard package sleeps, exits and reads files. Each
//! line closes a hole that was seen open: `docs/script-guide.md` tells what a script cannot do, the tests in
//! `tests/hostile` try each.

use crate::{
    limits::{
        ARRAY_COUNT_MAX, CALL_LEVELS_MAX, EXPRESSION_DEPTH_IN_FUNCTION_MAX, EXPRESSION_DEPTH_MAX,
        FUNCTIONS_MAX, MAP_COUNT_MAX, MODULES_MAX, STRING_LEN_MAX, VARIABLES_MAX,
    },
    script::{api, modules::ImageModules, watch::Watch},
};
use rhai::{
    Dynamic, Engine, OptimizationLevel, Token,
    debugger::{DebuggerCommand, DebuggerEvent},
    def_package,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicBlobPackage, BasicFnPackage,
        BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
        BitFieldPackage, LogicPackage, MoreStringPackage, Package,
    },
};
use std::sync::{Arc, OnceLock};

def_package! {
    /// What of Rhai's own library a script has. Not in it: `sleep`, `exit`, `parse_json`, `timestamp`.
    pub(crate) ScriptPackage(module):
        ArithmeticPackage, LogicPackage, BasicMathPackage, BasicStringPackage, MoreStringPackage,
        BasicArrayPackage, BasicBlobPackage, BasicMapPackage, BasicIteratorPackage,
        BasicFnPackage, BitFieldPackage
    {}
}

/// Words a script may not use: each makes code or values that no limit counts.
pub(crate) const FORBIDDEN_WORDS: [&str; 3] = ["eval", "Fn", "curry"];

/// An engine that runs under watch. `print` and `debug` go to `print`, never to the process's own output.
pub(crate) fn watched(
    mut engine: Engine,
    modules: &ImageModules,
    watch: &Arc<Watch>,
    print: impl Fn(&str) + Send + Sync + 'static,
) -> Engine {
    trace(&mut engine, modules.clone(), watch.clone());
    let watch = watch.clone();
    engine.on_progress(move |_| {
        watch
            .operation()
            .map(|stop| Dynamic::from_int(i64::from(stop as u8)))
    });
    let print = Arc::new(print);
    let debug = print.clone();
    engine.on_print(move |text| print(text));
    engine.on_debug(move |text, _, _| debug(text));
    engine
}

/// Notes each place that is executed, because most failures that end a script come without one.
// Rhai marks the hook so because it may change, as it does all of its internals; the version is pinned.
#[allow(deprecated)]
fn trace(engine: &mut Engine, modules: ImageModules, watch: Arc<Watch>) {
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, event, _, source, position| {
            // Leaving a function has the place of its end, which is where nothing failed.
            if matches!(event, DebuggerEvent::Step | DebuggerEvent::Start) {
                watch.note_place(modules.number(source), position);
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}

/// An engine that compiles and knows all functions.
pub(crate) fn engine(modules: &ImageModules) -> Engine {
    // Tables of functions never change, so all engines of a process share them.
    static PACKAGE: OnceLock<ScriptPackage> = OnceLock::new();
    static API: OnceLock<rhai::Shared<rhai::Module>> = OnceLock::new();

    let mut engine = Engine::new_raw();
    PACKAGE
        .get_or_init(ScriptPackage::new)
        .register_into_engine(&mut engine);
    engine.register_global_module(API.get_or_init(|| api::module().into()).clone());
    api::register_types(&mut engine);

    // `Full` would run erase() while compiling; `Simple` once removed statements that have effects.
    engine.set_optimization_level(OptimizationLevel::None);
    engine
        .set_max_expr_depths(EXPRESSION_DEPTH_MAX, EXPRESSION_DEPTH_IN_FUNCTION_MAX)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_string_size(STRING_LEN_MAX)
        .set_max_array_size(ARRAY_COUNT_MAX)
        .set_max_map_size(MAP_COUNT_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(MODULES_MAX)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_allow_shadowing(false)
        // A closure holds what it captured, uncounted.
        .set_allow_anonymous_fn(false);
    // Rhai keeps `go` for later; the field has a use for it now.
    #[allow(deprecated)]
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if *word == "go" => Token::Identifier(word),
        token => token,
    });
    for word in FORBIDDEN_WORDS {
        engine.disable_symbol(word);
    }
    engine.set_module_resolver(modules.clone());
    engine
}
