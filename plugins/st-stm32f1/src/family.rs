//! Behaviour: identity, read protection, option bytes and commands.

use crate::{
    board::Stm32f1Board,
    flash,
    option_bytes::{self, OPTIONS, RDP},
    registers::fpec,
};
use imprint_plugin::{
    BoardTable, DebugPort, DeviceFamily, Error, LogLevel, MemAp, Named, Result, Target, Words,
};

/// The memory access port.
const MEMORY_AP: u32 = 0;
/// AIRCR with VECTKEY and SYSRESETREQ (ARMv6-M Architecture Reference Manual B3.2.6).
const AIRCR: (u64, u32) = (0xE000_ED0C, 0x05FA_0004);
/// How long the chip needs after a reset before it answers again: start-up takes a few milliseconds at most.
const RESET_US: u64 = 10_000;
/// A key that is neither level 0 nor level 2, on STM32F1 and STM32F0 alike: erased, with a right complement.
const RDP_PROTECTED: u8 = 0x00;

/// STM32F1 and STM32F0. Differences between devices are properties of their descriptions.
pub struct Stm32f1 {
    /// The key that leaves the chip open: `rdp.open`.
    open_key: u8,
    /// Option bytes the device has: `option_bytes.count`.
    option_count: usize,
}

impl DeviceFamily for Stm32f1 {
    const ID: &'static str = "st.stm32f1";
    const SUMMARY: &'static str = "ST STM32F1 and STM32F0";
    const OPTIONS: &'static [Named] = OPTIONS;
    const COMMANDS: &'static [Named] = &[
        Named::new(
            "flash-size",
            "Size of the flash that the factory wrote into the chip, in KiB, as text",
        ),
        Named::new(
            "idcode",
            "DBGMCU_IDCODE: device in bits 11:0, revision in bits 31:16, as text",
        ),
    ];
    const BOARD: Option<BoardTable> = Some(BoardTable::of::<Stm32f1Board>());

    fn open(target: &mut Target<'_>, _device: &str) -> Result<Self> {
        let open_key = target.number_property("rdp.open")?;
        let option_count = target.number_property("option_bytes.count")?;
        match (u8::try_from(open_key), option_count) {
            (Ok(open_key), 1..=8) => Ok(Self {
                open_key,
                option_count: option_count as usize,
            }),
            _ => Err(Error::invalid_argument(format!(
                "the device's description has `rdp.open` {open_key:#x} and `option_bytes.count` {option_count}, \
                 expected a byte and at most 8"
            ))),
        }
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        let expected = target.number_property("dbgmcu.device_id")?;
        let (address, idcode) = read_idcode(target)?;
        let device = idcode & 0xFFF;
        if u64::from(device) != expected {
            return Err(Error::mismatch(format!(
                "DBGMCU_IDCODE says device {device:#05x}, expected {expected:#05x}"
            ))
            .at(address));
        }
        Ok(format!(
            "STM32, device {device:#05x}, revision {:#06x}",
            idcode >> 16
        ))
    }

    fn unlock(&mut self, target: &mut Target<'_>) -> Result<()> {
        if !self.is_protected(target)? {
            target.log(
                LogLevel::Info,
                "the chip is not protected, nothing is erased",
            );
            return Ok(());
        }
        let mut bytes = vec![0xFF; self.option_count];
        bytes[RDP] = self.open_key;
        with_memory(target, |memory| {
            flash::write_options(memory, &bytes)?;
            memory.write_word(AIRCR.0, AIRCR.1)?;
            memory.delay_us(RESET_US)
        })?;
        if self.is_protected(target)? {
            return Err(Error::locked(
                "the chip is still protected after it was erased",
            ));
        }
        Ok(())
    }

    fn read_uid(&mut self, target: &mut Target<'_>) -> Result<Vec<u8>> {
        if target.property("uid.address")?.is_none() {
            return Err(Error::unsupported(
                "ST documents no unique identifier for this device; have the script take a serial number instead",
            ));
        }
        let mut uid = vec![0; target.number_property("uid.len")?.min(64) as usize];
        target.read(target.number_property("uid.address")?, &mut uid)?;
        Ok(uid)
    }

    fn protect(&mut self, target: &mut Target<'_>) -> Result<()> {
        self.change_option(target, RDP, RDP_PROTECTED)
    }

    fn is_protected(&mut self, target: &mut Target<'_>) -> Result<bool> {
        let loaded = with_memory(target, |memory| memory.read_word(fpec::OBR))?;
        Ok(loaded & fpec::OBR_RDPRT != 0)
    }

    fn option_read(&mut self, target: &mut Target<'_>, name: &str) -> Result<u64> {
        let position = option_bytes::position(name, self.option_count)?;
        Ok(flash::read_options(target, self.option_count)?[position].into())
    }

    fn option_write(&mut self, target: &mut Target<'_>, name: &str, value: u64) -> Result<()> {
        let position = option_bytes::position(name, self.option_count)?;
        let byte = u8::try_from(value).map_err(|_| {
            Error::invalid_argument(format!("`{name}` has 8 bits, {value:#x} has more"))
        })?;
        if position == RDP {
            return Err(Error::unsupported(
                "`RDP` is the protection: a script sets it with `chip.protect()` and opens it with `unit.unlock()`",
            ));
        }
        self.change_option(target, position, byte)
    }

    fn command(&mut self, target: &mut Target<'_>, name: &str, _input: &[u8]) -> Result<Vec<u8>> {
        match name {
            "flash-size" => {
                let address = target.number_property("flash_size.address")?;
                let mut bytes = [0; 2];
                target.read(address, &mut bytes)?;
                Ok(u16::from_le_bytes(bytes).to_string().into_bytes())
            }
            "idcode" => Ok(format!("{:#010x}", read_idcode(target)?.1).into_bytes()),
            _ => Err(Error::invalid_argument(format!(
                "this family has no command `{name}`"
            ))),
        }
    }
}

impl Stm32f1 {
    /// Changes one option byte: all are erased and programmed again, because they share one page.
    fn change_option(&self, target: &mut Target<'_>, position: usize, byte: u8) -> Result<()> {
        let mut bytes = flash::read_options(target, self.option_count)?;
        if bytes[position] == byte {
            return Ok(());
        }
        bytes[position] = byte;
        flash::write_options(target, &bytes)?;
        let written = flash::read_options(target, self.option_count)?;
        if written != bytes {
            return Err(Error::mismatch(format!(
                "the option bytes read {written:02x?} after they were programmed, expected {bytes:02x?}"
            ))
            .at(option_bytes::address(position)));
        }
        Ok(())
    }
}

/// Address and value of DBGMCU_IDCODE.
fn read_idcode(target: &mut Target<'_>) -> Result<(u64, u32)> {
    let address = target.number_property("dbgmcu.address")?;
    Ok((address, target.read_word(address)?))
}

/// Runs `body` with memory as the debug port reaches it, before and after the target is attached.
fn with_memory<T>(
    target: &mut Target<'_>,
    body: impl FnOnce(&mut MemAp<'_, '_>) -> Result<T>,
) -> Result<T> {
    let mut port: DebugPort<'_> = target
        .debug_port()
        .ok_or_else(|| Error::unsupported("this probe gives no access to the debug port"))?;
    port.power_up()?;
    body(&mut port.memory(MEMORY_AP)?)
}
