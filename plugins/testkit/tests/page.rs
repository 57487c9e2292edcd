//! The page of the cases is written from the cases.

use imprint_testkit::{Scope, cases};
use std::fmt::Write as _;

const BEGIN: &str = "<!-- written from the cases: plugins/testkit/tests/page.rs -->\n";
const END: &str = "<!-- end -->\n";

fn tables() -> String {
    let mut text = String::from(BEGIN);
    for (scope, title) in [
        (Scope::Plugin, "The library as a whole"),
        (Scope::Device, "The behaviour, with each device"),
    ] {
        let _ = write!(
            text,
            "\n### {title}\n\n| case | purpose | rule of the ABI |\n|---|---|---|\n"
        );
        for case in cases().iter().filter(|case| case.scope == scope) {
            let rule = case.rule.replace('|', "\\|");
            let _ = writeln!(text, "| `{}` | {} | {rule} |", case.name, case.purpose);
        }
    }
    text + "\n" + END
}

#[test]
fn the_page_has_every_case() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
    let page = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (Some(begin), Some(end)) = (page.find(BEGIN), page.find(END)) else {
        panic!("{path} has no place for the cases");
    };
    let expected = format!("{}{}{}", &page[..begin], tables(), &page[end + END.len()..]);
    if std::env::var_os("IMPRINT_WRITE_CASES").is_some() {
        std::fs::write(path, &expected).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    assert!(
        page == expected,
        "docs/conformance.md is old; write it: IMPRINT_WRITE_CASES=1 cargo test -p imprint-testkit --test page"
    );
}

#[test]
fn names_are_unique_and_sentences_are_sentences() {
    let mut names: Vec<&str> = cases().iter().map(|case| case.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for case in cases() {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(case.name.chars().all(is_name), "{}", case.name);
        assert!(case.purpose.ends_with('.'), "{}", case.name);
        assert!(
            !case.rule.is_empty() && !case.rule.ends_with('.'),
            "{}",
            case.name
        );
    }
}
