//! The catalogue of errors: what each code means, what usually causes it, and what to do.
//!
//! A failure carries what is special about one case. What is the same in all cases is said here once, for the command
//! (`imprint explain`), for `docs/errors.md`, which is written from it, and for programs that embed the engine.
//! Codes are never given another meaning, so an entry can be looked up in any later version.

mod account;
mod command;
mod device;
mod firmware;
mod grant;
mod image;
mod job;
mod key;
mod legacy;
mod object;
mod permit;
mod plugin;
mod qemu;
mod recipe;
mod root;
mod run;
mod script;
mod seal;
mod target;
mod transcript;
mod twin;
mod unit;
mod unit_data;

/// What is known of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `IMP-` and four digits.
    pub code: &'static str,
    /// One line, without a full stop.
    pub title: &'static str,
    /// What was found.
    pub meaning: &'static str,
    /// What usually makes it.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// The codes with one first digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first digit of its codes.
    pub digit: char,
    /// What its codes are about, in a few words.
    pub title: &'static str,
    /// What holds for all of them, in a sentence.
    pub about: &'static str,
    parts: &'static [&'static [Entry]],
}

impl Range {
    /// Its entries, ascending by code.
    pub fn entries(&self) -> Vec<&'static Entry> {
        let mut entries: Vec<_> = self.parts.iter().copied().flatten().collect();
        entries.sort_by_key(|entry| entry.code);
        entries
    }
}

/// All ranges, ascending.
pub const RANGES: &[Range] = &[
    Range {
        digit: '1',
        title: "recipes, firmware files, objects",
        about: "Found by `imprint build` and `imprint seal`, before there is an image.",
        parts: &[
            firmware::ENTRIES,
            recipe::ENTRIES,
            object::ENTRIES,
            unit_data::ENTRIES,
            legacy::ENTRIES,
        ],
    },
    Range {
        digit: '2',
        title: "keys, roots, images, grants",
        about: "Nothing of a refused image was executed, and no target was touched.",
        parts: &[
            key::ENTRIES,
            root::ENTRIES,
            image::ENTRIES,
            job::ENTRIES,
            seal::ENTRIES,
            grant::ENTRIES,
        ],
    },
    Range {
        digit: '3',
        title: "scripts",
        about: "3001 to 3009 are found before production, by `imprint script check` and `imprint build`; the others while \
                the script runs.",
        parts: &[script::ENTRIES],
    },
    Range {
        digit: '4',
        title: "target, probe, flash, test code",
        about: "The report says what had been changed on the target.",
        parts: &[target::ENTRIES],
    },
    Range {
        digit: '5',
        title: "plugins",
        about: "A refused plugin was not loaded, or none of its functions was called.",
        parts: &[plugin::ENTRIES],
    },
    Range {
        digit: '6',
        title: "devices",
        about: "A device description was refused before anything was done with it.",
        parts: &[device::ENTRIES],
    },
    Range {
        digit: '7',
        title: "twins, boards of QEMU, transcripts",
        about: "A virtual board could not be made, read or written.",
        parts: &[twin::ENTRIES, qemu::ENTRIES, transcript::ENTRIES],
    },
    Range {
        digit: '8',
        title: "runs and workers",
        about: "How a unit can end besides what its steps find.",
        parts: &[
            run::ENTRIES,
            unit::ENTRIES,
            account::ENTRIES,
            permit::ENTRIES,
        ],
    },
    Range {
        digit: '9',
        title: "the command line, and programs that embed the engine",
        about: "The command or the library was given something it cannot work with, and did nothing.",
        parts: &[command::ENTRIES],
    },
];

/// All entries, ascending by code.
pub fn entries() -> Vec<&'static Entry> {
    RANGES.iter().flat_map(Range::entries).collect()
}

/// The entry of a code, which is written as failures have it: `IMP-2110`.
pub fn entry(code: &str) -> Option<&'static Entry> {
    entries().into_iter().find(|entry| entry.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_listed_once_and_in_its_range() {
        for range in RANGES {
            for entry in range.entries() {
                let digits = entry.code.strip_prefix("IMP-").unwrap_or_default();
                let is_code = digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit());
                assert!(is_code && digits.starts_with(range.digit), "{entry:?}");
            }
        }
        for pair in entries().windows(2) {
            assert!(pair[0].code < pair[1].code, "{pair:?}");
        }
    }

    #[test]
    fn each_entry_says_all_of_it_in_sentences() {
        for entry in entries() {
            let title = entry.title;
            assert!(!title.is_empty() && !title.ends_with('.'), "{entry:?}");
            for text in [entry.meaning, entry.cause, entry.remedy] {
                let is_plain = text.trim() == text && !text.contains('\n');
                assert!(is_plain && text.len() > 10, "{entry:?}");
                assert!(text.ends_with('.'), "{entry:?}");
            }
        }
    }

    #[test]
    fn an_entry_is_found_by_its_code() {
        let found = |code| entry(code).map(|entry| entry.code);
        assert_eq!(found("IMP-2110"), Some("IMP-2110"));
        assert_eq!(found("2110"), None);
        assert_eq!(found("IMP-0000"), None);
    }
}
