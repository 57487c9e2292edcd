//! `a & b != 0` is `a & (b != 0)`, as in C, and fails only when the line runs.

use super::{
    code::Code,
    finding::Finding,
    kinds::{Kinds, is_comparison},
};
use crate::{codes, report::Failure};
use rhai::{Expr, FnCallExpr, Position};

/// A comparison that is an operand of `&`, `|` or `^` without brackets of its own.
pub(super) fn check(
    call: &FnCallExpr,
    position: Position,
    kinds: &Kinds,
    code: &Code,
) -> Option<(Finding, Position)> {
    let [left, right] = &call.args[..] else {
        return None;
    };
    if !matches!(call.name.as_str(), "&" | "|" | "^") {
        return None;
    }
    let comparison = [(left, right), (right, left)]
        .into_iter()
        .find_map(|(operand, other)| match operand {
            Expr::FnCall(inner, at) if is_comparison(&inner.name) => {
                let has_brackets = code.depth_at(*at) > code.depth_at(position);
                // `flag | a == b` on two truths is meant.
                let is_of_truths = kinds.of(other).is_some_and(|kind| kind.word == "bool");
                (!has_brackets && !is_of_truths).then_some(inner.name.as_str())
            }
            _ => None,
        })?;
    let failure = Failure::new(
        codes::SCRIPT_PRECEDENCE,
        format!("`{comparison}` binds tighter than `{}`", call.name),
    )
    .with_help(format!("write `(a {} b) {comparison} c`", call.name));
    Some((Finding::error(failure), position))
}
