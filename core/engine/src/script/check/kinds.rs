//! The kinds of values, as far as the text shows them for certain.
//!
//! Rhai has no types before a line runs. Literals have one, so has what the engine's own functions return, and so has a
//! variable that is declared once and never assigned again. Whatever else there is has no kind here, and is left alone.

use super::code::Code;
use crate::script::functions::{FunctionTable, Signature};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that are certain where they are named; any other word of a signature may stand for several.
const CERTAIN: [&str; 16] = [
    "Unit",
    "Chip",
    "Memory",
    "Payload",
    "Serial",
    "Data",
    "TestResult",
    "Failure",
    "text",
    "int",
    "float",
    "bool",
    "char",
    "array",
    "map",
    "blob",
];

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// As signatures write it: `Chip`, `text`.
    pub(super) word: String,
    /// The name it was got by: of a memory, the device's.
    pub(super) name: Option<String>,
}

/// A variable of a function, by the function's number.
type Variable = (Option<usize>, String);

/// The kinds of variables, as the walk comes upon them.
pub(super) struct Kinds<'a> {
    functions: &'a FunctionTable,
    code: &'a Code,
    variables: BTreeMap<Variable, Kind>,
    /// Those that are declared once and never assigned.
    constant: BTreeSet<Variable>,
    /// All that are declared somewhere.
    declared: BTreeSet<Variable>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(ast: &AST, functions: &'a FunctionTable, code: &'a Code) -> Self {
        let (declared, constant) = variables(ast, code);
        let mut variables = BTreeMap::new();
        for (number, function) in code.functions().iter().enumerate() {
            // These two are called by the engine, so their parameter is what it says.
            let is_called_with_unit = ["main", "on_abort"].contains(&function.name.as_str());
            if let ([unit], true) = (&function.parameters[..], is_called_with_unit) {
                let variable = (Some(number), unit.clone());
                if constant.contains(&variable) {
                    variables.insert(variable, kind("Unit"));
                }
            }
        }
        Self {
            functions,
            code,
            variables,
            constant,
            declared,
        }
    }

    /// Whether the function at a place declares a variable.
    pub(super) fn is_declared(&self, name: &str, position: Position) -> bool {
        let variable = (self.code.function_at(position), name.to_string());
        self.declared.contains(&variable)
    }

    /// The variables that the function at a place declares.
    pub(super) fn visible_at(&self, position: Position) -> BTreeSet<&str> {
        let function = self.code.function_at(position);
        let here = self.declared.iter().filter(|(at, _)| *at == function);
        here.map(|(_, name)| name.as_str()).collect()
    }

    /// Notes the variable of a `let`.
    pub(super) fn declare(&mut self, name: &str, value: &Expr, position: Position) {
        let variable = (self.code.function_at(position), name.to_string());
        if self.constant.contains(&variable)
            && let Some(kind) = self.of(value)
        {
            self.variables.insert(variable, kind);
        }
    }

    /// The kind of an expression on its own.
    pub(super) fn of(&self, expression: &Expr) -> Option<Kind> {
        Some(match expression {
            Expr::BoolConstant(..) | Expr::And(..) | Expr::Or(..) => kind("bool"),
            Expr::IntegerConstant(..) => kind("int"),
            Expr::FloatConstant(..) => kind("float"),
            Expr::CharConstant(..) => kind("char"),
            Expr::StringConstant(..) | Expr::InterpolatedString(..) => kind("text"),
            Expr::Array(..) => kind("array"),
            Expr::Map(..) => kind("map"),
            Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                let function = self.code.function_at(*position);
                return self
                    .variables
                    .get(&(function, variable.1.to_string()))
                    .cloned();
            }
            Expr::FnCall(call, _) if call.op_token.is_some() => {
                match is_comparison(&call.name) || call.name == "!" {
                    true => kind("bool"),
                    false => return None,
                }
            }
            Expr::FnCall(call, _) if !call.is_qualified() => {
                return self.returned(&call.name, self.of_all(&call.args), call);
            }
            Expr::Dot(pair, ..) => return self.chain(self.of(&pair.lhs), &pair.rhs),
            _ => return None,
        })
    }

    /// The kinds of arguments.
    pub(super) fn of_all(&self, arguments: &[Expr]) -> Vec<Option<Kind>> {
        arguments.iter().map(|argument| self.of(argument)).collect()
    }

    /// The kind of what the method or property at the end of the path is called on.
    pub(super) fn receiver(&self, path: &[ASTNode]) -> Option<Kind> {
        let (node, above) = path.split_last()?;
        let ASTNode::Expr(Expr::Dot(pair, ..)) = above.last()? else {
            return None;
        };
        // The first link of what follows a dot continues what is before that dot.
        let is_right = matches!(node, ASTNode::Expr(right) if std::ptr::eq(*right, &pair.rhs));
        if !is_right {
            return self.receiver(above);
        }
        match &pair.lhs {
            link @ (Expr::MethodCall(..) | Expr::Property(..)) => {
                self.link(self.receiver(above), link)
            }
            // After an index comes a dot whose left side is the index.
            _ if is_indexed(above) => None,
            first => self.of(first),
        }
    }

    /// Whether a function may be meant by these arguments.
    pub(super) fn accepts(signature: &Signature, arguments: &[Option<Kind>]) -> bool {
        let parameters = &signature.parameters;
        parameters.len() == arguments.len()
            && parameters
                .iter()
                .zip(arguments)
                .all(|(parameter, argument)| {
                    let Some(argument) = argument else {
                        return true;
                    };
                    *parameter == argument.word || !CERTAIN.contains(&parameter.as_str())
                })
    }

    fn chain(&self, receiver: Option<Kind>, rest: &Expr) -> Option<Kind> {
        match rest {
            Expr::Dot(pair, ..) => self.chain(self.link(receiver, &pair.lhs), &pair.rhs),
            link => self.link(receiver, link),
        }
    }

    /// The kind of what one method or property gives.
    fn link(&self, receiver: Option<Kind>, link: &Expr) -> Option<Kind> {
        let receiver = receiver?;
        match link {
            Expr::MethodCall(call, _) => {
                let mut arguments = vec![Some(receiver)];
                arguments.extend(self.of_all(&call.args));
                self.returned(&call.name, arguments, call)
            }
            Expr::Property(property, _) => {
                let getter = format!("get${}", property.2);
                let mut found = self.functions.of(&getter, 1);
                let found = found.find(|it| it.parameters == [receiver.word.as_str()])?;
                certain(&found.returns)
            }
            _ => None,
        }
    }

    /// What a function returns, where all that may be meant return the same.
    fn returned(
        &self,
        name: &str,
        arguments: Vec<Option<Kind>>,
        call: &FnCallExpr,
    ) -> Option<Kind> {
        let mut meant = self
            .functions
            .of(name, arguments.len())
            .filter(|signature| Self::accepts(signature, &arguments));
        let first = meant.next()?;
        if first.is_defined || meant.any(|it| it.is_defined || it.returns != first.returns) {
            return None;
        }
        let mut kind = certain(&first.returns)?;
        if let Some(Expr::StringConstant(name, _)) = call.args.first() {
            kind.name = Some(name.to_string());
        }
        Some(kind)
    }
}

/// `==` and its like.
pub(super) fn is_comparison(name: &str) -> bool {
    matches!(name, "==" | "!=" | "<" | ">" | "<=" | ">=")
}

fn kind(word: &str) -> Kind {
    Kind {
        word: word.to_string(),
        name: None,
    }
}

fn certain(word: &str) -> Option<Kind> {
    CERTAIN.contains(&word).then(|| kind(word))
}

/// Whether the dot at the end of the path stands behind an index.
fn is_indexed(path: &[ASTNode]) -> bool {
    matches!(path, [.., ASTNode::Expr(Expr::Index(..)), _])
}

/// All variables and parameters; and those of them that are declared once in their function and never assigned.
fn variables(ast: &AST, code: &Code) -> (BTreeSet<Variable>, BTreeSet<Variable>) {
    let mut declared: BTreeMap<Variable, usize> = BTreeMap::new();
    let mut declare = |name: &str, function: Option<usize>| {
        *declared.entry((function, name.to_string())).or_default() += 1;
    };
    for (number, function) in code.functions().iter().enumerate() {
        for parameter in &function.parameters {
            declare(parameter, Some(number));
        }
    }
    let mut assigned = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(it, _, position))) => {
                declare(&it.0.name, code.function_at(*position));
            }
            Some(ASTNode::Stmt(Stmt::For(it, position))) => {
                let function = code.function_at(*position);
                declare(&it.0.name, function);
                it.1.iter()
                    .for_each(|counter| declare(&counter.name, function));
            }
            Some(ASTNode::Stmt(Stmt::TryCatch(it, position))) => {
                if let Expr::Variable(caught, ..) = &it.expr {
                    declare(&caught.1, code.function_at(*position));
                }
            }
            Some(ASTNode::Stmt(Stmt::Assignment(it))) => {
                if let Expr::Variable(variable, _, position) = &it.1.lhs {
                    assigned.insert((code.function_at(*position), variable.1.to_string()));
                }
            }
            _ => {}
        }
        true
    });
    let constant = declared
        .iter()
        .filter(|(variable, count)| **count == 1 && !assigned.contains(*variable))
        .map(|(variable, _)| variable.clone())
        .collect();
    (declared.into_keys().collect(), constant)
}
