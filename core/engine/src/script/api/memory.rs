//! A memory of the target: main flash, configuration words, RAM. Offsets count from its start.

use super::{Memory, Result, argument, integer, length};
use rhai::{Blob, ImmutableString, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// Name in the device description.
    #[rhai_fn(get = "name", pure)]
    pub fn name(memory: &mut Memory) -> ImmutableString {
        memory.name.as_str().into()
    }

    /// First address.
    #[rhai_fn(get = "start", pure)]
    pub fn start(memory: &mut Memory) -> i64 {
        integer(memory.start)
    }

    /// Length in bytes.
    #[rhai_fn(get = "len", pure)]
    pub fn len(memory: &mut Memory) -> i64 {
        integer(memory.len)
    }

    /// Erases it. The main flash needs the right `mass_erase`, configuration words `option_bytes`.
    #[rhai_fn(name = "erase", return_raw)]
    pub fn erase(context: NativeCallContext, memory: &mut Memory) -> Result<()> {
        memory
            .shared
            .call(&context, |session| session.erase_memory(&memory.name))
    }

    /// Tells whether it is erased.
    #[rhai_fn(name = "is_blank", return_raw)]
    pub fn is_blank(context: NativeCallContext, memory: &mut Memory) -> Result<bool> {
        memory.shared.call(&context, |session| {
            session.is_blank(memory.start, memory.len)
        })
    }

    /// Reads bytes from an offset.
    #[rhai_fn(name = "read", return_raw)]
    pub fn read(
        context: NativeCallContext,
        memory: &mut Memory,
        offset: i64,
        len: i64,
    ) -> Result<Blob> {
        let len = length(&context, len)?;
        let start = at(&context, memory, offset, len)?;
        memory
            .shared
            .call(&context, |session| session.read(start, len))
    }

    /// Programs bytes at an offset; in RAM, writes them.
    #[rhai_fn(name = "program", return_raw)]
    pub fn program(
        context: NativeCallContext,
        memory: &mut Memory,
        offset: i64,
        bytes: Blob,
    ) -> Result<()> {
        let start = at(&context, memory, offset, bytes.len() as u64)?;
        memory
            .shared
            .call(&context, |session| session.program_bytes(start, &bytes))
    }
}

/// The address of a range that must lie in the memory.
fn at(context: &NativeCallContext, memory: &Memory, offset: i64, len: u64) -> Result<u64> {
    u64::try_from(offset)
        .ok()
        .filter(|offset| offset.checked_add(len).is_some_and(|end| end <= memory.len))
        .map(|offset| memory.start + offset)
        .ok_or_else(|| {
            argument(
                context,
                format!(
                    "{len} bytes at offset {offset:#x} do not lie in memory `{}` of {:#x} bytes",
                    memory.name, memory.len
                ),
            )
        })
}
