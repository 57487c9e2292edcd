//! Rights: what an image's script may do to a target that cannot be taken back.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One right. A recipe lists them; they are in the signed part of an image, and what is not listed is refused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Right {
    /// Erase a whole memory at once.
    #[n(1)]
    MassErase,
    /// Unlock a protected target, which erases it.
    #[n(2)]
    UnlockByErase,
    /// Write option bytes or configuration words.
    #[n(3)]
    OptionBytes,
    /// Program memory that can never be erased.
    #[n(4)]
    OneTime,
    /// Lock the target against reading.
    #[n(5)]
    Protect,
}

impl Right {
    /// All of them.
    pub const ALL: [Right; 5] = [
        Right::MassErase,
        Right::UnlockByErase,
        Right::OptionBytes,
        Right::OneTime,
        Right::Protect,
    ];

    /// The word for it in a recipe.
    pub fn name(self) -> &'static str {
        match self {
            Right::MassErase => "mass_erase",
            Right::UnlockByErase => "unlock_by_erase",
            Right::OptionBytes => "option_bytes",
            Right::OneTime => "one_time",
            Right::Protect => "protect",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
