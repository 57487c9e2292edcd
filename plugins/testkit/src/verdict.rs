//! What a case finds.

use serde::{Deserialize, Serialize};

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The rule was kept.
    Passed,
    /// There was nothing to look at: the plugin, or this device, does not have it. Says why.
    NotApplicable(String),
    /// The rule was broken.
    Failed(Finding),
}

/// A broken rule: where, what the rule wants, what the plugin did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The call, and the callback in it where that matters.
    pub at: String,
    /// What the rule wants.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Why a case stops before its end.
pub(crate) enum Stop {
    NotApplicable(String),
    Failed(Finding),
}

/// What the steps of a case give.
pub(crate) type Step<T = ()> = Result<T, Stop>;

impl From<Step> for Verdict {
    fn from(step: Step) -> Verdict {
        match step {
            Ok(()) => Verdict::Passed,
            Err(Stop::NotApplicable(reason)) => Verdict::NotApplicable(reason),
            Err(Stop::Failed(finding)) => Verdict::Failed(finding),
        }
    }
}

/// Stops a case with a finding.
pub(crate) fn failed<T>(
    at: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Step<T> {
    Err(Stop::Failed(Finding {
        at: at.into(),
        expected: expected.into(),
        found: found.into(),
    }))
}

/// Stops a case because there is nothing to look at.
pub(crate) fn not_applicable<T>(reason: impl Into<String>) -> Step<T> {
    Err(Stop::NotApplicable(reason.into()))
}

/// Goes on only if that is so.
pub(crate) fn ensure(
    holds: bool,
    at: impl Into<String>,
    expected: impl Into<String>,
    found: impl FnOnce() -> String,
) -> Step {
    if holds {
        Ok(())
    } else {
        failed(at, expected, found())
    }
}
