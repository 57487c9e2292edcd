//! `chip`: the target, once connected.

use super::{
    Chip, Data, Memory, Payload, Result, Serial, TestResult, address, argument, integer, length,
};
use crate::unit::{Item, TestOptions, Verification};
use rhai::{Blob, Dynamic, ImmutableString, Map, NativeCallContext, plugin::*};

#[export_module]
pub(super) mod functions {
    /// The unique identifier the factory gave this chip.
    #[rhai_fn(return_raw)]
    pub fn uid(context: NativeCallContext, chip: &mut Chip) -> Result<Blob> {
        chip.0.call(&context, |session| session.uid())
    }

    /// What the family says this chip is: part, revision.
    #[rhai_fn(return_raw)]
    pub fn identity(context: NativeCallContext, chip: &mut Chip) -> Result<ImmutableString> {
        chip.0
            .call(&context, |session| session.identity())
            .map(Into::into)
    }

    /// A memory of the device, by its name in the device description.
    #[rhai_fn(return_raw)]
    pub fn memory(context: NativeCallContext, chip: &mut Chip, name: &str) -> Result<Memory> {
        let (start, len) = chip
            .0
            .call(&context, |session| session.memory_range(name))?;
        Ok(Memory {
            shared: chip.0.clone(),
            name: name.to_string(),
            start,
            len,
        })
    }

    /// Erases the whole flash. Needs the right `mass_erase`.
    #[rhai_fn(name = "erase", return_raw)]
    pub fn erase(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.erase_all())
    }

    /// Erases the sectors of a range of addresses, which must begin and end with a sector.
    #[rhai_fn(name = "erase", return_raw)]
    pub fn erase_range(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        len: i64,
    ) -> Result<()> {
        let (start, len) = (address(&context, start)?, length(&context, len)?);
        chip.0
            .call(&context, |session| session.erase_range(start, len))
    }

    /// Erases the sectors that a payload will be programmed to.
    #[rhai_fn(name = "erase", return_raw)]
    pub fn erase_payload(
        context: NativeCallContext,
        chip: &mut Chip,
        payload: Payload,
    ) -> Result<()> {
        chip.0
            .call(&context, |session| session.erase_payload(&payload.name))
    }

    /// Erases what the image needs erased, memory by memory, in the way that takes less time: all at once where it has the
    /// right `mass_erase`, or the sectors that its payloads, serial numbers and data go to.
    #[rhai_fn(return_raw)]
    pub fn erase_for_image(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.erase_for_image())
    }

    /// Erases the whole flash unless it is blank; tells whether it had to. Needs the right `mass_erase`.
    #[rhai_fn(return_raw)]
    pub fn erase_if_not_blank(context: NativeCallContext, chip: &mut Chip) -> Result<bool> {
        chip.0
            .call(&context, |session| session.erase_if_not_blank())
    }

    /// Tells whether the whole flash is erased.
    #[rhai_fn(name = "is_blank", return_raw)]
    pub fn is_blank(context: NativeCallContext, chip: &mut Chip) -> Result<bool> {
        chip.0.call(&context, |session| session.is_blank_all())
    }

    /// Tells whether a range of addresses is erased.
    #[rhai_fn(name = "is_blank", return_raw)]
    pub fn is_blank_range(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        len: i64,
    ) -> Result<bool> {
        let (start, len) = (address(&context, start)?, length(&context, len)?);
        chip.0
            .call(&context, |session| session.is_blank(start, len))
    }

    /// Fails unless the whole flash is erased.
    #[rhai_fn(return_raw)]
    pub fn blank_check(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.blank_check())
    }

    /// Programs a payload, and the serial numbers and data that the recipe merges into it, in one pass.
    #[rhai_fn(name = "program", return_raw)]
    pub fn program(context: NativeCallContext, chip: &mut Chip, payload: Payload) -> Result<()> {
        chip.0
            .call(&context, |session| session.program(&payload.name))
    }

    /// Programs a serial number where the recipe puts it, and verifies it.
    #[rhai_fn(name = "program", return_raw)]
    pub fn program_serial(
        context: NativeCallContext,
        chip: &mut Chip,
        serial: Serial,
    ) -> Result<()> {
        chip.0.call(&context, |session| {
            session.program_item(Item::Serial(&serial.name, serial.index))
        })
    }

    /// Programs data where the recipe puts it, and verifies it.
    #[rhai_fn(name = "program", return_raw)]
    pub fn program_data(context: NativeCallContext, chip: &mut Chip, data: Data) -> Result<()> {
        chip.0.call(&context, |session| {
            session.program_item(Item::Data(&data.name))
        })
    }

    /// Compares the target with a payload and what is merged into it, byte by byte.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify(context: NativeCallContext, chip: &mut Chip, payload: Payload) -> Result<()> {
        chip.0.call(&context, |session| {
            session.verify(&payload.name, Verification::Compare)
        })
    }

    /// Compares the target with a serial number.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify_serial(
        context: NativeCallContext,
        chip: &mut Chip,
        serial: Serial,
    ) -> Result<()> {
        chip.0.call(&context, |session| {
            session.verify_item(Item::Serial(&serial.name, serial.index))
        })
    }

    /// Compares the target with data.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify_data(context: NativeCallContext, chip: &mut Chip, data: Data) -> Result<()> {
        chip.0.call(&context, |session| {
            session.verify_item(Item::Data(&data.name))
        })
    }

    /// Compares CRC-32 sums of the target and a payload, computed on the target.
    #[rhai_fn(return_raw)]
    pub fn verify_crc(context: NativeCallContext, chip: &mut Chip, payload: Payload) -> Result<()> {
        chip.0.call(&context, |session| {
            session.verify(&payload.name, Verification::Crc)
        })
    }

    /// CRC-32 (IEEE 802.3) of a range, computed on the target.
    #[rhai_fn(return_raw)]
    pub fn crc32(context: NativeCallContext, chip: &mut Chip, start: i64, len: i64) -> Result<i64> {
        let (start, len) = (address(&context, start)?, length(&context, len)?);
        chip.0
            .call(&context, |session| session.crc32(start, len))
            .map(i64::from)
    }

    /// Reads bytes.
    #[rhai_fn(return_raw)]
    pub fn read(context: NativeCallContext, chip: &mut Chip, start: i64, len: i64) -> Result<Blob> {
        let (start, len) = (address(&context, start)?, length(&context, len)?);
        chip.0.call(&context, |session| session.read(start, len))
    }

    /// Reads one byte.
    #[rhai_fn(return_raw)]
    pub fn read8(context: NativeCallContext, chip: &mut Chip, start: i64) -> Result<i64> {
        read_number(&context, chip, start, 1)
    }

    /// Reads 16 bits, little-endian.
    #[rhai_fn(return_raw)]
    pub fn read16(context: NativeCallContext, chip: &mut Chip, start: i64) -> Result<i64> {
        read_number(&context, chip, start, 2)
    }

    /// Reads 32 bits, little-endian.
    #[rhai_fn(return_raw)]
    pub fn read32(context: NativeCallContext, chip: &mut Chip, start: i64) -> Result<i64> {
        read_number(&context, chip, start, 4)
    }

    /// Writes bytes to RAM or a register. Flash takes `program`.
    #[rhai_fn(return_raw)]
    pub fn write(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        bytes: Blob,
    ) -> Result<()> {
        let start = address(&context, start)?;
        chip.0
            .call(&context, |session| session.write(start, &bytes))
    }

    /// Writes one byte.
    #[rhai_fn(return_raw)]
    pub fn write8(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        value: i64,
    ) -> Result<()> {
        write_number(&context, chip, start, value, 1)
    }

    /// Writes 16 bits, little-endian.
    #[rhai_fn(return_raw)]
    pub fn write16(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        value: i64,
    ) -> Result<()> {
        write_number(&context, chip, start, value, 2)
    }

    /// Writes 32 bits, little-endian.
    #[rhai_fn(return_raw)]
    pub fn write32(
        context: NativeCallContext,
        chip: &mut Chip,
        start: i64,
        value: i64,
    ) -> Result<()> {
        write_number(&context, chip, start, value, 4)
    }

    /// Loads test code into RAM, runs it and returns its results.
    #[rhai_fn(name = "run_test", return_raw)]
    pub fn run_test(
        context: NativeCallContext,
        chip: &mut Chip,
        payload: Payload,
    ) -> Result<TestResult> {
        run(&context, chip, &payload, &TestOptions::default())
    }

    /// Runs test code with options: `#{ timeout_ms: 2000, args: [1, 2] }`, at most four arguments.
    #[rhai_fn(name = "run_test", return_raw)]
    pub fn run_test_with(
        context: NativeCallContext,
        chip: &mut Chip,
        payload: Payload,
        options: Map,
    ) -> Result<TestResult> {
        let options = test_options(&context, &options)?;
        run(&context, chip, &payload, &options)
    }

    /// Runs a test of the recipe by its name and returns its results, which are also recorded as `TEST.RESULT`.
    #[rhai_fn(name = "run_test", return_raw)]
    pub fn run_named_test(
        context: NativeCallContext,
        chip: &mut Chip,
        name: &str,
    ) -> Result<TestResult> {
        chip.0
            .call(&context, |session| session.run_named_test(name))
            .map(TestResult)
    }

    /// Runs all tests of the recipe in its order and returns their results by the names of the tests.
    #[rhai_fn(return_raw)]
    pub fn run_tests(context: NativeCallContext, chip: &mut Chip) -> Result<Map> {
        let runs = chip.0.call(&context, |session| session.run_tests())?;
        let runs = runs.into_iter();
        Ok(runs
            .map(|(name, run)| (name.into(), Dynamic::from(TestResult(run))))
            .collect())
    }

    /// Resets the target and lets it run.
    #[rhai_fn(return_raw)]
    pub fn reset(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.reset(false))
    }

    /// Resets the target and halts it before its first instruction.
    #[rhai_fn(return_raw)]
    pub fn reset_and_halt(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.reset(true))
    }

    /// Halts the core.
    #[rhai_fn(return_raw)]
    pub fn halt(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.halt())
    }

    /// Lets the core run.
    #[rhai_fn(return_raw)]
    pub fn go(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.go())
    }

    /// Reads an option of the family by name.
    #[rhai_fn(return_raw)]
    pub fn option(context: NativeCallContext, chip: &mut Chip, name: &str) -> Result<i64> {
        chip.0
            .call(&context, |session| session.option_read(name))
            .map(integer)
    }

    /// Writes an option of the family by name. Needs the right `option_bytes`.
    #[rhai_fn(return_raw)]
    pub fn set_option(
        context: NativeCallContext,
        chip: &mut Chip,
        name: &str,
        value: i64,
    ) -> Result<()> {
        let value = address(&context, value)?;
        chip.0
            .call(&context, |session| session.option_write(name, value))
    }

    /// Protects the target against readout, resets it and proves that a read now fails. Needs the right `protect`.
    #[rhai_fn(return_raw)]
    pub fn protect(context: NativeCallContext, chip: &mut Chip) -> Result<()> {
        chip.0.call(&context, |session| session.protect())
    }

    /// Tells whether the target is protected against readout.
    #[rhai_fn(name = "is_protected", return_raw)]
    pub fn is_protected(context: NativeCallContext, chip: &mut Chip) -> Result<bool> {
        chip.0.call(&context, |session| session.is_protected())
    }

    /// Runs a command of the family.
    #[rhai_fn(name = "command", return_raw)]
    pub fn command(context: NativeCallContext, chip: &mut Chip, name: &str) -> Result<Blob> {
        chip.0.call(&context, |session| session.command(name, &[]))
    }

    /// Runs a command of the family with input.
    #[rhai_fn(name = "command", return_raw)]
    pub fn command_with(
        context: NativeCallContext,
        chip: &mut Chip,
        name: &str,
        input: Blob,
    ) -> Result<Blob> {
        chip.0
            .call(&context, |session| session.command(name, &input))
    }

    /// Voltage of the target in millivolts; -1 where the probe cannot tell.
    #[rhai_fn(return_raw)]
    pub fn voltage_mv(context: NativeCallContext, chip: &mut Chip) -> Result<i64> {
        chip.0
            .call(&context, |session| session.voltage_mv())
            .map(|voltage| voltage.map_or(-1, i64::from))
    }
}

fn read_number(context: &NativeCallContext, chip: &Chip, start: i64, size: u64) -> Result<i64> {
    let start = address(context, start)?;
    let bytes = chip.0.call(context, |session| session.read(start, size))?;
    Ok(integer(
        bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
    ))
}

fn write_number(
    context: &NativeCallContext,
    chip: &Chip,
    start: i64,
    value: i64,
    size: usize,
) -> Result<()> {
    let start = address(context, start)?;
    if value < 0 || value >> (8 * size) != 0 {
        return Err(argument(
            context,
            format!("{value:#x} does not fit in {} bits", 8 * size),
        ));
    }
    let bytes = value.to_le_bytes();
    chip.0
        .call(context, |session| session.write(start, &bytes[..size]))
}

fn run(
    context: &NativeCallContext,
    chip: &Chip,
    payload: &Payload,
    options: &TestOptions,
) -> Result<TestResult> {
    chip.0
        .call(context, |session| session.run_test(&payload.name, options))
        .map(TestResult)
}

fn test_options(context: &NativeCallContext, map: &Map) -> Result<TestOptions> {
    let mut options = TestOptions::default();
    for (name, value) in map {
        match name.as_str() {
            "timeout_ms" => {
                options.timeout_ms = value
                    .as_int()
                    .ok()
                    .and_then(|ms| u32::try_from(ms).ok())
                    .filter(|ms| *ms > 0)
                    .ok_or_else(|| argument(context, "timeout_ms must be a positive number"))?;
            }
            "args" => {
                let args = value
                    .read_lock::<rhai::Array>()
                    .ok_or_else(|| argument(context, "args must be an array of numbers"))?;
                if args.len() > options.args.len() {
                    return Err(argument(
                        context,
                        format!(
                            "test code takes at most {} arguments, found {}",
                            options.args.len(),
                            args.len()
                        ),
                    ));
                }
                for (slot, value) in options.args.iter_mut().zip(args.iter()) {
                    *slot = value
                        .as_int()
                        .ok()
                        .and_then(|value| u32::try_from(value).ok())
                        .ok_or_else(|| argument(context, "an argument is a number of 32 bits"))?;
                }
            }
            "allow_failure" => {
                options.allow_failure = value
                    .as_bool()
                    .map_err(|_| argument(context, "allow_failure must be true or false"))?;
            }
            _ => {
                return Err(argument(
                    context,
                    format!(
                        "run_test takes `timeout_ms`, `args` and `allow_failure`, found `{name}`"
                    ),
                ));
            }
        }
    }
    Ok(options)
}
