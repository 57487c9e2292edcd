//! What a line lost on its way.

/// One line that was not carried over, or not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// What stands there, without its comment, placeholders filled in.
    pub text: String,
    /// What kind of loss it is.
    pub cause: Cause,
    /// Why, in a sentence.
    pub why: String,
    /// What to do by hand.
    pub by_hand: String,
}

/// Kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A command that nobody documented.
    UnknownCommand,
    /// A known command without a counterpart.
    NotCarried,
    /// A set-up line, whose effect is the recipe's or the station's business.
    Setup,
    /// An argument that is missing or cannot be read, or a placeholder without a value.
    Argument,
    /// A command that has nothing to work on where it stands.
    Order,
    /// A serial number: the format of its file is not published.
    Serial,
    /// A module of which nothing says which memory it is.
    Module,
    /// The device, which no line names.
    Device,
    /// Carried over; what it does now differs in a way that is worth knowing.
    Differs,
}

impl Finding {
    /// Whether something is missing, so that the script may not run as it is.
    pub fn is_missing(&self) -> bool {
        self.cause != Cause::Differs
    }
}

impl Cause {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Cause::UnknownCommand => "IMP-1160",
            Cause::NotCarried => "IMP-1161",
            Cause::Setup => "IMP-1162",
            Cause::Argument => "IMP-1163",
            Cause::Order => "IMP-1164",
            Cause::Serial => "IMP-1165",
            Cause::Module => "IMP-1166",
            Cause::Device => "IMP-1167",
            Cause::Differs => "IMP-1168",
        }
    }
}
