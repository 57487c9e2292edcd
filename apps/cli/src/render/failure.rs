//! A failure as people read it: what, where with the source line, expected and found, who called, what to do.

use crate::render::{visible, visible_lines};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use imprint::report::{Failure, Place};

/// Columns that a terminal is taken to have: the excerpts are the same everywhere.
const TERMINAL_WIDTH: usize = 120;

/// The failure in several lines, with colours that a plain stream has to strip.
pub fn failure(failure: &Failure) -> String {
    drawn(failure, Level::ERROR)
}

/// The same for what is no failure, but most likely not meant.
pub fn warning(failure: &Failure) -> String {
    drawn(failure, Level::WARNING)
}

fn drawn(failure: &Failure, level: Level) -> String {
    let title = level
        .primary_title(visible(&failure.message))
        .id(visible(&failure.code));
    let mut group = Group::with_title(title);
    let mut below = String::new();
    match &failure.place {
        Some(place) => {
            group = group.element(snippet(place));
            for note in notes(failure) {
                group = group.element(Level::NOTE.no_name().message(note));
            }
            if let Some(help) = &failure.help {
                group = group.element(Level::HELP.message(visible_lines(help)));
            }
        }
        // Without a line of source there is nothing to draw a margin for.
        None => {
            let help = failure.help.as_ref();
            let help = help.map(|help| format!("help: {}", visible_lines(help)));
            for note in notes(failure).into_iter().chain(help) {
                below += &format!("\n  {}", note.replace('\n', "\n  "));
            }
        }
    }
    let drawn = Renderer::styled()
        .term_width(TERMINAL_WIDTH)
        .render(&[group]);
    format!("{drawn}{below}")
}

/// What comes between the title and the help, a line each.
fn notes(failure: &Failure) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(place) = &failure.place
        && !place.calls.is_empty()
    {
        let calls = place.calls.iter().map(|call| {
            let (function, script) = (visible(&call.function), visible(&place.script));
            format!(
                "in `{function}`, called at {script}:{}:{}",
                call.line, call.column
            )
        });
        notes.push(calls.collect::<Vec<_>>().join("\n"));
    }
    let address = failure.address.map(|address| format!("{address:#010x}"));
    let facts = [
        ("address", &address),
        ("expected", &failure.expected),
        ("found", &failure.found),
    ];
    for (name, fact) in facts {
        let fact = fact.iter();
        notes.extend(fact.map(|fact| format!("{name}: {}", visible_lines(fact))));
    }
    notes
}

fn snippet(place: &Place) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let token = place.token();
    let [before, marked, after] = [
        &place.text[..token.start],
        &place.text[token.clone()],
        &place.text[token.end..],
    ]
    .map(source);
    let span = before.len()..before.len() + marked.len();
    Snippet::source(format!("{before}{marked}{after}"))
        .line_start(place.line)
        .path(visible(&place.script))
        .annotation(AnnotationKind::Primary.span(span))
}

/// Source as it is shown: tabs are indentation, other controls are shown as what they are.
fn source(text: &str) -> String {
    visible(&text.replace('\t', "    ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imprint::report::Call;

    /// Without colours.
    fn plain(failure: &Failure) -> String {
        anstream::adapter::strip_str(&super::failure(failure)).to_string()
    }

    #[test]
    fn a_script_error_has_line_caret_calls_and_help() {
        let mut failure = Failure::new("IMP-4010", "verify failed")
            .with_difference("0x20002000", "0xffffffff")
            .with_help("erase before programming");
        failure.address = Some(0x0800_0000);
        failure.place = Some(Place {
            script: "script.rhai".into(),
            line: 12,
            column: 10,
            text: "    chip.verify(firmware);".into(),
            calls: vec![Call {
                function: "program_all".into(),
                line: 20,
                column: 5,
            }],
        });
        let text = plain(&failure);
        for part in [
            "error[IMP-4010]: verify failed",
            "--> script.rhai:12:10",
            "12 |     chip.verify(firmware);",
            "^^^^^^",
            "in `program_all`, called at script.rhai:20:5",
            "address: 0x08000000",
            "expected: 0x20002000",
            "found: 0xffffffff",
            "help: erase before programming",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_failure_without_a_place_is_two_lines() {
        let failure = Failure::new("IMP-6003", "there is no device `x`").with_help("try `y`");
        assert_eq!(
            plain(&failure),
            "error[IMP-6003]: there is no device `x`
  help: try `y`"
        );
    }

    #[test]
    fn nothing_from_outside_acts_on_the_terminal() {
        let evil = "\x1b[2K\rPASS\u{202e}\u{9b}\0".to_string();
        let shown = r"\u{1b}[2K\rPASS\u{202e}\u{9b}\u{0}";
        let mut failure = Failure::new(&evil, format!("{evil}\nPASS"))
            .with_difference(evil.clone(), format!("{evil}\nPASS"))
            .with_help(evil.clone());
        let text = plain(&failure);
        assert_eq!(text, visible_lines(&text));
        assert_eq!(text.matches(shown).count(), 5, "{text}");
        assert!(!text.contains("\nPASS"), "{text}");
        failure.place = Some(Place {
            script: evil.clone(),
            line: 1,
            column: 20,
            text: format!("\t{evil} \t\x1b x.erase()"),
            calls: vec![Call {
                function: evil,
                line: 1,
                column: 1,
            }],
        });
        let text = plain(&failure);
        assert_eq!(text, visible_lines(&text));
        assert_eq!(text.matches(shown).count(), 9, "{text}");
        let column = |part: &str| text.lines().find_map(|line| line.find(part));
        assert_eq!(column("erase()"), column("^^^^^"), "{text}");
    }

    #[test]
    fn odd_places_do_not_break_it() {
        for (text, line, column) in [("", 1, 1), ("x", 1, 9), ("\t\té", 3, 3), ("a\r", 2, 2)] {
            let mut failure = Failure::new("IMP-3012", "odd");
            let (script, text) = ("s".into(), text.into());
            failure.place = Some(Place {
                script,
                line,
                column,
                text,
                calls: vec![],
            });
            assert!(plain(&failure).contains("odd"));
        }
    }
}
