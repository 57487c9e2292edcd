//! Registers of the core's debugger and what their bits mean (ARMv6-M Architecture Reference Manual, C1.6 and C1.9).

/// First address of the private peripheral bus, where these registers are.
pub(crate) const PRIVATE_START: u32 = 0xE000_0000;

pub(crate) const AIRCR: u32 = 0xE000_ED0C;
pub(crate) const DFSR: u32 = 0xE000_ED30;
pub(crate) const DHCSR: u32 = 0xE000_EDF0;
pub(crate) const DCRSR: u32 = 0xE000_EDF4;
pub(crate) const DCRDR: u32 = 0xE000_EDF8;
pub(crate) const DEMCR: u32 = 0xE000_EDFC;
/// The breakpoint unit: control, and the first of its comparators.
pub(crate) const BP_CTRL: u32 = 0xE000_2000;
pub(crate) const BP_COMP0: u32 = 0xE000_2008;

/// DHCSR: writes count only with this in the upper half.
pub(crate) const DHCSR_KEY: u32 = 0xA05F;
pub(crate) const C_DEBUGEN: u32 = 1;
pub(crate) const C_HALT: u32 = 1 << 1;
pub(crate) const C_STEP: u32 = 1 << 2;
pub(crate) const C_MASKINTS: u32 = 1 << 3;
pub(crate) const S_REGRDY: u32 = 1 << 16;
pub(crate) const S_HALT: u32 = 1 << 17;
pub(crate) const S_LOCKUP: u32 = 1 << 19;
pub(crate) const S_RESET_ST: u32 = 1 << 25;

/// DCRSR: write the register instead of reading it.
pub(crate) const REGWNR: u32 = 1 << 16;

pub(crate) const DFSR_HALTED: u32 = 1;
pub(crate) const DFSR_BKPT: u32 = 1 << 1;
pub(crate) const DFSR_VCATCH: u32 = 1 << 3;

pub(crate) const VC_CORERESET: u32 = 1;
pub(crate) const VC_HARDERR: u32 = 1 << 10;

/// AIRCR: the key, and the requests that reset.
pub(crate) const AIRCR_KEY: u32 = 0x05FA;
pub(crate) const SYSRESETREQ_OR_VECTRESET: u32 = 0b101;

/// xPSR: the core executes Thumb code, the only code it has.
pub(crate) const XPSR_THUMB: u32 = 1 << 24;
/// PC and LR of a core that has locked up, or that a vector of erased flash sent away.
pub(crate) const LOCKED_UP_START: u32 = 0xFFFF_0000;

/// Entries of the vector table: the handler of a HardFault.
pub(crate) const VECTOR_HARD_FAULT: u32 = 0xC;
