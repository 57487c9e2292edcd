//! The 16-bit encodings (DDI 0403E A5.2). All of ARMv6-M but CBZ, CBNZ and IT.

use crate::encoding::{Encoding, Fields, InIt, v6m, v7m};

/// The table.
#[rustfmt::skip] // One row a line.
pub const TABLE: &[Encoding] = &[
    // A5.2.1 Shift (immediate), add, subtract, move, and compare.
    v6m("LSL (immediate) T1", "00000 iiiii mmm ddd").without("i:0"),
    v6m("MOV (register) T2", "00000 00000 mmm ddd").in_it(InIt::Never),
    v6m("LSR (immediate) T1", "00001 iiiii mmm ddd"),
    v6m("ASR (immediate) T1", "00010 iiiii mmm ddd"),
    v6m("ADD (register) T1", "0001100 mmm nnn ddd"),
    v6m("SUB (register) T1", "0001101 mmm nnn ddd"),
    v6m("ADD (immediate) T1", "0001110 iii nnn ddd"),
    v6m("SUB (immediate) T1", "0001111 iii nnn ddd"),
    v6m("MOV (immediate) T1", "00100 ddd iiiiiiii"),
    v6m("CMP (immediate) T1", "00101 nnn iiiiiiii"),
    v6m("ADD (immediate) T2", "00110 ddd iiiiiiii"),
    v6m("SUB (immediate) T2", "00111 ddd iiiiiiii"),
    // A5.2.2 Data processing.
    v6m("AND (register) T1", "0100000000 mmm ddd"),
    v6m("EOR (register) T1", "0100000001 mmm ddd"),
    v6m("LSL (register) T1", "0100000010 mmm ddd"),
    v6m("LSR (register) T1", "0100000011 mmm ddd"),
    v6m("ASR (register) T1", "0100000100 mmm ddd"),
    v6m("ADC (register) T1", "0100000101 mmm ddd"),
    v6m("SBC (register) T1", "0100000110 mmm ddd"),
    v6m("ROR (register) T1", "0100000111 mmm ddd"),
    v6m("TST (register) T1", "0100001000 mmm nnn"),
    v6m("RSB (immediate) T1", "0100001001 nnn ddd"),
    v6m("CMP (register) T1", "0100001010 mmm nnn"),
    v6m("CMN (register) T1", "0100001011 mmm nnn"),
    v6m("ORR (register) T1", "0100001100 mmm ddd"),
    v6m("MUL T1", "0100001101 nnn ddd"),
    v6m("BIC (register) T1", "0100001110 mmm ddd"),
    v6m("MVN (register) T1", "0100001111 mmm ddd"),
    // A5.2.3 Special data instructions and branch and exchange.
    v6m("ADD (register) T2", "01000100 d mmmm ddd").without("d:13,15 m:13"),
    v6m("ADD (register) T2, to PC", "01000100 1 mmmm 111").without("m:15").in_it(InIt::Last),
    v6m("ADD (SP plus register) T1", "01000100 d 1101 ddd").without("d:15"),
    v6m("ADD (SP plus register) T2", "01000100 1 mmmm 101").without("m:13"),
    v6m("CMP (register) T2", "01000101 n mmmm nnn").without("n:15 m:15").without_if(both_low),
    v6m("MOV (register) T1", "01000110 d mmmm ddd").without("d:15"),
    v6m("MOV (register) T1, to PC", "01000110 1 mmmm 111").branches_to('m'),
    v6m("BX T1", "01000111 0 mmmm 000").without("m:15").branches_to('m'),
    v6m("BLX (register) T1", "01000111 1 mmmm 000").without("m:15").branches_to('m'),
    v6m("LDR (literal) T1", "01001 ttt iiiiiiii"),
    // A5.2.4 Load/store single data item.
    v6m("STR (register) T1", "0101000 mmm nnn ttt").at_sum('n', 'm'),
    v6m("STRH (register) T1", "0101001 mmm nnn ttt").at_sum('n', 'm'),
    v6m("STRB (register) T1", "0101010 mmm nnn ttt").at_sum('n', 'm'),
    v6m("LDRSB (register) T1", "0101011 mmm nnn ttt").at_sum('n', 'm'),
    v6m("LDR (register) T1", "0101100 mmm nnn ttt").at_sum('n', 'm'),
    v6m("LDRH (register) T1", "0101101 mmm nnn ttt").at_sum('n', 'm'),
    v6m("LDRB (register) T1", "0101110 mmm nnn ttt").at_sum('n', 'm'),
    v6m("LDRSH (register) T1", "0101111 mmm nnn ttt").at_sum('n', 'm'),
    v6m("STR (immediate) T1", "01100 iiiii nnn ttt").at('n'),
    v6m("LDR (immediate) T1", "01101 iiiii nnn ttt").at('n'),
    v6m("STRB (immediate) T1", "01110 iiiii nnn ttt").at('n'),
    v6m("LDRB (immediate) T1", "01111 iiiii nnn ttt").at('n'),
    v6m("STRH (immediate) T1", "10000 iiiii nnn ttt").at('n'),
    v6m("LDRH (immediate) T1", "10001 iiiii nnn ttt").at('n'),
    v6m("STR (immediate) T2", "10010 ttt iiiiiiii"),
    v6m("LDR (immediate) T2", "10011 ttt iiiiiiii"),
    v6m("ADR T1", "10100 ddd iiiiiiii"),
    v6m("ADD (SP plus immediate) T1", "10101 ddd iiiiiiii"),
    // A5.2.5 Miscellaneous.
    v6m("ADD (SP plus immediate) T2", "101100000 iiiiiii"),
    v6m("SUB (SP minus immediate) T1", "101100001 iiiiiii"),
    v7m("CBNZ, CBZ T1", "1011 o 0 i 1 iiiii nnn").in_it(InIt::Never),
    v6m("SXTH T1", "1011001000 mmm ddd"),
    v6m("SXTB T1", "1011001001 mmm ddd"),
    v6m("UXTH T1", "1011001010 mmm ddd"),
    v6m("UXTB T1", "1011001011 mmm ddd"),
    v6m("PUSH T1", "1011010 M rrrrrrrr").without("M:0&r:0").aligned(4),
    v6m("CPS T1, PRIMASK", "10110110011 m 0010").in_it(InIt::Never),
    v7m("CPS T1, FAULTMASK", "10110110011 m 00I1").in_it(InIt::Never),
    v6m("REV T1", "1011101000 mmm ddd"),
    v6m("REV16 T1", "1011101001 mmm ddd"),
    v6m("REVSH T1", "1011101011 mmm ddd"),
    v6m("POP T1", "10111100 rrrrrrrr").without("r:0").aligned(4),
    v6m("POP T1, with PC", "10111101 rrrrrrrr").in_it(InIt::Last).aligned(4),
    // BKPT runs in an IT block whatever the condition (A7.7.17); the oracle asks the condition.
    v6m("BKPT T1", "10111110 iiiiiiii").in_it(InIt::Never),
    v7m("IT T1", "10111111 cccc mmmm").without("m:0 c:15").without_if(many_always).followed_by(it_block),
    // The oracle stops at YIELD, WFE and WFI, and cannot go on with an IT block.
    v6m("NOP, YIELD, WFE, WFI, SEV T1", "10111111 hhhh 0000").in_it(InIt::Last),
    // A5.2 and A5.2.6.
    v6m("STM T1", "11000 nnn rrrrrrrr").without("r:0").without_if(base_later).at('n').aligned(4),
    v6m("LDM T1", "11001 nnn rrrrrrrr").without("r:0").at('n').aligned(4),
    v6m("B T1", "1101 cccc iiiiiiii").without("c:14,15").in_it(InIt::Never),
    v6m("UDF T1", "11011110 iiiiiiii").in_it(InIt::Never),
    v6m("SVC T1", "11011111 iiiiiiii"),
    v6m("B T2", "11100 iiiiiiiiiii").in_it(InIt::Last),
];

/// CMP (register) T2 of two low registers.
fn both_low(fields: &Fields) -> bool {
    fields.get('n') < 8 && fields.get('m') < 8
}

/// IT AL for more than one instruction.
fn many_always(fields: &Fields) -> bool {
    fields.get('c') == 14 && fields.get('m').count_ones() > 1
}

/// A block of `ADD Rn, #1`, each with another register.
fn it_block(fields: &Fields) -> Vec<u16> {
    let count = 4 - fields.get('m').trailing_zeros() as u16;
    (0..count).map(|register| 0x3001 | register << 8).collect()
}

/// STM with its base in the list, but not first: the value stored is UNKNOWN.
fn base_later(fields: &Fields) -> bool {
    let (base, list) = (fields.get('n'), fields.get('r'));
    list >> base & 1 != 0 && list.trailing_zeros() != base
}
