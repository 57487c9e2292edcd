//! Calls: whether there is such a function, whether it takes these arguments, and whether the names it is given exist.

use super::{
    Functions,
    finding::Finding,
    kinds::{Kind, Kinds},
    meant,
    names::ImageNames,
    rights,
    walk::{Found, Walk},
};
use crate::{codes, report::Failure};
use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// The check of calls, with what the script has imported so far.
pub(super) struct Calls<'a> {
    functions: &'a Functions,
    modules: &'a BTreeMap<String, Functions>,
    names: &'a ImageNames,
    memories: Option<BTreeSet<String>>,
    /// Modules by their alias.
    imports: BTreeMap<String, String>,
    /// The text is a module itself.
    is_module: bool,
}

impl<'a> Calls<'a> {
    pub(super) fn new(walk: &Walk<'a>) -> Self {
        Self {
            functions: walk.functions,
            modules: walk.modules,
            names: walk.names,
            memories: walk.names.memories(),
            imports: BTreeMap::new(),
            is_module: !walk.file.name.is_empty(),
        }
    }

    /// `import "name" as alias;`
    pub(super) fn import(
        &mut self,
        import: &(Expr, rhai::Ident),
        position: Position,
        found: &mut Found,
    ) {
        if self.is_module {
            let failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                "a module cannot import another module",
            )
            .with_help("import it in the script, and hand over what is needed");
            found.push((Finding::error(failure), position));
            return;
        }
        let Expr::StringConstant(name, at) = &import.0 else {
            let failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                "the name of a module must be written out",
            );
            found.push((Finding::error(failure), position));
            return;
        };
        if !self.modules.contains_key(name.as_str()) {
            let failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                format!("the image has no module `{name}`"),
            )
            .with_help(
                "list it under `modules` in the recipe; `imprint script library` has some ready",
            );
            found.push((Finding::error(failure), *at));
        }
        self.imports
            .insert(import.1.name.to_string(), name.to_string());
    }

    /// `name(..)` or `module::name(..)`.
    pub(super) fn call(
        &self,
        call: &FnCallExpr,
        position: Position,
        kinds: &Kinds,
        found: &mut Found,
    ) {
        let functions = match call.is_qualified() {
            false => Some(self.functions),
            true => {
                let name = self.imports.get(call.namespace.root());
                name.and_then(|name| self.modules.get(name))
            }
        };
        if let Some(functions) = functions {
            let arguments = kinds.of_all(&call.args);
            let is_plain = !call.is_qualified();
            found.extend(exists(
                functions, &call.name, &arguments, is_plain, position,
            ));
        }
    }

    /// `receiver.name(..)`, at the end of the path.
    pub(super) fn method(
        &self,
        call: &FnCallExpr,
        position: Position,
        path: &[ASTNode],
        kinds: &Kinds,
        found: &mut Found,
    ) {
        let receiver = kinds.receiver(path);
        let mut arguments = vec![receiver.clone()];
        arguments.extend(kinds.of_all(&call.args));
        let wrong = exists(self.functions, &call.name, &arguments, false, position);
        let is_wrong = wrong.is_some();
        found.extend(wrong);
        let mut meant = self.functions.table.of(&call.name, arguments.len());
        if is_wrong || meant.any(|function| function.is_defined) {
            return;
        }
        let on_chip_by_name = matches!(&path[..path.len() - 1],
            [.., ASTNode::Expr(Expr::Dot(pair, ..))]
                if matches!(&pair.lhs, Expr::Variable(it, ..) if it.1 == "chip"));
        let missing = rights::missing(call, receiver.as_ref(), on_chip_by_name, self.names);
        found.extend(missing.map(|failure| (Finding::error(failure), position)));
        found.extend(self.unknown_name(call, receiver.as_ref(), path));
    }

    /// `receiver.name`, at the end of the path.
    pub(super) fn property(
        &self,
        name: &str,
        position: Position,
        path: &[ASTNode],
        kinds: &Kinds,
        found: &mut Found,
    ) {
        let Some(Kind { word, .. }) = kinds.receiver(path) else {
            return;
        };
        // These have whatever properties they were given.
        if ["map", "TestResult"].contains(&word.as_str()) {
            return;
        }
        let known: Vec<&str> = self.functions.table.properties(&word).collect();
        if known.contains(&name) {
            return;
        }
        let failure = Failure::new(
            codes::SCRIPT_UNKNOWN_PROPERTY,
            format!("a value of the kind {word} has no property `{name}`"),
        );
        let is_method = self.functions.table.is_method(&word, name);
        let help = match is_method {
            true => format!("it is a function: write `{name}()`"),
            false => meant(name, known.iter().copied()),
        };
        found.push((Finding::error(failure.with_help(help)), position));
    }

    /// The first argument, where it names something that the image or the device does not have.
    fn unknown_name(
        &self,
        call: &FnCallExpr,
        receiver: Option<&Kind>,
        path: &[ASTNode],
    ) -> Option<(Finding, Position)> {
        let names = self.names;
        let (owner, kind, known) = match call.name.as_str() {
            "payload" => ("Unit", "image has no payload", names.payloads.as_ref()),
            "setting" => ("Unit", "image has no setting", names.settings.as_ref()),
            "serial" => ("Unit", "image has no serial number", names.serials.as_ref()),
            "data" | "set_data" => ("Unit", "image has no data", names.data.as_ref()),
            "run_test" => ("Chip", "image has no test", names.tests.as_ref()),
            "memory" => ("Chip", "device has no memory", self.memories.as_ref()),
            "option" | "set_option" => ("Chip", "family has no option", names.options.as_ref()),
            "command" => ("Chip", "family has no command", names.commands.as_ref()),
            _ => return None,
        };
        let (Some(known), [Expr::StringConstant(name, at), ..]) = (known, &call.args[..]) else {
            return None;
        };
        let is_of_another = receiver.is_some_and(|receiver| receiver.word != owner);
        let depends_on_device = !kind.starts_with("image") && is_in_choice_of_device(path);
        if known.contains(name.as_str()) || is_of_another || depends_on_device {
            return None;
        }
        let failure = Failure::new(codes::SCRIPT_UNKNOWN_NAME, format!("the {kind} `{name}`"))
            .with_help(meant(name, known.iter().map(String::as_str)));
        Some((Finding::error(failure), *at))
    }
}

/// A call that no function answers.
fn exists(
    functions: &Functions,
    name: &str,
    arguments: &[Option<Kind>],
    is_plain: bool,
    position: Position,
) -> Option<(Finding, Position)> {
    let table = &functions.table;
    let mut answers = table.of(name, arguments.len());
    if answers.any(|it| (is_plain || !it.is_private) && Kinds::accepts(it, arguments)) {
        return None;
    }
    let mut answers = table.of(name, arguments.len());
    if answers.any(|it| it.is_private && Kinds::accepts(it, arguments)) {
        let failure = Failure::new(
            codes::SCRIPT_UNKNOWN_FUNCTION,
            format!("`{name}` is private: it is called by its plain name, in its own file only"),
        )
        .with_help(format!(
            "write `{name}(..)`, or define it without `private`"
        ));
        return Some((Finding::error(failure), position));
    }
    let is_known = table.is_known(name);
    if !is_known && !functions.is_complete {
        return None;
    }
    let (code, message) = match is_known {
        false => (
            codes::SCRIPT_UNKNOWN_FUNCTION,
            format!("there is no function `{name}`"),
        ),
        true => (
            codes::SCRIPT_ARGUMENT_COUNT,
            format!("`{name}` does not take these arguments"),
        ),
    };
    let mut failure = Failure::new(code, message);
    failure.help = table.help(name);
    if is_known && arguments.iter().any(Option::is_some) {
        let kinds = arguments.iter().map(|argument| match argument {
            Some(kind) => kind.word.as_str(),
            None => "?",
        });
        failure.found = Some(kinds.collect::<Vec<_>>().join(", "));
    }
    Some((Finding::error(failure), position))
}

/// Whether a condition above asks which device this is: a script for several devices names the memories of each.
fn is_in_choice_of_device(path: &[ASTNode]) -> bool {
    let asks = |condition: &Expr| {
        let mut asks = false;
        condition.walk(&mut Vec::new(), &mut |path: &[ASTNode]| {
            asks |= matches!(path.last(), Some(ASTNode::Expr(Expr::Property(it, _))) if it.2 == "device");
            true
        });
        asks
    };
    path.iter().any(|node| match node {
        ASTNode::Stmt(Stmt::If(choice, _)) => asks(&choice.expr),
        ASTNode::Stmt(Stmt::Switch(choice, _)) => asks(&choice.0),
        _ => false,
    })
}
