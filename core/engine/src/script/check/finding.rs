//! One finding of the check.

use crate::report::Failure;
use serde::{Deserialize, Serialize};

/// What the check found, and how much it matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the script can still be built.
    pub severity: Severity,
    /// Code, sentence, place and what to do. The place names the module, or the script by its own name.
    #[serde(flatten)]
    pub failure: Failure,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The line fails when it runs: no image is built of it.
    Error,
    /// Not what was meant, most likely, and harmless: an image is built.
    Warning,
}

impl Finding {
    pub(crate) fn error(failure: Failure) -> Self {
        Self {
            severity: Severity::Error,
            failure,
        }
    }

    pub(crate) fn warning(failure: Failure) -> Self {
        Self {
            severity: Severity::Warning,
            failure,
        }
    }

    /// Whether no image may be built.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Line and column.
    pub(super) fn start(&self) -> (usize, usize) {
        let place = self.failure.place.as_ref();
        place.map_or((0, 0), |place| (place.line, place.column))
    }
}
