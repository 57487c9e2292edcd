//! The 32-bit encodings that compute (DDI 0403E A5.3.1, A5.3.3, A5.3.11 to A5.3.17). ARMv7-M has them all.

use crate::encoding::{Encoding, Fields, v7m};

/// The table.
#[rustfmt::skip] // One row a line.
pub const TABLE: &[Encoding] = &[
    // A5.3.1 Data processing (modified immediate).
    immediate("AND (immediate) T1", "11110 i 0 0000 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("TST (immediate) T1", "11110 i 0 0000 1 nnnn 0 iii 1111 iiiiiiii").without("n:13,15"),
    immediate("BIC (immediate) T1", "11110 i 0 0001 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("ORR (immediate) T1", "11110 i 0 0010 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("MOV (immediate) T2", "11110 i 0 0010 S 1111 0 iii dddd iiiiiiii").without("d:13,15"),
    immediate("ORN (immediate) T1", "11110 i 0 0011 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("MVN (immediate) T1", "11110 i 0 0011 S 1111 0 iii dddd iiiiiiii").without("d:13,15"),
    immediate("EOR (immediate) T1", "11110 i 0 0100 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("TEQ (immediate) T1", "11110 i 0 0100 1 nnnn 0 iii 1111 iiiiiiii").without("n:13,15"),
    immediate("ADD (immediate) T3", "11110 i 0 1000 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("ADD (SP plus immediate) T3", "11110 i 0 1000 S 1101 0 iii dddd iiiiiiii").without("d:15"),
    immediate("CMN (immediate) T1", "11110 i 0 1000 1 nnnn 0 iii 1111 iiiiiiii").without("n:15"),
    immediate("ADC (immediate) T1", "11110 i 0 1010 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("SBC (immediate) T1", "11110 i 0 1011 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("SUB (immediate) T3", "11110 i 0 1101 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    immediate("SUB (SP minus immediate) T2", "11110 i 0 1101 S 1101 0 iii dddd iiiiiiii").without("d:15"),
    immediate("CMP (immediate) T2", "11110 i 0 1101 1 nnnn 0 iii 1111 iiiiiiii").without("n:15"),
    immediate("RSB (immediate) T2", "11110 i 0 1110 S nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    // A5.3.3 Data processing (plain binary immediate).
    v7m("ADD (immediate) T4", "11110 i 1 0000 0 nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    v7m("ADD (SP plus immediate) T4", "11110 i 1 0000 0 1101 0 iii dddd iiiiiiii").without("d:15"),
    v7m("ADR T3", "11110 i 1 0000 0 1111 0 iii dddd iiiiiiii").without("d:13,15"),
    v7m("MOV (immediate) T3", "11110 i 1 0010 0 jjjj 0 iii dddd iiiiiiii").without("d:13,15"),
    v7m("SUB (immediate) T4", "11110 i 1 0101 0 nnnn 0 iii dddd iiiiiiii").without("d:13,15 n:13,15"),
    v7m("SUB (SP minus immediate) T3", "11110 i 1 0101 0 1101 0 iii dddd iiiiiiii").without("d:15"),
    v7m("ADR T2", "11110 i 1 0101 0 1111 0 iii dddd iiiiiiii").without("d:13,15"),
    v7m("MOVT T1", "11110 i 1 0110 0 jjjj 0 iii dddd iiiiiiii").without("d:13,15"),
    v7m("SSAT T1", "11110 0 1100 s 0 nnnn 0 iii dddd ii 0 wwwww").without("s:1&i:0 d:13,15 n:13,15"),
    v7m("SBFX T1", "11110 0 1101 0 0 nnnn 0 iii dddd ii 0 wwwww").without("d:13,15 n:13,15").without_if(past_the_top),
    v7m("BFI T1", "11110 0 1101 1 0 nnnn 0 iii dddd ii 0 wwwww").without("d:13,15 n:13,15").without_if(upside_down),
    v7m("BFC T1", "11110 0 1101 1 0 1111 0 iii dddd ii 0 wwwww").without("d:13,15").without_if(upside_down),
    v7m("USAT T1", "11110 0 1110 s 0 nnnn 0 iii dddd ii 0 wwwww").without("s:1&i:0 d:13,15 n:13,15"),
    v7m("UBFX T1", "11110 0 1111 0 0 nnnn 0 iii dddd ii 0 wwwww").without("d:13,15 n:13,15").without_if(past_the_top),
    // A5.3.11 Data processing (shifted register).
    v7m("AND (register) T2", "1110101 0000 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("TST (register) T2", "1110101 0000 1 nnnn 0 iii 1111 ii tt mmmm").without("n:13,15 m:13,15"),
    v7m("BIC (register) T2", "1110101 0001 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("ORR (register) T2", "1110101 0010 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("MOV (register) T3", "1110101 0010 0 1111 0 000 dddd 00 00 mmmm").without("d:15 m:15 d:13&m:13"),
    v7m("MOVS (register) T3", "1110101 0010 1 1111 0 000 dddd 00 00 mmmm").without("d:13,15 m:13,15"),
    v7m("LSL (immediate) T2", "1110101 0010 S 1111 0 iii dddd ii 00 mmmm").without("i:0 d:13,15 m:13,15"),
    v7m("LSR (immediate) T2", "1110101 0010 S 1111 0 iii dddd ii 01 mmmm").without("d:13,15 m:13,15"),
    v7m("ASR (immediate) T2", "1110101 0010 S 1111 0 iii dddd ii 10 mmmm").without("d:13,15 m:13,15"),
    v7m("RRX T1", "1110101 0010 S 1111 0 000 dddd 00 11 mmmm").without("d:13,15 m:13,15"),
    v7m("ROR (immediate) T1", "1110101 0010 S 1111 0 iii dddd ii 11 mmmm").without("i:0 d:13,15 m:13,15"),
    v7m("ORN (register) T1", "1110101 0011 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("MVN (register) T2", "1110101 0011 S 1111 0 iii dddd ii tt mmmm").without("d:13,15 m:13,15"),
    v7m("EOR (register) T2", "1110101 0100 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("TEQ (register) T1", "1110101 0100 1 nnnn 0 iii 1111 ii tt mmmm").without("n:13,15 m:13,15"),
    v7m("ADD (register) T3", "1110101 1000 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("ADD (SP plus register) T3", "1110101 1000 S 1101 0 iii dddd ii tt mmmm").without("d:15 m:13,15").without_if(shifts_into_sp),
    v7m("CMN (register) T2", "1110101 1000 1 nnnn 0 iii 1111 ii tt mmmm").without("n:15 m:13,15"),
    v7m("ADC (register) T2", "1110101 1010 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("SBC (register) T2", "1110101 1011 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("SUB (register) T2", "1110101 1101 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("SUB (SP minus register) T1", "1110101 1101 S 1101 0 iii dddd ii tt mmmm").without("d:15 m:13,15").without_if(shifts_into_sp),
    v7m("CMP (register) T3", "1110101 1101 1 nnnn 0 iii 1111 ii tt mmmm").without("n:15 m:13,15"),
    v7m("RSB (register) T1", "1110101 1110 S nnnn 0 iii dddd ii tt mmmm").without("d:13,15 n:13,15 m:13,15"),
    // A5.3.12 Data processing (register).
    v7m("LSL (register) T2", "11111010 000 S nnnn 1111 dddd 0000 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("LSR (register) T2", "11111010 001 S nnnn 1111 dddd 0000 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("ASR (register) T2", "11111010 010 S nnnn 1111 dddd 0000 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("ROR (register) T2", "11111010 011 S nnnn 1111 dddd 0000 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("SXTH T2", "11111010 0000 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    v7m("UXTH T2", "11111010 0001 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    v7m("SXTB T2", "11111010 0100 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    v7m("UXTB T2", "11111010 0101 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    // A5.3.15 Miscellaneous operations. Both fields name the same register.
    v7m("REV T2", "11111010 1001 nnnn 1111 dddd 1000 mmmm").without("n!m d:13,15 m:13,15"),
    v7m("REV16 T2", "11111010 1001 nnnn 1111 dddd 1001 mmmm").without("n!m d:13,15 m:13,15"),
    v7m("RBIT T1", "11111010 1001 nnnn 1111 dddd 1010 mmmm").without("n!m d:13,15 m:13,15"),
    v7m("REVSH T2", "11111010 1001 nnnn 1111 dddd 1011 mmmm").without("n!m d:13,15 m:13,15"),
    v7m("CLZ T1", "11111010 1011 nnnn 1111 dddd 1000 mmmm").without("n!m d:13,15 m:13,15"),
    // A5.3.16 and A5.3.17 Multiply, long multiply, divide.
    v7m("MUL T2", "11111011 0000 nnnn 1111 dddd 0000 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("MLA T1", "11111011 0000 nnnn aaaa dddd 0000 mmmm").without("a:13,15 d:13,15 n:13,15 m:13,15"),
    v7m("MLS T1", "11111011 0000 nnnn aaaa dddd 0001 mmmm").without("a:13,15 d:13,15 n:13,15 m:13,15"),
    v7m("SMULL T1", "11111011 1000 nnnn llll hhhh 0000 mmmm").without("l=h l:13,15 h:13,15 n:13,15 m:13,15"),
    v7m("SDIV T1", "11111011 1001 nnnn 1111 dddd 1111 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("UMULL T1", "11111011 1010 nnnn llll hhhh 0000 mmmm").without("l=h l:13,15 h:13,15 n:13,15 m:13,15"),
    v7m("UDIV T1", "11111011 1011 nnnn 1111 dddd 1111 mmmm").without("d:13,15 n:13,15 m:13,15"),
    v7m("SMLAL T1", "11111011 1100 nnnn llll hhhh 0000 mmmm").without("l=h l:13,15 h:13,15 n:13,15 m:13,15"),
    v7m("UMLAL T1", "11111011 1110 nnnn llll hhhh 0000 mmmm").without("l=h l:13,15 h:13,15 n:13,15 m:13,15"),
];

/// An encoding with a modified immediate, whose forms of a zero byte repeated are UNPREDICTABLE (A5.3.2).
const fn immediate(name: &'static str, pattern: &'static str) -> Encoding {
    v7m(name, pattern).without_if(|fields| {
        let immediate = fields.get('i');
        matches!(immediate >> 8, 1..=3) && immediate & 0xFF == 0
    })
}

/// A bit field that ends above bit 31.
fn past_the_top(fields: &Fields) -> bool {
    fields.get('i') + fields.get('w') > 31
}

/// A bit field that ends below its start.
fn upside_down(fields: &Fields) -> bool {
    fields.get('w') < fields.get('i')
}

/// SP may be computed only with LSL by 0 to 3.
fn shifts_into_sp(fields: &Fields) -> bool {
    fields.get('d') == 13 && (fields.get('t') != 0 || fields.get('i') > 3)
}
