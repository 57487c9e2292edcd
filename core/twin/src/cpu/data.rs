//! Data processing with 32-bit encodings (ARMv7-M ARM, A5.3.1, A5.3.3, A5.3.11 to A5.3.17).

use super::{
    Cpu, Trap,
    alu::{self, add_with_carry, sign_extend},
    thumb32::field,
    timing,
};

impl Cpu {
    /// A5.3.11: the second operand is a shifted register.
    pub(super) fn data_shifted_register(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let kind = op2 >> 4 & 3;
        let amount = (op2 >> 12 & 7) << 2 | op2 >> 6 & 3;
        let value = self.state.get(op2 & 15);
        let (operand, carry) = alu::shift_immediate(kind, value, amount, self.state.c);
        if op1 >> 5 & 15 == 6 {
            return self.pack_half(op1, op2, operand);
        }
        self.data(op1, op2 >> 8 & 15, operand, carry)
    }

    /// PKHBT, PKHTB (DSP extension).
    fn pack_half(&mut self, op1: u32, op2: u32, operand: u32) -> Result<(), Trap> {
        if !self.profile.has_dsp || op1 >> 4 & 1 != 0 || op2 >> 4 & 1 != 0 {
            return Err(Trap::Undefined);
        }
        let first = self.state.get(op1 & 15);
        let (top, bottom) = if op2 >> 5 & 1 != 0 {
            (first, operand)
        } else {
            (operand, first)
        };
        self.state
            .set(op2 >> 8 & 15, top & 0xFFFF_0000 | bottom & 0xFFFF);
        Ok(())
    }

    /// A5.3.1: the second operand is a modified immediate.
    pub(super) fn data_modified_immediate(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (operand, carry) = alu::expand_immediate(immediate12(op1, op2), self.state.c);
        self.data(op1, op2 >> 8 & 15, operand, carry)
    }

    /// The operation in `op1[8:5]`; R15 as destination or first operand makes some of them others.
    fn data(&mut self, op1: u32, destination: u32, b: u32, carry: bool) -> Result<(), Trap> {
        let operation = op1 >> 5 & 15;
        let set_flags = op1 >> 4 & 1 != 0;
        let first = op1 & 15;
        let a = self.state.get(first);
        let discard = destination == 15;
        if discard && (!set_flags || !matches!(operation, 0 | 4 | 8 | 13)) {
            // TST, TEQ, CMN and CMP are the only ones without a destination.
            return Err(Trap::Undefined);
        }
        let logical = match operation {
            0 => Some(a & b),
            1 => Some(a & !b),
            2 => Some(if first == 15 { b } else { a | b }),
            3 => Some(if first == 15 { !b } else { a | !b }),
            4 => Some(a ^ b),
            _ => None,
        };
        if let Some(value) = logical {
            if !discard {
                self.state.set(destination, value);
            }
            if set_flags {
                self.state.set_nz(value);
                self.state.c = carry;
            }
            return Ok(());
        }
        let sum = match operation {
            8 => add_with_carry(a, b, false),
            10 => add_with_carry(a, b, self.state.c),
            11 => add_with_carry(a, !b, self.state.c),
            13 => add_with_carry(a, !b, true),
            14 => add_with_carry(!a, b, true),
            _ => return Err(Trap::Undefined),
        };
        if !discard {
            self.state.set(destination, sum.value);
        }
        if set_flags {
            self.set_flags(sum);
        }
        Ok(())
    }

    /// A5.3.3: 12-bit and 16-bit immediates, bit fields, saturation.
    pub(super) fn data_plain_immediate(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (first, destination) = (op1 & 15, op2 >> 8 & 15);
        let a = self.state.get(first);
        let immediate = immediate12(op1, op2);
        let base = if first == 15 { self.state.pc_base() } else { a };
        let value = match op1 >> 4 & 31 {
            0 => base.wrapping_add(immediate),
            10 => base.wrapping_sub(immediate),
            4 => first << 12 | immediate,
            12 => self.state.get(destination) & 0xFFFF | (first << 12 | immediate) << 16,
            16 | 18 | 24 | 26 => return self.saturate(op1, op2),
            operation @ (20 | 22 | 28) => self.bit_field(operation, a, first, op2)?,
            _ => return Err(Trap::Undefined),
        };
        self.state.set(destination, value);
        Ok(())
    }

    /// SBFX (20), BFI and BFC (22), UBFX (28).
    fn bit_field(&self, operation: u32, a: u32, first: u32, op2: u32) -> Result<u32, Trap> {
        let low = (op2 >> 12 & 7) << 2 | op2 >> 6 & 3;
        let last = op2 & 31;
        if operation == 22 {
            if last < low {
                return Err(Trap::Undefined);
            }
            let mask = (u32::MAX >> (31 - (last - low))) << low;
            let source = if first == 15 { 0 } else { a << low };
            return Ok(self.state.get(op2 >> 8 & 15) & !mask | source & mask);
        }
        let width = last + 1;
        if low + width > 32 {
            return Err(Trap::Undefined);
        }
        let value = a << (32 - low - width) >> (32 - width);
        Ok(if operation == 20 {
            sign_extend(value, width)
        } else {
            value
        })
    }

    /// SSAT, USAT, and with half-words SSAT16, USAT16 (DSP extension).
    fn saturate(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let is_unsigned = op1 >> 7 & 1 != 0;
        let bits = op2 & 31;
        let a = self.state.get(op1 & 15);
        let amount = (op2 >> 12 & 7) << 2 | op2 >> 6 & 3;
        let arithmetic = op1 >> 5 & 1 != 0;
        let limit = |value: i64| match is_unsigned {
            true => alu::saturate_unsigned(value, bits),
            false => alu::saturate_signed(value, bits + 1),
        };
        let (value, saturated) = if arithmetic && amount == 0 {
            if !self.profile.has_dsp || bits > 15 {
                return Err(Trap::Undefined);
            }
            let (low, low_saturated) = limit(i64::from(a as i16));
            let (high, high_saturated) = limit(i64::from((a >> 16) as i16));
            (high << 16 | low & 0xFFFF, low_saturated || high_saturated)
        } else {
            let kind = if arithmetic { alu::ASR } else { alu::LSL };
            limit(i64::from(alu::shift(kind, a, amount, false).0 as i32))
        };
        self.state.set(op2 >> 8 & 15, value);
        self.state.q |= saturated;
        Ok(())
    }

    /// A5.3.12: shifts by register, extensions, parallel arithmetic, bit operations.
    pub(super) fn data_register(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        if op2 >> 12 != 15 {
            return Err(Trap::Undefined);
        }
        let (a, b) = (self.state.get(op1 & 15), self.state.get(op2 & 15));
        let destination = op2 >> 8 & 15;
        match (op1 >> 7 & 1, op2 >> 7 & 1) {
            (0, 0) if op2 >> 4 & 15 == 0 => {
                let (value, carry) = alu::shift(op1 >> 5 & 3, a, b & 0xFF, self.state.c);
                self.state.set(destination, value);
                if op1 >> 4 & 1 != 0 {
                    self.state.set_nz(value);
                    self.state.c = carry;
                }
                Ok(())
            }
            (0, 1) => self.extend(op1, op2, b),
            (1, 0) => self.parallel(op1, op2, a, b),
            (1, 1) => self.bits(op1, op2, a, b),
            _ => Err(Trap::Undefined),
        }
    }

    /// SXTH and its relatives; those that add, and those of two bytes, are of the DSP extension.
    fn extend(&mut self, op1: u32, op2: u32, b: u32) -> Result<(), Trap> {
        let (operation, first) = (op1 >> 4 & 7, op1 & 15);
        if op2 >> 6 & 1 != 0 {
            return Err(Trap::Undefined);
        }
        if !self.profile.has_dsp && (first != 15 || matches!(operation, 2 | 3)) {
            return Err(Trap::Undefined);
        }
        let a = if first == 15 {
            0
        } else {
            self.state.get(first)
        };
        let b = b.rotate_right(8 * field(op2, 4, 2));
        let halves = |low: u32, high: u32| {
            let low = a.wrapping_add(low) & 0xFFFF;
            (a >> 16).wrapping_add(high) << 16 | low
        };
        let value = match operation {
            0 => a.wrapping_add(sign_extend(b, 16)),
            1 => a.wrapping_add(b & 0xFFFF),
            2 => halves(sign_extend(b, 8), sign_extend(b >> 16, 8)),
            3 => halves(b & 0xFF, b >> 16 & 0xFF),
            4 => a.wrapping_add(sign_extend(b, 8)),
            5 => a.wrapping_add(b & 0xFF),
            _ => return Err(Trap::Undefined),
        };
        self.state.set(op2 >> 8 & 15, value);
        Ok(())
    }

    /// A5.3.15: REV, RBIT, CLZ; SEL and saturating sums of the DSP extension.
    fn bits(&mut self, op1: u32, op2: u32, a: u32, b: u32) -> Result<(), Trap> {
        let value = match (op1 >> 4 & 7, op2 >> 4 & 3, op2 >> 6 & 1) {
            (0, operation, 0) if self.profile.has_dsp => self.saturating_sum(operation, a, b),
            (1, 0, 0) => b.swap_bytes(),
            (1, 1, 0) => b.swap_bytes().rotate_right(16),
            (1, 2, 0) => b.reverse_bits(),
            (1, 3, 0) => sign_extend(b.swap_bytes() >> 16, 16),
            (2, 0, 0) if self.profile.has_dsp => self.select_bytes(a, b),
            (3, 0, 0) => b.leading_zeros(),
            _ => return Err(Trap::Undefined),
        };
        self.state.set(op2 >> 8 & 15, value);
        Ok(())
    }

    /// A5.3.16: MUL, MLA, MLS; the half-word products are of the DSP extension.
    pub(super) fn multiply(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (operation, form) = (op1 >> 4 & 7, op2 >> 4 & 3);
        if op2 >> 6 & 3 != 0 {
            return Err(Trap::Undefined);
        }
        let (a, b) = (self.state.get(op1 & 15), self.state.get(op2 & 15));
        let third = op2 >> 12;
        let value = match (operation, form) {
            (0, 0) if third == 15 => a.wrapping_mul(b),
            (0, 0) => self.state.get(third).wrapping_add(a.wrapping_mul(b)),
            (0, 1) => self.state.get(third).wrapping_sub(a.wrapping_mul(b)),
            _ => return self.dsp_multiply(op1, op2, a, b),
        };
        self.state.set(op2 >> 8 & 15, value);
        Ok(())
    }

    /// A5.3.17: 64-bit products and division.
    pub(super) fn long_multiply(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (a, b) = (self.state.get(op1 & 15), self.state.get(op2 & 15));
        let (low, high) = (op2 >> 12, op2 >> 8 & 15);
        let signed = || (i64::from(a as i32) * i64::from(b as i32)) as u64;
        let unsigned = || u64::from(a) * u64::from(b);
        let sum = u64::from(self.state.get(high)) << 32 | u64::from(self.state.get(low));
        let value = match (op1 >> 4 & 7, op2 >> 4 & 15) {
            (0, 0) => signed(),
            (2, 0) => unsigned(),
            (4, 0) => sum.wrapping_add(signed()),
            (6, 0) => sum.wrapping_add(unsigned()),
            (1 | 3, 15) => return self.divide(op1, op2, a, b),
            _ => self.dsp_long_multiply(op1, op2, a, b, sum)?,
        };
        self.bus.cycles += timing::LONG_MULTIPLY;
        self.state.set(low, value as u32);
        self.state.set(high, (value >> 32) as u32);
        Ok(())
    }

    /// SDIV, UDIV. By zero gives zero, or a fault if the program asked for it.
    fn divide(&mut self, op1: u32, op2: u32, a: u32, b: u32) -> Result<(), Trap> {
        if b == 0 && self.scb.traps_division_by_zero() {
            return Err(Trap::DivideByZero);
        }
        self.bus.cycles += timing::DIVIDE;
        let value = match (b, op1 >> 5 & 1) {
            (0, _) => 0,
            (_, 0) => (a as i32).wrapping_div(b as i32) as u32,
            _ => a / b,
        };
        self.state.set(op2 >> 8 & 15, value);
        Ok(())
    }
}

/// The 12 bits `i:imm3:imm8`.
fn immediate12(op1: u32, op2: u32) -> u32 {
    (op1 >> 10 & 1) << 11 | (op2 >> 12 & 7) << 8 | op2 & 0xFF
}
