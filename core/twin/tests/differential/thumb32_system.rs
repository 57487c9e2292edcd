//! The 32-bit encodings that branch and control (DDI 0403E A5.3.4, A5.3.18). ARMv6-M has BL, the barriers, MRS and MSR.

use crate::encoding::{Encoding, Fields, InIt, v6m, v7m};

/// The table.
#[rustfmt::skip] // One row a line.
pub const TABLE: &[Encoding] = &[
    v7m("B T3", "11110 S cccc iiiiii 10 j 0 k iiiiiiiiiii").without("c:14,15").in_it(InIt::Never),
    v7m("B T4", "11110 S iiiiiiiiii 10 j 1 k iiiiiiiiiii").in_it(InIt::Last),
    v6m("BL T1", "11110 S iiiiiiiiii 11 j 1 k iiiiiiiiiii").in_it(InIt::Last),
    v6m("MSR T1, flags", "11110 0111000 nnnn 1000 1000 000000 ss").without("n:13,15"),
    v6m("MSR T1, stack pointers", "11110 0111000 nnnn 1000 1000 0000100 s").without("n:13,15"),
    v6m("MSR T1, PRIMASK", "11110 0111000 nnnn 1000 1000 00010000").without("n:13,15"),
    v6m("MSR T1, CONTROL", "11110 0111000 nnnn 1000 1000 00010100").without("n:13,15"),
    v7m("MSR T1, BASEPRI", "11110 0111000 nnnn 1000 1000 00010001").without("n:13,15"),
    v7m("MSR T1, BASEPRI_MAX", "11110 0111000 nnnn 1000 1000 00010010").without("n:13,15"),
    v7m("MSR T1, FAULTMASK", "11110 0111000 nnnn 1000 1000 00010011").without("n:13,15"),
    v6m("MRS T1", "11110 0111110 1111 1000 dddd ssssssss").without("d:13,15").without_if(not_v6m_register),
    v7m("MRS T1, BASEPRI, FAULTMASK", "11110 0111110 1111 1000 dddd 000100 ss").without("s:0 d:13,15"),
    // The oracle stops at YIELD, WFE and WFI, and cannot go on with an IT block.
    v7m("NOP, YIELD, WFE, WFI, SEV T2", "111100111010 1111 1000 0000 hhhhhhhh").in_it(InIt::Last),
    v7m("CLREX T1", "111100111011 1111 1000 1111 0010 1111"),
    v6m("DSB T1", "111100111011 1111 1000 1111 0100 oooo"),
    v6m("DMB T1", "111100111011 1111 1000 1111 0101 oooo"),
    // The oracle forgets at ISB that it is in an IT block.
    v6m("ISB T1", "111100111011 1111 1000 1111 0110 oooo").in_it(InIt::Last),
    v6m("UDF T2", "111101111111 iiii 1010 iiiiiiiiiiii").in_it(InIt::Never),
];

/// MRS of what is not APSR to IEPSR (0 to 7; 4 is unused), MSP, PSP, PRIMASK or CONTROL.
fn not_v6m_register(fields: &Fields) -> bool {
    !matches!(fields.get('s'), 0..=3 | 5..=9 | 16 | 20)
}
