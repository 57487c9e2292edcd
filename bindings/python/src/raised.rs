//! From a failure to the exception that is raised for it.

use imprint_facade::{Failure, to_json};
use pyo3::prelude::*;

/// `imprint.ImprintError` of this failure.
pub(crate) fn raised(py: Python<'_>, failure: &Failure) -> PyErr {
    let make = || {
        let class = py.import("imprint._error")?.getattr("ImprintError")?;
        class.call_method1("_of_json", (to_json(failure),))
    };
    match make() {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
