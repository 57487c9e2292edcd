//! The import: line after line, a command becomes a statement or a finding.

use crate::{
    argument::{decimal, file_and_number, number},
    error::LegacyError,
    files::{FileNeeded, recipe_name, stem},
    finding::{Cause, Finding},
    limits::{SCRIPT_LEN_MAX, UNIT_TIME_MAX_MS, UNIT_TIME_MS},
    line::{self, Line},
    module::{Module, Modules},
    output::{self, Script},
    queue::Queue,
    serial::{SerialFile, Serials},
    setup::{self, Setup},
};
use imprint_device::Device;
use std::collections::{BTreeMap, BTreeSet};

/// What the file does not say itself.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The file's name, for messages and as the name of the recipe.
    pub file: &'a str,
    /// The device the recipe is for. With it, base addresses of modules tell which memory is meant.
    pub device: Option<&'a Device>,
    /// Texts for the placeholders `/PARAMn/`, by number.
    pub parameters: BTreeMap<u32, String>,
}

/// A script file, as recipe and script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The text of `recipe.ron`.
    pub recipe: String,
    /// The text of `main.rhai`.
    pub script: String,
    /// Definitions of serial numbers, to be completed by hand.
    pub serials: Vec<SerialFile>,
    /// What was not carried over, or not as it was, in the order of the lines.
    pub findings: Vec<Finding>,
    /// The firmware files that belong into the recipe's folder.
    pub files_needed: Vec<FileNeeded>,
}

impl Imported {
    /// Whether something is missing; the script then refuses to run.
    pub fn is_incomplete(&self) -> bool {
        self.findings.iter().any(Finding::is_missing)
    }
}

/// Turns the text of a script file into a recipe and a script.
pub fn import(text: &str, options: &Options) -> Result<Imported, LegacyError> {
    let lines = line::read(options.file, text, &options.parameters)?;
    let mut translation = Translation {
        file: options.file,
        device: options.device,
        modules: Modules::new(options.device),
        module: None,
        queue: Queue::default(),
        serials: Serials::default(),
        rights: BTreeSet::new(),
        description: None,
        delay_ms: 0,
        command_count: 0,
        script: Script::default(),
        findings: Vec::new(),
    };
    for line in &lines {
        translation.line(line)?;
        if translation.script.len() > SCRIPT_LEN_MAX {
            let file = options.file.to_owned();
            return Err(LegacyError::ScriptTooLong { file });
        }
    }
    translation.finish()
}

/// What has been understood so far.
struct Translation<'a> {
    file: &'a str,
    device: Option<&'a Device>,
    modules: Modules<'a>,
    /// The module that the commands are about; none before the first `CM`.
    module: Option<Module>,
    queue: Queue,
    serials: Serials,
    rights: BTreeSet<&'static str>,
    description: Option<String>,
    delay_ms: u64,
    command_count: usize,
    script: Script,
    findings: Vec<Finding>,
}

/// A line that cannot be carried over: cause, why, what to do by hand.
type Loss = (Cause, String, String);

fn loss<T>(cause: Cause, why: impl Into<String>, by_hand: impl Into<String>) -> Result<T, Loss> {
    Err((cause, why.into(), by_hand.into()))
}

impl Translation<'_> {
    fn line(&mut self, line: &Line) -> Result<(), LegacyError> {
        if line.text.is_empty() {
            self.script
                .comment(line.comment.as_deref().unwrap_or_default());
            return Ok(());
        }
        self.script.original(line);
        let (name, argument) = line.words();
        let lost = match (&line.missing, name.strip_prefix(':')) {
            (Some(placeholder), _) => loss(
                Cause::Argument,
                format!("the placeholder `{placeholder}` has no value"),
                "import again with --param N=TEXT",
            ),
            (None, Some(word)) => self.setup(word, argument),
            (None, None) => {
                self.command_count += 1;
                self.command(line, &name, argument)?
            }
        };
        if let Err((cause, why, by_hand)) = lost {
            self.find(line, cause, why, by_hand);
        }
        Ok(())
    }

    fn find(&mut self, line: &Line, cause: Cause, why: String, by_hand: String) {
        let finding = Finding {
            line: line.number,
            text: line.text.clone(),
            cause,
            why,
            by_hand,
        };
        self.script.finding(&finding);
        self.findings.push(finding);
    }

    fn setup(&mut self, word: &str, value: &str) -> Result<(), Loss> {
        match setup::find(word, value) {
            Setup::Description => {
                self.description = Some(value.to_owned());
                Ok(())
            }
            Setup::ByHand(by_hand) => loss(
                Cause::Setup,
                format!("what `:{word}` sets is not carried over"),
                by_hand,
            ),
        }
    }

    fn command(
        &mut self,
        line: &Line,
        name: &str,
        argument: &str,
    ) -> Result<Result<(), Loss>, LegacyError> {
        Ok(match name {
            "CM" => self.choose_module(line, argument),
            "SS" | "QO" | "QB" => self.queue_file(line, name, argument)?,
            "CQ" => {
                self.queue.clear();
                Ok(())
            }
            "BM" | "EM" | "EN" => self.whole_module(name),
            "PM" => self.program(),
            "VM" => self.verify("verify"),
            "VC" => self.verify_crc(line),
            "CS" => self.choose_serial(line, argument)?,
            "PS" => self.program_serial(),
            "RE" => self.on_chip("chip.reset_and_halt();"),
            "GO" => self.go(argument),
            "DE" => self.delay(argument),
            "REM" => Ok(()),
            _ => not_carried(name),
        })
    }

    fn choose_module(&mut self, line: &Line, argument: &str) -> Result<(), Loss> {
        let (algorithm, base) = file_and_number(argument);
        if algorithm.is_empty() {
            return loss(
                Cause::Argument,
                "no algorithm is named",
                "name one, and import again",
            );
        }
        let base = match (base, number(base)) {
            ("", _) => None,
            (_, Some(base)) => Some(base),
            _ => {
                return loss(
                    Cause::Argument,
                    format!("`{base}` is no base address"),
                    "write it in hexadecimal, and import again",
                );
            }
        };
        let is_first = self.module.is_none();
        let module = self.modules.find(algorithm, base);
        self.module = Some(module.clone());
        // Choosing a module resets the target.
        self.script.statement(match is_first {
            true => "let chip = unit.connect();",
            false => "chip.reset_and_halt();",
        });
        if is_first && self.device.is_none() {
            return loss(
                Cause::Device,
                format!("which device it is shows only in the algorithm's name, `{algorithm}`"),
                "import again with --device PART, as `imprint device list` writes it",
            );
        }
        match module {
            Module::Unknown => loss(
                Cause::Module,
                format!("nothing says which memory of the device `{algorithm}` is for"),
                "give CM the memory's base address; or erase it with chip.memory(\"NAME\").erase()",
            ),
            _ => {
                let why = format!(
                    "the algorithm is the one of the device description, not `{algorithm}`"
                );
                self.find(line, Cause::Differs, why, "nothing".into());
                Ok(())
            }
        }
    }

    fn queue_file(
        &mut self,
        line: &Line,
        name: &str,
        argument: &str,
    ) -> Result<Result<(), Loss>, LegacyError> {
        let is_raw = name == "QB";
        let (path, raw) = match is_raw {
            true => {
                let (path, address) = file_and_number(argument);
                (path, Some(number(address)))
            }
            // A number at its end belongs to the name.
            false => (argument.trim_matches('"').trim(), None),
        };
        if name == "SS" {
            self.queue.clear();
        }
        let Some(payload) = self.queue.add(self.file, line.number, path, raw)? else {
            return Ok(loss(
                Cause::Argument,
                "no file is named",
                "name one, and import again",
            ));
        };
        if raw == Some(None) {
            return Ok(loss(
                Cause::Argument,
                "a raw file without an address",
                format!("write `address:` of the payload `{payload}` into the recipe"),
            ));
        }
        Ok(Ok(()))
    }

    /// Blank check and erase, of the main flash or of another memory.
    fn whole_module(&mut self, name: &str) -> Result<(), Loss> {
        let (statement, right) = match self.chosen()? {
            Module::Main => match name {
                "BM" => ("chip.blank_check();".to_owned(), None),
                "EM" => ("chip.erase();".to_owned(), Some("mass_erase")),
                _ => ("chip.erase_if_not_blank();".to_owned(), Some("mass_erase")),
            },
            Module::Memory {
                name: memory,
                right,
            } => {
                let memory = format!("chip.memory({memory:?})");
                match name {
                    "BM" => (format!("ensure({memory}.is_blank(), \"not blank\");"), None),
                    "EM" => (format!("{memory}.erase();"), Some(*right)),
                    _ => (
                        format!("if !{memory}.is_blank() {{ {memory}.erase(); }}"),
                        Some(*right),
                    ),
                }
            }
            Module::Unknown => {
                return loss(
                    Cause::Module,
                    "nothing says which memory this module is",
                    "erase or check it with chip.memory(\"NAME\")",
                );
            }
        };
        self.rights.extend(right);
        self.script.statement(&statement);
        Ok(())
    }

    fn program(&mut self) -> Result<(), Loss> {
        self.for_each_queued("program")
    }

    fn verify(&mut self, function: &str) -> Result<(), Loss> {
        self.for_each_queued(function)
    }

    fn verify_crc(&mut self, line: &Line) -> Result<(), Loss> {
        self.for_each_queued("verify_crc")?;
        let why = "the sums are CRC-32, not CRC-16".to_owned();
        self.find(line, Cause::Differs, why, "nothing".into());
        Ok(())
    }

    fn for_each_queued(&mut self, function: &str) -> Result<(), Loss> {
        self.chosen()?;
        let names = self.queue.queued();
        if names.is_empty() {
            return loss(
                Cause::Order,
                "no file is queued",
                "queue one before, and import again",
            );
        }
        for name in names {
            let statement = format!("chip.{function}(unit.payload({name:?}));");
            self.script.statement(&statement);
        }
        Ok(())
    }

    fn choose_serial(
        &mut self,
        line: &Line,
        argument: &str,
    ) -> Result<Result<(), Loss>, LegacyError> {
        let path = argument.trim_matches('"').trim();
        Ok(match self.serials.choose(self.file, line.number, path)? {
            None => loss(
                Cause::Argument,
                "no file is named",
                "name one, and import again",
            ),
            Some(name) => loss(
                Cause::Serial,
                format!("the fields of `{path}` are not published, so it is not read"),
                format!(
                    "complete `{name}.serial.ron` from it, and take `serials` of the recipe out of its comment"
                ),
            ),
        })
    }

    fn program_serial(&mut self) -> Result<(), Loss> {
        self.chosen()?;
        let Some(name) = self.serials.chosen() else {
            return loss(
                Cause::Order,
                "no serial file is chosen",
                "choose one before with CS, and import again",
            );
        };
        let call = format!("chip.program(unit.serial({name:?}));");
        self.script.proposal(&call);
        loss(
            Cause::Serial,
            "the serial number is not defined yet",
            "take the line above out of its comment when it is",
        )
    }

    fn on_chip(&mut self, statement: &str) -> Result<(), Loss> {
        self.chosen()?;
        self.script.statement(statement);
        Ok(())
    }

    fn go(&mut self, argument: &str) -> Result<(), Loss> {
        // A plain GO and GO 0 are seen in use; what another number means is not documented.
        match argument.is_empty() || number(argument) == Some(0) {
            true => self.on_chip("chip.go();"),
            false => loss(
                Cause::Argument,
                format!("what GO does with `{argument}` is not documented"),
                "use chip.go() where the core is to run on",
            ),
        }
    }

    fn delay(&mut self, argument: &str) -> Result<(), Loss> {
        let Some(ms) = decimal(argument) else {
            return loss(
                Cause::Argument,
                format!("`{argument}` is no number of milliseconds"),
                "write it in decimal, and import again",
            );
        };
        let total = self.delay_ms.saturating_add(ms);
        if total > UNIT_TIME_MAX_MS - UNIT_TIME_MS {
            return loss(
                Cause::Argument,
                "all delays together are longer than a unit may take, a day",
                "use unit.delay_ms(..) with less",
            );
        }
        self.delay_ms = total;
        self.script.statement(&format!("unit.delay_ms({ms});"));
        Ok(())
    }

    /// The module that is chosen.
    fn chosen(&self) -> Result<&Module, Loss> {
        match &self.module {
            Some(module) => Ok(module),
            None => loss(
                Cause::Order,
                "no module is chosen yet, so there is no target",
                "choose one before with CM, and import again",
            ),
        }
    }

    fn finish(self) -> Result<Imported, LegacyError> {
        if self.command_count == 0 {
            let file = self.file.to_owned();
            return Err(LegacyError::NoCommand { file });
        }
        let base = crate::files::base_name(self.file).unwrap_or_default();
        let name = recipe_name(
            self.description.as_deref().unwrap_or(stem(base)),
            "imported",
        );
        let recipe = output::Recipe {
            cfg: self.file,
            name: &name,
            description: self.description.as_deref(),
            device: self.device.map(|device| device.name.as_str()),
            payloads: &self.queue.payloads,
            serials: &self.serials.all,
            rights: &self.rights,
            unit_time_ms: (self.delay_ms > 0).then_some(UNIT_TIME_MS + self.delay_ms),
        };
        Ok(Imported {
            recipe: recipe.to_ron(),
            script: self
                .script
                .finish(self.file, self.module.is_some(), &self.findings),
            serials: self
                .serials
                .all
                .iter()
                .map(|it| it.file(self.file))
                .collect(),
            files_needed: self.queue.files(),
            findings: self.findings,
        })
    }
}

/// Commands that exist and have no counterpart, or whose arguments nobody documented.
fn not_carried(name: &str) -> Result<(), Loss> {
    let (why, by_hand) = match name {
        "VV" => (
            "a CRC-16 of the whole module cannot be compared with a CRC-32",
            "read chip.crc32(START, LEN) of a good unit once, then: ensure(chip.crc32(START, LEN) == VALUE, \"crc\");",
        ),
        "PT" => (
            "a trim value is a matter of the chip's family",
            "program it as a payload, or with chip.memory(NAME).program(OFFSET, BYTES)",
        ),
        "BR" => (
            "whether its second number is an end or a length is not documented",
            "ensure(chip.is_blank(START, LEN), \"not blank\");",
        ),
        "EB" | "EW" | "EP" => (
            "its arguments are not documented",
            "chip.erase(START, LEN); erases the sectors of a range",
        ),
        "PB" | "PW" | "PR" | "PU" | "PF" => (
            "its arguments are not documented",
            "program a payload, or bytes with chip.memory(NAME).program(OFFSET, BYTES)",
        ),
        "VR" => (
            "its arguments are not documented",
            "chip.verify(unit.payload(NAME)); compares what the payload has",
        ),
        "SM" | "UM" | "UR" | "QU" | "HE" => (
            "a command for a person at the host",
            "chip.read(START, LEN), or `imprint run --dump`, shows memory",
        ),
        _ => {
            return loss(
                Cause::UnknownCommand,
                format!("`{name}` is no documented command"),
                "look up what it does; docs/script-reference.md has what a script can do",
            );
        }
    };
    loss(Cause::NotCarried, why, by_hand)
}
