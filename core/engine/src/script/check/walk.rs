//! The walk over one syntax tree: each node goes to those whom it concerns.

use super::{
    File, Functions, calls::Calls, finding::Finding, kinds::Kinds, meant, names::ImageNames,
    precedence, reach,
};
use crate::{
    codes,
    limits::FINDINGS_MAX,
    report::Failure,
    script::error::{Texts, place},
};
use rhai::{AST, ASTNode, Expr, Position, Stmt};
use std::collections::BTreeMap;

/// What a walk needs to know.
pub(super) struct Walk<'a> {
    pub(super) functions: &'a Functions,
    /// Functions of the modules, by module name.
    pub(super) modules: &'a BTreeMap<String, Functions>,
    pub(super) names: &'a ImageNames,
    pub(super) file: &'a File<'a>,
}

/// What was found, each with where it begins.
pub(super) type Found = Vec<(Finding, Position)>;

impl<'a> Walk<'a> {
    pub(super) fn new(
        functions: &'a Functions,
        modules: &'a BTreeMap<String, Functions>,
        names: &'a ImageNames,
        file: &'a File<'a>,
    ) -> Self {
        Self {
            functions,
            modules,
            names,
            file,
        }
    }

    /// All findings, in no order.
    pub(super) fn run(self, ast: &AST, texts: &dyn Texts) -> Vec<Finding> {
        let mut kinds = Kinds::new(ast, &self.functions.table, &self.file.code);
        let mut calls = Calls::new(&self);
        let mut reach = reach::Reach::new(&self);
        let mut found = Found::new();
        ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(ASTNode::Stmt(statement)) => {
                    reach.statement(statement, path, &mut found);
                    match statement {
                        Stmt::Import(import, position) => {
                            calls.import(import, *position, &mut found);
                        }
                        Stmt::FnCall(call, position) => {
                            calls.call(call, *position, &kinds, &mut found);
                        }
                        Stmt::Var(it, _, position) => kinds.declare(&it.0.name, &it.1, *position),
                        _ => {}
                    }
                }
                Some(ASTNode::Expr(expression)) => match expression {
                    Expr::FnCall(call, position) if call.op_token.is_some() => {
                        found.extend(precedence::check(call, *position, &kinds, &self.file.code));
                    }
                    Expr::FnCall(call, position) => {
                        calls.call(call, *position, &kinds, &mut found);
                    }
                    Expr::MethodCall(call, position) => {
                        calls.method(call, *position, path, &kinds, &mut found);
                    }
                    Expr::Property(property, position) => {
                        calls.property(&property.2, *position, path, &kinds, &mut found);
                    }
                    Expr::Stmt(block) => reach.block(block.statements(), &mut found),
                    Expr::Variable(variable, _, position) if variable.2.is_empty() => {
                        found.extend(self.variable(&variable.1, *position, &kinds));
                    }
                    _ => {}
                },
                _ => {}
            }
            found.len() < FINDINGS_MAX
        });
        found
            .into_iter()
            .take(FINDINGS_MAX)
            .map(|(mut finding, position)| {
                finding.failure.place = place(position, texts, self.file.name, Vec::new());
                finding
            })
            .collect()
    }

    /// A variable that the parser was made to accept. Where it exists, the parser gave it an index.
    fn variable(
        &self,
        name: &str,
        position: Position,
        kinds: &Kinds,
    ) -> Option<(Finding, Position)> {
        if !self.file.parsed.undefined.contains_key(name) || kinds.is_declared(name, position) {
            return None;
        }
        let code = &self.file.code;
        let is_function = code.functions().iter().any(|it| it.name == name);
        let failure = Failure::new(
            codes::SCRIPT_UNKNOWN_VARIABLE,
            format!("there is no variable `{name}`"),
        );
        let failure = match is_function {
            true => failure.with_help("a function is passed by its name below its definition only"),
            false => failure.with_help(meant(name, kinds.visible_at(position).iter().copied())),
        };
        Some((Finding::error(failure), position))
    }
}
