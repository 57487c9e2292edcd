//! What a debugger does to the core: halting, stepping, vector catch (ARMv7-M ARM, C1.6).

/// DHCSR.C_DEBUGEN.
pub(crate) const C_DEBUGEN: u32 = 1;
/// DHCSR.C_HALT.
pub(crate) const C_HALT: u32 = 1 << 1;
/// DHCSR.C_STEP.
pub(crate) const C_STEP: u32 = 1 << 2;
/// DHCSR.C_MASKINTS.
pub(crate) const C_MASKINTS: u32 = 1 << 3;
/// DHCSR.C_SNAPSTALL, kept without effect.
const C_SNAPSTALL: u32 = 1 << 5;

/// DFSR: a halt or step request.
pub(crate) const DFSR_HALTED: u32 = 1;
/// DFSR: BKPT or a hardware breakpoint.
pub(crate) const DFSR_BKPT: u32 = 1 << 1;
/// DFSR: vector catch.
pub(crate) const DFSR_VCATCH: u32 = 1 << 3;

/// DEMCR.VC_CORERESET.
pub(crate) const VC_CORERESET: u32 = 1;
/// DEMCR.VC_MMERR.
pub(crate) const VC_MMERR: u32 = 1 << 4;
/// DEMCR.VC_NOCPERR.
pub(crate) const VC_NOCPERR: u32 = 1 << 5;
/// DEMCR.VC_CHKERR.
pub(crate) const VC_CHKERR: u32 = 1 << 6;
/// DEMCR.VC_STATERR.
pub(crate) const VC_STATERR: u32 = 1 << 7;
/// DEMCR.VC_BUSERR.
pub(crate) const VC_BUSERR: u32 = 1 << 8;
/// DEMCR.VC_INTERR.
pub(crate) const VC_INTERR: u32 = 1 << 9;
/// DEMCR.VC_HARDERR.
pub(crate) const VC_HARDERR: u32 = 1 << 10;

/// Debug state of the core. It survives a system reset.
#[derive(Default)]
pub(crate) struct CoreDebug {
    /// The C_ bits of DHCSR.
    pub control: u32,
    /// In debug state.
    pub halted: bool,
    /// S_RESET_ST and S_RETIRE_ST: set until read.
    pub reset_seen: bool,
    pub retired: bool,
    pub data: u32,
    pub exception_control: u32,
    pub fault_status: u32,
    /// The core has just been let go: it does not stop at the breakpoint where it stands.
    pub leaving: bool,
}

impl CoreDebug {
    /// After power came on.
    pub fn reset(&mut self) {
        *self = CoreDebug {
            reset_seen: true,
            ..CoreDebug::default()
        };
    }

    /// A debugger has enabled halting.
    pub fn is_enabled(&self) -> bool {
        self.control & C_DEBUGEN != 0
    }

    /// PendSV, SysTick and interrupts are kept away from the core.
    pub fn masks_interrupts(&self) -> bool {
        self.control & (C_DEBUGEN | C_MASKINTS) == C_DEBUGEN | C_MASKINTS
    }

    /// Is the event `vector_catch` of DEMCR caught?
    pub fn catches(&self, vector_catch: u32) -> bool {
        self.is_enabled() && self.exception_control & vector_catch != 0
    }

    /// Enters debug state for this reason of DFSR.
    pub fn halt(&mut self, reason: u32) {
        self.halted = true;
        self.control |= C_HALT;
        self.fault_status |= reason;
    }

    /// The C_ bits that a write to DHCSR keeps.
    pub fn writable(value: u32) -> u32 {
        if value & C_DEBUGEN == 0 {
            return 0;
        }
        value & (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS | C_SNAPSTALL)
    }
}
