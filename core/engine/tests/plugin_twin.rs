//! The families on twins of their devices: through the loader, the host table, the board's table and the wire.
#![allow(clippy::unwrap_used)]

mod plugin_support;

use imprint::plugin::{
    Cancellation, Family, FamilySession, FamilyStatus, HostCall, HostCore, HostDebugPort,
    HostError, HostResult, HostTarget, LogLevel,
};
use imprint_device::Device;
use imprint_twin::{Board, BoardOptions, Port, WireFault};
use plugin_support::{root, rust_plugins, signed_folder, store_of};
use std::sync::Arc;

/// CMSIS-DAP's bit of the reset line.
const PIN_RESET: u32 = 1 << 7;

/// A twin and what the host makes of it: registers on the wire, and memory through access port 0.
struct TwinTarget {
    board: Board,
    device: Device,
    lines: Vec<String>,
}

fn fault(fault: WireFault) -> HostError {
    HostError {
        status: FamilyStatus::Target,
        address: None,
        message: format!("{fault:?}"),
    }
}

fn not_here<T>(what: &str) -> HostResult<T> {
    Err(HostError {
        status: FamilyStatus::Unsupported,
        address: None,
        message: what.into(),
    })
}

impl TwinTarget {
    fn connect(&mut self) {
        self.board.line_sequence(64, u64::MAX);
        self.board.line_sequence(16, 0xE79E);
        self.board.line_sequence(64, u64::MAX);
        self.board.line_sequence(8, 0);
        self.board.read_register(Port::Debug, 0).unwrap();
        self.board
            .write_register(Port::Debug, 4, 0x5000_0000)
            .unwrap();
        self.board.flush().unwrap();
    }

    fn reset(&mut self) {
        self.board.pins(0, PIN_RESET);
        self.board.pins(PIN_RESET, PIN_RESET);
    }

    fn transfer(&mut self, size: u32, address: u64, value: Option<u32>) -> HostResult<u32> {
        self.ap_write(0, 0x00, 0x2300_0000 | size)?;
        self.ap_write(0, 0x04, address as u32)?;
        match value {
            Some(value) => self
                .ap_write(0, 0x0C, value << (8 * (address & 3)))
                .map(|()| 0),
            None => self.ap_read(0, 0x0C),
        }
    }

    fn word(&mut self, address: u64) -> HostResult<u32> {
        self.transfer(2, address, None)
    }

    fn write_word(&mut self, address: u64, value: u32) {
        self.transfer(2, address, Some(value)).unwrap();
    }
}

impl HostDebugPort for TwinTarget {
    fn dp_read(&mut self, register: u8) -> HostResult<u32> {
        self.board
            .read_register(Port::Debug, register)
            .map_err(fault)
    }

    fn dp_write(&mut self, register: u8, value: u32) -> HostResult<()> {
        self.board
            .write_register(Port::Debug, register, value)
            .map_err(fault)?;
        self.board.flush().map_err(fault)
    }

    fn ap_read(&mut self, ap: u8, register: u8) -> HostResult<u32> {
        self.dp_write(8, u32::from(ap) << 24 | u32::from(register & 0xF0))?;
        self.board
            .read_register(Port::Access, register & 0xC)
            .map_err(fault)
    }

    fn ap_write(&mut self, ap: u8, register: u8, value: u32) -> HostResult<()> {
        self.dp_write(8, u32::from(ap) << 24 | u32::from(register & 0xF0))?;
        self.board
            .write_register(Port::Access, register & 0xC, value)
            .map_err(fault)?;
        self.board.flush().map_err(fault)
    }

    fn reset_line(&mut self, asserted: bool) -> HostResult<()> {
        self.board
            .pins(if asserted { 0 } else { PIN_RESET }, PIN_RESET);
        Ok(())
    }
}

impl HostTarget for TwinTarget {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> HostResult<()> {
        for (address, byte) in (address..).zip(buffer) {
            let word = self.word(address & !3).map_err(|mut error| {
                error.address = Some(address);
                error
            })?;
            *byte = (word >> (8 * (address & 3))) as u8;
        }
        Ok(())
    }

    fn write(&mut self, address: u64, data: &[u8]) -> HostResult<()> {
        match data.len() {
            2 => self.transfer(
                1,
                address,
                Some(u16::from_le_bytes(data.try_into().unwrap()).into()),
            ),
            _ => self.transfer(
                2,
                address,
                Some(u32::from_le_bytes(data.try_into().unwrap())),
            ),
        }
        .map(|_| ())
    }

    fn call(&mut self, _call: &HostCall) -> HostResult<u64> {
        not_here("call")
    }

    fn delay_us(&mut self, us: u64) -> HostResult<()> {
        self.board.pass_ns(us * 1000);
        Ok(())
    }

    fn progress(&mut self, _done: u64, _total: u64) {}

    fn log(&mut self, _level: LogLevel, message: &str) {
        self.lines.push(message.into());
    }

    fn cancellation(&self) -> Cancellation {
        Arc::new(|| false)
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.device.properties.get(name).map(String::as_str)
    }

    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        Some(self)
    }

    fn core(&mut self) -> Option<&mut dyn HostCore> {
        None
    }
}

/// A chip with this identifier, connected, and a session with it.
fn chip(name: &str, uid: &[u8]) -> (TwinTarget, Family, FamilySession) {
    let text = std::fs::read_to_string(root().join(format!("devices/{name}.ron"))).unwrap();
    let device = Device::parse(name, &text).unwrap();
    let plugins = rust_plugins();
    let folder = signed_folder(&[
        &plugins.join("libimprint_nordic_nrf5.so"),
        &plugins.join("libimprint_st_stm32f1.so"),
        &plugins.join("libimprint_st_stm32f4.so"),
    ]);
    let family = store_of(folder.path()).family(&device.family).unwrap();
    let options = BoardOptions {
        uid: uid.into(),
        ..BoardOptions::default()
    };
    let maker = family.board().unwrap().maker(name);
    let board = Board::power_on(&device, options, maker).unwrap();
    let mut target = TwinTarget {
        board,
        device,
        lines: Vec::new(),
    };
    target.connect();
    let session = family.open(&mut target, name).unwrap();
    (target, family, session)
}

const UID_8: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const UID_12: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/// Erases a page of an nRF5 and programs a word of it, as a debugger can.
fn nrf5_erase_and_program(target: &mut TwinTarget) {
    target.write_word(0x4001_E504, 1);
    target.write_word(0x4000, 0x1234_5678);
    target.write_word(0x4000, 0xFFFF_0000);
    assert_eq!(target.word(0x4000), Ok(0x1234_0000), "bits only go to 0");
    target.write_word(0x4001_E504, 2);
    target.write_word(0x4001_E508, 0x4000);
    assert_eq!(target.word(0x4001_E400), Ok(0), "an erase takes time");
    target.board.pass_ns(100_000_000);
    assert_eq!(target.word(0x4001_E400), Ok(1));
    assert_eq!(target.word(0x4000), Ok(u32::MAX));
    target.write_word(0x4001_E504, 1);
    target.write_word(0x4000, 0xCAFE_F00D);
    target.board.pass_ns(1_000_000);
    target.write_word(0x4001_E504, 0);
    assert!(
        target.transfer(2, 0x4004, Some(0)).is_err(),
        "writing is not enabled"
    );
    assert_eq!(target.word(0x4000), Ok(0xCAFE_F00D));
}

/// The same on an STM32.
fn stm32_erase_and_program(target: &mut TwinTarget) {
    target.write_word(0x4002_2004, 0x4567_0123);
    target.write_word(0x4002_2004, 0xCDEF_89AB);
    target.write_word(0x4002_2010, 1);
    let mut program = |value: u16| {
        target.write(0x0800_0400, &value.to_le_bytes()).unwrap();
        target.board.pass_ns(1_000_000);
        let status = target.word(0x4002_200C).unwrap();
        target.write_word(0x4002_200C, status);
        status
    };
    assert_eq!(program(0x1234), 0x20);
    assert_eq!(program(0x1230), 0x04, "not erased");
    target.write_word(0x4002_2010, 2);
    target.write_word(0x4002_2014, 0x0800_0400);
    target.write_word(0x4002_2010, 0x42);
    assert_eq!(target.word(0x4002_200C), Ok(1), "an erase takes time");
    target.board.pass_ns(50_000_000);
    assert_eq!(target.word(0x0800_0400), Ok(u32::MAX));
    target.write_word(0x4002_200C, 0x34);
    target.write_word(0x4002_2010, 1);
    target.write(0x0800_0400, &[0xEF, 0xBE]).unwrap();
    target.board.pass_ns(1_000_000);
    target.write_word(0x4002_2010, 0x80);
    assert_eq!(target.word(0x0800_0400), Ok(0xFFFF_BEEF));
}

/// The same on an STM32F4: words, and a sector by its number.
fn stm32f4_erase_and_program(target: &mut TwinTarget) {
    target.write_word(0x4002_3C04, 0x4567_0123);
    target.write_word(0x4002_3C04, 0xCDEF_89AB);
    // End of operation, words, programming.
    target.write_word(0x4002_3C10, 1 << 24 | 2 << 8 | 1);
    let mut program = |value: u32| {
        target.write_word(0x0800_4000, value);
        target.board.pass_ns(1_000_000);
        let status = target.word(0x4002_3C0C).unwrap();
        target.write_word(0x4002_3C0C, status);
        status
    };
    assert_eq!(program(0x1234_5678), 1);
    assert_eq!(program(0xFFFF_0000), 1);
    assert_eq!(
        target.word(0x0800_4000),
        Ok(0x1234_0000),
        "bits only go to 0"
    );
    target.write(0x0800_4000, &[0, 0]).unwrap();
    assert_eq!(target.word(0x4002_3C0C), Ok(0x40), "not the width of PSIZE");
    // Sector 1.
    target.write_word(0x4002_3C10, 1 << 16 | 1 << 3 | 2);
    assert_eq!(
        target.word(0x4002_3C0C),
        Ok(0x1_0040),
        "an erase takes time"
    );
    target.board.pass_ns(500_000_000);
    assert_eq!(target.word(0x0800_4000), Ok(u32::MAX));
    target.write_word(0x4002_3C10, 2 << 8 | 1);
    target.write_word(0x0800_4000, 0xCAFE_F00D);
    target.board.pass_ns(1_000_000);
    target.write_word(0x4002_3C10, 1 << 31);
    assert_eq!(target.word(0x0800_4000), Ok(0xCAFE_F00D));
}

/// Protects a chip that has something at `address`, and opens it again.
fn protect_and_unlock(target: &mut TwinTarget, session: &mut FamilySession, address: u64) {
    assert!(!session.is_protected(target).unwrap());
    session.unlock(target).unwrap();
    assert_ne!(
        target.word(address),
        Ok(u32::MAX),
        "an open chip is not erased"
    );

    session.protect(target).unwrap();
    target.reset();
    assert!(session.is_protected(target).unwrap());
    assert!(
        target.word(address).is_err(),
        "a protected chip cannot be read"
    );

    session.unlock(target).unwrap();
    assert!(!session.is_protected(target).unwrap());
    assert_eq!(
        target.word(address),
        Ok(u32::MAX),
        "and is blank when it is open again"
    );
}

#[test]
fn nrf52832() {
    let (mut target, family, mut session) = chip("nRF52832_xxAA", &UID_8);
    assert!(
        family
            .options()
            .iter()
            .any(|option| option.name == "APPROTECT")
    );
    let identity = session.identify(&mut target).unwrap();
    assert_eq!(
        identity,
        "nRF52832, variant AAE0, 512 KiB flash, 64 KiB RAM"
    );
    assert_eq!(session.read_uid(&mut target).unwrap(), UID_8);
    assert_eq!(
        session.command(&mut target, "variant", b"").unwrap(),
        b"AAE0"
    );
    assert_eq!(
        session.command(&mut target, "ficr-read", b"0x60").unwrap(),
        [1, 2, 3, 4]
    );
    let error = session
        .command(&mut target, "ficr-read", b"0x61")
        .unwrap_err();
    assert_eq!(error.code(), "IMP-5101");
    nrf5_erase_and_program(&mut target);

    session
        .option_write(&mut target, "CUSTOMER3", 0xA5A5_0000)
        .unwrap();
    assert_eq!(
        session.option_read(&mut target, "CUSTOMER3").unwrap(),
        0xA5A5_0000
    );
    let error = session
        .option_write(&mut target, "CUSTOMER3", 0xFFFF_FFFF)
        .unwrap_err();
    assert_eq!(
        (error.code(), error.address),
        ("IMP-5106", Some(0x1000_108C))
    );
    assert_eq!(
        session
            .option_read(&mut target, "RBPCONF")
            .unwrap_err()
            .code(),
        "IMP-5103"
    );
    assert_eq!(
        session.option_read(&mut target, "NONE").unwrap_err().code(),
        "IMP-5101"
    );

    protect_and_unlock(&mut target, &mut session, 0x4000);
    assert_eq!(
        session.option_read(&mut target, "CUSTOMER3").unwrap(),
        0xFFFF_FFFF
    );
    assert_eq!(session.read_uid(&mut target).unwrap(), UID_8);
}

#[test]
fn nrf51822() {
    let (mut target, _, mut session) = chip("nRF51822_xxAA", &UID_8);
    let identity = session.identify(&mut target).unwrap();
    assert_eq!(identity, "nRF51, hardware 0x0072, 256 KiB flash");
    assert_eq!(session.read_uid(&mut target).unwrap(), UID_8);
    nrf5_erase_and_program(&mut target);
    session.option_write(&mut target, "CUSTOMER0", 7).unwrap();
    assert_eq!(
        session
            .option_read(&mut target, "APPROTECT")
            .unwrap_err()
            .code(),
        "IMP-5103"
    );
    protect_and_unlock(&mut target, &mut session, 0x4000);
    assert_eq!(
        session.option_read(&mut target, "CUSTOMER0").unwrap(),
        0xFFFF_FFFF
    );
}

#[test]
fn stm32f103c8() {
    let (mut target, _, mut session) = chip("STM32F103C8", &UID_12);
    let identity = session.identify(&mut target).unwrap();
    assert_eq!(identity, "STM32, device 0x410, revision 0x2003");
    assert_eq!(session.read_uid(&mut target).unwrap(), UID_12);
    assert_eq!(
        session.command(&mut target, "flash-size", b"").unwrap(),
        b"64"
    );
    assert_eq!(
        session.command(&mut target, "idcode", b"").unwrap(),
        b"0x20036410"
    );
    stm32_erase_and_program(&mut target);
    session.option_write(&mut target, "DATA1", 0x42).unwrap();
    assert_eq!(session.option_read(&mut target, "DATA1").unwrap(), 0x42);
    assert_eq!(
        session.option_read(&mut target, "RDP").unwrap(),
        0xA5,
        "the others stay"
    );
    assert_eq!(
        session
            .option_write(&mut target, "DATA1", 0x100)
            .unwrap_err()
            .code(),
        "IMP-5101"
    );
    protect_and_unlock(&mut target, &mut session, 0x0800_0400);
    assert_eq!(session.option_read(&mut target, "RDP").unwrap(), 0xA5);
    assert_eq!(session.option_read(&mut target, "DATA1").unwrap(), 0xFF);
}

#[test]
fn stm32f030c8() {
    let (mut target, _, mut session) = chip("STM32F030C8", &[]);
    let identity = session.identify(&mut target).unwrap();
    assert_eq!(identity, "STM32, device 0x440, revision 0x1000");
    let error = session.read_uid(&mut target).unwrap_err();
    assert_eq!(error.code(), "IMP-5103");
    assert!(
        error.to_string().contains("documents no unique identifier"),
        "{error}"
    );
    stm32_erase_and_program(&mut target);
    let error = session.option_write(&mut target, "RDP", 0xCC).unwrap_err();
    assert_eq!(error.code(), "IMP-5103");
    assert!(error.to_string().contains("chip.protect()"), "{error}");
    assert_eq!(
        session.option_read(&mut target, "WRP2").unwrap_err().code(),
        "IMP-5103"
    );
    protect_and_unlock(&mut target, &mut session, 0x0800_0400);
}

#[test]
fn stm32f407vg() {
    let (mut target, family, mut session) = chip("STM32F407VG", &UID_12);
    assert_eq!(family.options().len(), 6);
    let identity = session.identify(&mut target).unwrap();
    assert_eq!(
        identity,
        "STM32F4, device 0x413, revision 0x100f, 1024 KiB flash"
    );
    assert_eq!(session.read_uid(&mut target).unwrap(), UID_12);
    for (command, expect) in [("flash-size", "1024"), ("idcode", "0x100f6413")] {
        let answer = session.command(&mut target, command, b"").unwrap();
        assert_eq!(answer, expect.as_bytes(), "{command}");
    }
    stm32f4_erase_and_program(&mut target);
    for (option, value) in [("BOR_LEV", 1), ("nWRP", 0xFFE), ("WDG_SW", 0)] {
        session.option_write(&mut target, option, value).unwrap();
    }
    target.reset();
    for (option, value) in [
        ("BOR_LEV", 1),
        ("nWRP", 0xFFE),
        ("WDG_SW", 0),
        ("nRST_STOP", 1),
        ("nRST_STDBY", 1),
        ("RDP", 0xAA),
    ] {
        let found = session.option_read(&mut target, option).unwrap();
        assert_eq!(found, value, "{option}");
    }
    for (option, value, code) in [
        ("BOR_LEV", 4, "IMP-5101"),
        ("nothing", 0, "IMP-5101"),
        ("RDP", 0x55, "IMP-5103"),
        ("RDP", 0xCC, "IMP-5103"),
    ] {
        let error = session.option_write(&mut target, option, value);
        assert_eq!(error.unwrap_err().code(), code, "{option} {value:#x}");
    }
    session.option_write(&mut target, "WDG_SW", 1).unwrap();
    target.reset();
    protect_and_unlock(&mut target, &mut session, 0x0800_4000);
    assert_eq!(session.option_read(&mut target, "RDP").unwrap(), 0xAA);
    assert_eq!(
        session.option_read(&mut target, "BOR_LEV").unwrap(),
        1,
        "the others stay"
    );
}

/// A chip with less flash has the same device number.
#[test]
fn an_stm32f4_of_another_size_is_a_mismatch() {
    let (mut target, _, mut session) = chip("STM32F407VG", &UID_12);
    for (property, value, address) in [
        ("flash.kib", "512", 0x1FFF_7A22),
        ("dbgmcu.device_id", "0x419", 0xE004_2000),
    ] {
        let properties = &mut target.device.properties;
        let before = properties.insert(property.into(), value.into()).unwrap();
        let error = session.identify(&mut target).unwrap_err();
        assert_eq!(
            (error.code(), error.address),
            ("IMP-5107", Some(address)),
            "{error}"
        );
        target.device.properties.insert(property.into(), before);
    }
}

#[test]
fn another_chip_is_a_mismatch() {
    let (mut target, _, mut session) = chip("nRF52832_xxAA", &UID_8);
    target
        .device
        .properties
        .insert("ficr.part".into(), "0x52840".into());
    let error = session.identify(&mut target).unwrap_err();
    assert_eq!(
        (error.code(), error.address),
        ("IMP-5107", Some(0x1000_0100))
    );
    let (mut target, _, mut session) = chip("STM32F103C8", &UID_12);
    target
        .device
        .properties
        .insert("dbgmcu.device_id".into(), "0x414".into());
    assert_eq!(
        session.identify(&mut target).unwrap_err().code(),
        "IMP-5107"
    );
}

#[test]
fn a_board_that_cannot_be_made_says_why() {
    let (target, family, _) = chip("nRF52832_xxAA", &UID_8);
    let mut device = target.device.clone();
    device.properties.remove("series");
    let options = BoardOptions {
        uid: UID_8.into(),
        ..BoardOptions::default()
    };
    let error = Board::power_on(&device, options, family.board().unwrap().maker("x"))
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("no property `series`"),
        "{error}"
    );
}
