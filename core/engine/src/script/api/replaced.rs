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
    pub fn order(
        context: NativeCallContext,
        array: &mut Array,
        comparer: FnPtr,
    ) -> Result<Array> {
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
        (None, Err(_)) => Err(argument(context, "the function to sort by contradicts itself")),
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
