//! The devices the tests program, and what the tests expect of them.

/// A device of `devices/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The part number.
    pub device: &'static str,
    /// Stem of its application in `tests/firmware/out`.
    pub firmware: &'static str,
    /// First address of its flash.
    pub flash_start: u64,
    /// Length of its flash in bytes.
    pub flash_len: usize,
    /// Length of its unique identifier in bytes; 0 where none is documented.
    pub uid_len: usize,
    /// CPUID of its core, as the test code reports it.
    pub cpuid: u32,
}

/// nRF52832: Cortex-M4, the flash controller NVMC, protection by the CTRL-AP (PS v1.4, 4.2, 11, 13, 16).
pub const NRF52: Chip = Chip {
    device: "nRF52832_xxAA",
    firmware: "heartbeat-nrf52832",
    flash_start: 0,
    flash_len: 512 << 10,
    uid_len: 8,
    cpuid: 0x410F_C241,
};

/// nRF51822: Cortex-M0 (reference manual v3.0, 6, 7).
pub const NRF51: Chip = Chip {
    device: "nRF51822_xxAA",
    firmware: "heartbeat-nrf51822",
    flash_start: 0,
    flash_len: 256 << 10,
    uid_len: 8,
    cpuid: 0x410C_C200,
};

/// STM32F103C8: Cortex-M3 r1p1 (RM0008; PM0075).
pub const F103: Chip = Chip {
    device: "STM32F103C8",
    firmware: "heartbeat-stm32f103c8",
    flash_start: 0x0800_0000,
    flash_len: 64 << 10,
    uid_len: 12,
    cpuid: 0x411F_C231,
};

/// STM32F030C8: Cortex-M0, without a documented unique identifier (RM0360).
pub const F030: Chip = Chip {
    device: "STM32F030C8",
    firmware: "heartbeat-stm32f030c8",
    flash_start: 0x0800_0000,
    flash_len: 64 << 10,
    uid_len: 0,
    cpuid: 0x410C_C200,
};

/// STM32F407VG: Cortex-M4 r0p1, sectors of unequal size (RM0090).
pub const F407: Chip = Chip {
    device: "STM32F407VG",
    firmware: "heartbeat-stm32f407vg",
    flash_start: 0x0800_0000,
    flash_len: 1 << 20,
    uid_len: 12,
    cpuid: 0x410F_C241,
};

/// All of them.
pub const CHIPS: [Chip; 5] = [NRF52, NRF51, F103, F030, F407];

impl Chip {
    /// Its application in the formats the tests need: `elf`, `hex`, `srec`, `uf2`, `bin`.
    pub fn firmware(&self, extension: &str) -> Vec<u8> {
        firmware(&format!("{}.{extension}", self.firmware))
    }

    /// Test code for its RAM.
    pub fn selftest() -> Vec<u8> {
        firmware("selftest.elf")
    }
}

fn firmware(name: &str) -> Vec<u8> {
    let path = crate::repository().join("tests/firmware/out").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
