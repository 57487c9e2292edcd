//! What test code gave: an exit code and named results, read as properties.

use crate::{
    codes,
    report::{Failure, Value},
    unit::TestRun,
};
use rhai::{Dynamic, ImmutableString, NativeCallContext, plugin::*};

/// The result of a run test.
#[derive(Clone)]
pub(crate) struct TestResult(pub(crate) TestRun);

#[export_module]
pub(super) mod functions {
    /// Exit code of the test code; 0 is success.
    #[rhai_fn(get = "exit_code", pure)]
    pub fn exit_code(result: &mut TestResult) -> i64 {
        i64::from(result.0.exit_code)
    }

    /// Everything the test code printed.
    #[rhai_fn(get = "output", pure)]
    pub fn output(result: &mut TestResult) -> ImmutableString {
        result.0.output.as_str().into()
    }

    /// Tells whether there is a result of that name.
    #[rhai_fn(pure)]
    pub fn has(result: &mut TestResult, name: &str) -> bool {
        result.0.results.iter().any(|(known, _)| known == name)
    }

    /// A named result: the test code printed `name=value`.
    #[rhai_fn(index_get, return_raw)]
    pub fn get(
        context: NativeCallContext,
        result: &mut TestResult,
        name: &str,
    ) -> super::super::Result<Dynamic> {
        let found = result.0.results.iter().find(|(known, _)| known == name);
        match found {
            Some((_, Value::Bool(flag))) => Ok(Dynamic::from_bool(*flag)),
            Some((_, Value::Integer(number))) => Ok(Dynamic::from_int(*number)),
            Some((_, Value::Text(text))) => Ok(text.clone().into()),
            None => {
                let names: Vec<&str> = result
                    .0
                    .results
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect();
                Err(super::super::raise(
                    Failure::new(
                        codes::TEST_RESULT_MISSING,
                        format!("the test code gave no result `{name}`"),
                    )
                    .with_difference(name, names.join(", "))
                    .with_help("print `name=value` on a line of its own from the test code"),
                    context.call_position(),
                ))
            }
        }
    }
}
