//! Reading RON strictly, the same way everywhere.

use ron::{error::SpannedError, extensions::Extensions};
use serde::de::DeserializeOwned;

/// Reads a whole text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, SpannedError> {
    // So that `address: 0x1000` needs no `Some`.
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .from_str(text)
}
