//! A value as a person reads it: numbers also in hexadecimal, bytes as digits, texts in quotes.

use crate::{
    limits::{SHOWN_BLOB_LEN_MAX, SHOWN_LEN_MAX},
    report::{Failure, to_hex},
    script::api::{Chip, Data, Memory, Payload, Serial, TestResult, Unit},
};
use rhai::{Array, Blob, Dynamic, Map};

/// Numbers below this look the same in hexadecimal.
const DECIMAL_END: i64 = 10;

/// The value as text, up to `SHOWN_LEN_MAX`.
pub(crate) fn show(value: &Dynamic) -> String {
    let mut text = String::new();
    write(&mut text, value);
    if text.len() > SHOWN_LEN_MAX {
        text.truncate(text.floor_char_boundary(SHOWN_LEN_MAX));
        text += " ..";
    }
    text
}

fn write(text: &mut String, value: &Dynamic) {
    // What is cut off anyway is not written.
    if text.len() > SHOWN_LEN_MAX {
        return;
    }
    if let Ok(number) = value.as_int() {
        *text += &number_text(number);
    } else if let Some(bytes) = value.read_lock::<Blob>() {
        *text += &blob_text(&bytes);
    } else if value.is_string() || value.is_char() {
        *text += &format!("{:?}", value.to_string());
    } else if let Some(array) = value.read_lock::<Array>() {
        list(text, ["[", "]"], array.iter(), write);
    } else if let Some(map) = value.read_lock::<Map>() {
        list(text, ["#{ ", " }"], map.iter(), |text, (name, value)| {
            *text += &format!("{name}: ");
            write(text, value);
        });
    } else {
        *text += &handle(value).unwrap_or_else(|| value.to_string());
    }
}

fn list<T>(
    text: &mut String,
    [open, close]: [&str; 2],
    items: impl Iterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    *text += open;
    for (index, value) in items.enumerate() {
        if index > 0 {
            *text += ", ";
        }
        item(text, value);
    }
    *text += close;
}

fn number_text(number: i64) -> String {
    match number {
        0..DECIMAL_END => number.to_string(),
        _ => format!("{number} ({number:#x})"),
    }
}

fn blob_text(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(SHOWN_BLOB_LEN_MAX)];
    let more = if shown.len() < bytes.len() { ".." } else { "" };
    format!("{}{more} ({} bytes)", to_hex(shown), bytes.len())
}

/// What a script only holds, and works on through its functions.
fn handle(value: &Dynamic) -> Option<String> {
    let text = if let Some(memory) = value.read_lock::<Memory>() {
        let (name, start, len) = (&memory.name, memory.start, memory.len);
        format!("memory `{name}` at {start:#010x}, {len:#x} bytes")
    } else if let Some(payload) = value.read_lock::<Payload>() {
        format!("payload `{}`", payload.name)
    } else if let Some(serial) = value.read_lock::<Serial>() {
        format!("serial number `{}`: {}", serial.name, serial.value.text)
    } else if let Some(data) = value.read_lock::<Data>() {
        format!("data `{}`", data.name)
    } else if let Some(result) = value.read_lock::<TestResult>() {
        let results = result.0.results.iter();
        let results: Vec<String> = results
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        let exit_code = result.0.exit_code;
        format!("test code ended with {exit_code}; {}", results.join(", "))
    } else if let Some(failure) = value.read_lock::<Failure>() {
        failure.to_string()
    } else if let Some(unit) = value.read_lock::<Unit>() {
        format!("a unit of {}", unit.0.session().device_name())
    } else if let Some(chip) = value.read_lock::<Chip>() {
        format!("a connected {}", chip.0.session().device_name())
    } else if value.is_unit() {
        "()".into()
    } else {
        return None;
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::show;
    use crate::{
        limits::SHOWN_LEN_MAX,
        script::{modules::ImageModules, sandbox},
    };
    use rhai::Dynamic;

    /// What a line gives must be shown so.
    fn check(script: &str, expected: &str) {
        let engine = sandbox::engine(&ImageModules::default());
        let value = engine.eval::<Dynamic>(script);
        assert_eq!(
            value.map(|value| show(&value)).ok().as_deref(),
            Some(expected),
            "{script}"
        );
    }

    #[test]
    fn values() {
        for (script, expected) in [
            ("()", "()"),
            ("true", "true"),
            ("9", "9"),
            ("4096", "4096 (0x1000)"),
            ("-1", "-1 (0xffffffffffffffff)"),
            ("1.5", "1.5"),
            ("\"a\\n\"", "\"a\\n\""),
            ("'x'", "\"x\""),
            ("from_hex(\"00ff12\")", "00ff12 (3 bytes)"),
            ("[1, \"a\", [16]]", "[1, \"a\", [16 (0x10)]]"),
            ("#{ b: 1, a: () }", "#{ a: (), b: 1 }"),
        ] {
            check(script, expected);
        }
    }

    #[test]
    fn long_values_are_cut() {
        let engine = sandbox::engine(&ImageModules::default());
        for script in [
            "let s = ``; s.pad(8000, `é`); s",
            "let a = []; a.pad(1000, `abcdefgh`); a",
            "let a = []; a.pad(100, 1); let b = []; b.pad(20, a); b",
        ] {
            let shown = engine.eval::<Dynamic>(script).map(|value| show(&value));
            let len = shown.map(|text| text.len()).unwrap_or_default();
            assert!((1000..SHOWN_LEN_MAX + 8).contains(&len), "{script}: {len}");
        }
        let long = engine
            .eval::<Dynamic>("blob(1000, 7)")
            .map(|value| show(&value));
        assert!(long.is_ok_and(|text| text.ends_with(".. (1000 bytes)") && text.len() < 160));
    }
}
