//! What a reset does (ARMv7-M ARM, B1.5.5), and letting the core go from it.

use super::Cpu;
use crate::{core_debug, peripherals::ResetKind, scs::SystemControlBlock};

impl Cpu {
    /// Resets the chip. Cells keep their content; RAM only if power stays.
    pub fn reset(&mut self, kind: ResetKind) {
        if kind == ResetKind::PowerOn {
            self.bus.die.lose_power();
            self.fpb.reset();
            self.debug.reset();
            self.held_in_reset = false;
            self.power_cycled = true;
        }
        self.bus.die.busy_until_ps = self.bus.die.now_ps;
        self.bus.die.reset_request = None;
        self.bus.die.reset_clock();
        self.nvic.reset();
        self.systick.reset(self.bus.die.now_ps);
        self.scb = SystemControlBlock::new();
        self.exclusive = None;
        self.event = false;
        self.sleeping = None;
        self.locked_up = false;
        self.debug.reset_seen = true;
        // Cortex-M3 TRM, table 10-2: C_HALT "clears on core reset". Set again while the line is held, it counts.
        self.debug.control &= !core_debug::C_HALT;
        self.debug.halted = false;
        self.debug.leaving = false;
        self.ready_ps = self.bus.die.now_ps;
        self.bus
            .with_peripherals(|peripherals, die| peripherals.reset(die, kind));
        if !self.held_in_reset {
            self.start();
        }
    }

    /// The reset line: low holds the core, high lets it start.
    pub fn set_reset_line(&mut self, high: bool) {
        if !high && !self.held_in_reset {
            self.held_in_reset = true;
            self.reset(ResetKind::System);
        } else if high && self.held_in_reset {
            self.held_in_reset = false;
            self.ready_ps = self.bus.die.now_ps;
            self.start();
        }
    }

    /// Fetches stack pointer and entry from the vector table and starts, or halts if a debugger catches it.
    fn start(&mut self) {
        self.state = super::State {
            thumb: true,
            ..super::State::default()
        };
        self.state.r[14] = u32::MAX;
        let vectors = self.scb.vector_table;
        match (
            self.load_word(vectors),
            self.load_word(vectors.wrapping_add(4)),
        ) {
            (Ok(stack), Ok(entry)) => {
                self.state.r[13] = stack & !3;
                self.state.r[15] = entry & !1;
                self.state.thumb = entry & 1 != 0;
            }
            _ => self.lock_up(),
        }
        if self.debug.catches(core_debug::VC_CORERESET) {
            self.locked_up = false;
            self.debug.halt(core_debug::DFSR_VCATCH);
        } else if self.debug.is_enabled() && self.debug.control & core_debug::C_HALT != 0 {
            // A halt request that was made while the reset line was held.
            self.locked_up = false;
            self.debug.halt(core_debug::DFSR_HALTED);
        }
        self.bus.die.attention = true;
    }
}
