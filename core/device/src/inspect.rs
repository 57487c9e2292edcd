//! Reading a device file to find everything that is wrong with it, each mistake with its place.
//!
//! The parser ends at the first mistake. A mistake of form is therefore noted and mended in a copy: what is not known is
//! taken out, what is missing is put in, and the copy is read again. What two facts say against each other is looked for
//! when the form is right, because a mended copy says things that nobody wrote.

use crate::{
    check::contradictions,
    device::Device,
    load::DeviceError,
    place::{Walk, line_and_column, place_of},
};
use ron::error::{Position, SpannedError};

/// Most mistakes that are told: a text with more is something else, and each costs a walk through it.
const MISTAKES_MAX: usize = 32;

/// Something that is wrong with a device file.
#[derive(Debug)]
pub struct Mistake {
    /// What.
    pub error: DeviceError,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl Device {
    /// Everything that is wrong with a description by itself; the device when nothing is. `name` is what errors call the
    /// file.
    pub fn inspect(name: &str, text: &str) -> Result<Device, Vec<Mistake>> {
        match Device::parse(name, text) {
            Ok(device) => Ok(device),
            Err(error @ (DeviceError::TooLarge { .. } | DeviceError::Algorithm { .. })) => {
                Err(vec![Mistake {
                    error,
                    line: 1,
                    column: 1,
                }])
            }
            Err(DeviceError::Syntax { .. }) => Err(mistakes_of_form(name, text)),
            Err(DeviceError::Invalid { device, .. }) => Err(disagreements(name, text, &device)),
        }
    }
}

fn disagreements(name: &str, text: &str, device: &str) -> Vec<Mistake> {
    let parsed = ron::from_str::<Device>(text);
    let found = parsed.iter().flat_map(contradictions).take(MISTAKES_MAX);
    found
        .map(|it| {
            let (line, column) = place_of(text, &it.way);
            let error = DeviceError::Invalid {
                file: name.into(),
                device: device.into(),
                message: it.message,
            };
            Mistake {
                error,
                line,
                column,
            }
        })
        .collect()
}

fn mistakes_of_form(name: &str, text: &str) -> Vec<Mistake> {
    let (mut text, mut mistakes) = (text.to_string(), Vec::new());
    while let Err(error) = ron::from_str::<Device>(&text) {
        let (line, column) = (error.span.start.line, error.span.start.col);
        mistakes.push(Mistake {
            error: DeviceError::Syntax {
                file: name.into(),
                line,
                column,
                message: error.code.to_string(),
            },
            line,
            column,
        });
        match mended(&text, &error) {
            Some(next) if mistakes.len() < MISTAKES_MAX => text = next,
            _ => break,
        }
    }
    mistakes
}

/// The text without this mistake, on the same lines; none where it is not of a kind that can be mended.
fn mended(text: &str, error: &SpannedError) -> Option<String> {
    use ron::Error::*;
    let start = offset(text, error.span.start)?;
    let end = offset(text, error.span.end)?;
    match &error.code {
        NoSuchStructField { .. } | DuplicateStructField { .. } => {
            let mut walk = Walk { text, at: start };
            walk.skip_item();
            let blank: String = text[start..walk.at]
                .chars()
                .map(|c| if c == '\n' { c } else { ' ' })
                .collect();
            Some(format!("{}{blank}{}", &text[..start], &text[walk.at..]))
        }
        MissingStructField { field, .. } => {
            let before = text[..start].trim_end();
            let comma = if before.ends_with(['(', ',']) {
                ""
            } else {
                ","
            };
            let field = format!("{comma}{field}:{}", stand_in(field));
            Some(format!("{}{field}{}", &text[..start], &text[start..]))
        }
        NoSuchEnumVariant { expected, .. } => {
            let known = expected.first()?;
            Some(format!("{}{known}{}", &text[..start], &text[end..]))
        }
        _ => None,
    }
}

/// Anything that can be read as this field.
fn stand_in(field: &str) -> &'static str {
    match field {
        "name" | "vendor" | "family" | "chip" | "sha256" | "source" => "\"\"",
        "memories" | "algorithms" | "sources" | "sectors" => "[]",
        "core" => "CortexM0",
        "kind" => "Ram",
        "swd" => "(clock_khz:0)",
        "timing" => "(program_unit_ns:0,erase_sector_us:0,erase_all_us:0,source:\"\")",
        "rom_table" => ROM_TABLE,
        "twin" => TWIN,
        _ => "0",
    }
}

const ROM_TABLE: &str = "(address:0,jep106_continuation:0,jep106_identity:0,part:0)";
const TWIN: &str = "(dpidr:0,ap_idr:0,cpuid:0,core_clock_khz:0,flash_wait_states:0,breakpoint_count:0,\
                    interrupt_count:0,rom_table:(address:0,jep106_continuation:0,jep106_identity:0,part:0),\
                    boot_address:0)";

/// The byte at a position of the parser, whose columns count characters.
fn offset(text: &str, position: Position) -> Option<usize> {
    let line: usize = text
        .split_inclusive('\n')
        .take(position.line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let rest = text.get(line..)?;
    let column = rest.char_indices().nth(position.col.checked_sub(1)?);
    let offset = line + column.map_or(rest.len(), |(at, _)| at);
    debug_assert_eq!(line_and_column(text, offset).0, position.line);
    Some(offset)
}
