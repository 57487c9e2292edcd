//! What the parts of a recipe must agree on with each other.
//!
//! The reader has no place for a mistake that is none in itself, so the place is where the name in question stands first.

use super::{DataSource, Name, Recipe, RecipeError};
use crate::nearest::nearest;

/// The first contradiction. `text` is what the recipe was read from.
pub(super) fn check(file: &str, text: &str, recipe: &Recipe) -> Result<(), RecipeError> {
    let check = Check { file, text, recipe };
    check.names()?;
    check.serials()?;
    check.data()?;
    check.barcode()?;
    check.tests()
}

struct Check<'a> {
    file: &'a str,
    text: &'a str,
    recipe: &'a Recipe,
}

impl Check<'_> {
    fn names(&self) -> Result<(), RecipeError> {
        let serials = &self.recipe.serials;
        match serials
            .keys()
            .find(|name| self.recipe.data.contains_key(*name))
        {
            None => Ok(()),
            Some(name) => {
                let (line, column) = self.place(name.as_str());
                Err(RecipeError::NameTwice {
                    file: self.file.into(),
                    line,
                    column,
                    name: name.to_string(),
                })
            }
        }
    }

    fn serials(&self) -> Result<(), RecipeError> {
        for (name, serial) in &self.recipe.serials {
            let entry = format!("serial `{name}`");
            self.payload(&entry, serial.into.as_ref())?;
            if serial.over && serial.into.is_none() {
                return Err(self.window(name.as_str(), entry, OVER_NOTHING.into()));
            }
        }
        Ok(())
    }

    fn data(&self) -> Result<(), RecipeError> {
        for (name, window) in &self.recipe.data {
            let entry = format!("data `{name}`");
            self.payload(&entry, window.into.as_ref())?;
            if window.over && window.into.is_none() {
                return Err(self.window(name.as_str(), entry, OVER_NOTHING.into()));
            }
            if let Some(message) = window.defect() {
                return Err(self.window(name.as_str(), entry, message));
            }
            if let DataSource::Result(test, _) = &window.source {
                let known = self.recipe.tests.iter().map(|it| it.name.as_str());
                self.reference(&entry, "test", test, known)?;
                if window.into.is_some() {
                    let message = "a test's result comes too late to go into a payload".into();
                    return Err(self.window(name.as_str(), entry, message));
                }
            }
        }
        Ok(())
    }

    fn barcode(&self) -> Result<(), RecipeError> {
        let Some(message) = self.recipe.barcode.as_ref().and_then(|it| it.defect()) else {
            return Ok(());
        };
        let (line, column) = place_of(self.text, "barcode:");
        Err(RecipeError::Barcode {
            file: self.file.into(),
            line,
            column,
            message,
        })
    }

    fn tests(&self) -> Result<(), RecipeError> {
        let tests = &self.recipe.tests;
        for (index, test) in tests.iter().enumerate() {
            let entry = format!("test `{}`", test.name);
            if tests[..index].iter().any(|it| it.name == test.name) {
                let (line, column) = self.place(test.name.as_str());
                return Err(RecipeError::TestTwice {
                    file: self.file.into(),
                    line,
                    column,
                    name: test.name.to_string(),
                });
            }
            self.payload(&entry, Some(&test.payload))?;
        }
        let late = self.recipe.payloads.iter().find(|(_, it)| it.after_tests);
        match late {
            Some((name, _)) if tests.is_empty() => {
                let (line, column) = self.place(name.as_str());
                Err(RecipeError::NoTests {
                    file: self.file.into(),
                    line,
                    column,
                    payload: name.to_string(),
                })
            }
            _ => Ok(()),
        }
    }

    fn payload(&self, entry: &str, name: Option<&Name>) -> Result<(), RecipeError> {
        let known = self.recipe.payloads.keys().map(Name::as_str);
        match name {
            Some(name) => self.reference(entry, "payload", name, known),
            None => Ok(()),
        }
    }

    fn reference<'n>(
        &self,
        entry: &str,
        what: &'static str,
        name: &Name,
        known: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<(), RecipeError> {
        if known.clone().any(|it| it == name.as_str()) {
            return Ok(());
        }
        let (line, column) = self.place(name.as_str());
        Err(RecipeError::UnknownReference {
            file: self.file.into(),
            line,
            column,
            entry: entry.into(),
            what,
            name: name.to_string(),
            nearest: nearest(name.as_str(), known).map(String::from),
        })
    }

    fn window(&self, name: &str, entry: String, message: String) -> RecipeError {
        let (line, column) = self.place(name);
        RecipeError::Window {
            file: self.file.into(),
            line,
            column,
            entry,
            message,
        }
    }

    fn place(&self, name: &str) -> (usize, usize) {
        place_of(self.text, &format!("\"{name}\""))
    }
}

const OVER_NOTHING: &str = "`over` is for an entry that goes `into` a payload";

/// Line and column of a text, both from 1.
fn place_of(text: &str, what: &str) -> (usize, usize) {
    let place = text.lines().enumerate().find_map(|(index, line)| {
        let column = line.find(what)?;
        Some((index + 1, line[..column].chars().count() + 1))
    });
    place.unwrap_or((1, 1))
}
