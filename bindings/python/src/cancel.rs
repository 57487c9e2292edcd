//! Stopping a unit from any thread.

use pyo3::prelude::*;

/// Stops units from any thread. It is used up once it was cancelled.
#[pyclass(frozen, module = "imprint")]
pub(crate) struct CancelToken(pub(crate) imprint_facade::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> CancelToken {
        CancelToken(imprint_facade::CancelToken::new())
    }

    /// Stops each unit that was given the token, and returns at once.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether it was cancelled.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}
