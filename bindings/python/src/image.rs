//! Images: opened and verified.

use crate::raised::raised;
use imprint_facade::{ImageOptions, to_json};
use pyo3::prelude::*;
use std::path::PathBuf;

/// A sealed image whose signature held.
#[pyclass(frozen, module = "imprint._native")]
pub(crate) struct Image(pub(crate) imprint_facade::Image);

#[pymethods]
impl Image {
    #[new]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        trust: Vec<PathBuf>,
        station_key: Option<PathBuf>,
        passphrase: Option<String>,
    ) -> PyResult<Image> {
        let options = ImageOptions {
            trust,
            station_key,
            passphrase,
        };
        py.detach(|| imprint_facade::Image::open(&path, &options))
            .map(Image)
            .map_err(|failure| raised(py, &failure))
    }

    fn facts(&self) -> String {
        to_json(self.0.facts())
    }

    fn verify(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.verify())
            .map_err(|failure| raised(py, &failure))
    }
}
