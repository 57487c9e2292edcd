//! Serial numbers. The reference keeps them in `.ser` files whose fields are not published, so a definition to be
//! completed by hand takes the place of each. As it stands it has no positions, and `imprint build` refuses it.

use crate::{
    error::LegacyError,
    files::{base_name, is_same_path, recipe_name, stem, unused},
    limits::FILE_COUNT_MAX,
};
use std::collections::BTreeSet;

/// A definition to be written beside the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialFile {
    /// Its name: `NAME.serial.ron`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// One serial number of the script.
#[derive(Clone, Debug)]
pub(crate) struct Serial {
    /// What script and recipe call it.
    pub(crate) name: String,
    /// As the line names its file.
    path: String,
    line: usize,
}

/// All serial numbers so far, and the one that `PS` programs.
#[derive(Default)]
pub(crate) struct Serials {
    pub(crate) all: Vec<Serial>,
    names: BTreeSet<String>,
    chosen: Option<usize>,
}

impl Serials {
    /// Chooses a serial file; the name it has here, or none if `path` names no file.
    pub(crate) fn choose(
        &mut self,
        cfg: &str,
        line: usize,
        path: &str,
    ) -> Result<Option<&str>, LegacyError> {
        self.chosen = None;
        let Some(base) = base_name(path) else {
            return Ok(None);
        };
        let known = self.all.iter().position(|it| is_same_path(&it.path, path));
        if known.is_none() {
            if self.all.len() == FILE_COUNT_MAX {
                let file = cfg.to_owned();
                return Err(LegacyError::TooManyFiles { file });
            }
            let name = unused(&recipe_name(stem(base), "serial"), &self.names);
            self.names.insert(name.to_lowercase());
            let path = path.to_owned();
            self.all.push(Serial { name, path, line });
        }
        self.chosen = known.or(self.all.len().checked_sub(1));
        Ok(self.chosen())
    }

    /// The name of the chosen one.
    pub(crate) fn chosen(&self) -> Option<&str> {
        Some(self.all[self.chosen?].name.as_str())
    }
}

impl Serial {
    pub(crate) fn definition(&self) -> String {
        format!("{}.serial.ron", self.name)
    }

    /// The definition to be completed.
    pub(crate) fn file(&self, cfg: &str) -> SerialFile {
        let Serial { name, path, line } = self;
        let text = format!(
            "// The serial number `{name}`: to be completed from `{path}` ({cfg}, line {line}), opened in the editor it was\n\
             // made with. `imprint build` refuses it as long as it has no positions.\n\
             (\n    \
                 // One counter for all images that have this id.\n    \
                 id: {name:?},\n    \
                 values: counter(\n        \
                     // One for each byte, from the left: constant(\"A\"), binary, numeric, upper, lower, printable, hex, set(\"XYZ\").\n        \
                     positions: [],\n        \
                     // The current value as text; what lies below it is used up.\n        \
                     // start: \"\",\n        \
                     step: 1,\n        \
                     // `last` if the rightmost byte counts fastest, else `first`.\n        \
                     fastest: last,\n    \
                 ),\n\
             )\n"
        );
        SerialFile {
            name: self.definition(),
            text,
        }
    }
}
