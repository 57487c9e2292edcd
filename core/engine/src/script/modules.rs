//! The modules a script may import: those in its own image, by the name the recipe gives them.

use crate::limits::MODULES_MAX;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use std::{collections::BTreeMap, sync::Arc};

/// The texts of an image's modules. A module may not import another, so no chain of them can grow.
#[derive(Clone, Default)]
pub(crate) struct ImageModules(Arc<BTreeMap<String, String>>);

impl ImageModules {
    /// The modules by name.
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Self {
        Self(Arc::new(texts))
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
        self.0.keys().map(String::as_str).take(MODULES_MAX)
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
        if source.is_some_and(|source| self.text(source).is_some()) {
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
