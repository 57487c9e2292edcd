//! Calls whose right the image does not grant, where the text shows it. The others are refused when the line runs.

use super::{kinds::Kind, names::ImageNames};
use crate::{codes, report::Failure};
use imprint_device::MemoryKind;
use imprint_image::recipe::Right;
use rhai::FnCallExpr;

/// Calls of the chip and the unit that always need a right; with how many arguments, where that matters.
const RIGHTS_OF_CALLS: [(&str, Option<usize>, Right); 5] = [
    ("erase", Some(0), Right::MassErase),
    ("erase_if_not_blank", None, Right::MassErase),
    ("unlock", None, Right::UnlockByErase),
    ("set_option", None, Right::OptionBytes),
    ("protect", None, Right::Protect),
];

/// The failure of a call that lacks its right.
pub(super) fn missing(
    call: &FnCallExpr,
    receiver: Option<&Kind>,
    on_chip_by_name: bool,
    names: &ImageNames,
) -> Option<Failure> {
    let granted = names.rights.as_ref()?;
    let right = match receiver {
        Some(kind) if kind.word == "Memory" => right_of_memory(call, kind, names)?,
        _ => right_of_call(call, receiver, on_chip_by_name)?,
    };
    if granted.contains(&right) {
        return None;
    }
    let listed: Vec<&str> = granted.iter().map(|right| right.name()).collect();
    let listed = match listed.is_empty() {
        true => "none".to_string(),
        false => listed.join(", "),
    };
    let failure = Failure::new(
        codes::SCRIPT_RIGHT,
        format!(
            "`{}` needs the right `{right}`, which the image does not grant",
            call.name
        ),
    );
    Some(
        failure
            .with_difference(right.name(), listed)
            .with_help(format!("add `{right}` to `rights` in the recipe")),
    )
}

fn right_of_call(
    call: &FnCallExpr,
    receiver: Option<&Kind>,
    on_chip_by_name: bool,
) -> Option<Right> {
    let is_on_chip = receiver.map_or(on_chip_by_name, |kind| kind.word == "Chip");
    let mut calls = RIGHTS_OF_CALLS.iter();
    let (_, _, right) = calls.find(|(name, arguments, _)| {
        *name == call.name
            && arguments.is_none_or(|count| count == call.args.len())
            // A memory has an `erase` of its own.
            && (call.name != "erase" || is_on_chip)
    })?;
    Some(*right)
}

fn right_of_memory(call: &FnCallExpr, memory: &Kind, names: &ImageNames) -> Option<Right> {
    let memory = names.device.as_ref()?.memory(memory.name.as_deref()?)?;
    match (call.name.as_str(), memory.kind) {
        ("erase", MemoryKind::Flash) => Some(Right::MassErase),
        ("erase" | "program", MemoryKind::Options) => Some(Right::OptionBytes),
        ("program", MemoryKind::OneTime) => Some(Right::OneTime),
        _ => None,
    }
}
