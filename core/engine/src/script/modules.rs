//! The modules a script may import: those in its own image, by the name the recipe gives them.

use crate::limits::MODULES_MAX;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use std::{collections::BTreeMap, sync::Arc};

/// What a test calls the script under test, to import it like a module.
pub(crate) const SCRIPT_UNDER_TEST: &str = "script";

/// The texts of an image's modules. A module may not import another, so no chain of them can grow.
#[derive(Clone, Default)]
pub(crate) struct ImageModules(Arc<BTreeMap<String, String>>, Importing);

/// Who may import.
#[derive(Clone, Copy, Default, PartialEq)]
enum Importing {
    /// The script.
    #[default]
    Script,
    /// A test, and the script that it imports.
    TestAndScript,
}

impl ImageModules {
    /// The modules by name.
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Self {
        Self(Arc::new(texts), Importing::Script)
    }

    /// The modules for a test: the script under test is one of them.
    pub(crate) fn for_test(mut texts: BTreeMap<String, String>, script: String) -> Self {
        texts.insert(SCRIPT_UNDER_TEST.into(), script);
        Self(Arc::new(texts), Importing::TestAndScript)
    }

    /// All texts by name.
    pub(crate) fn texts(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    fn may_import(&self, source: Option<&str>, path: &str) -> bool {
        let Some(source) = source.filter(|source| self.text(source).is_some()) else {
            return true;
        };
        let is_script = self.1 == Importing::TestAndScript && source == SCRIPT_UNDER_TEST;
        is_script && path != SCRIPT_UNDER_TEST
    }

    /// The text of a module.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The number of a source, to be kept in little room: 0 is the main script.
    pub(crate) fn number(&self, source: Option<&str>) -> usize {
        let place = source.and_then(|source| self.0.keys().position(|name| name == source));
        place.map_or(0, |place| place + 1)
    }

    /// The source of a number; empty is the main script.
    pub(crate) fn source(&self, number: usize) -> &str {
        let place = number.checked_sub(1);
        place
            .and_then(|place| self.0.keys().nth(place))
            .map_or("", String::as_str)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        // A test has one more, the script.
        let count_max = MODULES_MAX + usize::from(self.1 == Importing::TestAndScript);
        self.0.keys().map(String::as_str).take(count_max)
    }
}

impl ModuleResolver for ImageModules {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let not_found = || {
            Box::new(EvalAltResult::ErrorModuleNotFound(
                path.to_string(),
                position,
            ))
        };
        if !self.may_import(source, path) {
            return Err(not_found());
        }
        let text = self.text(path).ok_or_else(not_found)?;
        let mut ast = engine.compile(text).map_err(|error| {
            Box::new(EvalAltResult::ErrorInModule(
                path.to_string(),
                error.into(),
                position,
            ))
        })?;
        ast.set_source(path);
        Module::eval_ast_as_new(Scope::new(), &ast, engine)
            .map(Shared::new)
            .map_err(|error| {
                Box::new(EvalAltResult::ErrorInModule(
                    path.to_string(),
                    error,
                    position,
                ))
            })
    }
}
