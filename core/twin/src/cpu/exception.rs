//! Taking exceptions and returning from them (ARMv7-M ARM, B1.5).

use super::{Cpu, State, Trap, Wait, timing};
use crate::{
    core_debug::{self, DFSR_BKPT, DFSR_VCATCH},
    nvic::{
        BUS_FAULT, HARD_FAULT, MEM_MANAGE, NMI, PEND_SV, SV_CALL, SYS_TICK, THREAD_PRIORITY,
        USAGE_FAULT,
    },
    scs::{cfsr, hfsr},
};

/// From here up a branch target in handler mode is an exception return.
const EXC_RETURN_START: u32 = 0xF000_0000;
/// Return to a handler, on the main stack.
const TO_HANDLER: u32 = 0xFFFF_FFF1;
/// Return to a thread on the main stack.
const TO_THREAD_MAIN: u32 = 0xFFFF_FFF9;
/// Return to a thread on the process stack.
const TO_THREAD_PROCESS: u32 = 0xFFFF_FFFD;
/// Eight words: R0 to R3, R12, R14, return address, program status.
const FRAME_LEN: u32 = 32;
/// In the stacked program status: the frame was moved down by 4 to be aligned to 8.
const FRAME_MOVED: u32 = 1 << 9;
/// Where the core stands in lockup.
const LOCKUP_ADDRESS: u32 = 0xFFFF_FFFE;

/// A fault: its exception, its bit in CFSR, and the vector catch that stops at it.
struct Fault {
    exception: u32,
    status: u32,
    vector_catch: u32,
}

impl Cpu {
    /// Does what stands between two instructions: resets, interrupt lines, waking, taking an exception.
    pub fn service(&mut self) {
        self.bus.die.attention = false;
        if let Some(kind) = self.bus.die.reset_request.take() {
            self.reset(kind);
        }
        for (line, level) in std::mem::take(&mut self.bus.die.interrupt_lines) {
            self.nvic.set_line(line, level);
        }
        if self.is_stopped() {
            return;
        }
        let masks = self.debug.masks_interrupts();
        let masked = |exception| masks && exception >= PEND_SV;
        let Some(exception) = self.nvic.first_pending(masked) else {
            return self.wake_by_event();
        };
        let priority = self.nvic.group_priority(exception);
        if self.sleeping.is_some() && priority < self.priority_without_primask() {
            self.sleeping = None;
        }
        self.wake_by_event();
        if self.sleeping.is_none() && priority < self.execution_priority() {
            self.take_exception(exception);
        }
    }

    fn wake_by_event(&mut self) {
        let pending_is_event = self.scb.sends_event_on_pend() && !self.nvic.pending.is_empty();
        if self.sleeping == Some(Wait::Event) && (self.event || pending_is_event) {
            self.event = false;
            self.sleeping = None;
        }
    }

    /// Priority of what runs now: smaller is more urgent.
    pub fn execution_priority(&self) -> i32 {
        let masked = if self.state.primask {
            0
        } else {
            THREAD_PRIORITY
        };
        self.priority_without_primask().min(masked)
    }

    fn priority_without_primask(&self) -> i32 {
        let active = self
            .nvic
            .active
            .iter()
            .map(|exception| self.nvic.group_priority(exception));
        let mut priority = active.min().unwrap_or(THREAD_PRIORITY);
        if self.state.basepri != 0 {
            priority = priority.min(self.nvic.group_of(self.state.basepri));
        }
        if self.state.faultmask {
            priority = priority.min(-1);
        }
        priority
    }

    /// Stacks the frame and enters the handler. R15 is the address to return to.
    fn take_exception(&mut self, exception: u32) {
        let frame = self.frame();
        let exc_return = match (self.state.exception, self.state.process_stack) {
            (0, true) => TO_THREAD_PROCESS,
            (0, false) => TO_THREAD_MAIN,
            _ => TO_HANDLER,
        };
        let stacked = self.push_frame(frame);
        self.state.set_mode(exception, false);
        self.state.r[14] = exc_return;
        self.state.it = 0;
        self.nvic.activate(exception);
        self.exclusive = None;
        self.event = true;
        self.sleeping = None;
        self.charge_cycles(timing::EXCEPTION_ENTRY);
        if stacked.is_err() && exception != HARD_FAULT {
            self.pend_fault(BUS_FAULT, cfsr::STKERR);
            self.catch(core_debug::VC_INTERR);
        }
        let vector = self.scb.vector_table.wrapping_add(4 * exception);
        match self.load_word(vector) {
            Ok(handler) => {
                self.state.r[15] = handler & !1;
                self.state.thumb = handler & 1 != 0;
            }
            Err(_) if exception == HARD_FAULT || exception == NMI => self.lock_up(),
            Err(_) => {
                self.scb.hard_fault_status |= hfsr::VECTTBL;
                self.nvic.pending.set(HARD_FAULT, true);
                self.catch(core_debug::VC_INTERR);
            }
        }
        self.bus.die.attention = true;
    }

    fn charge_cycles(&mut self, cycles: u32) {
        self.bus.die.now_ps += u64::from(cycles) * self.bus.die.cycle_ps;
    }

    /// The eight words of a frame; the program status says whether the frame is moved.
    fn frame(&self) -> [u32; 8] {
        let r = &self.state.r;
        let aligns = !self.profile.is_v7 || self.scb.aligns_stack();
        let moved = if aligns && r[13] & 4 != 0 {
            FRAME_MOVED
        } else {
            0
        };
        [
            r[0],
            r[1],
            r[2],
            r[3],
            r[12],
            r[14],
            r[15],
            self.state.xpsr() | moved,
        ]
    }

    fn push_frame(&mut self, frame: [u32; 8]) -> Result<(), Trap> {
        let moved = if frame[7] & FRAME_MOVED != 0 { 4 } else { 0 };
        let start = self.state.r[13].wrapping_sub(FRAME_LEN + moved);
        self.state.r[13] = start;
        for (index, word) in frame.into_iter().enumerate() {
            self.store_aligned(start.wrapping_add(4 * index as u32), word)?;
        }
        Ok(())
    }

    /// A fault while an exception is entered waits until its handler runs, unless it is more urgent.
    fn pend_fault(&mut self, exception: u32, status: u32) {
        self.scb.fault_status |= if self.profile.is_v7 { status } else { 0 };
        let enabled = self.profile.is_v7 && self.nvic.enabled.contains(exception);
        if enabled && self.nvic.group_priority(exception) < self.execution_priority() {
            self.nvic.pending.set(exception, true);
        } else if self.execution_priority() > -1 {
            self.scb.hard_fault_status |= hfsr::FORCED;
            self.nvic.pending.set(HARD_FAULT, true);
        } else {
            self.lock_up();
        }
    }

    /// BX, BLX, POP and LDR to R15: a branch, or the end of a handler.
    #[inline(always)]
    pub(super) fn branch_exchange(&mut self, target: u32) -> Result<(), Trap> {
        if target >= EXC_RETURN_START && self.state.exception != 0 {
            return self.exception_return(target);
        }
        self.state.thumb = target & 1 != 0;
        self.branch(target & !1);
        Ok(())
    }

    fn exception_return(&mut self, exc_return: u32) -> Result<(), Trap> {
        let returning = self.state.exception;
        let active_count = self.nvic.active.iter().count();
        let to_thread = exc_return != TO_HANDLER;
        let is_known = matches!(exc_return, TO_HANDLER | TO_THREAD_MAIN | TO_THREAD_PROCESS);
        let is_possible = self.nvic.active.contains(returning)
            && match to_thread {
                true => active_count == 1 || self.scb.allows_thread_with_active(),
                false => active_count > 1,
            };
        self.nvic.deactivate(returning);
        if returning != NMI {
            self.state.faultmask = false;
        }
        self.bus.die.attention = true;
        if !is_known || !is_possible {
            return Err(Trap::InvalidReturn);
        }
        let process_stack = exc_return == TO_THREAD_PROCESS;
        let sp = if process_stack {
            self.state.psp()
        } else {
            self.state.msp()
        };
        let mut frame = [0; 8];
        for (index, word) in frame.iter_mut().enumerate() {
            *word = self
                .load_aligned(sp.wrapping_add(4 * index as u32))
                .map_err(|_| Trap::Unstack)?;
        }
        if (frame[7] & 0x1FF == 0) != to_thread {
            return Err(Trap::InvalidReturn);
        }
        self.unstack(frame, sp, process_stack);
        self.exclusive = None;
        self.event = true;
        self.bus.cycles += timing::EXCEPTION_RETURN;
        if to_thread && self.scb.sleeps_on_exit() {
            return Err(Trap::Sleep(Wait::Interrupt));
        }
        Ok(())
    }

    /// Puts a frame back. The return address becomes the next instruction.
    fn unstack(&mut self, frame: [u32; 8], sp: u32, process_stack: bool) {
        let state: &mut State = &mut self.state;
        state.set_mode(frame[7] & 0x1FF, process_stack);
        state.set_xpsr(frame[7]);
        state.r[..4].copy_from_slice(&frame[..4]);
        state.r[12] = frame[4];
        state.r[14] = frame[5];
        state.next_pc = frame[6] & !1;
        let aligns = !self.profile.is_v7 || self.scb.aligns_stack();
        let moved = if aligns && frame[7] & FRAME_MOVED != 0 {
            4
        } else {
            0
        };
        state.r[13] = sp.wrapping_add(FRAME_LEN + moved);
    }

    /// Does what an instruction that did not complete asks for.
    pub(super) fn handle_trap(&mut self, trap: Trap) {
        match trap {
            Trap::Sleep(wait) => {
                self.state.r[15] = self.state.next_pc;
                self.sleep(wait);
            }
            Trap::SupervisorCall => {
                self.state.r[15] = self.state.next_pc;
                self.supervisor_call();
            }
            Trap::Breakpoint if self.debug.is_enabled() => self.debug.halt(DFSR_BKPT),
            Trap::Breakpoint => {
                self.scb.hard_fault_status |= hfsr::DEBUGEVT;
                self.hard_fault();
            }
            _ => {
                let fault = self.fault_of(trap);
                self.take_fault(fault);
            }
        }
    }

    fn sleep(&mut self, wait: Wait) {
        // Sleeping is over at once if what would end it is there already.
        if wait == Wait::Event && std::mem::take(&mut self.event) {
            return;
        }
        self.sleeping = Some(wait);
        self.bus.die.attention = true;
    }

    fn supervisor_call(&mut self) {
        if self.nvic.group_priority(SV_CALL) < self.execution_priority() {
            self.take_exception(SV_CALL);
        } else {
            self.scb.hard_fault_status |= hfsr::FORCED;
            self.hard_fault();
        }
    }

    fn fault_of(&mut self, trap: Trap) -> Fault {
        use core_debug::{VC_BUSERR, VC_CHKERR, VC_MMERR, VC_NOCPERR, VC_STATERR};
        let (exception, status, vector_catch) = match trap {
            Trap::NoCoprocessor => (USAGE_FAULT, cfsr::NOCP, VC_NOCPERR),
            Trap::InvalidState => (USAGE_FAULT, cfsr::INVSTATE, VC_STATERR),
            Trap::InvalidReturn => (USAGE_FAULT, cfsr::INVPC, VC_STATERR),
            Trap::DivideByZero => (USAGE_FAULT, cfsr::DIVBYZERO, VC_CHKERR),
            Trap::Unaligned => (USAGE_FAULT, cfsr::UNALIGNED, VC_CHKERR),
            Trap::Fetch => (BUS_FAULT, cfsr::IBUSERR, VC_BUSERR),
            Trap::Unstack => (BUS_FAULT, cfsr::UNSTKERR, VC_BUSERR),
            Trap::NoExecute => (MEM_MANAGE, cfsr::IACCVIOL, VC_MMERR),
            Trap::Data { address } => {
                self.scb.bus_fault_address = address;
                (BUS_FAULT, cfsr::PRECISERR | cfsr::BFARVALID, VC_BUSERR)
            }
            _ => (USAGE_FAULT, cfsr::UNDEFINSTR, VC_STATERR),
        };
        Fault {
            exception,
            status,
            vector_catch,
        }
    }

    /// Takes a fault, as HardFault if its own exception is off or not urgent enough.
    fn take_fault(&mut self, fault: Fault) {
        let current = self.execution_priority();
        if self.profile.is_v7 {
            self.scb.fault_status |= fault.status;
            let enabled = self.nvic.enabled.contains(fault.exception);
            if enabled && self.nvic.group_priority(fault.exception) < current {
                self.take_exception(fault.exception);
                return self.catch(fault.vector_catch);
            }
            self.scb.hard_fault_status |= hfsr::FORCED;
        }
        self.hard_fault();
        if self.profile.is_v7 {
            self.catch(fault.vector_catch);
        }
    }

    /// HardFault, or lockup if nothing is left to take it.
    fn hard_fault(&mut self) {
        if self.execution_priority() <= -1 {
            return self.lock_up();
        }
        self.take_exception(HARD_FAULT);
        self.catch(core_debug::VC_HARDERR);
    }

    fn catch(&mut self, vector_catch: u32) {
        if self.debug.catches(vector_catch) && !self.locked_up {
            self.debug.halt(DFSR_VCATCH);
        }
    }

    /// The core can do nothing more until it is reset or a debugger halts it.
    pub(super) fn lock_up(&mut self) {
        self.locked_up = true;
        self.state.r[15] = LOCKUP_ADDRESS;
    }

    /// Exceptions that a program pends by itself, at its next instruction.
    pub(crate) fn pend(&mut self, exception: u32, pending: bool) {
        debug_assert!(matches!(exception, NMI | PEND_SV | SYS_TICK));
        self.nvic.pending.set(exception, pending);
        self.bus.die.attention = true;
    }
}
