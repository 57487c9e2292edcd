//! Serial numbers: every kind of definition, its values, and the bytes they become.
#![allow(clippy::unwrap_used, missing_docs)]

use imprint_image::serial::{
    Counter, Definition, DefinitionSource, Direction, Encoding, Fastest, Position, Positions,
    RawValue, SerialError, Values,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn parse(values: &str) -> Result<DefinitionSource, SerialError> {
    DefinitionSource::parse("a.serial.ron", &format!("(id: \"a\", values: {values})"))
}

fn definition(values: &str) -> Definition {
    parse(values).unwrap().freeze("a.serial.ron", None).unwrap()
}

/// The count, and the texts of some values.
fn check(values: &str, count: u64, expected: &[(u64, &str)]) {
    let definition = definition(values);
    assert_eq!(definition.count(), Some(count), "{values}");
    for (index, text) in expected {
        let value = definition.value(*index, &[]).unwrap();
        assert_eq!(&value.text, text, "{values}, value {index}");
        assert_eq!(
            definition.index_of(text, &[]),
            Some(*index),
            "{values}, {text}"
        );
    }
    assert_eq!(definition.value(count, &[]), None, "{values}: one too many");
}

#[test]
fn counters_count_like_odometers() {
    check(
        "counter(positions: [numeric(2)])",
        100,
        &[(0, "00"), (9, "09"), (10, "10"), (99, "99")],
    );
    // The manual of another maker says 6,760,000; 26^3 * 10^4 is more.
    check(
        r#"counter(positions: [upper(3), constant("-P&E-"), numeric(4)])"#,
        175_760_000,
        &[
            (0, "AAA-P&E-0000"),
            (9_999, "AAA-P&E-9999"),
            (10_000, "AAB-P&E-0000"),
            (175_759_999, "ZZZ-P&E-9999"),
        ],
    );
    check(
        r#"counter(positions: [constant("x"), set("BA"), lower, hex, binary])"#,
        2 * 26 * 16 * 256,
        &[
            (0, "xBa000"),
            (0xFF, "xBa0FF"),
            (0x100, "xBa100"),
            (0x1000, "xBb000"),
            (26 * 0x1000, "xAa000"),
        ],
    );
    check(
        "counter(positions: [printable])",
        95,
        &[(0, " "), (94, "~")],
    );
    check(r#"counter(positions: [constant("A")])"#, 1, &[(0, "A")]);
    check(
        r#"counter(positions: [numeric(3)], start: "007", end: "020", step: 5)"#,
        3,
        &[(0, "007"), (1, "012"), (2, "017")],
    );
    check(
        r#"counter(positions: [numeric(2)], direction: down, step: 3, start: "10")"#,
        4,
        &[(0, "10"), (1, "07"), (3, "01")],
    );
    check(
        "counter(positions: [numeric, upper], fastest: first)",
        260,
        &[(0, "0A"), (1, "1A"), (9, "9A"), (10, "0B"), (259, "9Z")],
    );
    check(
        r#"counter(positions: [numeric(2)], fastest: first, direction: down, end: "01")"#,
        90,
        &[(0, "99"), (1, "89"), (10, "98"), (89, "01")],
    );
    check(
        "counter(positions: [numeric(9)], step: 4294967295)",
        1,
        &[(0, "000000000")],
    );
    let all = "counter(positions: [binary(64)])";
    let last = format!("{}7FFFFFFFFFFFFFFF", "0".repeat(112));
    check(
        all,
        1 << 63,
        &[(0, &"0".repeat(128)), ((1 << 63) - 1, &last)],
    );
    assert_eq!(definition(all).index_of(&"F".repeat(128), &[]), None);
}

#[test]
fn a_text_that_is_no_value_has_no_index() {
    let counter =
        definition(r#"counter(positions: [upper, numeric(2)], start: "B00", end: "C98", step: 2)"#);
    for (text, index) in [
        ("B00", Some(0)),
        ("C98", Some(99)),
        ("A98", None),
        ("C99", None),
        ("D00", None),
        ("B01", None),
        ("b00", None),
        ("B0", None),
        ("B000", None),
        ("", None),
        ("Bä0", None),
    ] {
        assert_eq!(counter.index_of(text, &[]), index, "{text}");
    }
}

#[test]
fn a_value_has_a_byte_a_position() {
    let values = definition(r#"counter(positions: [constant("A"), binary(2), numeric])"#);
    let value = values.value(0x0102 * 10 + 7, &[]).unwrap();
    assert_eq!(
        (value.text.as_str(), &value.bytes[..]),
        ("A01027", &b"A\x01\x027"[..])
    );
    let supplied = definition("supplied(positions: [hex(4)])");
    assert_eq!((supplied.count(), supplied.value(0, &[])), (None, None));
    assert_eq!(supplied.supplied("00FF").unwrap().bytes, b"00FF");
    let error = supplied.supplied("00Ff").unwrap_err().to_string();
    assert_eq!(error, "expected 0-9 A-F at character 4, found \"f\"");
    let error = supplied.supplied("00FFF").unwrap_err().to_string();
    assert_eq!(error, "expected 4 characters, found 5");
    let error = supplied.supplied("00").unwrap_err().to_string();
    assert_eq!(error, "expected 0-9 A-F at character 3, found the end");
    assert!(values.supplied("A01027").is_err(), "it is counted");
}

#[test]
fn what_is_no_definition_is_refused_with_its_place() {
    for (text, code, message, help) in [
        (
            "(id: \"a\", values: counter(positions: [upper, numric(4)]))",
            "IMP-1102",
            "s.ron:1:",
            "did you mean `numeric`?",
        ),
        (
            "(id: \"a\", values: counter(positions: [uper]))",
            "IMP-1102",
            "s.ron:1:",
            "did you mean `upper`?",
        ),
        (
            "(id: \"a\", values: conter(positions: [upper]))",
            "IMP-1102",
            "s.ron:1:19: unknown value `conter`",
            "did you mean `counter`?",
        ),
        (
            "(id: \"a\",\n values: counter(positions: [upper], stop: \"A\"))",
            "IMP-1102",
            "s.ron:2:38: unknown field `stop`",
            "did you mean `step`?",
        ),
        (
            "(id: \"a b\", values: counter(positions: [upper]))",
            "IMP-1101",
            "s.ron:1:7: expected a name",
            "docs/recipe.md",
        ),
        (
            "(values: counter(positions: [upper]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: []))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [numeric(65)]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [numeric(0)]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [numeric(40), upper(25)]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [constant(\"\")]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [constant(\"ä\")]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [set(\"ABA\")]))",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], direction: left))",
            "IMP-1102",
            "s.ron:1:",
            "known are: up, down",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper]), per_unit: 65)",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper]), per_unit: 0)",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: supplied(positions: [upper]), per_unit: 2)",
            "IMP-1101",
            "s.ron:1:",
            "docs/recipe.md",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], start: \"a\"))",
            "IMP-1103",
            "s.ron: `start: \"a\"` is none of its values: expected A-Z at character 1",
            "as the first and last",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], start: \"B\", end: \"A\"))",
            "IMP-1103",
            "s.ron: it counts up from \"B\" and never comes to \"A\"",
            "as the first and last",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], direction: down, start: \"A\", end: \"B\"))",
            "IMP-1103",
            "s.ron: it counts down from",
            "as the first and last",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], step: 0))",
            "IMP-1103",
            "s.ron: `step` must be 1",
            "as the first and last",
        ),
        (
            "(id: \"a\", values: counter(positions: [upper], end: \"C\"), per_unit: 4)",
            "IMP-1106",
            "`s.ron` gives 3 values, but a unit takes 4",
            "lower `per_unit`",
        ),
    ] {
        let result = DefinitionSource::parse("s.ron", text).and_then(|it| it.freeze("s.ron", None));
        let error = result.expect_err(text);
        assert_eq!(error.code(), code, "{text}: {error}");
        assert!(error.to_string().starts_with(message), "{text}: {error}");
        assert!(
            error.help().unwrap().contains(help),
            "{text}: {:?}",
            error.help()
        );
    }
}

/// The bytes of a value, or the start of the refusal.
fn check_encoding(encoding: Encoding, value: RawValue, expected: Result<&[u8], &str>) {
    let found = encoding.encode(&value);
    match (&found, expected) {
        (Ok(bytes), Ok(expected)) => assert_eq!(bytes, expected, "{encoding:?} {value:?}"),
        (Err(error), Err(expected)) => {
            assert_eq!(error.code(), "IMP-8190");
            assert!(error.to_string().starts_with(expected), "{error}");
        }
        _ => panic!("{encoding:?} {value:?}: {found:?}, expected {expected:?}"),
    }
}

#[test]
fn encodings_write_what_they_say_and_refuse_what_does_not_fit() {
    let text = |text: &str| RawValue::Text(text.into());
    let bytes = |bytes: &[u8]| RawValue::Bytes(bytes.into());
    let int = RawValue::Integer;
    let ascii = |len, fill| Encoding::Ascii { len, fill };
    let little = |len| Encoding::Little { len };
    let big = |len| Encoding::Big { len };
    let long = text("12345");
    for (encoding, value, expected) in [
        (Encoding::Raw, text("aä"), Ok("aä".as_bytes())),
        (Encoding::Raw, bytes(&[0, 1]), Ok(&[0, 1][..])),
        (Encoding::Raw, int(1), Err("the number 1 needs")),
        (ascii(4, 0x20), text("ab"), Ok(b"ab  ")),
        (ascii(4, 0), text("abcd"), Ok(b"abcd")),
        (ascii(4, 0), text(""), Ok(&[0; 4])),
        (
            ascii(4, 0),
            long,
            Err("expected at most 4 characters, found 5"),
        ),
        (
            ascii(4, 0),
            text("a\n"),
            Err("expected printable ASCII, found '\\n'"),
        ),
        (ascii(4, 0), bytes(&[0xAB, 1]), Ok(b"AB01")),
        (ascii(4, b'x'), int(-12), Ok(b"-12x")),
        (little(2), text("258"), Ok(&[2, 1])),
        (big(2), text("258"), Ok(&[1, 2])),
        (little(2), text("0x0102"), Ok(&[2, 1])),
        (little(2), text("0xabCD"), Ok(&[0xCD, 0xAB])),
        (little(1), text("255"), Ok(&[255])),
        (
            little(1),
            text("256"),
            Err("the number 256 does not fit in 1 bytes"),
        ),
        (little(1), int(-128), Ok(&[128])),
        (little(1), int(-129), Err("the number -129 does not fit")),
        (big(8), text("18446744073709551615"), Ok(&[255; 8])),
        (
            big(8),
            text("18446744073709551616"),
            Err("the number 18446744073709551616"),
        ),
        (big(8), int(i64::MIN), Ok(&[0x80, 0, 0, 0, 0, 0, 0, 0])),
        (big(3), int(-2), Ok(&[255, 255, 254])),
        (
            big(8),
            text("99999999999999999999999999999999999999999"),
            Err("expected a number"),
        ),
        (little(2), text(""), Err("expected a number")),
        (little(2), text("+1"), Err("expected a number")),
        (little(2), text("--1"), Err("expected a number")),
        (little(2), text("0x"), Err("expected a number")),
        (little(2), text("0x-1"), Err("expected a number")),
        (little(2), text("12 "), Err("expected a number")),
        (little(2), text("FF"), Err("expected a number")),
        (little(2), bytes(&[1]), Err("bytes are no number")),
        (
            Encoding::Mac,
            text("00:1A:2b:3c:4d:5e"),
            Ok(&[0, 0x1A, 0x2B, 0x3C, 0x4D, 0x5E]),
        ),
        (
            Encoding::Mac,
            text("00-1a-2b-3c-4d-5e"),
            Ok(&[0, 0x1A, 0x2B, 0x3C, 0x4D, 0x5E]),
        ),
        (
            Encoding::Mac,
            text("001A2B3C4D5E"),
            Ok(&[0, 0x1A, 0x2B, 0x3C, 0x4D, 0x5E]),
        ),
        (Encoding::Mac, bytes(&[1; 6]), Ok(&[1; 6])),
        (
            Encoding::Mac,
            text("00:1A-2b:3c:4d:5e"),
            Err("expected a MAC address"),
        ),
        (
            Encoding::Mac,
            text("0:01A:2b:3c:4d:5e"),
            Err("expected a MAC address"),
        ),
        (
            Encoding::Mac,
            text("00:1A:2b:3c:4d"),
            Err("expected a MAC address"),
        ),
        (
            Encoding::Mac,
            text("00:1A:2b:3c:4d:5g"),
            Err("expected a MAC address"),
        ),
        (Encoding::Mac, int(1), Err("expected a MAC address")),
        (
            Encoding::Eui64,
            text("0011223344556677"),
            Ok(&[0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]),
        ),
        (
            Encoding::Eui64,
            text("001122334455"),
            Err("expected an EUI-64, 16 hexadecimal digits"),
        ),
    ] {
        check_encoding(encoding, value, expected);
    }
}

#[test]
fn a_definition_is_named_by_its_id_and_by_what_it_says() {
    let one = definition("counter(positions: [numeric(2)])");
    let same =
        definition(r#"counter(positions: [numeric, numeric], start: "00", end: "99", step: 1)"#);
    let other = definition("counter(positions: [numeric(3)])");
    assert_eq!((one.hash(), one.id_hash()), (same.hash(), same.id_hash()));
    assert_ne!(one.hash(), other.hash());
    assert_eq!(one.id_hash(), other.id_hash());
    // printf 'imprint-serial-v1\0a' | sha256sum
    let id: String = one
        .id_hash()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(id, SERIAL_A);
}

const SERIAL_A: &str = "744dac6dbd8c510c308aac096942237b9924a96aecebc009c3a1cbe47811e906";

fn position() -> impl Strategy<Value = Position> {
    prop_oneof![
        any::<prop::sample::Index>()
            .prop_map(|index| Position::Constant(char::from(b' ' + index.index(95) as u8))),
        Just(Position::Binary),
        Just(Position::Numeric),
        Just(Position::Upper),
        Just(Position::Lower),
        Just(Position::Printable),
        Just(Position::Hex),
        prop::sample::subsequence(('!'..='~').collect::<Vec<_>>(), 1..20)
            .prop_shuffle()
            .prop_map(|symbols| Position::Set(symbols.into_iter().collect())),
    ]
}

/// A counter between two of its values, either way round.
fn counter() -> impl Strategy<Value = Counter> {
    let positions = prop::collection::vec(position(), 1..8);
    let ends = (
        any::<u64>(),
        any::<u64>(),
        1..1000_u32,
        any::<bool>(),
        any::<bool>(),
    );
    (positions, ends).prop_map(|(positions, (first, second, step, down, first_fastest))| {
        let direction = if down { Direction::Down } else { Direction::Up };
        let fastest = if first_fastest {
            Fastest::First
        } else {
            Fastest::Last
        };
        let positions = Positions::new(positions).unwrap();
        let new = |start, end, step| {
            Counter::new(positions.clone(), start, end, step, direction, fastest)
        };
        let all = new(None, None, 1).unwrap();
        let text = |index: u64| positions.text(&all.digits(index % all.count()).unwrap());
        let (low, high) = (first % all.count(), second % all.count());
        let (low, high) = (low.min(high), low.max(high));
        new(Some(text(low)), Some(text(high)), step).unwrap()
    })
}

fn of(counter: Counter) -> Definition {
    Definition {
        id: "a".to_owned().try_into().unwrap(),
        values: Values::Counter(counter),
        per_unit: 1,
    }
}

proptest! {
    #[test]
    fn each_index_has_its_value_and_each_value_its_index(counter in counter(), index in any::<u64>()) {
        let (start, end) = (counter.start().to_owned(), counter.end().to_owned());
        let definition = of(counter);
        let count = definition.count().unwrap();
        prop_assert!(count > 0);
        let index = index % count;
        let value = definition.value(index, &[]).unwrap();
        prop_assert_eq!(definition.index_of(&value.text, &[]), Some(index));
        prop_assert_eq!(definition.value(0, &[]).unwrap().text, start);
        prop_assert_eq!(definition.value(count, &[]), None);
        // Nothing past the end: the end is the last value, or lies between the last and one more step.
        prop_assert!(definition.index_of(&end, &[]).is_none_or(|last| last == count - 1));
    }

    #[test]
    fn no_two_indices_have_one_value(counter in counter(), first in any::<u64>()) {
        let definition = of(counter);
        let count = definition.count().unwrap();
        let some = count.min(300);
        let first = first % (count - some + 1);
        let values: BTreeSet<String> = (first..first + some)
            .map(|index| definition.value(index, &[]).unwrap().text)
            .collect();
        prop_assert_eq!(values.len() as u64, some);
    }

    /// What carries and borrows do is what whole numbers do.
    #[test]
    fn the_odometer_is_a_number(digits in 1..9_usize, start in any::<u32>(), span in 0..100_000_u32, step in 1..999_u32, down in any::<bool>()) {
        let base = 10_u64.pow(digits as u32);
        let low = u64::from(start) % base;
        let high = (low + u64::from(span)).min(base - 1);
        let (from, to, direction) = if down { (high, low, "down") } else { (low, high, "up") };
        let definition = definition(&format!(
            "counter(positions: [numeric({digits})], start: \"{from:0digits$}\", end: \"{to:0digits$}\", step: {step}, direction: {direction})"
        ));
        let count = (high - low) / u64::from(step) + 1;
        prop_assert_eq!(definition.count(), Some(count));
        for index in [0, count / 2, count - 1] {
            let moved = index * u64::from(step);
            let number = if down { from - moved } else { from + moved };
            prop_assert_eq!(definition.value(index, &[]).unwrap().text, format!("{number:0digits$}"));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = DefinitionSource::parse("s", &text);
        let _ = definition("supplied(positions: [hex(2), binary, constant(\":\")])").supplied(&text);
    }
}
