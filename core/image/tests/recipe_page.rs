//! What docs/recipe.md shows is read as it stands there.
#![allow(clippy::unwrap_used, missing_docs)]

use imprint_image::{recipe::Recipe, serial::DefinitionSource};

#[test]
fn the_examples_of_the_page_are_read() {
    let page = include_str!("../../../docs/recipe.md");
    let examples: Vec<&str> = page
        .split("```ron\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let (recipe, definitions) = examples.split_first().unwrap();
    let recipe = Recipe::parse("recipe.ron", recipe).unwrap();
    assert_eq!((recipe.serials.len(), recipe.data.len()), (2, 7));
    assert_eq!(definitions.len(), 3);
    for text in definitions {
        let source = DefinitionSource::parse("a.serial.ron", text).unwrap();
        if !text.contains("list(") {
            source.freeze("a.serial.ron", None).unwrap();
        }
    }
}

/// Every field and word there is, is on the page.
#[test]
fn the_page_has_every_word() {
    let page = include_str!("../../../docs/recipe.md");
    let wrong = "(name: \"n\", device: \"d\", script: \"s\", NAME: 1)";
    let known = |text: &str| {
        let error = Recipe::parse("r", text).unwrap_err();
        let help = error.help().unwrap();
        let words = help
            .strip_prefix("known are: ")
            .unwrap_or_default()
            .to_owned();
        assert!(!words.is_empty(), "{error} {help}");
        words
    };
    let mut words = known(wrong);
    for (field, value) in [
        ("link", "(Qqqqqqqq: 1)"),
        ("power", "(Qqqqqqqq: 1)"),
        ("barcode", "(Qqqqqqqq: 1)"),
        ("payloads", "{\"a\": (Qqqqqqqq: 1)}"),
        ("serials", "{\"a\": (Qqqqqqqq: 1)}"),
        ("data", "{\"a\": (Qqqqqqqq: 1)}"),
        ("data", "{\"a\": (source: qqqqqqqq)}"),
        ("data", "{\"a\": (encoding: qqqqqqqq)}"),
        ("tests", "[(Qqqqqqqq: 1)]"),
        ("rights", "[qqqqqqqq]"),
        ("barcode", "(positions: [qqqqqqqqq])"),
        ("link", "(reset: qqqqqqqq)"),
        ("link", "(connect: qqqqqqqq)"),
        ("serials", "{\"a\": (on_fail: qqqqqqqq)}"),
    ] {
        let text = format!("(name: \"n\", device: \"d\", script: \"s\", {field}: {value})");
        words = format!("{words}, {}", known(&text));
    }
    for word in words.split(", ") {
        assert!(page.contains(word), "`{word}` is not on the page");
    }
}
