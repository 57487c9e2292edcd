//! Statements that are never reached, where that is certain: after `return`, `throw`, `break`, `continue` and `fail(..)`,
//! behind a loop that does not end, and under a condition that is written out as `true` or `false`.

use super::{
    code::Code,
    finding::Finding,
    walk::{Found, Walk},
};
use crate::{codes, report::Failure};
use rhai::{ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt, StmtBlock};

/// The check of what is reached.
pub(super) struct Reach<'a> {
    code: &'a Code,
    /// Whether the script has a `fail` of its own, which may return.
    has_own_fail: bool,
    /// The function whose outermost statements have come to an end, and whether that was told.
    ended: Option<(Option<usize>, bool)>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(walk: &Walk<'a>) -> Self {
        let code = &walk.file.code;
        let mut functions = code.functions().iter();
        Self {
            has_own_fail: functions.any(|function| function.name == "fail"),
            code,
            ended: None,
        }
    }

    /// One statement: what it has inside, and, at the outermost level, whether it is reached.
    pub(super) fn statement(&mut self, statement: &Stmt, path: &[ASTNode], found: &mut Found) {
        if path.len() == 1 {
            self.outermost(statement, found);
        }
        match statement {
            Stmt::If(choice, _) => {
                self.block(choice.body.statements(), found);
                self.block(choice.branch.statements(), found);
                match choice.expr {
                    Expr::BoolConstant(true, _) => never(&choice.branch, found),
                    Expr::BoolConstant(false, _) => never(&choice.body, found),
                    _ => {}
                }
            }
            Stmt::While(it, _) => {
                self.block(it.body.statements(), found);
                if matches!(it.expr, Expr::BoolConstant(false, _)) {
                    never(&it.body, found);
                }
            }
            Stmt::Do(it, ..) => self.block(it.body.statements(), found),
            Stmt::For(it, _) => self.block(it.2.body.statements(), found),
            Stmt::TryCatch(it, _) => {
                self.block(it.body.statements(), found);
                self.block(it.branch.statements(), found);
            }
            Stmt::Block(block) => self.block(block.statements(), found),
            _ => {}
        }
    }

    /// The statements of a block, in their order.
    pub(super) fn block(&self, statements: &[Stmt], found: &mut Found) {
        let Some(end) = statements.iter().position(|it| self.ends(it)) else {
            return;
        };
        let mut after = statements[end + 1..].iter();
        found.extend(after.find(|it| !it.is_noop()).map(unreachable));
    }

    /// The bodies of functions are no nodes of the tree: their statements come one after the other.
    fn outermost(&mut self, statement: &Stmt, found: &mut Found) {
        let function = self.code.function_at(statement.position());
        match &mut self.ended {
            Some((ended, is_told)) if *ended == function => {
                if !*is_told && !statement.is_noop() {
                    *is_told = true;
                    found.push(unreachable(statement));
                }
            }
            _ => self.ended = self.ends(statement).then_some((function, false)),
        }
    }

    /// Whether nothing after the statement is ever reached.
    fn ends(&self, statement: &Stmt) -> bool {
        let block_ends = |block: &StmtBlock| block.iter().any(|it| self.ends(it));
        match statement {
            Stmt::Return(..) | Stmt::BreakLoop(..) => true,
            Stmt::FnCall(call, _) => self.fails(call),
            Stmt::Block(block) => block_ends(block),
            Stmt::If(choice, _) => block_ends(&choice.body) && block_ends(&choice.branch),
            Stmt::TryCatch(it, _) => block_ends(&it.body) && block_ends(&it.branch),
            Stmt::While(it, _) => {
                matches!(it.expr, Expr::Unit(_) | Expr::BoolConstant(true, _))
                    && !has_break(statement)
            }
            Stmt::Expr(expression) => match &**expression {
                Expr::Stmt(block) => block_ends(block),
                Expr::FnCall(call, _) => self.fails(call),
                _ => false,
            },
            _ => false,
        }
    }

    /// `fail(..)`, which never returns.
    fn fails(&self, call: &FnCallExpr) -> bool {
        let is_fail = call.name == "fail" && call.args.len() == 1;
        is_fail && !call.is_qualified() && !self.has_own_fail
    }
}

/// Whether a loop has a `break` of its own.
fn has_break(statement: &Stmt) -> bool {
    let mut has_break = false;
    statement.walk(&mut Vec::new(), &mut |path: &[ASTNode]| {
        if let [_, between @ .., ASTNode::Stmt(Stmt::BreakLoop(_, flags, _))] = path {
            let is_of_inner = between.iter().any(|node| {
                matches!(
                    node,
                    ASTNode::Stmt(Stmt::While(..) | Stmt::Do(..) | Stmt::For(..))
                )
            });
            has_break |= flags.intersects(ASTFlags::BREAK) && !is_of_inner;
        }
        true
    });
    has_break
}

/// A block that a constant condition leaves out.
fn never(block: &StmtBlock, found: &mut Found) {
    let mut statements = block.iter();
    found.extend(statements.find(|it| !it.is_noop()).map(unreachable));
}

fn unreachable(statement: &Stmt) -> (Finding, Position) {
    let failure = Failure::new(codes::SCRIPT_UNREACHABLE, "this line is never reached")
        .with_help("remove it, or what ends the way to it");
    (Finding::warning(failure), statement.position())
}
