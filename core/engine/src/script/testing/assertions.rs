//! What a test says of what it finds. A test cannot catch these: they end it.

use crate::{
    codes,
    report::Failure,
    script::{
        api::{End, Result, end},
        error,
        show::show,
    },
};
use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Fails the test unless the condition holds.
    #[rhai_fn(name = "assert", return_raw)]
    pub fn assert(context: NativeCallContext, condition: bool) -> Result<()> {
        super::holds(&context, condition, "what is asserted does not hold")
    }

    /// Fails the test unless the condition holds, and says what it is about.
    #[rhai_fn(name = "assert", return_raw)]
    pub fn assert_about(context: NativeCallContext, condition: bool, about: &str) -> Result<()> {
        super::holds(&context, condition, about)
    }

    /// Fails the test unless what was found equals what is expected.
    #[rhai_fn(name = "assert_eq", return_raw)]
    pub fn assert_eq(context: NativeCallContext, found: Dynamic, expected: Dynamic) -> Result<()> {
        super::equal(&context, found, expected, "these two are not equal")
    }

    /// Fails the test unless what was found equals what is expected, and says what it is about.
    #[rhai_fn(name = "assert_eq", return_raw)]
    pub fn assert_eq_about(
        context: NativeCallContext,
        found: Dynamic,
        expected: Dynamic,
        about: &str,
    ) -> Result<()> {
        super::equal(&context, found, expected, about)
    }

    /// Calls the closure, which must fail with this code, and returns its failure:
    /// `expect_error("IMP-4010", || chip.verify(firmware))`.
    #[rhai_fn(return_raw)]
    pub fn expect_error(context: NativeCallContext, code: &str, action: FnPtr) -> Result<Failure> {
        super::expect(&context, code, &action)
    }
}

fn holds(context: &NativeCallContext, condition: bool, about: &str) -> Result<()> {
    match condition {
        true => Ok(()),
        false => Err(end(Failure::new(codes::ASSERTION, about), context)),
    }
}

fn equal(
    context: &NativeCallContext,
    mut found: Dynamic,
    mut expected: Dynamic,
    about: &str,
) -> Result<()> {
    let texts = (show(&expected), show(&found));
    // The comparison of the language, so that a test agrees with what the same line would say in a script.
    let is_equal = context.call_native_fn_raw("==", true, &mut [&mut found, &mut expected])?;
    if is_equal.as_bool() == Ok(true) {
        return Ok(());
    }
    Err(end(
        Failure::new(codes::ASSERTION, about).with_difference(texts.0, texts.1),
        context,
    ))
}

fn expect(context: &NativeCallContext, code: &str, action: &FnPtr) -> Result<Failure> {
    let missed = |message: String, found: String| {
        let failure = Failure::new(codes::EXPECTED_ERROR, message).with_difference(code, found);
        Err(end(failure, context))
    };
    let error = match action.call_within_context::<Dynamic>(context, ()) {
        Ok(value) => {
            let value = match value.is_unit() {
                true => String::new(),
                false => format!(", and gave {}", show(&value)),
            };
            let message = format!("nothing failed where {code} was expected");
            return missed(message, format!("it succeeded{value}"));
        }
        Err(error) if ends_the_test(&error) => return Err(error),
        Err(error) => error,
    };
    let (failure, script, position) = error::without_texts(*error);
    if failure.code == code {
        return Ok(failure);
    }
    let place = match (script.as_str(), position.line()) {
        (_, None) => String::new(),
        ("", Some(line)) => format!(", in line {line}"),
        (script, Some(line)) => format!(", in line {line} of `{script}`"),
    };
    missed(
        "it failed otherwise than expected".into(),
        format!("{failure}{place}"),
    )
}

/// Whether an error is the test's own end: an assertion in the closure, or the watch.
fn ends_the_test(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => ends_the_test(inner),
        EvalAltResult::ErrorTerminated(token, _) => match token.read_lock::<End>() {
            Some(end) => {
                matches!(
                    end.failure.code.as_str(),
                    codes::ASSERTION | codes::EXPECTED_ERROR
                )
            }
            None => true,
        },
        _ => false,
    }
}
