//! Set-up lines: `:NAME value`. Only the description has a documented meaning; for the others we say where it belongs.

/// What a set-up line becomes.
pub(crate) enum Setup {
    /// The name of the recipe.
    Description,
    /// Nothing: what to do by hand.
    ByHand(String),
}

/// Set-up words that people use, and where their effect is set here. They are from memory of the field, not from a
/// document, so their values are proposed and not carried over.
const KNOWN: [(&str, &str); 8] = [
    (
        "PROVIDEPOWER",
        "power: (..) in the recipe, if the station is to power the target",
    ),
    ("POWERUPDELAY", "power: (settle_ms: {})"),
    ("POWERDOWNDELAY", "power: (off_ms: {})"),
    ("KEEPPOWERON", "power: (after: keep) or power: (after: off)"),
    (
        "POWEROFFONEXIT",
        "power: (after: keep) or power: (after: off)",
    ),
    ("DEBUGFREQUENCY", "link: (clock_khz: {})"),
    ("USESWD", "nothing: the link is SWD"),
    (
        "DEVICE",
        "--device PART, as `imprint device list` writes it",
    ),
];

/// What becomes of the set-up word `name`, in capitals and without its colon.
pub(crate) fn find(name: &str, value: &str) -> Setup {
    if name == "DESCRIBEIMAGE" {
        return Setup::Description;
    }
    let advice = KNOWN.iter().find(|(known, _)| *known == name);
    Setup::ByHand(match advice {
        Some((_, place)) if !place.contains("{}") => format!("here it would be: {place}"),
        Some((_, place)) => {
            let value = if value.is_empty() { ".." } else { value };
            format!("here it would be: {}", place.replace("{}", value))
        }
        None => "look up what it sets; power, link and limits are in the recipe".into(),
    })
}
