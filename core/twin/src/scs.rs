//! The private peripheral bus: system control, NVIC, SysTick, breakpoints, debug registers, identification
//! (ARMv7-M ARM, B3.2 and C1.6; ADIv5.2, D3).
//!
//! The core and the debugger read and write here by words; parts of words are cut out of them.

use crate::{
    cpu::Cpu,
    nvic::{BUS_FAULT, EXTERNAL, MEM_MANAGE, NMI, PEND_SV, SV_CALL, SYS_TICK, USAGE_FAULT},
    peripherals::{Access, BusFault, Chip, Master, ResetKind},
    rom_table,
};

/// Bits of the Configurable Fault Status Register.
pub(crate) mod cfsr {
    pub const IACCVIOL: u32 = 1;
    pub const IBUSERR: u32 = 1 << 8;
    pub const PRECISERR: u32 = 1 << 9;
    pub const UNSTKERR: u32 = 1 << 11;
    pub const STKERR: u32 = 1 << 12;
    pub const BFARVALID: u32 = 1 << 15;
    pub const UNDEFINSTR: u32 = 1 << 16;
    pub const INVSTATE: u32 = 1 << 17;
    pub const INVPC: u32 = 1 << 18;
    pub const NOCP: u32 = 1 << 19;
    pub const UNALIGNED: u32 = 1 << 24;
    pub const DIVBYZERO: u32 = 1 << 25;
}

/// Bits of the HardFault Status Register.
pub(crate) mod hfsr {
    pub const VECTTBL: u32 = 1 << 1;
    pub const FORCED: u32 = 1 << 30;
    pub const DEBUGEVT: u32 = 1 << 31;
}

/// AIRCR: writes count only with this in the upper half.
const AIRCR_KEY: u32 = 0x05FA;
/// AIRCR as it reads, without the priority group.
const AIRCR_READ: u32 = 0xFA05_0000;

/// SCR bits.
const SLEEPONEXIT: u32 = 1 << 1;
const SEVONPEND: u32 = 1 << 4;
/// CCR bits.
const NONBASETHRDENA: u32 = 1;
const UNALIGN_TRP: u32 = 1 << 3;
const DIV_0_TRP: u32 = 1 << 4;
const STKALIGN: u32 = 1 << 9;

/// The registers of system control that are not kept elsewhere.
pub(crate) struct SystemControlBlock {
    pub vector_table: u32,
    control: u32,
    configuration: u32,
    pub fault_status: u32,
    pub hard_fault_status: u32,
    pub bus_fault_address: u32,
    cycle_counter_on: bool,
    cycle_counter_start: u64,
}

impl SystemControlBlock {
    /// After reset.
    pub fn new() -> SystemControlBlock {
        SystemControlBlock {
            vector_table: 0,
            control: 0,
            configuration: STKALIGN,
            fault_status: 0,
            hard_fault_status: 0,
            bus_fault_address: 0,
            cycle_counter_on: false,
            cycle_counter_start: 0,
        }
    }

    pub fn traps_unaligned(&self) -> bool {
        self.configuration & UNALIGN_TRP != 0
    }

    pub fn traps_division_by_zero(&self) -> bool {
        self.configuration & DIV_0_TRP != 0
    }

    pub fn aligns_stack(&self) -> bool {
        self.configuration & STKALIGN != 0
    }

    pub fn allows_thread_with_active(&self) -> bool {
        self.configuration & NONBASETHRDENA != 0
    }

    pub fn sleeps_on_exit(&self) -> bool {
        self.control & SLEEPONEXIT != 0
    }

    pub fn sends_event_on_pend(&self) -> bool {
        self.control & SEVONPEND != 0
    }
}

impl Cpu {
    /// Reads from 0xE000_0000 up.
    pub fn private_read(
        &mut self,
        master: Master,
        address: u32,
        size: u8,
    ) -> Result<u32, BusFault> {
        if master == Master::Core {
            self.private_access_count += 1;
        }
        let word = match address & 0xFFFF_F000 {
            0xE000_E000 => self.read_system(master, address & 0xFFC),
            0xE000_2000 => self.fpb.read(address & 0xFFC),
            0xE000_1000 => self.read_watchpoint(address & 0xFFC),
            // Trace is not modelled: its registers read as zero.
            0xE000_0000 | 0xE004_0000 if self.profile.is_v7 => 0,
            page if u64::from(page) == self.twin.rom_table.address => 0,
            _ => {
                return self.read_window(Access {
                    master,
                    address,
                    size,
                });
            }
        };
        let id = rom_table::identification(&self.twin, self.profile.is_v7, address & !3);
        let word = id.unwrap_or(word);
        let shifted = word >> (8 * (address & 3));
        Ok(match size {
            1 => shifted & 0xFF,
            2 => shifted & 0xFFFF,
            _ => shifted,
        })
    }

    /// Writes from 0xE000_0000 up.
    pub fn private_write(
        &mut self,
        master: Master,
        address: u32,
        size: u8,
        value: u32,
    ) -> Result<(), BusFault> {
        if master == Master::Core {
            self.private_access_count += 1;
        }
        let lane = 8 * (address & 3);
        let offset = address & 0xFFC;
        match address & 0xFFFF_F000 {
            0xE000_E000 => {
                let mask = u32::MAX >> (32 - 8 * u32::from(size)) << lane;
                let kept = if is_priority(offset) {
                    self.read_system(master, offset)
                } else {
                    0
                };
                self.write_system(master, offset, value << lane | kept & !mask);
                self.bus.die.attention = true;
            }
            0xE000_2000 => self.fpb.write(offset, value),
            0xE000_1000 => self.write_watchpoint(offset, value),
            0xE000_0000 | 0xE004_0000 if self.profile.is_v7 => {}
            page if u64::from(page) == self.twin.rom_table.address => {}
            _ => {
                return self.write_window(
                    Access {
                        master,
                        address,
                        size,
                    },
                    value,
                );
            }
        }
        Ok(())
    }

    fn read_window(&mut self, access: Access) -> Result<u32, BusFault> {
        match access.master {
            Master::Debugger => self.bus.debugger_read(access),
            Master::Core => match access.size {
                1 => self.bus.core_read::<1>(access.address),
                2 => self.bus.core_read::<2>(access.address),
                _ => self.bus.core_read::<4>(access.address),
            },
        }
    }

    fn write_window(&mut self, access: Access, value: u32) -> Result<(), BusFault> {
        match access.master {
            Master::Debugger => self.bus.debugger_write(access, value),
            Master::Core => match access.size {
                1 => self.bus.core_write::<1>(access.address, value),
                2 => self.bus.core_write::<2>(access.address, value),
                _ => self.bus.core_write::<4>(access.address, value),
            },
        }
    }

    fn read_system(&mut self, master: Master, offset: u32) -> u32 {
        let is_v7 = self.profile.is_v7;
        match offset {
            0x004 if is_v7 => self.nvic.line_words(),
            0x010..=0x01C => {
                self.bring_systick_up_to_date();
                self.systick.read(offset, master == Master::Debugger)
            }
            0x100..=0x4EC => self.nvic.read(offset),
            0xD00 => self.twin.cpuid,
            0xD04 => self.interrupt_control(),
            0xD08 => self.scb.vector_table,
            0xD0C => AIRCR_READ | self.nvic.group << 8,
            0xD10 => self.scb.control,
            0xD14 if is_v7 => self.scb.configuration,
            // ARMv6-M: the stack is aligned, unaligned transfers fault.
            0xD14 => STKALIGN | UNALIGN_TRP,
            0xD18..=0xD20 => self.system_priorities(offset),
            0xD24 => self.handler_control(),
            0xD28 if is_v7 => self.scb.fault_status,
            0xD2C if is_v7 => self.scb.hard_fault_status,
            0xD30 => self.debug.fault_status,
            0xD34 | 0xD38 if is_v7 => self.scb.bus_fault_address,
            0xDF0 => self.read_halting_status(master),
            0xDF8 => self.debug.data,
            0xDFC => self.debug.exception_control,
            _ => 0,
        }
    }

    fn write_system(&mut self, master: Master, offset: u32, value: u32) {
        let is_v7 = self.profile.is_v7;
        match offset {
            0x010..=0x01C => {
                self.bring_systick_up_to_date();
                self.systick.write(offset, value);
            }
            0x100..=0x4EC => self.nvic.write(offset, value),
            0xD04 => self.set_interrupt_control(value),
            0xD08 => self.scb.vector_table = value & 0xFFFF_FF80,
            0xD0C if value >> 16 == AIRCR_KEY => self.application_interrupt(value),
            0xD10 => self.scb.control = value & 0x16,
            0xD14 if is_v7 => self.scb.configuration = value & 0x31B,
            0xD18..=0xD20 => self.set_system_priorities(offset, value),
            0xD24 if is_v7 => {
                for (exception, bit) in [(MEM_MANAGE, 16), (BUS_FAULT, 17), (USAGE_FAULT, 18)] {
                    self.nvic.enabled.set(exception, value >> bit & 1 != 0);
                }
            }
            0xD28 => self.scb.fault_status &= !value,
            0xD2C => self.scb.hard_fault_status &= !value,
            0xD30 => self.debug.fault_status &= !value,
            0xDF0 if master == Master::Debugger => self.write_halting_control(value),
            0xDF4 if master == Master::Debugger => self.select_register(value),
            0xDF8 => self.debug.data = value,
            0xDFC => self.debug.exception_control = value & 0x0100_07F1,
            0xF00 if is_v7 => {
                let line = value & 0x1FF;
                self.nvic.write(0x200 + line / 32 * 4, 1 << (line % 32));
            }
            _ => {}
        }
    }

    fn bring_systick_up_to_date(&mut self) {
        let (now_ps, cycle_ps) = (self.bus.die.now_ps, self.bus.die.cycle_ps);
        if self.is_stopped() {
            self.systick.hold(now_ps);
        } else if self.systick.advance(now_ps, cycle_ps) {
            self.pend(SYS_TICK, true);
        }
    }

    /// ICSR.
    fn interrupt_control(&self) -> u32 {
        let pending = &self.nvic.pending;
        let first = self.nvic.first_pending(|_| false).unwrap_or(0);
        let external_pending = pending.iter().any(|exception| exception >= EXTERNAL);
        let only_active = self.nvic.active.iter().count() <= 1;
        u32::from(pending.contains(NMI)) << 31
            | u32::from(pending.contains(PEND_SV)) << 28
            | u32::from(pending.contains(SYS_TICK)) << 26
            | u32::from(external_pending) << 22
            | first << 12
            | u32::from(self.profile.is_v7 && only_active) << 11
            | self.state.exception
    }

    fn set_interrupt_control(&mut self, value: u32) {
        for (bit, exception, pending) in [
            (31, NMI, true),
            (28, PEND_SV, true),
            (27, PEND_SV, false),
            (26, SYS_TICK, true),
            (25, SYS_TICK, false),
        ] {
            if value >> bit & 1 != 0 {
                self.pend(exception, pending);
            }
        }
    }

    /// AIRCR with its key: SYSRESETREQ, VECTRESET, PRIGROUP.
    fn application_interrupt(&mut self, value: u32) {
        if value & 4 != 0 || (value & 1 != 0 && self.profile.is_v7) {
            self.bus.die.request_reset(ResetKind::System);
        }
        if self.profile.is_v7 {
            self.nvic.group = value >> 8 & 7;
        }
    }

    /// SHPR1 to SHPR3, for exceptions 4 to 15.
    fn system_priorities(&self, offset: u32) -> u32 {
        let first = 4 + (offset - 0xD18);
        (0..4).fold(0, |word, byte| {
            word | self.nvic.priority(first + byte) << (8 * byte)
        })
    }

    fn set_system_priorities(&mut self, offset: u32, value: u32) {
        let first = 4 + (offset - 0xD18);
        for byte in 0..4 {
            if self.profile.is_v7 || matches!(first + byte, SV_CALL | PEND_SV | SYS_TICK) {
                self.nvic
                    .set_priority(first + byte, value >> (8 * byte) & 0xFF);
            }
        }
    }

    /// SHCSR.
    fn handler_control(&self) -> u32 {
        let (active, pending) = (&self.nvic.active, &self.nvic.pending);
        let mut value = u32::from(pending.contains(SV_CALL)) << 15;
        if !self.profile.is_v7 {
            return value;
        }
        for (exception, active_bit, pending_bit, enabled_bit) in [
            (MEM_MANAGE, 0, 13, 16),
            (BUS_FAULT, 1, 14, 17),
            (USAGE_FAULT, 3, 12, 18),
        ] {
            value |= u32::from(active.contains(exception)) << active_bit
                | u32::from(pending.contains(exception)) << pending_bit
                | u32::from(self.nvic.enabled.contains(exception)) << enabled_bit;
        }
        value
            | u32::from(active.contains(SV_CALL)) << 7
            | u32::from(active.contains(PEND_SV)) << 10
            | u32::from(active.contains(SYS_TICK)) << 11
    }

    /// The cycle counter of the DWT; its comparators are not there.
    fn read_watchpoint(&self, offset: u32) -> u32 {
        let now = self.bus.die.now_ps / self.bus.die.cycle_ps;
        match offset {
            0 if self.profile.is_v7 => u32::from(self.scb.cycle_counter_on),
            4 if self.profile.is_v7 && self.scb.cycle_counter_on => {
                now.wrapping_sub(self.scb.cycle_counter_start) as u32
            }
            4 if self.profile.is_v7 => self.scb.cycle_counter_start as u32,
            _ => 0,
        }
    }

    fn write_watchpoint(&mut self, offset: u32, value: u32) {
        let now = self.bus.die.now_ps / self.bus.die.cycle_ps;
        let count = u64::from(self.read_watchpoint(4));
        match offset {
            // While it is on, the start is kept; while it is off, the count.
            0 if (value & 1 != 0) != self.scb.cycle_counter_on => {
                self.scb.cycle_counter_on = value & 1 != 0;
                self.scb.cycle_counter_start = if self.scb.cycle_counter_on {
                    now.wrapping_sub(count)
                } else {
                    count
                };
            }
            4 if self.scb.cycle_counter_on => {
                self.scb.cycle_counter_start = now.wrapping_sub(u64::from(value));
            }
            4 => self.scb.cycle_counter_start = u64::from(value),
            _ => {}
        }
    }
}

/// Registers that software writes by bytes.
fn is_priority(offset: u32) -> bool {
    matches!(offset, 0x400..=0x4EC | 0xD18..=0xD20)
}
