//! The core: an interpreter of ARMv6-M and ARMv7-M Thumb code with exceptions, SysTick and debug state.
//!
//! One instruction is decoded and executed at a time, straight from the bytes of memory: nothing is cached, so code
//! that changes needs no care, and a state is a few hundred bytes. Not modelled: the floating-point unit (its
//! instructions fault as with the unit off), the MPU, tail-chaining, and memory protection of unprivileged code
//! (which may not change the special registers but reaches all of memory).

mod alu;
mod data;
mod dsp;
mod exception;
mod idle;
mod load_store;
mod registers;
mod reset;
mod thumb16;
mod thumb32;
mod timing;

pub(crate) use load_store::PRIVATE_START;
pub use registers::Registers;
pub(crate) use registers::State;

use crate::{
    bus::Bus, core_debug, core_debug::CoreDebug, fpb::Fpb, limits, nvic::Nvic,
    peripherals::BusFault, scs::SystemControlBlock, systick::SysTick,
};
use imprint_device::{Core, TwinData};

/// What the core implements.
#[derive(Clone, Copy)]
pub(crate) struct Profile {
    /// ARMv7-M; otherwise ARMv6-M.
    pub is_v7: bool,
    /// The DSP extension.
    pub has_dsp: bool,
    /// Unprivileged threads: not on Cortex-M0.
    pub has_unprivileged: bool,
    /// Bits of a priority. ARMv6-M has 2; for ARMv7-M it is the vendor's choice, most take 3 or 4.
    pub priority_bits: u32,
}

impl Profile {
    /// That core.
    pub fn of(core: Core) -> Profile {
        let is_v7 = matches!(core, Core::CortexM3 | Core::CortexM4);
        Profile {
            is_v7,
            has_dsp: core == Core::CortexM4,
            has_unprivileged: core != Core::CortexM0,
            priority_bits: if is_v7 { 4 } else { 2 },
        }
    }
}

/// Why an instruction did not simply complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// No such instruction on this core.
    Undefined,
    /// A coprocessor, or the floating-point unit.
    NoCoprocessor,
    /// The Thumb bit is 0.
    InvalidState,
    /// An exception return that fits no exception.
    InvalidReturn,
    /// Division by zero, where the program wants to know.
    DivideByZero,
    /// A transfer at an address that is not aligned.
    Unaligned,
    /// No one answers the fetch.
    Fetch,
    /// Code in a region for data only.
    NoExecute,
    /// No one answers a load or store.
    Data { address: u32 },
    /// No one answers while an exception returns.
    Unstack,
    /// BKPT.
    Breakpoint,
    /// SVC.
    SupervisorCall,
    /// WFI or WFE.
    Sleep(Wait),
}

/// What a sleeping core waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// WFI.
    Interrupt,
    /// WFE.
    Event,
}

/// A core with its bus.
pub(crate) struct Cpu {
    pub state: State,
    pub bus: Bus,
    pub profile: Profile,
    pub nvic: Nvic,
    pub scb: SystemControlBlock,
    pub systick: SysTick,
    pub fpb: Fpb,
    pub debug: CoreDebug,
    pub twin: TwinData,
    /// The address an exclusive load has marked.
    exclusive: Option<u32>,
    /// The event register of WFE.
    event: bool,
    pub sleeping: Option<Wait>,
    pub locked_up: bool,
    /// The reset line is low.
    pub held_in_reset: bool,
    /// Power failed and came back since the board last looked.
    pub power_cycled: bool,
    pub instruction_count: u64,
    /// Uses of the core's own peripherals, whose answers change with time.
    pub(crate) private_access_count: u64,
    /// When the core has done what it began; later than now while it waits for the flash.
    ready_ps: u64,
}

impl Cpu {
    /// A core on that bus, before its first reset.
    pub fn new(core: Core, twin: &TwinData, bus: Bus) -> Cpu {
        let profile = Profile::of(core);
        Cpu {
            state: State::default(),
            bus,
            profile,
            nvic: Nvic::new(twin.interrupt_count, profile.priority_bits),
            scb: SystemControlBlock::new(),
            systick: SysTick::default(),
            fpb: Fpb::new(twin.breakpoint_count),
            debug: CoreDebug::default(),
            twin: twin.clone(),
            exclusive: None,
            event: false,
            sleeping: None,
            locked_up: false,
            held_in_reset: false,
            power_cycled: false,
            instruction_count: 0,
            private_access_count: 0,
            ready_ps: 0,
        }
    }

    /// Executes instructions, sleeps or stands still until that time.
    pub fn run(&mut self, until_ps: u64) {
        self.bus.die.now_ps = self.bus.die.now_ps.max(self.ready_ps);
        let retired = self.instruction_count;
        while self.bus.die.now_ps < until_ps {
            if self.bus.die.attention {
                self.service();
            }
            if self.is_stopped() {
                break;
            }
            let cycle_ps = self.bus.die.cycle_ps;
            let limit_ps = self
                .systick
                .next_ps(cycle_ps)
                .map_or(until_ps, |at| at.min(until_ps));
            if self.sleeping.is_some() {
                self.bus.die.now_ps = self.bus.die.now_ps.max(limit_ps);
            } else {
                self.run_awake(limit_ps);
            }
            self.advance_systick();
        }
        self.debug.retired |= self.instruction_count != retired;
        self.ready_ps = self.bus.die.now_ps;
        self.bus.die.now_ps = until_ps;
        if self.is_stopped() {
            self.systick.hold(until_ps);
        }
    }

    /// After a debugger's transfer at that time: does what it asked for. What the core did for it, a step, delays its
    /// next instruction, not the wire.
    pub fn settle(&mut self, now_ps: u64) {
        if self.bus.die.attention {
            self.service();
        }
        self.ready_ps = self.ready_ps.max(self.bus.die.now_ps);
        self.bus.die.now_ps = now_ps;
    }

    /// In debug state, locked up or held in reset.
    pub fn is_stopped(&self) -> bool {
        self.debug.halted || self.locked_up || self.held_in_reset
    }

    fn advance_systick(&mut self) {
        let (now_ps, cycle_ps) = (self.bus.die.now_ps, self.bus.die.cycle_ps);
        if self.systick.advance(now_ps, cycle_ps) {
            self.nvic.pending.set(crate::nvic::SYS_TICK, true);
            self.bus.die.attention = true;
        }
    }

    /// Executes until that time, or until something other than the next instruction is to be done.
    fn run_awake(&mut self, limit_ps: u64) {
        if !self.skip_waiting_loop(limit_ps) {
            return;
        }
        let interval = match self.bus.die.busy() {
            true => limits::BUSY_LOOK_INTERVAL,
            false => limits::IDLE_LOOK_INTERVAL,
        };
        for _ in 0..interval {
            if self.bus.die.now_ps >= limit_ps || !self.step() {
                return;
            }
        }
    }

    /// Executes one instruction, or enters the exception it raises. False if the next thing to do may be another
    /// than the next instruction.
    #[inline(always)]
    fn step(&mut self) -> bool {
        if self.fpb.is_armed() && self.stops_at_breakpoint() {
            return false;
        }
        match self.execute() {
            Ok(()) => !self.bus.die.attention,
            Err(trap) => {
                self.handle_trap(trap);
                false
            }
        }
    }

    /// One instruction for a debugger, with its traps.
    pub fn step_once(&mut self) {
        self.step();
    }

    fn stops_at_breakpoint(&mut self) -> bool {
        let leaving = std::mem::take(&mut self.debug.leaving);
        let stops = self.debug.is_enabled() && !leaving && self.fpb.matches(self.state.r[15]);
        if stops {
            self.debug.halt(core_debug::DFSR_BKPT);
        }
        stops
    }

    /// Executes one instruction and nothing else. If it traps, R15 is still its address.
    #[inline(always)]
    pub fn execute(&mut self) -> Result<(), Trap> {
        self.bus.cycles = timing::BASE;
        let result = self.fetch_and_execute();
        if result.is_ok() {
            self.state.r[15] = self.state.next_pc;
        }
        self.instruction_count += 1;
        let cycles = u64::from(self.bus.cycles);
        self.bus.die.now_ps += cycles * self.bus.die.cycle_ps;
        result
    }

    #[inline(always)]
    fn fetch_and_execute(&mut self) -> Result<(), Trap> {
        if !self.state.thumb {
            return Err(Trap::InvalidState);
        }
        let pc = self.state.r[15];
        let op = self.fetch(pc)?;
        let is_wide = op >= 0xE800;
        self.state.next_pc = pc.wrapping_add(if is_wide { 4 } else { 2 });
        let it = self.state.it;
        if it != 0 {
            self.state.it = if it & 7 == 0 {
                0
            } else {
                it & 0xE0 | it << 1 & 0x1F
            };
            // A breakpoint is not conditional.
            if !self.condition(it >> 4) && op >> 8 != 0xBE {
                return Ok(());
            }
        }
        let result = if is_wide {
            match self.fetch(pc.wrapping_add(2)) {
                Ok(op2) => self.execute32(op, op2),
                Err(trap) => Err(trap),
            }
        } else {
            self.execute16(op, it == 0)
        };
        // An instruction that faults is executed again: with the IT state it had.
        if result.is_err() && !matches!(result, Err(Trap::SupervisorCall | Trap::Sleep(_))) {
            self.state.it = it;
        }
        result
    }

    #[inline(always)]
    fn fetch(&mut self, address: u32) -> Result<u32, Trap> {
        self.bus
            .fetch(address)
            .map_err(|BusFault| fetch_trap(address))
    }
}

/// Peripherals, devices and the system region never hold code (ARMv7-M ARM, B3.1.1).
#[cold]
fn fetch_trap(address: u32) -> Trap {
    match address >> 29 {
        2 | 5.. => Trap::NoExecute,
        _ => Trap::Fetch,
    }
}
