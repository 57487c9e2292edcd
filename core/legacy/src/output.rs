//! The texts that come out: recipe and script, as a person would have written them.

use crate::{finding::Finding, limits::LINE_LEN_MAX, line::Line, queue::Payload, serial::Serial};
use std::{collections::BTreeSet, fmt::Write};

/// The body of `main`, as it grows.
#[derive(Default)]
pub(crate) struct Script {
    body: String,
}

impl Script {
    /// Its length so far, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.body.len()
    }

    /// A comment of the original.
    pub(crate) fn comment(&mut self, comment: &str) {
        self.push("", &format!("// {comment}"));
    }

    /// The line that the next statements stand for.
    pub(crate) fn original(&mut self, line: &Line) {
        self.push("", &format!("// {}: {}", line.number, line.text));
        if let Some(comment) = &line.comment {
            self.comment(comment);
        }
    }

    pub(crate) fn statement(&mut self, statement: &str) {
        self.push("", statement);
    }

    /// A statement that is not ready to be executed.
    pub(crate) fn proposal(&mut self, statement: &str) {
        self.push("// ", statement);
    }

    pub(crate) fn finding(&mut self, finding: &Finding) {
        let (why, by_hand) = (&finding.why, &finding.by_hand);
        match finding.is_missing() {
            true => self.push(
                "// NOT CARRIED OVER: ",
                &format!("{why}. By hand: {by_hand}"),
            ),
            false => self.push("// Differs: ", why),
        }
    }

    fn push(&mut self, prefix: &str, text: &str) {
        self.body += "    ";
        self.body += prefix;
        self.body += text.trim_end();
        self.body.push('\n');
    }

    /// The whole script. One that lacks something fails before it touches the target.
    pub(crate) fn finish(&self, cfg: &str, connects: bool, findings: &[Finding]) -> String {
        let mut script = format!("//! Imported from {} by `imprint import`.\n", one_line(cfg));
        let missing: BTreeSet<usize> = findings
            .iter()
            .filter(|it| it.is_missing())
            .map(|it| it.line)
            .collect();
        if !missing.is_empty() {
            script += "//!\n//! Not all of it was carried over: see NOT CARRIED OVER below.\n";
        }
        script += "\nfn main(unit) {\n";
        if !missing.is_empty() {
            let reason = format!("not carried over yet: {}", lines(&missing));
            script += "    // Remove this line when all of them are done by hand.\n";
            // A sentence without quotes or backslashes.
            let _ = writeln!(script, "    fail(\"{reason}\");");
        }
        if !connects {
            script += "    // No line connects to a target.\n";
        }
        script + &self.body + "}\n"
    }
}

/// "line 3", "lines 3, 7 and others": enough to find the first ones.
fn lines(numbers: &BTreeSet<usize>) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = numbers.iter().take(SHOWN).map(usize::to_string).collect();
    let more = if numbers.len() > SHOWN {
        " and others"
    } else {
        ""
    };
    let word = if numbers.len() == 1 { "line" } else { "lines" };
    format!("{word} {}{more}", shown.join(", "))
}

/// What is in `recipe.ron`.
pub(crate) struct Recipe<'a> {
    pub(crate) cfg: &'a str,
    pub(crate) name: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) device: Option<&'a str>,
    pub(crate) payloads: &'a [Payload],
    pub(crate) serials: &'a [Serial],
    pub(crate) rights: &'a BTreeSet<&'static str>,
    pub(crate) unit_time_ms: Option<u64>,
}

impl Recipe<'_> {
    pub(crate) fn to_ron(&self) -> String {
        let mut text = format!(
            "// Imported from {} by `imprint import`.\n",
            one_line(self.cfg)
        );
        if let Some(description) = self.description {
            text += &format!("// {}\n", one_line(description));
        }
        text += &format!("(\n    name: {:?},\n", self.name);
        text += &match self.device {
            Some(device) => format!("    device: {device:?},\n"),
            None => {
                "    // The part number, as `imprint device list` writes it.\n    device: \"\",\n"
                    .into()
            }
        };
        text += "    script: \"main.rhai\",\n    payloads: {\n";
        for payload in self.payloads {
            text += &format!("        {:?}: {},\n", payload.name, source(payload));
        }
        text += "    },\n";
        text += &self.serials();
        let rights: Vec<&str> = self.rights.iter().copied().collect();
        text += &format!("    rights: [{}],\n", rights.join(", "));
        if let Some(ms) = self.unit_time_ms {
            text += &format!("    limits: (unit_time_ms: {ms}),\n");
        }
        text + ")\n"
    }

    /// In a comment: as long as a definition is not complete, a recipe with it cannot be built.
    fn serials(&self) -> String {
        if self.serials.is_empty() {
            return String::new();
        }
        let mut text = "    // To be taken out of its comment when the definitions are complete; the address is in the .ser file.\n    \
                        // serials: {\n"
            .to_owned();
        for serial in self.serials {
            text += &format!(
                "    //     {:?}: (definition: {:?}, address: 0x0, encoding: raw, on_fail: give_back),\n",
                serial.name,
                serial.definition()
            );
        }
        text + "    // },\n"
    }
}

fn source(payload: &Payload) -> String {
    let file = &payload.file.name;
    match payload.raw {
        None => format!("(file: {file:?})"),
        Some(None) => format!("(file: {file:?}, format: raw)"),
        Some(Some(address)) => format!("(file: {file:?}, address: {address:#x}, format: raw)"),
    }
}

/// Foreign text within a comment.
fn one_line(text: &str) -> String {
    let visible = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    text.chars().take(LINE_LEN_MAX).map(visible).collect()
}
