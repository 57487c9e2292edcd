//! The engine of a station.

use crate::{cancel::CancelToken, image::Image, raised::raised, run};
use imprint_facade::{EngineOptions, UnitOptions, to_json};
use pyo3::prelude::*;
use std::{collections::BTreeMap, path::PathBuf};

/// An engine: devices, trusted plugins, and the books.
#[pyclass(frozen, module = "imprint._native")]
pub(crate) struct Engine(imprint_facade::Engine);

#[pymethods]
impl Engine {
    #[new]
    fn new(
        py: Python<'_>,
        plugins: Vec<PathBuf>,
        trust: Vec<PathBuf>,
        devices: Vec<PathBuf>,
        state: Option<PathBuf>,
        station_name: Option<String>,
    ) -> PyResult<Engine> {
        let options = EngineOptions {
            plugins,
            trust,
            devices,
            state,
            station_name,
        };
        py.detach(|| imprint_facade::Engine::new(options))
            .map(Engine)
            .map_err(|failure| raised(py, &failure))
    }

    fn devices(&self) -> String {
        to_json(&self.0.devices())
    }

    /// The report as JSON, and the exception that stopped the unit, if one did.
    #[expect(
        clippy::too_many_arguments,
        reason = "all are given by name, by one caller"
    )]
    fn run(
        &self,
        py: Python<'_>,
        image: &Image,
        on: String,
        values: BTreeMap<String, String>,
        barcode: Option<String>,
        cancel: &CancelToken,
        on_event: Option<Py<PyAny>>,
        on_prompt: Option<Py<PyAny>>,
    ) -> PyResult<(String, Option<PyErr>)> {
        let options = UnitOptions {
            on,
            values,
            barcode,
        };
        let mut unit = py
            .detach(|| self.0.unit(&image.0, options))
            .map_err(|failure| raised(py, &failure))?;
        if let Some(ask) = on_prompt {
            run::prompt(py, &mut unit, &ask)?;
        }
        let (report, stopped_by) = py.detach(|| run::run(unit, &cancel.0, on_event.as_ref()));
        match report {
            Ok(report) => Ok((to_json(&report), stopped_by)),
            // Nothing had begun.
            Err(failure) => Err(stopped_by.unwrap_or_else(|| raised(py, &failure))),
        }
    }
}
