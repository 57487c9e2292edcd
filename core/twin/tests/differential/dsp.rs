//! The encodings of the DSP extension (DDI 0403E A5.3, rows marked "v7E-M"). Cortex-M4 has them; a Cortex-M3 must not.

use crate::encoding::{Encoding, dsp};

/// Rules of encodings whose registers may not be SP or PC (A5.1.2, A5.1.3).
const DNM: &str = "d:13,15 n:13,15 m:13,15";
const DNMA: &str = "d:13,15 n:13,15 m:13,15 a:13,15";
const LHNM: &str = "l=h l:13,15 h:13,15 n:13,15 m:13,15";

/// The table.
#[rustfmt::skip] // One row a line.
pub const TABLE: &[Encoding] = &[
    dsp("PKHBT, PKHTB T1", "1110101 0110 0 nnnn 0 iii dddd ii b 0 mmmm").without(DNM),
    dsp("SSAT16 T1", "11110 0 1100 10 nnnn 0000 dddd 0000 wwww").without("d:13,15 n:13,15"),
    dsp("USAT16 T1", "11110 0 1110 10 nnnn 0000 dddd 0000 wwww").without("d:13,15 n:13,15"),
    dsp("SXTAH T1", "11111010 0000 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    dsp("UXTAH T1", "11111010 0001 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    dsp("SXTAB16 T1", "11111010 0010 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    dsp("SXTB16 T1", "11111010 0010 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    dsp("UXTAB16 T1", "11111010 0011 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    dsp("UXTB16 T1", "11111010 0011 1111 1111 dddd 10 rr mmmm").without("d:13,15 m:13,15"),
    dsp("SXTAB T1", "11111010 0100 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    dsp("UXTAB T1", "11111010 0101 nnnn 1111 dddd 10 rr mmmm").without(DNM),
    // A5.3.13 and A5.3.14 Parallel addition and subtraction.
    dsp("SADD8 T1", "11111010 1000 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("SADD16 T1", "11111010 1001 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("SASX T1", "11111010 1010 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("SSUB8 T1", "11111010 1100 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("SSUB16 T1", "11111010 1101 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("SSAX T1", "11111010 1110 nnnn 1111 dddd 0000 mmmm").without(DNM),
    dsp("QADD8 T1", "11111010 1000 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("QADD16 T1", "11111010 1001 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("QASX T1", "11111010 1010 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("QSUB8 T1", "11111010 1100 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("QSUB16 T1", "11111010 1101 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("QSAX T1", "11111010 1110 nnnn 1111 dddd 0001 mmmm").without(DNM),
    dsp("SHADD8 T1", "11111010 1000 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("SHADD16 T1", "11111010 1001 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("SHASX T1", "11111010 1010 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("SHSUB8 T1", "11111010 1100 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("SHSUB16 T1", "11111010 1101 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("SHSAX T1", "11111010 1110 nnnn 1111 dddd 0010 mmmm").without(DNM),
    dsp("UADD8 T1", "11111010 1000 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("UADD16 T1", "11111010 1001 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("UASX T1", "11111010 1010 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("USUB8 T1", "11111010 1100 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("USUB16 T1", "11111010 1101 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("USAX T1", "11111010 1110 nnnn 1111 dddd 0100 mmmm").without(DNM),
    dsp("UQADD8 T1", "11111010 1000 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UQADD16 T1", "11111010 1001 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UQASX T1", "11111010 1010 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UQSUB8 T1", "11111010 1100 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UQSUB16 T1", "11111010 1101 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UQSAX T1", "11111010 1110 nnnn 1111 dddd 0101 mmmm").without(DNM),
    dsp("UHADD8 T1", "11111010 1000 nnnn 1111 dddd 0110 mmmm").without(DNM),
    dsp("UHADD16 T1", "11111010 1001 nnnn 1111 dddd 0110 mmmm").without(DNM),
    dsp("UHASX T1", "11111010 1010 nnnn 1111 dddd 0110 mmmm").without(DNM),
    dsp("UHSUB8 T1", "11111010 1100 nnnn 1111 dddd 0110 mmmm").without(DNM),
    dsp("UHSUB16 T1", "11111010 1101 nnnn 1111 dddd 0110 mmmm").without(DNM),
    dsp("UHSAX T1", "11111010 1110 nnnn 1111 dddd 0110 mmmm").without(DNM),
    // A5.3.15 Miscellaneous operations.
    dsp("QADD T1", "11111010 1000 nnnn 1111 dddd 1000 mmmm").without(DNM),
    dsp("QDADD T1", "11111010 1000 nnnn 1111 dddd 1001 mmmm").without(DNM),
    dsp("QSUB T1", "11111010 1000 nnnn 1111 dddd 1010 mmmm").without(DNM),
    dsp("QDSUB T1", "11111010 1000 nnnn 1111 dddd 1011 mmmm").without(DNM),
    dsp("SEL T1", "11111010 1010 nnnn 1111 dddd 1000 mmmm").without(DNM),
    // A5.3.16 Multiply, multiply accumulate, and absolute difference.
    dsp("SMLABB, SMLABT, SMLATB, SMLATT T1", "11111011 0001 nnnn aaaa dddd 00 xy mmmm").without(DNMA),
    dsp("SMULBB, SMULBT, SMULTB, SMULTT T1", "11111011 0001 nnnn 1111 dddd 00 xy mmmm").without(DNM),
    dsp("SMLAD T1", "11111011 0010 nnnn aaaa dddd 000 x mmmm").without(DNMA),
    dsp("SMUAD T1", "11111011 0010 nnnn 1111 dddd 000 x mmmm").without(DNM),
    dsp("SMLAWB, SMLAWT T1", "11111011 0011 nnnn aaaa dddd 000 x mmmm").without(DNMA),
    dsp("SMULWB, SMULWT T1", "11111011 0011 nnnn 1111 dddd 000 x mmmm").without(DNM),
    dsp("SMLSD T1", "11111011 0100 nnnn aaaa dddd 000 x mmmm").without(DNMA),
    dsp("SMUSD T1", "11111011 0100 nnnn 1111 dddd 000 x mmmm").without(DNM),
    dsp("SMMLA T1", "11111011 0101 nnnn aaaa dddd 000 r mmmm").without(DNMA),
    dsp("SMMUL T1", "11111011 0101 nnnn 1111 dddd 000 r mmmm").without(DNM),
    dsp("SMMLS T1", "11111011 0110 nnnn aaaa dddd 000 r mmmm").without(DNMA),
    dsp("USADA8 T1", "11111011 0111 nnnn aaaa dddd 0000 mmmm").without(DNMA),
    dsp("USAD8 T1", "11111011 0111 nnnn 1111 dddd 0000 mmmm").without(DNM),
    // A5.3.17 Long multiply, long multiply accumulate.
    dsp("SMLALBB, SMLALBT, SMLALTB, SMLALTT T1", "11111011 1100 nnnn llll hhhh 10 xy mmmm").without(LHNM),
    dsp("SMLALD T1", "11111011 1100 nnnn llll hhhh 110 x mmmm").without(LHNM),
    dsp("SMLSLD T1", "11111011 1101 nnnn llll hhhh 110 x mmmm").without(LHNM),
    dsp("UMAAL T1", "11111011 1110 nnnn llll hhhh 0110 mmmm").without(LHNM),
];
