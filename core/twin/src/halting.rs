//! The debugger's registers of the core: DHCSR, DCRSR, DCRDR and what they do (ARMv7-M ARM, C1.6).

use crate::{
    core_debug::{C_DEBUGEN, C_HALT, C_STEP, CoreDebug, DFSR_HALTED},
    cpu::Cpu,
    peripherals::Master,
};

/// DHCSR: writes count only with this in the upper half.
const DHCSR_KEY: u32 = 0xA05F;
/// DHCSR: the register transfer is complete.
const S_REGRDY: u32 = 1 << 16;
/// DCRSR: write the register instead of reading it.
const REGWNR: u32 = 1 << 16;

impl Cpu {
    /// DHCSR as it reads; a debugger's read clears what is set until read.
    pub(crate) fn read_halting_status(&mut self, master: Master) -> u32 {
        let value = self.debug.control
            | S_REGRDY
            | u32::from(self.debug.halted) << 17
            | u32::from(self.sleeping.is_some()) << 18
            | u32::from(self.locked_up) << 19
            | u32::from(self.debug.retired) << 24
            | u32::from(self.debug.reset_seen) << 25;
        if master == Master::Debugger {
            self.debug.retired = false;
            self.debug.reset_seen = self.held_in_reset;
        }
        value
    }

    /// A write to DHCSR: halt, go on, step.
    pub(crate) fn write_halting_control(&mut self, value: u32) {
        if value >> 16 != DHCSR_KEY {
            return;
        }
        self.debug.control = CoreDebug::writable(value);
        if self.held_in_reset {
            return;
        }
        match (self.debug.halted, self.debug.control & (C_DEBUGEN | C_HALT)) {
            (false, control) if control == C_DEBUGEN | C_HALT => {
                self.sleeping = None;
                self.locked_up = false;
                self.debug.halt(DFSR_HALTED);
            }
            (true, control) if control != C_DEBUGEN | C_HALT => self.go_on(),
            _ => {}
        }
    }

    /// Leaves debug state, for one instruction if the debugger steps.
    fn go_on(&mut self) {
        self.debug.halted = false;
        self.debug.leaving = true;
        self.bus.die.attention = true;
        if self.debug.control & C_STEP == 0 {
            return;
        }
        let before = self.instruction_count;
        let handler = self.state.exception;
        self.service();
        // Entering an exception is a step of its own.
        if self.state.exception == handler && !self.is_stopped() {
            self.step_once();
        }
        self.debug.retired |= self.instruction_count != before;
        self.sleeping = None;
        self.locked_up = false;
        if !self.debug.halted {
            self.debug.halt(DFSR_HALTED);
        }
    }

    /// A write to DCRSR moves a register to or from DCRDR. Only a halted core does it.
    pub(crate) fn select_register(&mut self, value: u32) {
        if !self.debug.halted {
            return;
        }
        let selector = value & 0x7F;
        if value & REGWNR == 0 {
            self.debug.data = self.debug_register(selector);
        } else {
            self.set_debug_register(selector, self.debug.data);
        }
    }

    fn debug_register(&self, selector: u32) -> u32 {
        let state = &self.state;
        match selector {
            0..=15 => state.r[selector as usize],
            16 => state.xpsr(),
            17 => state.msp(),
            18 => state.psp(),
            20 => {
                state.control() << 24
                    | u32::from(state.faultmask) << 16
                    | state.basepri << 8
                    | u32::from(state.primask)
            }
            _ => 0,
        }
    }

    fn set_debug_register(&mut self, selector: u32, value: u32) {
        let priority_mask = self.nvic.priority_mask();
        let profile = self.profile;
        let state = &mut self.state;
        match selector {
            15 => state.r[15] = value & !1,
            0..=14 => state.set(selector, value),
            16 => {
                let process_stack = state.process_stack;
                let exception = value & 0x1FF;
                state.set_mode(exception, process_stack);
                state.set_xpsr(value);
            }
            17 => state.set_msp(value),
            18 => state.set_psp(value),
            20 => {
                state.primask = value & 1 != 0;
                if profile.is_v7 {
                    state.basepri = value >> 8 & priority_mask;
                    state.faultmask = value >> 16 & 1 != 0;
                }
                state.unprivileged = value >> 24 & 1 != 0 && profile.has_unprivileged;
                state.set_mode(state.exception, value >> 25 & 1 != 0);
            }
            _ => {}
        }
        self.bus.die.attention = true;
    }
}
