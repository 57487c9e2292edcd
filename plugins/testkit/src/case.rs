//! A case: one rule, tried.

use crate::{subject::Subject, verdict::Step};

/// What a case looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The plugin as a whole.
    Plugin,
    /// The behaviour of a family, with one of its devices.
    Device,
}

/// One rule of the ABI, tried.
pub struct Case {
    /// Its name, in words joined by `-`.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub purpose: &'static str,
    /// The rule that a finding breaks, in the words of the ABI.
    pub rule: &'static str,
    /// What it looks at.
    pub scope: Scope,
    pub(crate) run: fn(&Subject) -> Step,
}

/// All cases, in the order in which they run: first what all others rest on.
pub fn cases() -> &'static [Case] {
    crate::cases::ALL
}
