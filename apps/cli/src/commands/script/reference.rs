//! `imprint script reference`: what a script can call.

use crate::{exit::Exit, failure::Result, output::Output};
use imprint::script::{FunctionInfo, reference, test_reference};
use serde_json::json;

pub fn run(output: &Output) -> Result {
    let told = json!({ "functions": told(&reference()), "tests": told(&test_reference()) });
    output.data(&told, page)?;
    Ok(Exit::Pass)
}

fn told(functions: &[FunctionInfo]) -> Vec<serde_json::Value> {
    let told = functions.iter().map(|function| {
        json!({
            "name": function.name,
            "receiver": function.receiver,
            "signature": function.signature,
            "summary": function.summary,
        })
    });
    told.collect()
}

/// The page that is committed.
pub(super) fn page() -> String {
    "# What a script can call\n\n\
        Written by `imprint script reference`. How scripts work is in [script-guide.md](script-guide.md).\n"
        .to_string()
        + markdown(&reference(), &CHAPTERS).as_str()
        + "\n# What a test of scripts can call beside\n"
        + markdown(&test_reference(), &TEST_CHAPTERS).as_str()
}

/// What heads the functions of a receiver: the receiver, a title, a sentence.
type Chapter = (Option<&'static str>, &'static str, &'static str);

/// In the order of a script.
const CHAPTERS: [Chapter; 9] = [
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

/// In the order of a test.
const TEST_CHAPTERS: [Chapter; 3] = [
    (
        Some("Bench"),
        "The bench",
        "What `test_..(bench)` is given: a new virtual board, and the recipe's image.",
    ),
    (
        Some("UnitResult"),
        "What came of a unit",
        "What `bench.run()` returns.",
    ),
    (
        None,
        "What a test expects",
        "Functions that belong to nothing.",
    ),
];

fn markdown(functions: &[FunctionInfo], chapters: &[Chapter]) -> String {
    let mut text = String::new();
    for (receiver, title, purpose) in chapters {
        let chapter: Vec<&FunctionInfo> = functions
            .iter()
            .filter(|function| function.receiver.as_deref() == *receiver)
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
        let text = page();
        for function in reference().into_iter().chain(test_reference()) {
            assert!(
                text.contains(&function.signature.replace('|', "\\|")),
                "{function:?}"
            );
        }
    }
}
