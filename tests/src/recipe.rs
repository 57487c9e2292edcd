//! A recipe with its files, as a person would write them into a folder.

use crate::{Chip, NRF52};
use std::fmt::Write;

/// A recipe and the files it names.
#[derive(Clone, Debug)]
pub struct Recipe {
    device: String,
    script: String,
    modules: Vec<(String, String)>,
    payloads: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
    rights: Vec<&'static str>,
    settings: Vec<(&'static str, &'static str)>,
    limits: Option<(u64, u64)>,
    sections: String,
}

impl Recipe {
    /// A recipe for `device` with this script.
    pub fn new(device: &str, script: &str) -> Recipe {
        Recipe {
            device: device.into(),
            script: script.into(),
            modules: Vec::new(),
            payloads: Vec::new(),
            files: Vec::new(),
            rights: Vec::new(),
            settings: Vec::new(),
            limits: None,
            sections: String::new(),
        }
    }

    /// Erases, programs `bytes` at the start of the flash, and verifies them.
    pub fn programming(chip: &Chip, bytes: Vec<u8>) -> Recipe {
        Recipe::programming_firmware(chip).raw("firmware", chip.flash_start, bytes)
    }

    /// Erases, programs the payload `firmware`, which is still to be given, and verifies it.
    pub fn programming_firmware(chip: &Chip) -> Recipe {
        let script = "fn main(unit) {\n    let chip = unit.connect();\n    chip.erase();\n    \
             chip.program(unit.payload(\"firmware\"));\n    chip.verify(unit.payload(\"firmware\"));\n}\n";
        Recipe::new(chip.device, script).right("mass_erase")
    }

    /// Connects to an nRF52832 and does what `body` says, a statement a line; the first is line 3.
    pub fn with_body(body: &str) -> Recipe {
        Recipe::new(
            NRF52.device,
            &format!("fn main(unit) {{\n    let chip = unit.connect();\n{body}\n}}\n"),
        )
    }

    /// One of the scripts of `scripts/`, with what its first lines say it needs.
    pub fn of_script(chip: &Chip, name: &str) -> Recipe {
        let path = crate::repository().join("scripts").join(name);
        let script = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let rights: &[&str] = match name {
            "production.rhai" => &["mass_erase", "protect"],
            "erase.rhai" => &["mass_erase", "unlock_by_erase"],
            _ => &[],
        };
        let needs = |payload: &str| script.contains(&format!("payload(\"{payload}\")"));
        let mut recipe = Recipe::new(chip.device, &script);
        if needs("firmware") {
            recipe = recipe.payload("firmware", "firmware.elf", chip.firmware("elf"));
        }
        if needs("selftest") {
            recipe = recipe.payload("selftest", "selftest.elf", Chip::selftest());
        }
        rights
            .iter()
            .fold(recipe, |recipe, right| recipe.right(right))
    }

    /// A payload that says itself where it goes.
    pub fn payload(mut self, name: &str, file: &str, bytes: Vec<u8>) -> Recipe {
        self.payloads
            .push((name.into(), format!("Payload(file: {file:?})")));
        self.files.push((file.into(), bytes));
        self
    }

    /// Raw bytes for an address.
    pub fn raw(mut self, name: &str, address: u64, bytes: Vec<u8>) -> Recipe {
        let file = format!("{name}.bin");
        let text = format!("Payload(file: {file:?}, address: {address:#x}, format: raw)");
        self.payloads.push((name.into(), text));
        self.files.push((file, bytes));
        self
    }

    /// A payload as the recipe has it, with its file.
    pub fn payload_as(mut self, text: &str, file: &str, bytes: Vec<u8>) -> Recipe {
        self.payloads.push(("firmware".into(), text.into()));
        self.files.push((file.into(), bytes));
        self
    }

    /// A module that the script may import.
    pub fn module(mut self, path: &str, text: &str) -> Recipe {
        self.modules.push((path.into(), text.into()));
        self
    }

    /// A file beside the recipe.
    pub fn file(mut self, file: &str, bytes: &[u8]) -> Recipe {
        self.files.push((file.into(), bytes.to_vec()));
        self
    }

    /// Further lines of the recipe, as they are.
    pub fn section(mut self, text: &str) -> Recipe {
        self.sections += text;
        self.sections += "\n";
        self
    }

    /// A right.
    pub fn right(mut self, right: &'static str) -> Recipe {
        self.rights.push(right);
        self
    }

    /// A setting.
    pub fn setting(mut self, name: &'static str, value: &'static str) -> Recipe {
        self.settings.push((name, value));
        self
    }

    /// Longest time of the unit and of its script, in milliseconds.
    pub fn limits(mut self, unit_time_ms: u64, script_time_ms: u64) -> Recipe {
        self.limits = Some((unit_time_ms, script_time_ms));
        self
    }

    /// The text of `recipe.ron`.
    pub fn to_ron(&self) -> String {
        let mut text = format!(
            "Recipe(\n    name: \"unit\",\n    device: {:?},\n",
            self.device
        );
        text += "    script: \"script.rhai\",\n";
        let modules: Vec<String> = self
            .modules
            .iter()
            .map(|(path, _)| format!("{path:?}"))
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    modules: [{}],", modules.join(", "));
        text += "    payloads: {\n";
        for (name, payload) in &self.payloads {
            let _ = writeln!(text, "        {name:?}: {payload},");
        }
        let _ = writeln!(text, "    }},\n    rights: [{}],", self.rights.join(", "));
        text += "    settings: {\n";
        for (name, value) in &self.settings {
            let _ = writeln!(text, "        {name:?}: {value:?},");
        }
        text += "    },\n";
        if let Some((unit, script)) = self.limits {
            let _ = writeln!(
                text,
                "    limits: (unit_time_ms: {unit}, script_time_ms: {script}),"
            );
        }
        text + self.sections.as_str() + ")\n"
    }

    /// All files with their paths in the folder.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            ("recipe.ron".to_string(), self.to_ron().into_bytes()),
            ("script.rhai".to_string(), self.script.clone().into_bytes()),
        ];
        let modules = self.modules.iter();
        files.extend(modules.map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        files.extend(self.files.iter().cloned());
        files
    }
}
