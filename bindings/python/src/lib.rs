//! The engine for Python: the native half of the module `imprint`.
//!
//! What crosses here is small: texts, and plain data as JSON. `python/imprint` makes typed objects of it, and is what a
//! program sees.

mod cancel;
mod engine;
mod image;
mod raised;
mod run;

use imprint_facade::{VERSION, probes, to_json};
use pyo3::prelude::*;

/// The probes that are plugged in, as JSON.
#[pyfunction]
fn list_probes(py: Python<'_>) -> String {
    py.detach(|| to_json(&probes()))
}

/// The version of the library.
#[pyfunction]
fn version() -> &'static str {
    VERSION
}

/// The module `imprint._native`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{cancel::CancelToken, engine::Engine, image::Image, list_probes, version};
}
