//! `imprint explain`: what a code means, what usually causes it, and what to do.
//!
//! It answers from the catalogue alone, so it works where nothing else does: without devices, plugins or a home.

use crate::{
    exit::Exit,
    failure::{Failures, Result, argument},
    options::Explain as Options,
    output::Output,
    render::table,
};
use imprint::catalogue::{Entry, RANGES, Range};
use serde_json::{Value, json};

pub fn run(options: &Options, output: &Output) -> Result {
    match &options.code {
        Some(code) => {
            let entry = find(code)?;
            output.data(&to_json(entry), || text(entry))?;
        }
        None => output.data(&list_json(), list)?,
    }
    Ok(Exit::Pass)
}

/// The entry that a person names: `IMP-2110`, `imp-2110` or `2110`.
fn find(code: &str) -> Result<&'static Entry> {
    let digits = match code.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("IMP-") => &code[4..],
        _ => code,
    };
    let number = (digits.len() == 4)
        .then(|| digits.parse::<u16>().ok())
        .flatten();
    let range = RANGES.iter().find(|range| digits.starts_with(range.digit));
    let (Some(number), Some(range)) = (number, range) else {
        return Err(argument(
            format!("`{code}` is no code of an error"),
            "write IMP-2110, imp-2110 or 2110; `imprint explain` lists all",
        )
        .into());
    };
    let entries = range.entries();
    let known = entries.iter().find(|entry| number_of(entry) == number);
    known.copied().ok_or_else(|| unknown(number, range))
}

/// A code that nothing has: its neighbours, and what it would be about.
fn unknown(number: u16, range: &Range) -> Failures {
    let entries = range.entries();
    let (below, above): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| number_of(entry) < number);
    let nearest: Vec<String> = below
        .last()
        .into_iter()
        .chain(above.first())
        .map(|entry| format!("{}: {}", entry.code, entry.title))
        .collect();
    argument(
        format!("there is no error IMP-{number:04}"),
        format!(
            "the nearest are\n{}\nIMP-{}xxx are: {}",
            nearest.join("\n"),
            range.digit,
            range.title
        ),
    )
    .into()
}

fn number_of(entry: &Entry) -> u16 {
    // The catalogue's own test holds its codes to four digits.
    entry.code[4..].parse().unwrap_or_default()
}

fn text(entry: &Entry) -> String {
    let exit = Exit::of_code(entry.code);
    let exit = format!("{}: {}", exit as u8, exit.meaning());
    let rows = [
        [entry.code, entry.title],
        ["meaning", entry.meaning],
        ["cause", entry.cause],
        ["remedy", entry.remedy],
        ["exit", &exit],
    ];
    table(&rows.map(|row| row.map(String::from).to_vec()))
}

fn list() -> String {
    let ranges = RANGES.iter().map(|range| {
        let mut rows = vec![vec![format!("IMP-{}xxx", range.digit), range.title.into()]];
        let entries = range.entries().into_iter();
        rows.extend(entries.map(|entry| vec![entry.code.into(), entry.title.into()]));
        table(&rows)
    });
    ranges.collect::<Vec<_>>().join("\n")
}

fn to_json(entry: &Entry) -> Value {
    json!({
        "code": entry.code,
        "title": entry.title,
        "meaning": entry.meaning,
        "cause": entry.cause,
        "remedy": entry.remedy,
        "exit": Exit::of_code(entry.code) as u8,
    })
}

fn list_json() -> Value {
    let ranges = RANGES.iter().map(|range| {
        json!({
            "range": format!("IMP-{}xxx", range.digit),
            "title": range.title,
            "about": range.about,
            "errors": range.entries().into_iter().map(to_json).collect::<Vec<_>>(),
        })
    });
    json!({ "ranges": ranges.collect::<Vec<_>>() })
}

/// `docs/errors.md`. Above the mark it is written by hand, below it is this.
#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs, path::Path};

    const MARK: &str = "<!-- From here on: IMPRINT_WRITE_ERRORS=1 cargo test -p imprint-cli the_page_of_errors -->\n";

    fn page() -> String {
        let mut page = "\n## Exit codes\n\n| exit | meaning |\n|---|---|\n".to_string();
        for exit in Exit::ALL {
            page += &format!("| {} | {} |\n", exit as u8, exit.meaning());
        }
        page += "\nWith each code below is the exit code when the command fails with it. A unit whose steps had begun exits \
                 with 1 whatever\nits code, save 4, 5 and 9.\n";
        for range in RANGES {
            page += &format!(
                "\n## {}xxx: {}\n\n{}\n",
                range.digit, range.title, range.about
            );
            for entry in range.entries() {
                let exit = Exit::of_code(entry.code) as u8;
                page += &format!(
                    "\n### {}\n\n**{}** (exit {exit})\n\n{}\n\n- Cause: {}\n- Remedy: {}\n",
                    entry.code, entry.title, entry.meaning, entry.cause, entry.remedy
                );
            }
        }
        page
    }

    #[test]
    fn the_page_of_errors() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
        let found = fs::read_to_string(&path).unwrap_or_default();
        let head = found.split(MARK).next().unwrap_or_default();
        let expected = format!("{head}{MARK}{}", page());
        if env::var_os("IMPRINT_WRITE_ERRORS").is_some() {
            fs::write(&path, expected).expect("the page can be written");
            return;
        }
        let advice = "IMPRINT_WRITE_ERRORS=1 cargo test -p imprint-cli the_page_of_errors";
        assert!(
            found == expected,
            "docs/errors.md is not the catalogue's: {advice}"
        );
    }

    #[test]
    fn a_code_is_named_in_three_ways() {
        for (code, expected) in [
            ("IMP-2110", Ok("IMP-2110")),
            ("imp-2110", Ok("IMP-2110")),
            ("2110", Ok("IMP-2110")),
            ("IMP-7050", Err("there is no error IMP-7050")),
            ("1000", Err("there is no error IMP-1000")),
            ("9999", Err("there is no error IMP-9999")),
            ("0000", Err("`0000` is no code of an error")),
            ("", Err("`` is no code of an error")),
            ("IMP-", Err("`IMP-` is no code of an error")),
            ("+211", Err("`+211` is no code of an error")),
            ("2+10", Err("`2+10` is no code of an error")),
            ("21100", Err("`21100` is no code of an error")),
            ("IMP2110", Err("`IMP2110` is no code of an error")),
            ("IMPé2110", Err("`IMPé2110` is no code of an error")),
        ] {
            let found = find(code);
            let found = match &found {
                Ok(entry) => Ok(entry.code),
                Err(failures) => Err(failures[0].message.as_str()),
            };
            assert_eq!(found, expected, "{code}");
        }
    }
}
