//! Functions of Rhai's own library that a programming script cannot have as they are.
//!
//! `sort`, `order` and `dedup` go on when the function they are given fails, so a failed check in it would pass. `replace`
//! makes a text of any length in one operation, before any limit is looked at.

use super::{Result, argument};
use crate::limits::STRING_LEN_MAX;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, ImmutableString, NativeCallContext, plugin::*};
use std::{
    cmp::Ordering,
    panic::{AssertUnwindSafe, catch_unwind},
};

#[export_module]
pub(super) mod functions {
    #[rhai_fn(name = "sort", name = "sort_by", return_raw)]
    pub fn sort(context: NativeCallContext, array: &mut Array, comparer: FnPtr) -> Result<()> {
        super::sort(&context, array, &comparer)
    }

    #[rhai_fn(name = "order", name = "order_by", return_raw, pure)]
    pub fn order(context: NativeCallContext, array: &mut Array, comparer: FnPtr) -> Result<Array> {
        let mut array = array.clone();
        super::sort(&context, &mut array, &comparer)?;
        Ok(array)
    }

    #[rhai_fn(name = "dedup", return_raw)]
    pub fn dedup(context: NativeCallContext, array: &mut Array, comparer: FnPtr) -> Result<()> {
        let mut failure = None;
        array.dedup_by(|next, before| {
            failure.is_none()
                && super::compare(&context, &comparer, before, next)
                    .and_then(|same| super::truth(&context, &same))
                    .unwrap_or_else(|error| {
                        failure = Some(error);
                        false
                    })
        });
        failure.map_or(Ok(()), Err)
    }

    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace(
        context: NativeCallContext,
        text: &mut ImmutableString,
        find: &str,
        replacement: &str,
    ) -> Result<()> {
        super::replace(&context, text, find, replacement)
    }

    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace_char(
        context: NativeCallContext,
        text: &mut ImmutableString,
        find: char,
        replacement: &str,
    ) -> Result<()> {
        super::replace(&context, text, find.encode_utf8(&mut [0; 4]), replacement)
    }
}

/// Sorts by a script's function, which gives a number, or true where the first comes first. Its first failure is the sort's.
fn sort(context: &NativeCallContext, array: &mut Array, comparer: &FnPtr) -> Result<()> {
    let mut failure = None;
    let sorted = catch_unwind(AssertUnwindSafe(|| {
        array.sort_by(|left, right| {
            if failure.is_some() {
                return Ordering::Equal;
            }
            compare(context, comparer, left, right)
                .and_then(|value| ordering(context, &value))
                .unwrap_or_else(|error| {
                    failure = Some(error);
                    Ordering::Equal
                })
        });
    }));
    match (failure, sorted) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        // The library's sort panics when it finds that no order has these answers.
        (None, Err(_)) => Err(argument(
            context,
            "the function to sort by contradicts itself",
        )),
    }
}

fn compare(
    context: &NativeCallContext,
    comparer: &FnPtr,
    left: &Dynamic,
    right: &Dynamic,
) -> Result<Dynamic> {
    comparer.call_within_context(context, (left.clone(), right.clone()))
}

fn ordering(context: &NativeCallContext, value: &Dynamic) -> Result<Ordering> {
    if let Ok(number) = value.as_int() {
        return Ok(number.cmp(&0));
    }
    Ok(match truth(context, value)? {
        true => Ordering::Less,
        false => Ordering::Greater,
    })
}

fn truth(context: &NativeCallContext, value: &Dynamic) -> Result<bool> {
    value.as_bool().map_err(|kind| {
        argument(
            context,
            format!("the function to compare with gives a number or a bool, found {kind}"),
        )
    })
}

fn replace(
    context: &NativeCallContext,
    text: &mut ImmutableString,
    find: &str,
    replacement: &str,
) -> Result<()> {
    let count = text.matches(find).count();
    let len = text.len() - count * find.len() + count * replacement.len();
    if len > STRING_LEN_MAX {
        return Err(Box::new(EvalAltResult::ErrorDataTooLarge(
            "length of string".into(),
            context.call_position(),
        )));
    }
    *text = text.replace(find, replacement).into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::script::{
        ScriptSources, error::from_eval_error, functions::FunctionTable, modules::ImageModules,
        sandbox,
    };
    use rhai::Position;

    /// Runs a script; its value or its error must have this text.
    fn check(script: &str, expect: &str) {
        let engine = sandbox::engine(&ImageModules::default());
        let functions = "fn up(a, b) { a - b } fn first(a, b) { a > b } fn same(a, b) { a == b } fn text(a, b) { `x` } \
             fn failing(a, b) { fail(`told`) } fn throwing(a, b) { throw `thrown`; }";
        let found = match engine.eval::<rhai::Dynamic>(&format!("{functions} {script}")) {
            Ok(value) => value.to_string(),
            Err(error) => {
                let (sources, functions) = (ScriptSources::default(), FunctionTable::default());
                from_eval_error(*error, ("", Position::NONE), &sources, &functions).to_string()
            }
        };
        assert!(found.contains(expect), "{script}: {found}");
    }

    #[test]
    fn a_failure_in_a_function_that_compares_is_not_swallowed() {
        for call in [
            "a.sort(failing)",
            "a.sort_by(failing)",
            "a.order(failing)",
            "a.order_by(failing)",
            "a.dedup(failing)",
        ] {
            check(
                &format!("let a = [3, 1, 2]; {call}; `went on`"),
                "IMP-3010: told",
            );
            let call = call.replace("failing", "throwing");
            check(&format!("let a = [3, 1, 2]; {call}; `went on`"), "thrown");
            let call = call.replace("throwing", "text");
            check(&format!("let a = [3, 1, 2]; {call}; `went on`"), "IMP-3011");
        }
    }

    #[test]
    fn what_compares_sorts_as_before() {
        check("let a = [3, 1, 2]; a.sort(up); a", "[1, 2, 3]");
        check("let a = [3, 1, 2]; a.sort(first); a", "[3, 2, 1]");
        check("let a = [3, 1, 2]; a.sort(); a", "[1, 2, 3]");
        check(
            "let a = [3, 1, 2]; [a.order(up), a]",
            "[[1, 2, 3], [3, 1, 2]]",
        );
        check("let a = [1, 1, 2, 1]; a.dedup(same); a", "[1, 2, 1]");
        check("let a = []; a.sort(failing); a.dedup(failing); a", "[]");
    }

    #[test]
    fn a_replacement_is_as_long_as_a_text_may_be() {
        let long = "let s = ``; s.pad(16000, `x`); let t = s;";
        check(
            &format!("{long} s.replace(`x`, t); s.len"),
            "length of string",
        );
        check(
            &format!("{long} s.replace('x', t); s.len"),
            "length of string",
        );
        check(
            &format!("{long} s.replace(``, t); s.len"),
            "length of string",
        );
        check(&format!("{long} s.replace(`xx`, `y`); s.len"), "8000");
        check("let s = `a-b-c`; s.replace(`-`, `=>`); s", "a=>b=>c");
        check("let s = `a-b-c`; s.replace('-', ``); s", "abc");
        check("let s = `a-b-c`; s.replace('-', '+'); s", "a+b+c");
    }
}
