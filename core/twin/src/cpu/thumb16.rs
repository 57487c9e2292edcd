//! The 16-bit instructions (ARMv7-M ARM, A5.2). ARMv6-M has all of them but CBZ, CBNZ and IT.

use super::{
    Cpu, Trap, Wait,
    alu::{self, add_with_carry, sign_extend},
    timing,
};

impl Cpu {
    /// Executes one. Outside an IT block most of them set the flags.
    #[inline]
    pub(super) fn execute16(&mut self, op: u32, set_flags: bool) -> Result<(), Trap> {
        match op >> 11 {
            0..=2 => self.shift_by_immediate(op, set_flags),
            3 => self.add_subtract(op, set_flags),
            4..=7 => self.immediate8(op, set_flags),
            8 if op >> 10 & 1 == 0 => self.data_low(op, set_flags),
            8 => return self.data_high(op),
            9 => {
                let address = self.state.pc_base().wrapping_add((op & 0xFF) << 2);
                let value = self.load_word(address)?;
                self.state.set(op >> 8 & 7, value);
            }
            10 | 11 => return self.transfer_register(op),
            12..=19 => return self.transfer_immediate(op),
            20 => {
                let value = self.state.pc_base().wrapping_add((op & 0xFF) << 2);
                self.state.set(op >> 8 & 7, value);
            }
            21 => {
                let value = self.state.r[13].wrapping_add((op & 0xFF) << 2);
                self.state.set(op >> 8 & 7, value);
            }
            22 | 23 => return self.miscellaneous(op),
            24 => return self.store_multiple16(op),
            25 => return self.load_multiple16(op),
            26 | 27 => return self.conditional_branch(op),
            28 => {
                let offset = sign_extend((op & 0x7FF) << 1, 12);
                self.branch(self.state.get(15).wrapping_add(offset));
            }
            _ => return Err(Trap::Undefined),
        }
        Ok(())
    }

    /// LSL, LSR, ASR (immediate).
    #[inline]
    fn shift_by_immediate(&mut self, op: u32, set_flags: bool) {
        let value = self.state.get(op >> 3 & 7);
        let carry = self.state.c;
        let (value, carry) = alu::shift_immediate(op >> 11, value, op >> 6 & 31, carry);
        self.state.set(op & 7, value);
        if set_flags {
            self.state.set_nz(value);
            self.state.c = carry;
        }
    }

    /// ADD, SUB (register and 3-bit immediate).
    #[inline]
    fn add_subtract(&mut self, op: u32, set_flags: bool) {
        let a = self.state.get(op >> 3 & 7);
        let b = if op >> 10 & 1 != 0 {
            op >> 6 & 7
        } else {
            self.state.get(op >> 6 & 7)
        };
        let sum = match op >> 9 & 1 {
            0 => add_with_carry(a, b, false),
            _ => add_with_carry(a, !b, true),
        };
        self.state.set(op & 7, sum.value);
        if set_flags {
            self.set_flags(sum);
        }
    }

    /// MOV, CMP, ADD, SUB (8-bit immediate).
    #[inline]
    fn immediate8(&mut self, op: u32, set_flags: bool) {
        let (register, immediate) = (op >> 8 & 7, op & 0xFF);
        let old = self.state.get(register);
        match op >> 11 & 3 {
            0 => {
                self.state.set(register, immediate);
                if set_flags {
                    self.state.set_nz(immediate);
                }
            }
            1 => self.set_flags(add_with_carry(old, !immediate, true)),
            operation => {
                let sum = match operation {
                    2 => add_with_carry(old, immediate, false),
                    _ => add_with_carry(old, !immediate, true),
                };
                self.state.set(register, sum.value);
                if set_flags {
                    self.set_flags(sum);
                }
            }
        }
    }

    /// The sixteen operations on low registers (A5.2.2).
    #[inline]
    fn data_low(&mut self, op: u32, set_flags: bool) {
        let (destination, carry) = (op & 7, self.state.c);
        let (a, b) = (self.state.get(destination), self.state.get(op >> 3 & 7));
        let value = match op >> 6 & 15 {
            0 => a & b,
            1 => a ^ b,
            kind @ (2 | 3 | 4 | 7) => {
                let kind = if kind == 7 { alu::ROR } else { kind - 2 };
                let (value, carry) = alu::shift(kind, a, b & 0xFF, carry);
                if set_flags {
                    self.state.c = carry;
                }
                value
            }
            8 => return self.state.set_nz(a & b),
            10 => return self.set_flags(add_with_carry(a, !b, true)),
            11 => return self.set_flags(add_with_carry(a, b, false)),
            kind @ (5 | 6 | 9) => {
                let sum = match kind {
                    5 => add_with_carry(a, b, carry),
                    6 => add_with_carry(a, !b, carry),
                    _ => add_with_carry(!b, 0, true),
                };
                self.state.set(destination, sum.value);
                if set_flags {
                    self.set_flags(sum);
                }
                return;
            }
            12 => a | b,
            13 => a.wrapping_mul(b),
            14 => a & !b,
            _ => !b,
        };
        self.state.set(destination, value);
        if set_flags {
            self.state.set_nz(value);
        }
    }

    /// ADD, CMP, MOV (high registers), BX, BLX (A5.2.3).
    #[inline]
    fn data_high(&mut self, op: u32) -> Result<(), Trap> {
        let destination = (op & 7) | (op >> 4 & 8);
        let b = self.state.get(op >> 3 & 15);
        let value = match op >> 8 & 3 {
            0 => self.state.get(destination).wrapping_add(b),
            1 => {
                let a = self.state.get(destination);
                self.set_flags(add_with_carry(a, !b, true));
                return Ok(());
            }
            2 => b,
            _ if op & 7 != 0 => return Err(Trap::Undefined),
            _ if op >> 7 & 1 != 0 => {
                let link = self.state.r[15].wrapping_add(2) | 1;
                self.branch_link_exchange(b)?;
                self.state.r[14] = link;
                return Ok(());
            }
            _ => return self.branch_exchange(b),
        };
        if destination == 15 {
            self.branch(value & !1);
        } else {
            self.state.set(destination, value);
        }
        Ok(())
    }

    /// Loads and stores with a register offset (A5.2.4, opcode 0101).
    #[inline]
    fn transfer_register(&mut self, op: u32) -> Result<(), Trap> {
        let address = self
            .state
            .get(op >> 3 & 7)
            .wrapping_add(self.state.get(op >> 6 & 7));
        let register = op & 7;
        let value = match op >> 9 & 7 {
            0 => return self.store_word(address, self.state.get(register)),
            1 => return self.store_half(address, self.state.get(register)),
            2 => return self.store_byte(address, self.state.get(register)),
            3 => sign_extend(self.load_byte(address)?, 8),
            4 => self.load_word(address)?,
            5 => self.load_half(address)?,
            6 => self.load_byte(address)?,
            _ => sign_extend(self.load_half(address)?, 16),
        };
        self.state.set(register, value);
        Ok(())
    }

    /// Loads and stores with an immediate offset (A5.2.4).
    #[inline]
    fn transfer_immediate(&mut self, op: u32) -> Result<(), Trap> {
        let offset = op >> 6 & 31;
        let base = self.state.get(op >> 3 & 7);
        let (register, value) = match op >> 11 {
            12 => return self.store_word(base.wrapping_add(offset << 2), self.state.get(op & 7)),
            14 => return self.store_byte(base.wrapping_add(offset), self.state.get(op & 7)),
            16 => return self.store_half(base.wrapping_add(offset << 1), self.state.get(op & 7)),
            18 => {
                let address = self.state.r[13].wrapping_add((op & 0xFF) << 2);
                return self.store_word(address, self.state.get(op >> 8 & 7));
            }
            13 => (op & 7, self.load_word(base.wrapping_add(offset << 2))?),
            15 => (op & 7, self.load_byte(base.wrapping_add(offset))?),
            17 => (op & 7, self.load_half(base.wrapping_add(offset << 1))?),
            _ => {
                let address = self.state.r[13].wrapping_add((op & 0xFF) << 2);
                (op >> 8 & 7, self.load_word(address)?)
            }
        };
        self.state.set(register, value);
        Ok(())
    }

    /// A5.2.5.
    fn miscellaneous(&mut self, op: u32) -> Result<(), Trap> {
        let (destination, source) = (op & 7, self.state.get(op >> 3 & 7));
        match op >> 8 & 15 {
            0 => {
                let offset = (op & 0x7F) << 2;
                let sp = self.state.r[13];
                let sp = if op & 0x80 != 0 {
                    sp.wrapping_sub(offset)
                } else {
                    sp.wrapping_add(offset)
                };
                self.state.set(13, sp);
            }
            1 | 3 | 9 | 11 if self.profile.is_v7 => {
                let branch_if_zero = op >> 11 & 1 == 0;
                if (self.state.get(destination) == 0) == branch_if_zero {
                    let offset = (op >> 9 & 1) << 6 | (op >> 3 & 31) << 1;
                    self.branch(self.state.get(15).wrapping_add(offset));
                }
            }
            2 => {
                let value = match op >> 6 & 3 {
                    0 => sign_extend(source, 16),
                    1 => sign_extend(source, 8),
                    2 => source & 0xFFFF,
                    _ => source & 0xFF,
                };
                self.state.set(destination, value);
            }
            4 | 5 => return self.push(op),
            6 => return self.change_processor_state(op),
            10 => {
                let value = match op >> 6 & 3 {
                    0 => source.swap_bytes(),
                    1 => source.swap_bytes().rotate_right(16),
                    3 => sign_extend(source.swap_bytes() >> 16, 16),
                    _ => return Err(Trap::Undefined),
                };
                self.state.set(destination, value);
            }
            12 | 13 => return self.pop(op),
            14 => return Err(Trap::Breakpoint),
            15 => return self.hint_or_it(op),
            _ => return Err(Trap::Undefined),
        }
        Ok(())
    }

    /// PUSH.
    fn push(&mut self, op: u32) -> Result<(), Trap> {
        let list = (op & 0xFF) | (op >> 8 & 1) << 14;
        let base = self.state.r[13].wrapping_sub(4 * list.count_ones());
        self.store_list(base, list)?;
        self.state.r[13] = base;
        Ok(())
    }

    /// POP.
    fn pop(&mut self, op: u32) -> Result<(), Trap> {
        let list = (op & 0xFF) | (op >> 8 & 1) << 15;
        let base = self.state.r[13];
        let after = base.wrapping_add(4 * list.count_ones());
        // An exception return takes the frame that lies above what is popped.
        self.load_list(base, list, Some((13, after)))
    }

    fn store_multiple16(&mut self, op: u32) -> Result<(), Trap> {
        let base = self.state.get(op >> 8 & 7);
        let list = op & 0xFF;
        self.store_list(base, list)?;
        self.state
            .set(op >> 8 & 7, base.wrapping_add(4 * list.count_ones()));
        Ok(())
    }

    fn load_multiple16(&mut self, op: u32) -> Result<(), Trap> {
        let (register, list) = (op >> 8 & 7, op & 0xFF);
        let base = self.state.get(register);
        let after = base.wrapping_add(4 * list.count_ones());
        let write_back = (list >> register & 1 == 0).then_some((register, after));
        self.load_list(base, list, write_back)
    }

    /// CPS: a program without privilege has no effect.
    fn change_processor_state(&mut self, op: u32) -> Result<(), Trap> {
        if op & 0xE8 != 0x60 || (op & 1 != 0 && !self.profile.is_v7) {
            return Err(Trap::Undefined);
        }
        if self.state.is_privileged() {
            let disable = op >> 4 & 1 != 0;
            if op & 2 != 0 {
                self.state.primask = disable;
            }
            if op & 1 != 0 && !(disable && self.execution_priority() < 0) {
                self.state.faultmask = disable;
            }
            self.bus.die.attention = true;
        }
        Ok(())
    }

    /// NOP, YIELD, WFE, WFI, SEV, and IT (A5.2.6).
    fn hint_or_it(&mut self, op: u32) -> Result<(), Trap> {
        if op & 15 != 0 {
            if !self.profile.is_v7 {
                return Err(Trap::Undefined);
            }
            self.state.it = op & 0xFF;
            return Ok(());
        }
        match op >> 4 & 15 {
            2 => Err(Trap::Sleep(Wait::Event)),
            3 => Err(Trap::Sleep(Wait::Interrupt)),
            4 => {
                self.event = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// B (conditional), UDF, SVC.
    #[inline]
    fn conditional_branch(&mut self, op: u32) -> Result<(), Trap> {
        match op >> 8 & 15 {
            14 => Err(Trap::Undefined),
            15 => Err(Trap::SupervisorCall),
            condition => {
                if self.condition(condition) {
                    let offset = sign_extend((op & 0xFF) << 1, 9);
                    self.branch(self.state.get(15).wrapping_add(offset));
                }
                Ok(())
            }
        }
    }

    /// Flags of an addition or subtraction.
    #[inline]
    pub(super) fn set_flags(&mut self, sum: alu::Sum) {
        self.state.set_nz(sum.value);
        self.state.c = sum.carry;
        self.state.v = sum.overflow;
    }

    /// Is this condition true (A7.3)?
    #[inline]
    pub(super) fn condition(&self, condition: u32) -> bool {
        let state = &self.state;
        let holds = match condition >> 1 {
            0 => state.z,
            1 => state.c,
            2 => state.n,
            3 => state.v,
            4 => state.c && !state.z,
            5 => state.n == state.v,
            6 => state.n == state.v && !state.z,
            _ => return true,
        };
        holds == (condition & 1 == 0)
    }

    /// Goes on at this address.
    #[inline]
    pub(super) fn branch(&mut self, address: u32) {
        self.state.next_pc = address;
        self.bus.cycles += timing::BRANCH + self.bus.code_wait;
    }

    /// `BLXWritePC`.
    fn branch_link_exchange(&mut self, target: u32) -> Result<(), Trap> {
        self.state.thumb = target & 1 != 0;
        self.branch(target & !1);
        Ok(())
    }
}
