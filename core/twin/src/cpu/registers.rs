//! The registers of the core, as the architecture names them (ARMv7-M ARM, B1.4).

/// All registers that a program can see. What a debugger or a test sets and reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// R0 to R15. R13 is the stack pointer in use, R15 the address of the next instruction.
    pub r: [u32; 16],
    /// Flags, IT state, Thumb bit (always 1 in a running core) and exception number.
    pub xpsr: u32,
    /// Main stack pointer. Setting it loses against `r[13]` when it is the one in use.
    pub msp: u32,
    /// Process stack pointer. Setting it loses against `r[13]` when it is the one in use.
    pub psp: u32,
    /// Bit 0: all exceptions of configurable priority are off.
    pub primask: u32,
    /// Exceptions of this priority and below are off; 0 has no effect. ARMv7-M only.
    pub basepri: u32,
    /// Bit 0: all exceptions but NMI are off. ARMv7-M only.
    pub faultmask: u32,
    /// Bit 0 nPRIV, bit 1 SPSEL.
    pub control: u32,
}

/// The same, as the interpreter keeps it: flags apart, one stack pointer in R13, the other one beside.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub r: [u32; 16],
    /// Where execution goes on after the running instruction.
    pub next_pc: u32,
    pub n: bool,
    pub z: bool,
    pub c: bool,
    pub v: bool,
    pub q: bool,
    pub ge: u32,
    /// ITSTATE.
    pub it: u32,
    pub thumb: bool,
    /// IPSR: 0 in thread mode.
    pub exception: u32,
    pub primask: bool,
    pub faultmask: bool,
    pub basepri: u32,
    /// CONTROL.nPRIV.
    pub unprivileged: bool,
    /// CONTROL.SPSEL.
    pub process_stack: bool,
    /// The stack pointer that is not in R13.
    pub other_sp: u32,
}

impl State {
    /// Operand: R15 reads as the address of the instruction plus 4.
    #[inline(always)]
    pub fn get(&self, index: u32) -> u32 {
        let value = self.r[(index & 15) as usize];
        if index == 15 {
            value.wrapping_add(4)
        } else {
            value
        }
    }

    /// Result: the low bits of R13 are always 0. R15 is written by branches only.
    #[inline(always)]
    pub fn set(&mut self, index: u32, value: u32) {
        self.r[(index & 15) as usize] = if index == 13 { value & !3 } else { value };
    }

    /// Address of the instruction plus 4, aligned: the base of PC-relative addresses.
    #[inline(always)]
    pub fn pc_base(&self) -> u32 {
        self.r[15].wrapping_add(4) & !3
    }

    /// Negative and zero flag of a result.
    #[inline(always)]
    pub fn set_nz(&mut self, value: u32) {
        self.n = value >> 31 != 0;
        self.z = value == 0;
    }

    /// N, Z, C, V, Q and GE in their places.
    pub fn apsr(&self) -> u32 {
        u32::from(self.n) << 31
            | u32::from(self.z) << 30
            | u32::from(self.c) << 29
            | u32::from(self.v) << 28
            | u32::from(self.q) << 27
            | self.ge << 16
    }

    /// N, Z, C and V from their places.
    pub fn set_nzcv(&mut self, value: u32) {
        self.n = value >> 31 & 1 != 0;
        self.z = value >> 30 & 1 != 0;
        self.c = value >> 29 & 1 != 0;
        self.v = value >> 28 & 1 != 0;
    }

    /// The program status register.
    pub fn xpsr(&self) -> u32 {
        self.apsr()
            | (self.it & 3) << 25
            | (self.it >> 2) << 10
            | u32::from(self.thumb) << 24
            | self.exception
    }

    /// Sets the program status register, the exception number too; the stack pointer stays.
    pub fn set_xpsr(&mut self, value: u32) {
        self.set_nzcv(value);
        self.q = value >> 27 & 1 != 0;
        self.ge = value >> 16 & 15;
        self.it = (value >> 25 & 3) | (value >> 10 & 0x3F) << 2;
        self.thumb = value >> 24 & 1 != 0;
        self.exception = value & 0x1FF;
    }

    /// The process stack pointer is in R13.
    fn uses_process_stack(&self) -> bool {
        self.process_stack && self.exception == 0
    }

    /// Main stack pointer.
    pub fn msp(&self) -> u32 {
        if self.uses_process_stack() {
            self.other_sp
        } else {
            self.r[13]
        }
    }

    /// Process stack pointer.
    pub fn psp(&self) -> u32 {
        if self.uses_process_stack() {
            self.r[13]
        } else {
            self.other_sp
        }
    }

    /// Sets the main stack pointer.
    pub fn set_msp(&mut self, value: u32) {
        let value = value & !3;
        if self.uses_process_stack() {
            self.other_sp = value
        } else {
            self.r[13] = value
        }
    }

    /// Sets the process stack pointer.
    pub fn set_psp(&mut self, value: u32) {
        let value = value & !3;
        if self.uses_process_stack() {
            self.r[13] = value
        } else {
            self.other_sp = value
        }
    }

    /// Changes the mode or the choice of stack, and brings the right stack pointer into R13.
    pub fn set_mode(&mut self, exception: u32, process_stack: bool) {
        let (msp, psp) = (self.msp(), self.psp());
        self.exception = exception;
        self.process_stack = process_stack;
        (self.r[13], self.other_sp) = if self.uses_process_stack() {
            (psp, msp)
        } else {
            (msp, psp)
        };
    }

    /// CONTROL.
    pub fn control(&self) -> u32 {
        u32::from(self.unprivileged) | u32::from(self.process_stack) << 1
    }

    /// May the program change its own rights?
    pub fn is_privileged(&self) -> bool {
        self.exception != 0 || !self.unprivileged
    }

    /// All of it, for a debugger or a test.
    pub fn registers(&self) -> Registers {
        Registers {
            r: self.r,
            xpsr: self.xpsr(),
            msp: self.msp(),
            psp: self.psp(),
            primask: u32::from(self.primask),
            basepri: self.basepri,
            faultmask: u32::from(self.faultmask),
            control: self.control(),
        }
    }

    /// Sets all of it.
    pub fn set_registers(&mut self, registers: &Registers) {
        self.set_xpsr(registers.xpsr);
        self.primask = registers.primask & 1 != 0;
        self.basepri = registers.basepri & 0xFF;
        self.faultmask = registers.faultmask & 1 != 0;
        self.unprivileged = registers.control & 1 != 0;
        self.process_stack = registers.control & 2 != 0;
        self.r = registers.r;
        self.r[13] &= !3;
        self.r[15] &= !1;
        self.other_sp = if self.uses_process_stack() {
            registers.msp
        } else {
            registers.psp
        } & !3;
    }
}
