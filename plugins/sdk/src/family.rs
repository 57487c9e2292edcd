//! The behaviour of a device family.

use crate::{
    error::{Error, Result},
    glue_board::BoardTable,
    target::Target,
};
use imprint_plugin_abi::{imprint_named, imprint_str};

/// Chips that share behaviour. One value is one session with one device.
///
/// Order of calls: `open`, which does not touch the target; `unlock`, which has only the debug port and comes only when
/// the script asks for it; then the host attaches, calls `identify`, then anything. What is not implemented is answered
/// with `IMPRINT_E_UNSUPPORTED`.
pub trait DeviceFamily: Sized + Send + 'static {
    /// The id that `family` in a device's description names, for example `nordic.nrf5`.
    const ID: &'static str;
    /// One sentence about the family.
    const SUMMARY: &'static str;
    /// What `option_read` and `option_write` know.
    const OPTIONS: &'static [Named] = &[];
    /// What `command` knows.
    const COMMANDS: &'static [Named] = &[];
    /// The family erases and programs by itself: `erase` and `program` are called. Otherwise the host does it, with the
    /// algorithm that the device's description names.
    const OWN_FLASH: bool = false;
    /// The peripherals of the family's chips, for the twin.
    const BOARD: Option<BoardTable> = None;

    /// Opens a session for `device`. Does not touch the target.
    fn open(target: &mut Target<'_>, device: &str) -> Result<Self>;

    /// Tells what chip is there; a mismatch when it is another device than the session's.
    fn identify(&mut self, _target: &mut Target<'_>) -> Result<String> {
        Err(not_offered::<Self>("identify"))
    }

    /// Opens a locked target by erasing it. Only the debug port is offered.
    fn unlock(&mut self, _target: &mut Target<'_>) -> Result<()> {
        Err(not_offered::<Self>("unlock"))
    }

    /// Reads the unique identifier, in the order the chip's memory has it.
    fn read_uid(&mut self, _target: &mut Target<'_>) -> Result<Vec<u8>> {
        Err(not_offered::<Self>("read_uid"))
    }

    /// Erases `len` bytes from `address`, whole sectors. Called only with `OWN_FLASH`.
    fn erase(&mut self, _target: &mut Target<'_>, _address: u64, _len: u64) -> Result<()> {
        Err(not_offered::<Self>("erase"))
    }

    /// Programs erased memory. Called only with `OWN_FLASH`.
    fn program(&mut self, _target: &mut Target<'_>, _address: u64, _data: &[u8]) -> Result<()> {
        Err(not_offered::<Self>("program"))
    }

    /// Writes what protects the target against readout. The host resets the target afterwards and proves it.
    fn protect(&mut self, _target: &mut Target<'_>) -> Result<()> {
        Err(not_offered::<Self>("protect"))
    }

    /// Tells whether the target is protected. May be called before the target is attached.
    fn is_protected(&mut self, _target: &mut Target<'_>) -> Result<bool> {
        Err(not_offered::<Self>("is_protected"))
    }

    /// Reads an option of `OPTIONS`.
    fn option_read(&mut self, _target: &mut Target<'_>, _name: &str) -> Result<u64> {
        Err(not_offered::<Self>("option_read"))
    }

    /// Writes an option of `OPTIONS`.
    fn option_write(&mut self, _target: &mut Target<'_>, _name: &str, _value: u64) -> Result<()> {
        Err(not_offered::<Self>("option_write"))
    }

    /// Runs a command of `COMMANDS`.
    fn command(&mut self, _target: &mut Target<'_>, _name: &str, _input: &[u8]) -> Result<Vec<u8>> {
        Err(not_offered::<Self>("command"))
    }
}

fn not_offered<F: DeviceFamily>(operation: &str) -> Error {
    Error::unsupported(format!(
        "the family `{}` does not offer `{operation}`",
        F::ID
    ))
}

/// A name with one sentence about it.
#[repr(transparent)]
pub struct Named(imprint_named);

impl Named {
    /// A name that scripts write and the sentence that listings show.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self(imprint_named {
            name: str_of(name),
            summary: str_of(summary),
        })
    }
}

/// Text of the ABI from static text.
pub(crate) const fn str_of(text: &'static str) -> imprint_str {
    imprint_str {
        data: text.as_ptr().cast(),
        len: text.len(),
    }
}
