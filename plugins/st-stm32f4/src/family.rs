//! Behaviour: identity, read protection, option bytes and commands.

use crate::{
    board::Stm32f4Board,
    flash,
    options::{self, OPTIONS},
    registers::{FLASH_SIZE, IDCODE, UID, UID_LEN, rdp},
};
use imprint_plugin::{
    BoardTable, DeviceFamily, Error, LogLevel, MemAp, Named, Result, Target, Words,
};

/// The memory access port.
const MEMORY_AP: u32 = 0;
/// AIRCR with VECTKEY and SYSRESETREQ (ARMv7-M Architecture Reference Manual B3.2.6).
const AIRCR: (u64, u32) = (0xE000_ED0C, 0x05FA_0004);
/// How long the chip needs after a reset before it answers again: start-up takes a few milliseconds at most.
const RESET_US: u64 = 10_000;

/// STM32F405/407 and STM32F415/417. What differs between devices are properties of their descriptions.
pub struct Stm32f4;

impl DeviceFamily for Stm32f4 {
    const ID: &'static str = "st.stm32f4";
    const SUMMARY: &'static str = "ST STM32F405/407 and STM32F415/417";
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
    const BOARD: Option<BoardTable> = Some(BoardTable::of::<Stm32f4Board>());

    fn open(_target: &mut Target<'_>, _device: &str) -> Result<Self> {
        Ok(Self)
    }

    fn identify(&mut self, target: &mut Target<'_>) -> Result<String> {
        let expected = target.number_property("dbgmcu.device_id")?;
        let idcode = target.read_word(IDCODE)?;
        let (device, revision) = (idcode & 0xFFF, idcode >> 16);
        if u64::from(device) != expected {
            return Err(Error::mismatch(format!(
                "DBGMCU_IDCODE says device {device:#05x}, expected {expected:#05x}"
            ))
            .at(IDCODE));
        }
        // One device number has sizes of its own.
        let (expected, kib) = (target.number_property("flash.kib")?, flash_kib(target)?);
        if u64::from(kib) != expected {
            return Err(Error::mismatch(format!(
                "the chip has {kib} KiB of flash, expected {expected} KiB"
            ))
            .at(FLASH_SIZE));
        }
        Ok(format!(
            "STM32F4, device {device:#05x}, revision {revision:#06x}, {kib} KiB flash"
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
        with_memory(target, |memory| {
            let options = flash::read_options(memory)?;
            let open = options::set(options, options::RDP, rdp::LEVEL_0.into())?;
            flash::write_options(memory, open)?;
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
        let mut uid = vec![0; UID_LEN];
        target.read(UID, &mut uid)?;
        Ok(uid)
    }

    fn protect(&mut self, target: &mut Target<'_>) -> Result<()> {
        change_option(target, options::RDP, rdp::LEVEL_1.into())
    }

    fn is_protected(&mut self, target: &mut Target<'_>) -> Result<bool> {
        let loaded = with_memory(target, |memory| flash::read_options(memory))?;
        Ok(options::get(loaded, options::RDP)? != rdp::LEVEL_0.into())
    }

    fn option_read(&mut self, target: &mut Target<'_>, name: &str) -> Result<u64> {
        options::get(flash::read_options(target)?, name).map(u64::from)
    }

    fn option_write(&mut self, target: &mut Target<'_>, name: &str, value: u64) -> Result<()> {
        if name == options::RDP {
            return Err(Error::unsupported(
                "`RDP` is the protection: a script sets it with `chip.protect()` and opens it with `unit.unlock()`; \
                 level 2, which no one can take back, is not offered",
            ));
        }
        change_option(target, name, value)
    }

    fn command(&mut self, target: &mut Target<'_>, name: &str, _input: &[u8]) -> Result<Vec<u8>> {
        match name {
            "flash-size" => Ok(flash_kib(target)?.to_string().into_bytes()),
            "idcode" => Ok(format!("{:#010x}", target.read_word(IDCODE)?).into_bytes()),
            _ => Err(Error::invalid_argument(format!(
                "this family has no command `{name}`"
            ))),
        }
    }
}

/// Changes one option. All option bytes are programmed again, because they share one sector.
fn change_option(target: &mut Target<'_>, name: &str, value: u64) -> Result<()> {
    let before = flash::read_options(target)?;
    let after = options::set(before, name, value)?;
    if after == before {
        return Ok(());
    }
    flash::write_options(target, after)
}

fn flash_kib(target: &mut Target<'_>) -> Result<u16> {
    let mut bytes = [0; 2];
    target.read(FLASH_SIZE, &mut bytes)?;
    Ok(u16::from_le_bytes(bytes))
}

/// Runs `body` with memory as the debug port reaches it, before and after the target is attached.
fn with_memory<T>(
    target: &mut Target<'_>,
    body: impl FnOnce(&mut MemAp<'_, '_>) -> Result<T>,
) -> Result<T> {
    let mut port = target
        .debug_port()
        .ok_or_else(|| Error::unsupported("this probe gives no access to the debug port"))?;
    port.power_up()?;
    body(&mut port.memory(MEMORY_AP)?)
}
