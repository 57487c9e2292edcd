//! Firmware files: what `SS`, `QO` and `QB` put together and `PM` programs.

use crate::{
    error::LegacyError,
    files::{FileNeeded, base_name, is_same_path, recipe_name, stem, unused},
    limits::FILE_COUNT_MAX,
};
use std::collections::BTreeSet;

/// A payload of the recipe.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    /// What script and recipe call it.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: FileNeeded,
    /// `Some` of a raw file; the address it goes to, if a line said so.
    pub(crate) raw: Option<Option<u64>>,
}

/// All payloads so far, and which of them the next `PM` programs.
#[derive(Default)]
pub(crate) struct Queue {
    pub(crate) payloads: Vec<Payload>,
    queued: Vec<usize>,
    names: BTreeSet<String>,
    file_names: BTreeSet<String>,
}

impl Queue {
    /// Adds a file to what is programmed next, and returns the name of its payload; none if `path` names no file.
    pub(crate) fn add(
        &mut self,
        cfg: &str,
        line: usize,
        path: &str,
        raw: Option<Option<u64>>,
    ) -> Result<Option<String>, LegacyError> {
        let Some(base) = base_name(path) else {
            return Ok(None);
        };
        let known = self
            .payloads
            .iter()
            .position(|it| is_same_path(&it.file.path, path) && it.raw == raw);
        let index = match known {
            Some(index) => index,
            None => self.make(cfg, line, path, base, raw)?,
        };
        if !self.queued.contains(&index) {
            self.queued.push(index);
        }
        Ok(Some(self.payloads[index].name.clone()))
    }

    fn make(
        &mut self,
        cfg: &str,
        line: usize,
        path: &str,
        base: &str,
        raw: Option<Option<u64>>,
    ) -> Result<usize, LegacyError> {
        if self.payloads.len() == FILE_COUNT_MAX {
            let file = cfg.to_owned();
            return Err(LegacyError::TooManyFiles { file });
        }
        // One file may be queued twice, at two addresses.
        let same = |it: &&Payload| is_same_path(&it.file.path, path);
        let file_name = match self.payloads.iter().find(same) {
            Some(known) => known.file.name.clone(),
            None => unused(base, &self.file_names),
        };
        let name = unused(&recipe_name(stem(base), "payload"), &self.names);
        self.file_names.insert(file_name.to_lowercase());
        self.names.insert(name.to_lowercase());
        let file = FileNeeded {
            line,
            path: path.to_owned(),
            name: file_name,
        };
        self.payloads.push(Payload { name, file, raw });
        Ok(self.payloads.len() - 1)
    }

    /// Forgets what was queued.
    pub(crate) fn clear(&mut self) {
        self.queued.clear();
    }

    /// Names of the payloads that are queued, in their order.
    pub(crate) fn queued(&self) -> Vec<&str> {
        let name = |index: &usize| self.payloads[*index].name.as_str();
        self.queued.iter().map(name).collect()
    }

    /// The files, each once.
    pub(crate) fn files(&self) -> Vec<FileNeeded> {
        let mut files: Vec<FileNeeded> = Vec::new();
        for payload in &self.payloads {
            if !files.iter().any(|it| it.name == payload.file.name) {
                files.push(payload.file.clone());
            }
        }
        files
    }
}
