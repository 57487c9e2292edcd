//! `imprint script reference`: what a script can call.

use crate::{exit::Exit, failure::Result, output::Output};
use imprint::script::{FunctionInfo, reference};
use serde_json::json;

pub fn run(output: &Output) -> Result {
    let functions = reference();
    let told: Vec<_> = functions
        .iter()
        .map(|function| {
            json!({
                "name": function.name,
                "receiver": function.receiver,
                "signature": function.signature,
                "summary": function.summary,
            })
        })
        .collect();
    output.data(&json!({ "functions": told }), || markdown(&functions))?;
    Ok(Exit::Pass)
}

/// The page that is committed.
#[cfg(test)]
pub(super) fn page() -> String {
    markdown(&reference())
}

/// What heads the functions of each receiver, in the order of a script.
const CHAPTERS: [(Option<&str>, &str, &str); 9] = [
    (
        Some("Unit"),
        "The unit",
        "What `main(unit)` is given: one target, its image, its record.",
    ),
    (Some("Chip"), "The chip", "What `unit.connect()` returns."),
    (
        Some("Memory"),
        "A memory",
        "What `chip.memory(name)` returns.",
    ),
    (
        Some("Payload"),
        "A payload",
        "What `unit.payload(name)` returns: a handle; its bytes never enter the script.",
    ),
    (
        Some("Serial"),
        "A serial number",
        "What `unit.serial(name)` returns: one value of this unit.",
    ),
    (
        Some("Data"),
        "A data window",
        "What `unit.data(name)` returns.",
    ),
    (
        Some("TestResult"),
        "The result of test code",
        "What `chip.run_test(..)` returns. A line `name=value` that the test code printed is `result.name`, or `result[\"name\"]`.",
    ),
    (
        Some("Failure"),
        "A failure",
        "What `catch (failure)` is given.",
    ),
    (None, "Everywhere", "Functions that belong to nothing."),
];

fn markdown(functions: &[FunctionInfo]) -> String {
    let mut text = "# What a script can call\n\n\
        Written by `imprint script reference`. How scripts work is in [script-guide.md](script-guide.md).\n"
        .to_string();
    for (receiver, title, purpose) in CHAPTERS {
        let chapter: Vec<&FunctionInfo> = functions
            .iter()
            .filter(|function| function.receiver.as_deref() == receiver)
            .collect();
        if chapter.is_empty() {
            continue;
        }
        text += &format!("\n## {title}\n\n{purpose}\n\n| call | what it does |\n|---|---|\n");
        for function in chapter {
            // A bar would end the cell.
            let cell = |text: &str| text.replace('|', "\\|");
            text += &format!(
                "| `{}` | {} |\n",
                cell(&function.signature),
                cell(&function.summary)
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_is_left_out_of_the_reference() {
        let functions = reference();
        let text = markdown(&functions);
        for function in functions {
            assert!(
                text.contains(&function.signature.replace('|', "\\|")),
                "{function:?}"
            );
        }
    }
}
