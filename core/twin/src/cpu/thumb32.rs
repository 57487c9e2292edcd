//! The 32-bit instructions: decoding, branches, system registers, loads and stores (ARMv7-M ARM, A5.3).
//!
//! ARMv6-M has BL, DSB, DMB, ISB, MRS, MSR and UDF only.

use super::{Cpu, Trap, alu::sign_extend};

/// A field of an instruction: `len` bits from bit `low`.
#[inline(always)]
pub(super) fn field(word: u32, low: u32, len: u32) -> u32 {
    word >> low & ((1 << len) - 1)
}

impl Cpu {
    /// Executes one; `op1` is the first half-word, `op2` the second.
    #[inline(never)]
    pub(super) fn execute32(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        if op1 >> 11 == 0b11110 && op2 >> 15 == 1 {
            return self.branch_or_system(op1, op2);
        }
        if !self.profile.is_v7 {
            return Err(Trap::Undefined);
        }
        match (op1 >> 11 & 3, op1 >> 9 & 3) {
            (1, 0) if op1 >> 6 & 1 == 0 => self.transfer_multiple(op1, op2),
            (1, 0) => self.transfer_dual(op1, op2),
            (1, 1) => self.data_shifted_register(op1, op2),
            (2, operation) if operation & 1 == 0 => self.data_modified_immediate(op1, op2),
            (2, _) => self.data_plain_immediate(op1, op2),
            (3, 0) => self.transfer_single(op1, op2),
            (3, 1) => match op1 >> 7 & 3 {
                0 | 1 => self.data_register(op1, op2),
                2 => self.multiply(op1, op2),
                _ => self.long_multiply(op1, op2),
            },
            // Coprocessor instructions: there is no coprocessor, and the floating-point unit is not modelled.
            _ => Err(Trap::NoCoprocessor),
        }
    }

    /// A5.3.4: B, BL, MSR, MRS, barriers, hints, UDF.
    fn branch_or_system(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let is_v7 = self.profile.is_v7;
        match (op2 >> 14 & 1, op2 >> 12 & 1) {
            (1, 1) => {
                self.state.r[14] = self.state.r[15].wrapping_add(4) | 1;
                self.branch(self.state.get(15).wrapping_add(far_offset(op1, op2)));
                Ok(())
            }
            (0, 1) if is_v7 => {
                self.branch(self.state.get(15).wrapping_add(far_offset(op1, op2)));
                Ok(())
            }
            (0, 0) if op1 >> 7 & 7 != 7 => {
                if !is_v7 {
                    return Err(Trap::Undefined);
                }
                if self.condition(op1 >> 6 & 15) {
                    self.branch(self.state.get(15).wrapping_add(near_offset(op1, op2)));
                }
                Ok(())
            }
            (0, 0) => self.system(op1, op2),
            _ => Err(Trap::Undefined),
        }
    }

    fn system(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        match op1 >> 4 & 0x7F {
            0x38 | 0x39 => self.move_to_special(op1, op2),
            0x3A if !self.profile.is_v7 || op2 >> 8 & 7 != 0 => Err(Trap::Undefined),
            // Wide hints: those with an effect have the numbers of the narrow ones.
            0x3A => match op2 & 0xFF {
                2 => Err(Trap::Sleep(super::Wait::Event)),
                3 => Err(Trap::Sleep(super::Wait::Interrupt)),
                4 => {
                    self.event = true;
                    Ok(())
                }
                _ => Ok(()),
            },
            0x3B => match op2 >> 4 & 15 {
                2 => {
                    self.exclusive = None;
                    if self.profile.is_v7 {
                        Ok(())
                    } else {
                        Err(Trap::Undefined)
                    }
                }
                // DSB, DMB, ISB: every access is complete before the next one.
                4..=6 => Ok(()),
                _ => Err(Trap::Undefined),
            },
            0x3E | 0x3F => self.move_from_special(op2),
            _ => Err(Trap::Undefined),
        }
    }

    /// MRS (B5.2.2).
    fn move_from_special(&mut self, op2: u32) -> Result<(), Trap> {
        let state = &self.state;
        let special = op2 & 0xFF;
        let value = match special {
            // EPSR reads as zero.
            0..=3 | 5..=7 => {
                let ipsr = if special & 1 != 0 { state.exception } else { 0 };
                let apsr = if special & 4 == 0 { state.apsr() } else { 0 };
                ipsr | apsr
            }
            20 => state.control(),
            _ if !state.is_privileged() => 0,
            8 => state.msp(),
            9 => state.psp(),
            16 => u32::from(state.primask),
            17 | 18 if self.profile.is_v7 => state.basepri,
            19 if self.profile.is_v7 => u32::from(state.faultmask),
            _ => 0,
        };
        self.state.set(op2 >> 8 & 15, value);
        Ok(())
    }

    /// MSR (B5.2.3). Without privilege only the flags change.
    fn move_to_special(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let value = self.state.get(op1 & 15);
        let special = op2 & 0xFF;
        if special < 4 {
            if !self.profile.is_v7 || op2 >> 11 & 1 != 0 {
                self.state.set_nzcv(value);
                self.state.q = self.profile.is_v7 && value >> 27 & 1 != 0;
            }
            if self.profile.has_dsp && op2 >> 10 & 1 != 0 {
                self.state.ge = value >> 16 & 15;
            }
            return Ok(());
        }
        if !self.state.is_privileged() {
            return Ok(());
        }
        self.bus.die.attention = true;
        let basepri = value & self.nvic.priority_mask();
        match special {
            8 => self.state.set_msp(value),
            9 => self.state.set_psp(value),
            16 => self.state.primask = value & 1 != 0,
            17 if self.profile.is_v7 => self.state.basepri = basepri,
            18 if self.profile.is_v7
                && basepri != 0
                && (self.state.basepri == 0 || basepri < self.state.basepri) =>
            {
                self.state.basepri = basepri;
            }
            19 if self.profile.is_v7 && (value & 1 == 0 || self.execution_priority() > -1) => {
                self.state.faultmask = value & 1 != 0;
            }
            20 => {
                self.state.unprivileged = value & 1 != 0 && self.profile.has_unprivileged;
                if self.state.exception == 0 {
                    self.state.set_mode(0, value & 2 != 0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// LDM, STM, LDMDB, STMDB (A5.3.5).
    fn transfer_multiple(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (base_register, list) = (op1 & 15, op2);
        let (write_back, load) = (op1 >> 5 & 1 != 0, op1 >> 4 & 1 != 0);
        let base = self.state.get(base_register);
        let len = 4 * list.count_ones();
        let (start, after) = match op1 >> 7 & 3 {
            1 => (base, base.wrapping_add(len)),
            2 => (base.wrapping_sub(len), base.wrapping_sub(len)),
            _ => return Err(Trap::Undefined),
        };
        if load {
            let write_back = write_back && list >> base_register & 1 == 0;
            return self.load_list(start, list, write_back.then_some((base_register, after)));
        }
        self.store_list(start, list)?;
        if write_back {
            self.state.set(base_register, after);
        }
        Ok(())
    }

    /// LDRD, STRD, exclusive accesses, table branches (A5.3.6).
    fn transfer_dual(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let pre_indexed = op1 >> 8 & 1 != 0;
        let (add, write_back, load) = (op1 >> 7 & 1 != 0, op1 >> 5 & 1 != 0, op1 >> 4 & 1 != 0);
        if !pre_indexed && !write_back {
            return self.exclusive_or_table(op1, op2);
        }
        let base = if op1 & 15 == 15 {
            self.state.pc_base()
        } else {
            self.state.get(op1 & 15)
        };
        let offset = field(op2, 0, 8) << 2;
        let moved = if add {
            base.wrapping_add(offset)
        } else {
            base.wrapping_sub(offset)
        };
        let address = if pre_indexed { moved } else { base };
        let (first, second) = (op2 >> 12, op2 >> 8 & 15);
        if load {
            let low = self.load_aligned(address)?;
            let high = self.load_aligned(address.wrapping_add(4))?;
            self.state.set(first, low);
            self.state.set(second, high);
        } else {
            self.store_aligned(address, self.state.get(first))?;
            self.store_aligned(address.wrapping_add(4), self.state.get(second))?;
        }
        if write_back {
            self.state.set(op1 & 15, moved);
        }
        Ok(())
    }

    fn exclusive_or_table(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let base = self.state.get(op1 & 15);
        let (word_form, load) = (op1 >> 7 & 1 == 0, op1 >> 4 & 1 != 0);
        if word_form {
            let address = base.wrapping_add(field(op2, 0, 8) << 2);
            return self.exclusive(op2, address, 4, op2 >> 8 & 15, load);
        }
        match (load, op2 >> 4 & 15) {
            (true, 0) => {
                let offset = self.load_byte(base.wrapping_add(self.state.get(op2 & 15)))?;
                self.branch(self.state.get(15).wrapping_add(offset << 1));
                Ok(())
            }
            (true, 1) => {
                let offset = self.load_half(base.wrapping_add(self.state.get(op2 & 15) << 1))?;
                self.branch(self.state.get(15).wrapping_add(offset << 1));
                Ok(())
            }
            (_, 4) => self.exclusive(op2, base, 1, op2 & 15, load),
            (_, 5) => self.exclusive(op2, base, 2, op2 & 15, load),
            _ => Err(Trap::Undefined),
        }
    }

    /// LDREX and STREX with one local monitor, which any exception clears (A3.4).
    fn exclusive(
        &mut self,
        op2: u32,
        address: u32,
        len: u32,
        status: u32,
        load: bool,
    ) -> Result<(), Trap> {
        if address & (len - 1) != 0 {
            return Err(Trap::Unaligned);
        }
        let register = op2 >> 12;
        if load {
            let value = match len {
                1 => self.load_byte(address)?,
                2 => self.load_half(address)?,
                _ => self.load_word(address)?,
            };
            self.state.set(register, value);
            self.exclusive = Some(address);
            return Ok(());
        }
        let granted = self.exclusive.take() == Some(address);
        if granted {
            let value = self.state.get(register);
            match len {
                1 => self.store_byte(address, value)?,
                2 => self.store_half(address, value)?,
                _ => self.store_word(address, value)?,
            }
        }
        self.state.set(status, u32::from(!granted));
        Ok(())
    }

    /// Loads and stores of one register (A5.3.7 to A5.3.10).
    fn transfer_single(&mut self, op1: u32, op2: u32) -> Result<(), Trap> {
        let (size, load, signed) = (op1 >> 5 & 3, op1 >> 4 & 1 != 0, op1 >> 8 & 1 != 0);
        let (base_register, register) = (op1 & 15, op2 >> 12);
        if size == 3 || (signed && (!load || size == 2)) || (!load && base_register == 15) {
            return Err(Trap::Undefined);
        }
        let (address, write_back) = self.single_address(op1, op2)?;
        if load && register == 15 && size != 2 {
            return Ok(()); // PLD, PLI: a hint.
        }
        if load {
            let value = match (size, signed) {
                (0, false) => self.load_byte(address)?,
                (0, true) => sign_extend(self.load_byte(address)?, 8),
                (1, false) => self.load_half(address)?,
                (1, true) => sign_extend(self.load_half(address)?, 16),
                _ => self.load_word(address)?,
            };
            if let Some(moved) = write_back {
                self.state.set(base_register, moved);
            }
            if register == 15 {
                return self.branch_exchange(value);
            }
            self.state.set(register, value);
            return Ok(());
        }
        let value = self.state.get(register);
        match size {
            0 => self.store_byte(address, value)?,
            1 => self.store_half(address, value)?,
            _ => self.store_word(address, value)?,
        }
        if let Some(moved) = write_back {
            self.state.set(base_register, moved);
        }
        Ok(())
    }

    /// Address of a single transfer, and the new base if it is written back.
    fn single_address(&self, op1: u32, op2: u32) -> Result<(u32, Option<u32>), Trap> {
        let offset12 = field(op2, 0, 12);
        if op1 & 15 == 15 {
            let base = self.state.pc_base();
            let add = op1 >> 7 & 1 != 0;
            let address = if add {
                base.wrapping_add(offset12)
            } else {
                base.wrapping_sub(offset12)
            };
            return Ok((address, None));
        }
        let base = self.state.get(op1 & 15);
        if op1 >> 7 & 1 != 0 {
            return Ok((base.wrapping_add(offset12), None));
        }
        if op2 >> 11 & 1 == 0 {
            if field(op2, 6, 5) != 0 {
                return Err(Trap::Undefined);
            }
            let index = self.state.get(op2 & 15) << field(op2, 4, 2);
            return Ok((base.wrapping_add(index), None));
        }
        let (pre_indexed, add, write_back) =
            (op2 >> 10 & 1 != 0, op2 >> 9 & 1 != 0, op2 >> 8 & 1 != 0);
        if !pre_indexed && !write_back {
            return Err(Trap::Undefined);
        }
        let offset = field(op2, 0, 8);
        let moved = if add {
            base.wrapping_add(offset)
        } else {
            base.wrapping_sub(offset)
        };
        let address = if pre_indexed { moved } else { base };
        Ok((address, write_back.then_some(moved)))
    }
}

/// Offset of B (encoding T4) and BL: 25 bits.
fn far_offset(op1: u32, op2: u32) -> u32 {
    let sign = op1 >> 10 & 1;
    let i1 = !(op2 >> 13 ^ sign) & 1;
    let i2 = !(op2 >> 11 ^ sign) & 1;
    let offset =
        sign << 24 | i1 << 23 | i2 << 22 | field(op1, 0, 10) << 12 | field(op2, 0, 11) << 1;
    sign_extend(offset, 25)
}

/// Offset of B (encoding T3): 21 bits.
fn near_offset(op1: u32, op2: u32) -> u32 {
    let offset = (op1 >> 10 & 1) << 20
        | (op2 >> 11 & 1) << 19
        | (op2 >> 13 & 1) << 18
        | field(op1, 0, 6) << 12
        | field(op2, 0, 11) << 1;
    sign_extend(offset, 21)
}
