//! The DSP extension (ARMv7E-M): parallel arithmetic, saturating sums, half-word products (ARMv7-M ARM, A4.4.3 and
//! A5.3.13 to A5.3.17).

use super::{Cpu, Trap, alu, thumb32::field};

/// Signed half-word: 0 the bottom, 1 the top.
fn half(value: u32, top: u32) -> i64 {
    i64::from((value >> (16 * top)) as i16)
}

impl Cpu {
    /// QADD, QDADD, QSUB, QDSUB, numbered 0 to 3. The first operand is the second register.
    pub(super) fn saturating_sum(&mut self, operation: u32, a: u32, b: u32) -> u32 {
        let (n, m) = (i64::from(a as i32), i64::from(b as i32));
        let doubled = if operation & 1 != 0 {
            let (value, saturated) = alu::saturate_signed(2 * n, 32);
            self.state.q |= saturated;
            i64::from(value as i32)
        } else {
            n
        };
        let exact = if operation & 2 != 0 {
            m - doubled
        } else {
            m + doubled
        };
        let (value, saturated) = alu::saturate_signed(exact, 32);
        self.state.q |= saturated;
        value
    }

    /// SEL: bytes of the first operand where GE is set.
    pub(super) fn select_bytes(&self, a: u32, b: u32) -> u32 {
        let mask = (0..4).fold(0, |mask, index| {
            mask | if self.state.ge >> index & 1 != 0 {
                0xFFu32 << (8 * index)
            } else {
                0
            }
        });
        a & mask | b & !mask
    }

    /// A5.3.13 and A5.3.14: sums of two half-words or four bytes.
    pub(super) fn parallel(&mut self, op1: u32, op2: u32, a: u32, b: u32) -> Result<(), Trap> {
        let form = op2 >> 4 & 7;
        if !self.profile.has_dsp || form & 3 == 3 {
            return Err(Trap::Undefined);
        }
        let is_unsigned = form & 4 != 0;
        let width = if matches!(op1 >> 4 & 7, 0 | 4) { 8 } else { 16 };
        // What each lane does: which lane of `b`, and whether to subtract.
        let lane_count = 32 / width;
        let mask = (1u64 << width) - 1;
        let lane = |value: u32, index: u32| {
            let bits = u64::from(value) >> (index * width) & mask;
            match is_unsigned {
                true => bits as i64,
                false => i64::from(alu::sign_extend(bits as u32, width) as i32),
            }
        };
        let (mut result, mut ge) = (0u64, 0);
        for index in 0..lane_count {
            let (other, subtract) = match (op1 >> 4 & 7, index) {
                (0 | 1, _) => (index, false),
                (4 | 5, _) => (index, true),
                // ASX: top sum, bottom difference, crossed. SAX the other way round.
                (2, _) => (1 - index, index == 0),
                (6, _) => (1 - index, index == 1),
                _ => return Err(Trap::Undefined),
            };
            let (x, y) = (lane(a, index), lane(b, other));
            let exact = if subtract { x - y } else { x + y };
            let value = match form & 3 {
                0 => exact,
                1 if is_unsigned => i64::from(alu::saturate_unsigned(exact, width).0),
                1 => i64::from(alu::saturate_signed(exact, width).0),
                _ => exact >> 1,
            };
            result |= (value as u64 & mask) << (index * width);
            let no_borrow = if is_unsigned && !subtract {
                exact > mask as i64
            } else {
                exact >= 0
            };
            if no_borrow {
                ge |= ((1 << (width / 8)) - 1) << (index * width / 8);
            }
        }
        if form & 3 == 0 {
            self.state.ge = ge;
        }
        self.state.set(op2 >> 8 & 15, result as u32);
        Ok(())
    }

    /// SMLAxy, SMLAD, SMLAWy, SMLSD, SMMLA, SMMLS, USADA8 and those without an addend.
    pub(super) fn dsp_multiply(&mut self, op1: u32, op2: u32, a: u32, b: u32) -> Result<(), Trap> {
        if !self.profile.has_dsp {
            return Err(Trap::Undefined);
        }
        let (operation, form) = (op1 >> 4 & 7, field(op2, 4, 2));
        let (n, m) = (form >> 1, form & 1);
        let third = op2 >> 12;
        let addend = if third == 15 {
            0
        } else {
            i64::from(self.state.get(third) as i32)
        };
        let crossed = b.rotate_right(16 * m);
        let exact = match (operation, n) {
            (1, _) => half(a, n) * half(b, m) + addend,
            (2, 0) => half(a, 0) * half(crossed, 0) + half(a, 1) * half(crossed, 1) + addend,
            (3, 0) => ((i64::from(a as i32) * half(b, m)) >> 16) + addend,
            (4, 0) => half(a, 0) * half(crossed, 0) - half(a, 1) * half(crossed, 1) + addend,
            (5 | 6, 0) => {
                let product = i64::from(a as i32).wrapping_mul(i64::from(b as i32));
                let product = if operation == 6 {
                    product.wrapping_neg()
                } else {
                    product
                };
                let sum = (addend << 32).wrapping_add(product);
                let rounding = if m != 0 { 0x8000_0000 } else { 0 };
                let value = sum.wrapping_add(rounding) >> 32;
                self.state.set(op2 >> 8 & 15, value as u32);
                return Ok(());
            }
            (7, 0) if m == 0 => {
                let differences: u32 = a
                    .to_le_bytes()
                    .iter()
                    .zip(b.to_le_bytes())
                    .map(|(x, y)| u32::from(x.abs_diff(y)))
                    .sum();
                let value = (addend as u32).wrapping_add(differences);
                self.state.set(op2 >> 8 & 15, value);
                return Ok(());
            }
            _ => return Err(Trap::Undefined),
        };
        self.state.q |= exact != i64::from(exact as i32);
        self.state.set(op2 >> 8 & 15, exact as u32);
        Ok(())
    }

    /// SMLALxy, SMLALD, SMLSLD, UMAAL: what they leave in the two registers.
    pub(super) fn dsp_long_multiply(
        &self,
        op1: u32,
        op2: u32,
        a: u32,
        b: u32,
        sum: u64,
    ) -> Result<u64, Trap> {
        if !self.profile.has_dsp {
            return Err(Trap::Undefined);
        }
        let form = op2 >> 4 & 15;
        let (n, m) = (form >> 1 & 1, form & 1);
        let crossed = b.rotate_right(16 * m);
        let products = (half(a, 0) * half(crossed, 0), half(a, 1) * half(crossed, 1));
        let addend = match (op1 >> 4 & 7, form) {
            (4, 8..=11) => half(a, n) * half(b, m),
            (4, 12 | 13) => products.0 + products.1,
            (5, 12 | 13) => products.0 - products.1,
            (6, 6) => {
                let (low, high) = (sum & 0xFFFF_FFFF, sum >> 32);
                return Ok(u64::from(a) * u64::from(b) + low + high);
            }
            _ => return Err(Trap::Undefined),
        };
        Ok(sum.wrapping_add(addend as u64))
    }
}
