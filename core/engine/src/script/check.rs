//! The check of a script before production: what Rhai would find only when the line runs.
//!
//! Rhai looks a function up when it calls it, so a misspelt name fails on the one part in a thousand that takes that
//! branch. The walk over the syntax tree finds every call, and three mistakes of the field besides: `a & b != 0`, a
//! payload the image does not have, and a call whose right it does not grant.

use crate::{
    codes,
    report::Failure,
    script::{
        error::{Texts, place},
        functions::FunctionTable,
    },
};
use imprint_device::Device;
use imprint_image::{nearest, recipe::Right};
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// What the image has, as far as the caller knows it.
#[derive(Clone, Debug, Default)]
pub struct ImageNames {
    /// Names of the payloads.
    pub payloads: Option<BTreeSet<String>>,
    /// Names of the settings.
    pub settings: Option<BTreeSet<String>>,
    /// Names of the device's memories.
    pub memories: Option<BTreeSet<String>>,
    /// Names of the serial numbers.
    pub serials: Option<BTreeSet<String>>,
    /// Names of the data windows.
    pub data: Option<BTreeSet<String>>,
    /// Names of the run tests.
    pub tests: Option<BTreeSet<String>>,
    /// Names of the rights.
    pub rights: Option<BTreeSet<String>>,
}

impl ImageNames {
    /// All names that a recipe or an object has, and the memories of its device.
    pub fn new(
        payloads: impl IntoIterator<Item = impl ToString>,
        settings: impl IntoIterator<Item = impl ToString>,
        device: &Device,
        rights: &BTreeSet<Right>,
    ) -> Self {
        Self {
            payloads: Some(payloads.into_iter().map(|name| name.to_string()).collect()),
            settings: Some(settings.into_iter().map(|name| name.to_string()).collect()),
            memories: Some(
                device
                    .memories
                    .iter()
                    .map(|memory| memory.name.clone())
                    .collect(),
            ),
            rights: Some(rights.iter().map(ToString::to_string).collect()),
            ..Self::default()
        }
    }

    /// The same with the names of what is different on every unit, and of the run tests.
    #[must_use]
    pub fn with_units(
        self,
        serials: impl IntoIterator<Item = impl ToString>,
        data: impl IntoIterator<Item = impl ToString>,
        tests: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        Self {
            serials: Some(serials.into_iter().map(|name| name.to_string()).collect()),
            data: Some(data.into_iter().map(|name| name.to_string()).collect()),
            tests: Some(tests.into_iter().map(|name| name.to_string()).collect()),
            ..self
        }
    }
}

/// Checks one compiled script or module.
pub(crate) struct Check<'a> {
    pub(crate) functions: &'a FunctionTable,
    /// Functions of the modules, by module name.
    pub(crate) modules: &'a BTreeMap<String, FunctionTable>,
    pub(crate) names: &'a ImageNames,
    pub(crate) texts: &'a dyn Texts,
    /// Name of the script that is walked.
    pub(crate) script: &'a str,
}

/// Calls that need a right, whatever their arguments.
const RIGHTS_OF_CALLS: [(&str, Option<usize>, &str); 5] = [
    ("erase", Some(0), "mass_erase"),
    ("erase_if_not_blank", None, "mass_erase"),
    ("unlock", None, "unlock_by_erase"),
    ("set_option", None, "option_bytes"),
    ("protect", None, "protect"),
];

impl Check<'_> {
    /// All findings in the order of their places.
    pub(crate) fn run(&self, ast: &AST) -> Vec<Failure> {
        let mut findings = Vec::new();
        let mut imports = BTreeMap::new();
        let chips = chips_of(ast);
        ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Import(import, position))) => {
                    self.import(import, *position, &mut imports, &mut findings);
                }
                Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => {
                    self.call(call, *position, &imports, &mut findings);
                }
                Some(ASTNode::Expr(Expr::FnCall(call, position))) => {
                    self.call(call, *position, &imports, &mut findings);
                }
                Some(ASTNode::Expr(Expr::MethodCall(call, position))) => {
                    self.method(call, *position, path, &chips, &mut findings);
                }
                _ => {}
            }
            true
        });
        findings.sort_by_key(|finding| {
            finding
                .place
                .as_ref()
                .map(|place| (place.line, place.column))
        });
        findings
    }

    fn import(
        &self,
        import: &(Expr, rhai::Ident),
        position: Position,
        imports: &mut BTreeMap<String, String>,
        findings: &mut Vec<Failure>,
    ) {
        let Expr::StringConstant(name, at) = &import.0 else {
            let failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                "the name of a module must be written out",
            );
            findings.push(self.at(failure, position));
            return;
        };
        if !self.modules.contains_key(name.as_str()) {
            let failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                format!("the image has no module `{name}`"),
            )
            .with_help("list it under `modules` in the recipe");
            findings.push(self.at(failure, *at));
        }
        imports.insert(import.1.name.to_string(), name.to_string());
    }

    fn call(
        &self,
        call: &FnCallExpr,
        position: Position,
        imports: &BTreeMap<String, String>,
        findings: &mut Vec<Failure>,
    ) {
        if call.op_token.is_some() {
            self.operator(call, position, findings);
            return;
        }
        if call.is_qualified() {
            let alias = call.namespace.root();
            if let Some(functions) = imports.get(alias).and_then(|name| self.modules.get(name)) {
                self.exists(functions, &call.name, call.args.len(), position, findings);
            }
            return;
        }
        self.exists(
            self.functions,
            &call.name,
            call.args.len(),
            position,
            findings,
        );
    }

    fn method(
        &self,
        call: &FnCallExpr,
        position: Position,
        path: &[ASTNode],
        chips: &BTreeSet<String>,
        findings: &mut Vec<Failure>,
    ) {
        // The receiver is the first argument.
        self.exists(
            self.functions,
            &call.name,
            call.args.len() + 1,
            position,
            findings,
        );
        self.right(call, position, path, chips, findings);
        let known = match call.name.as_str() {
            "payload" => ("payload", &self.names.payloads),
            "setting" => ("setting", &self.names.settings),
            "memory" => ("memory", &self.names.memories),
            "serial" => ("serial number", &self.names.serials),
            "data" | "set_data" => ("data", &self.names.data),
            "run_test" => ("test", &self.names.tests),
            _ => return,
        };
        if let ([Expr::StringConstant(name, at), ..], (kind, Some(names))) = (&call.args[..], known)
            && !names.contains(name.as_str())
        {
            let near = nearest(name, names.iter().map(String::as_str));
            let mut failure = Failure::new(
                codes::SCRIPT_UNKNOWN_NAME,
                format!("the image has no {kind} `{name}`"),
            );
            failure.help = Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has: {}", join(names)),
            });
            findings.push(self.at(failure, *at));
        }
    }

    /// Reports a call that no function answers.
    fn exists(
        &self,
        functions: &FunctionTable,
        name: &str,
        argument_count: usize,
        position: Position,
        findings: &mut Vec<Failure>,
    ) {
        let counts = functions.argument_counts(name);
        if counts.is_some_and(|counts| counts.contains(&argument_count)) {
            return;
        }
        let mut failure = match counts {
            None => Failure::new(
                codes::SCRIPT_UNKNOWN_FUNCTION,
                format!("there is no function `{name}`"),
            ),
            Some(_) => Failure::new(
                codes::SCRIPT_ARGUMENT_COUNT,
                format!("`{name}` does not take these arguments"),
            ),
        };
        failure.help = functions.help(name);
        findings.push(self.at(failure, position));
    }

    /// `a & b != 0` is `a & (b != 0)`, as in C, and fails only when the line runs.
    fn operator(&self, call: &FnCallExpr, position: Position, findings: &mut Vec<Failure>) {
        if !matches!(call.name.as_str(), "&" | "|" | "^") {
            return;
        }
        let comparison = call.args.iter().find_map(|argument| match argument {
            Expr::FnCall(inner, _) if is_comparison(&inner.name) => Some(inner.name.as_str()),
            _ => None,
        });
        // `flag | (a == b)` on two comparisons is meant.
        let all_compare = call.args.iter().all(
            |argument| matches!(argument, Expr::FnCall(inner, _) if is_comparison(&inner.name)),
        );
        let Some(comparison) = comparison.filter(|_| !all_compare) else {
            return;
        };
        let failure = Failure::new(
            codes::SCRIPT_PRECEDENCE,
            format!("`{comparison}` binds tighter than `{}`", call.name),
        )
        .with_help(format!("write `(a {} b) {comparison} c`", call.name));
        findings.push(self.at(failure, position));
    }

    fn right(
        &self,
        call: &FnCallExpr,
        position: Position,
        path: &[ASTNode],
        chips: &BTreeSet<String>,
        findings: &mut Vec<Failure>,
    ) {
        let Some(rights) = &self.names.rights else {
            return;
        };
        let needed = RIGHTS_OF_CALLS.iter().find(|(name, arguments, _)| {
            *name == call.name
                && arguments.is_none_or(|count| count == call.args.len())
                // A memory has an `erase` of its own, which asks for its right when it runs.
                && (call.name != "erase" || is_on_chip(path, chips))
        });
        if let Some((name, _, right)) = needed
            && !rights.contains(*right)
        {
            let failure = Failure::new(
                codes::SCRIPT_RIGHT,
                format!("`{name}` needs the right `{right}`, which the image does not grant"),
            )
            .with_difference(*right, join(rights))
            .with_help(format!("add `{right}` to `rights` in the recipe"));
            findings.push(self.at(failure, position));
        }
    }

    fn at(&self, mut failure: Failure, position: Position) -> Failure {
        failure.place = place(position, self.texts, self.script, Vec::new());
        failure
    }
}

/// The variables that hold the chip: `chip` by custom, and whatever `unit.connect()` was given to.
fn chips_of(ast: &AST) -> BTreeSet<String> {
    let mut chips = BTreeSet::from(["chip".to_string()]);
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Var(variable, ..))) = path.last()
            && last_call(&variable.1) == Some("connect")
        {
            chips.insert(variable.0.name.to_string());
        }
        true
    });
    chips
}

/// The last method of a chain of calls.
fn last_call(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Dot(pair, ..) => last_call(&pair.rhs),
        Expr::MethodCall(call, _) => Some(&call.name),
        _ => None,
    }
}

/// Whether the call at the end of the path is made on the chip, as far as the text shows.
fn is_on_chip(path: &[ASTNode], chips: &BTreeSet<String>) -> bool {
    let Some(ASTNode::Expr(Expr::Dot(pair, ..))) = path.iter().rev().nth(1) else {
        return false;
    };
    match &pair.lhs {
        Expr::Variable(variable, ..) => chips.contains(variable.1.as_str()),
        Expr::MethodCall(call, _) => call.name == "connect",
        _ => false,
    }
}

/// The functions every script has besides its own.
pub(crate) fn engine_functions(engine: &Engine) -> FunctionTable {
    let mut functions = FunctionTable::new(engine);
    // Keywords that look like calls.
    for (name, counts) in [
        ("print", &[1_usize][..]),
        ("debug", &[1]),
        ("type_of", &[1]),
        ("is_def_var", &[1]),
        ("is_def_fn", &[2]),
        ("is_shared", &[1]),
        ("call", &[1, 2, 3, 4]),
    ] {
        for count in counts {
            functions.add(name.to_string(), *count, name.to_string());
        }
    }
    functions
}

fn is_comparison(name: &str) -> bool {
    matches!(name, "==" | "!=" | "<" | ">" | "<=" | ">=")
}

fn join(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "none".into();
    }
    names
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
