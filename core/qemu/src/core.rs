//! The core's debug registers, over QEMU's debugger.
//!
//! QEMU knows no debug state. A BKPT is a fault to it; a core that locks up ends QEMU with an abort, and so does one that is
//! let go after a reset into erased flash. So each BKPT that can be met gets a breakpoint of QEMU's, and so does the handler
//! of a HardFault where that would be a halt or a lock-up; a core that cannot run is not let go.

use crate::{
    bus::{self, FLASH, RAM, Refusal, holds},
    error::QemuError,
    gdb::{Gdb, PC, SP, XPSR},
    limits::{BREAKPOINTS_MAX, READ_LEN_MAX},
    qtest::Qtest,
    registers::*,
    rom_table::identification,
};
use std::collections::BTreeSet;

/// Comparators of the breakpoint unit (nRF51 Series Reference Manual v3.0.1, 11).
const COMPARATOR_COUNT: usize = 4;

/// What the core does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// In debug state.
    Halted,
    LockedUp,
    InReset,
}

/// The core as its debugger sees it.
pub(crate) struct Core {
    gdb: Gdb,
    pub qtest: Qtest,
    state: State,
    /// The C_ bits of DHCSR.
    control: u32,
    reset_seen: bool,
    data: u32,
    exception_control: u32,
    fault_status: u32,
    unit_enabled: bool,
    comparators: [u32; COMPARATOR_COUNT],
    /// Breakpoints that QEMU has.
    breakpoints: BTreeSet<u32>,
    /// Where a HardFault would be a halt or a lock-up.
    fault_handler: Option<u32>,
}

impl Core {
    /// The core of a machine that has just been started, its flash empty.
    pub(crate) fn new(gdb: Gdb, qtest: Qtest) -> Result<Core, QemuError> {
        let mut core = Core {
            gdb,
            qtest,
            state: State::InReset,
            control: 0,
            reset_seen: true,
            data: 0,
            exception_control: 0,
            fault_status: 0,
            unit_enabled: false,
            comparators: [0; COMPARATOR_COUNT],
            breakpoints: BTreeSet::new(),
            fault_handler: None,
        };
        core.leave_reset()?;
        Ok(core)
    }

    /// Reads a word of the private peripheral bus, or of the ROM table.
    pub(crate) fn read_private(&mut self, address: u32) -> Result<u32, Refusal> {
        Ok(match address & !3 {
            DHCSR => self.read_status()?,
            DCRSR => 0,
            DCRDR => self.data,
            DEMCR => self.exception_control,
            DFSR => self.fault_status,
            BP_CTRL => (COMPARATOR_COUNT as u32) << 4 | u32::from(self.unit_enabled),
            address => match (identification(address), self.comparator(address)) {
                (Some(value), _) => value,
                (_, Some(comparator)) => *comparator,
                _ => bus::read_word(&mut self.qtest, address)?,
            },
        })
    }

    /// Writes a word there.
    pub(crate) fn write_private(&mut self, address: u32, value: u32) -> Result<(), Refusal> {
        match address & !3 {
            DHCSR => self.write_control(value)?,
            DCRSR => self.select_register(value)?,
            DCRDR => self.data = value,
            DEMCR => self.exception_control = value,
            DFSR => self.fault_status &= !value,
            BP_CTRL if value & 2 != 0 => self.unit_enabled = value & 1 != 0,
            BP_CTRL => {}
            AIRCR if is_reset_request(value) => self.reset()?,
            address => match (identification(address), self.comparator(address)) {
                (Some(_), _) => {}
                (_, Some(comparator)) => *comparator = value & 0xDFFF_FFFD,
                _ => bus::write(&mut self.qtest, address, 4, value)?,
            },
        }
        Ok(())
    }

    /// Drives the reset line.
    pub(crate) fn set_reset_line(&mut self, is_high: bool) -> Result<(), QemuError> {
        match (is_high, self.state) {
            (false, State::InReset) => Ok(()),
            (false, _) => self.enter_reset(),
            (true, State::InReset) => self.leave_reset(),
            (true, _) => Ok(()),
        }
    }

    fn comparator(&mut self, address: u32) -> Option<&mut u32> {
        let index = address.wrapping_sub(BP_COMP0) / 4;
        self.comparators.get_mut(index as usize)
    }

    fn read_status(&mut self) -> Result<u32, QemuError> {
        self.look()?;
        let halted = self.state == State::Halted;
        let locked_up = self.state == State::LockedUp;
        let status = self.control
            | S_REGRDY
            | if halted { S_HALT } else { 0 }
            | if locked_up { S_LOCKUP } else { 0 }
            | if self.reset_seen { S_RESET_ST } else { 0 };
        self.reset_seen = self.state == State::InReset;
        Ok(status)
    }

    /// Takes notice of a core that has stopped in QEMU.
    fn look(&mut self) -> Result<(), QemuError> {
        if self.state == State::Running && self.gdb.has_stopped()? {
            self.stopped()?;
        }
        Ok(())
    }

    /// Why did it stop?
    fn stopped(&mut self) -> Result<(), QemuError> {
        if self.fault_handler != Some(self.gdb.register(PC)?) {
            self.halt_for(DFSR_BKPT);
        } else if self.catches(VC_HARDERR) {
            self.halt_for(DFSR_VCATCH);
        } else {
            self.state = State::LockedUp;
        }
        Ok(())
    }

    fn halt_for(&mut self, reason: u32) {
        self.state = State::Halted;
        self.control |= C_HALT;
        self.fault_status |= reason;
    }

    fn write_control(&mut self, value: u32) -> Result<(), QemuError> {
        if value >> 16 != DHCSR_KEY {
            return Ok(());
        }
        self.look()?;
        self.control = match value & C_DEBUGEN {
            0 => 0,
            _ => value & (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS),
        };
        let stays_halted = self.control & (C_DEBUGEN | C_HALT) == C_DEBUGEN | C_HALT;
        match (self.state, stays_halted) {
            (State::Running, true) => {
                self.gdb.interrupt()?;
                self.halt_for(DFSR_HALTED);
            }
            (State::LockedUp, true) => self.halt_for(DFSR_HALTED),
            (State::Halted, false) if self.control & C_STEP != 0 => self.step()?,
            (State::Halted, false) => self.go_on()?,
            _ => {}
        }
        Ok(())
    }

    /// A write to DCRSR moves a register to or from DCRDR. Only a halted core does it.
    fn select_register(&mut self, value: u32) -> Result<(), QemuError> {
        self.look()?;
        // QEMU 7.2 shows no more of the core than this: one stack pointer, and not PRIMASK and CONTROL.
        let register = match value & 0x7F {
            number @ 0..=15 => number,
            16 => XPSR,
            17 => SP,
            _ => {
                self.data = 0;
                return Ok(());
            }
        };
        match (self.state, value & REGWNR) {
            (State::Halted, 0) => self.data = self.gdb.register(register)?,
            (State::Halted, _) => self.gdb.set_register(register, self.data)?,
            _ => {}
        }
        Ok(())
    }

    /// Executes one instruction. A BKPT is not left that way.
    fn step(&mut self) -> Result<(), QemuError> {
        let (pc, can_run) = self.position()?;
        if !can_run {
            self.state = State::LockedUp;
            return Ok(());
        }
        if self.code()?.contains(&pc) {
            self.halt_for(DFSR_BKPT);
            return Ok(());
        }
        self.gdb.step()?;
        self.halt_for(DFSR_HALTED);
        Ok(())
    }

    /// Lets the core run.
    fn go_on(&mut self) -> Result<(), QemuError> {
        let (pc, can_run) = self.position()?;
        if !can_run {
            self.state = State::LockedUp;
            return Ok(());
        }
        let code = self.code()?;
        let units = self.unit_addresses();
        if units.contains(&pc) && !code.contains(&pc) {
            // It does not stop again where it stands.
            self.gdb.step()?;
        }
        self.fault_handler = self.guarded_fault_handler()?;
        let wanted = code.into_iter().chain(units).chain(self.fault_handler);
        self.set_breakpoints(wanted.take(BREAKPOINTS_MAX).collect())?;
        self.gdb.go_on()?;
        self.state = State::Running;
        Ok(())
    }

    /// PC, and whether there is something to execute.
    fn position(&mut self) -> Result<(u32, bool), QemuError> {
        let pc = self.gdb.register(PC)?;
        let is_thumb = self.gdb.register(XPSR)? & XPSR_THUMB != 0;
        Ok((pc, is_thumb && pc < LOCKED_UP_START))
    }

    /// Each BKPT in RAM, and in flash where the core is there: without a debugger it is a fault, as on the chip.
    fn code(&mut self) -> Result<BTreeSet<u32>, QemuError> {
        let mut found = BTreeSet::new();
        if self.control & C_DEBUGEN == 0 {
            return Ok(found);
        }
        let is_in_flash = holds(FLASH, self.gdb.register(PC)?);
        for (start, len) in [Some(RAM), is_in_flash.then_some(FLASH)]
            .into_iter()
            .flatten()
        {
            for address in (start..start + len).step_by(READ_LEN_MAX as usize) {
                let bytes = self.qtest.read(address, READ_LEN_MAX)?;
                let halfwords = (address..).step_by(2).zip(bytes.chunks_exact(2));
                found.extend(halfwords.filter(|(_, code)| code[1] == BKPT).map(|it| it.0));
            }
        }
        Ok(found)
    }

    /// Addresses that the breakpoint unit stops at.
    fn unit_addresses(&self) -> Vec<u32> {
        let is_on = self.unit_enabled && self.control & C_DEBUGEN != 0;
        let armed = self
            .comparators
            .iter()
            .filter(|value| is_on && **value & 1 != 0);
        let halves = armed.flat_map(|value| {
            let address = value & 0x1FFF_FFFC;
            let low = (value >> 30 & 1 != 0).then_some(address);
            let high = (value >> 31 != 0).then_some(address + 2);
            low.into_iter().chain(high)
        });
        halves.collect()
    }

    /// Where a HardFault goes, if that is to be a halt, or has to be a lock-up because nothing is there.
    fn guarded_fault_handler(&mut self) -> Result<Option<u32>, QemuError> {
        let vector = self.qtest.read_word(VECTOR_HARD_FAULT)?;
        let handler = vector & !1;
        let is_code = vector & 1 != 0 && (holds(FLASH, handler) || holds(RAM, handler));
        Ok((!is_code || self.catches(VC_HARDERR)).then_some(handler))
    }

    fn set_breakpoints(&mut self, wanted: BTreeSet<u32>) -> Result<(), QemuError> {
        for address in self.breakpoints.difference(&wanted) {
            self.gdb.remove_breakpoint(*address)?;
        }
        for address in wanted.difference(&self.breakpoints) {
            self.gdb.insert_breakpoint(*address)?;
        }
        self.breakpoints = wanted;
        Ok(())
    }

    fn catches(&self, event: u32) -> bool {
        self.control & C_DEBUGEN != 0 && self.exception_control & event != 0
    }

    fn reset(&mut self) -> Result<(), QemuError> {
        self.enter_reset()?;
        self.leave_reset()
    }

    fn enter_reset(&mut self) -> Result<(), QemuError> {
        self.look()?;
        if self.state == State::Running {
            self.gdb.interrupt()?;
        }
        self.gdb.reset()?;
        self.state = State::InReset;
        self.reset_seen = true;
        Ok(())
    }

    /// Runs, or halts before the first instruction.
    fn leave_reset(&mut self) -> Result<(), QemuError> {
        if self.catches(VC_CORERESET) {
            self.halt_for(DFSR_VCATCH);
        } else if self.control & (C_DEBUGEN | C_HALT) == C_DEBUGEN | C_HALT {
            self.halt_for(DFSR_HALTED);
        } else {
            self.go_on()?;
        }
        Ok(())
    }
}

/// The upper byte of a BKPT.
const BKPT: u8 = 0xBE;

fn is_reset_request(value: u32) -> bool {
    value >> 16 == AIRCR_KEY && value & SYSRESETREQ_OR_VECTRESET != 0
}
