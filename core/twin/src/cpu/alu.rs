//! Arithmetic of the architecture's pseudocode (ARMv7-M ARM, A2.2 and D6.5), without state.

/// A result with its carry and overflow.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    pub value: u32,
    pub carry: bool,
    pub overflow: bool,
}

/// `AddWithCarry`. A subtraction adds the complement with carry 1.
#[inline(always)]
pub(crate) fn add_with_carry(a: u32, b: u32, carry: bool) -> Sum {
    let (partial, carry_a) = a.overflowing_add(b);
    let (value, carry_b) = partial.overflowing_add(u32::from(carry));
    Sum {
        value,
        carry: carry_a | carry_b,
        overflow: ((a ^ value) & (b ^ value)) >> 31 != 0,
    }
}

/// `SignExtend` of the low `bits` bits, 1 to 32.
#[inline(always)]
pub(crate) fn sign_extend(value: u32, bits: u32) -> u32 {
    ((value << (32 - bits)) as i32 >> (32 - bits)) as u32
}

/// Kinds of shift by their number in the encodings.
pub(crate) const LSL: u32 = 0;
pub(crate) const LSR: u32 = 1;
pub(crate) const ASR: u32 = 2;
pub(crate) const ROR: u32 = 3;

/// `Shift_C` for an amount of 0 to 255. An amount of 0 leaves the carry.
#[inline(always)]
pub(crate) fn shift(kind: u32, value: u32, amount: u32, carry: bool) -> (u32, bool) {
    if amount == 0 {
        return (value, carry);
    }
    match (kind, amount) {
        (LSL, 1..=31) => (value << amount, value >> (32 - amount) & 1 != 0),
        (LSL, 32) => (0, value & 1 != 0),
        (LSR, 1..=31) => (value >> amount, value >> (amount - 1) & 1 != 0),
        (LSR, 32) => (0, value >> 31 != 0),
        (ASR, 1..=31) => (
            (value as i32 >> amount) as u32,
            value >> (amount - 1) & 1 != 0,
        ),
        (ASR, _) => ((value as i32 >> 31) as u32, value >> 31 != 0),
        (ROR, _) => {
            let rotated = value.rotate_right(amount & 31);
            (rotated, rotated >> 31 != 0)
        }
        _ => (0, false),
    }
}

/// A shift by an immediate (`DecodeImmShift`): 0 means 32 for LSR and ASR, and RRX for ROR.
#[inline(always)]
pub(crate) fn shift_immediate(kind: u32, value: u32, amount: u32, carry: bool) -> (u32, bool) {
    match (kind, amount) {
        (LSR | ASR, 0) => shift(kind, value, 32, carry),
        (ROR, 0) => (u32::from(carry) << 31 | value >> 1, value & 1 != 0),
        _ => shift(kind, value, amount, carry),
    }
}

/// `ThumbExpandImm_C` of a 12-bit immediate.
pub(crate) fn expand_immediate(immediate: u32, carry: bool) -> (u32, bool) {
    let byte = immediate & 0xFF;
    if immediate >> 10 == 0 {
        let value = match immediate >> 8 & 3 {
            0 => byte,
            1 => byte << 16 | byte,
            2 => byte << 24 | byte << 8,
            _ => byte * 0x0101_0101,
        };
        return (value, carry);
    }
    let value = (0x80 | immediate & 0x7F).rotate_right(immediate >> 7);
    (value, value >> 31 != 0)
}

/// `SignedSatQ` to `bits` bits, 1 to 32.
pub(crate) fn saturate_signed(value: i64, bits: u32) -> (u32, bool) {
    let max = (1i64 << (bits - 1)) - 1;
    let result = value.clamp(-max - 1, max);
    (result as u32, result != value)
}

/// `UnsignedSatQ` to `bits` bits, 0 to 31.
pub(crate) fn saturate_unsigned(value: i64, bits: u32) -> (u32, bool) {
    let result = value.clamp(0, (1i64 << bits) - 1);
    (result as u32, result != value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts() {
        for (kind, value, amount, expected) in [
            (LSL, 0x8000_0001, 0, (0x8000_0001, true)),
            (LSL, 0x8000_0001, 1, (2, true)),
            (LSL, 1, 32, (0, true)),
            (LSL, 1, 33, (0, false)),
            (LSR, 0x8000_0001, 1, (0x4000_0000, true)),
            (LSR, 0x8000_0000, 32, (0, true)),
            (LSR, 0x8000_0000, 40, (0, false)),
            (ASR, 0x8000_0000, 31, (0xFFFF_FFFF, false)),
            (ASR, 0x8000_0000, 255, (0xFFFF_FFFF, true)),
            (ROR, 0x0000_0001, 1, (0x8000_0000, true)),
            (ROR, 0x8000_0000, 32, (0x8000_0000, true)),
        ] {
            assert_eq!(
                shift(kind, value, amount, true),
                expected,
                "{kind} {value:#x} {amount}"
            );
        }
        assert_eq!(shift_immediate(ROR, 3, 0, true), (0x8000_0001, true));
        assert_eq!(shift_immediate(LSR, 3, 0, true), (0, false));
    }

    #[test]
    fn immediates() {
        for (immediate, expected) in [
            (0x0AB, 0xAB),
            (0x1AB, 0x00AB_00AB),
            (0x2AB, 0xAB00_AB00),
            (0x3AB, 0xABAB_ABAB),
            (0x4FF, 0x7F80_0000),
        ] {
            assert_eq!(
                expand_immediate(immediate, false).0,
                expected,
                "{immediate:#x}"
            );
        }
    }

    #[test]
    fn saturation() {
        assert_eq!(saturate_signed(200, 8), (127, true));
        assert_eq!(saturate_signed(-200, 8), ((-128i32) as u32, true));
        assert_eq!(saturate_unsigned(-1, 8), (0, true));
        assert_eq!(saturate_unsigned(255, 8), (255, false));
        assert_eq!(
            saturate_signed(i64::from(i32::MIN), 32),
            (0x8000_0000, false)
        );
    }
}
