//! What the image has, as far as the caller knows it.

use imprint_device::Device;
use imprint_image::recipe::{Recipe, Right};
use std::collections::BTreeSet;

/// The names a script may use. Names of a kind that is not known are not looked at.
#[derive(Clone, Debug, Default)]
pub struct ImageNames {
    /// The device, whose memories the script names.
    pub device: Option<Device>,
    /// Names of the payloads.
    pub payloads: Option<BTreeSet<String>>,
    /// Names of the settings.
    pub settings: Option<BTreeSet<String>>,
    /// Names of the serial numbers.
    pub serials: Option<BTreeSet<String>>,
    /// Names of the data windows.
    pub data: Option<BTreeSet<String>>,
    /// Names of the run tests.
    pub tests: Option<BTreeSet<String>>,
    /// The rights.
    pub rights: Option<BTreeSet<Right>>,
    /// Names of the family's options.
    pub options: Option<BTreeSet<String>>,
    /// Names of the family's commands.
    pub commands: Option<BTreeSet<String>>,
}

impl ImageNames {
    /// All names that a recipe or an object has, and the memories of its device.
    pub fn new(
        payloads: impl IntoIterator<Item = impl ToString>,
        settings: impl IntoIterator<Item = impl ToString>,
        device: &Device,
        rights: &BTreeSet<Right>,
    ) -> Self {
        Self {
            payloads: Some(set(payloads)),
            settings: Some(set(settings)),
            device: Some(device.clone()),
            rights: Some(rights.clone()),
            ..Self::default()
        }
    }

    /// The same with the names of what is different on every unit, and of the run tests.
    #[must_use]
    pub fn with_units(
        self,
        serials: impl IntoIterator<Item = impl ToString>,
        data: impl IntoIterator<Item = impl ToString>,
        tests: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        Self {
            serials: Some(set(serials)),
            data: Some(set(data)),
            tests: Some(set(tests)),
            ..self
        }
    }

    /// The same with the names of the family's options and commands, as its plugin tells them.
    #[must_use]
    pub fn with_family(
        self,
        options: impl IntoIterator<Item = impl ToString>,
        commands: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        Self {
            options: Some(set(options)),
            commands: Some(set(commands)),
            ..self
        }
    }

    /// All names of a recipe for a device.
    pub fn of_recipe(recipe: &Recipe, device: &Device) -> Self {
        Self::new(
            recipe.payloads.keys(),
            recipe.settings.keys(),
            device,
            &recipe.rights,
        )
        .with_units(
            recipe.serials.keys(),
            recipe.data.keys(),
            recipe.tests.iter().map(|test| &test.name),
        )
    }

    /// Names of the device's memories.
    pub(super) fn memories(&self) -> Option<BTreeSet<String>> {
        let memories = &self.device.as_ref()?.memories;
        Some(set(memories.iter().map(|memory| &memory.name)))
    }
}

fn set(names: impl IntoIterator<Item = impl ToString>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}
