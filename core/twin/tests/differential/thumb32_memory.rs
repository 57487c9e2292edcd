//! The 32-bit encodings that load and store (DDI 0403E A5.3.5 to A5.3.10).

use crate::encoding::{Encoding, Fields, InIt, v7m};

/// The table.
#[rustfmt::skip] // One row a line.
pub const TABLE: &[Encoding] = &[
    // A5.3.5 Load multiple and store multiple.
    multiple("STM T2", "11101000 10 W 0 nnnn 0 M 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple("LDM T2", "11101000 10 W 1 nnnn 0 M 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple_with_pc("LDM T2, with PC", "11101000 10 W 1 nnnn 1 0 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple("STMDB T1", "11101001 00 W 0 nnnn 0 M 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple("LDMDB T1", "11101001 00 W 1 nnnn 0 M 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple_with_pc("LDMDB T1, with PC", "11101001 00 W 1 nnnn 1 0 0 rrrrrrrrrrrrr").without("n:15").at('n'),
    multiple("PUSH T2", "11101001 0010 1101 0 M 0 rrrrrrrrrrrrr"),
    multiple("POP T2", "11101000 1011 1101 0 M 0 rrrrrrrrrrrrr"),
    multiple_with_pc("POP T2, with PC", "11101000 1011 1101 1 0 0 rrrrrrrrrrrrr"),
    v7m("PUSH T3", "11111000 0100 1101 tttt 1101 00000100").without("t:13,15").aligned(4),
    v7m("POP T3", "11111000 0101 1101 tttt 1011 00000100").without("t:13,15").aligned(4),
    // A5.3.6 Load/store dual or exclusive, table branch.
    v7m("STRD (immediate) T1", "1110100 P U 1 W 0 nnnn tttt ssss iiiiiiii").without(DUAL).at('n').aligned(4),
    v7m("LDRD (immediate) T1", "1110100 P U 1 W 1 nnnn tttt ssss iiiiiiii").without(LOAD_DUAL).at('n').aligned(4),
    v7m("LDRD (literal) T1", "1110100 1 U 1 0 1 1111 tttt ssss iiiiiiii").without("t:13,15 s:13,15 t=s").aligned(4),
    v7m("LDREX T1", "11101000 0101 nnnn tttt 1111 iiiiiiii").without("n:15 t:13,15").at('n').aligned(4),
    v7m("LDREXB T1", "11101000 1101 nnnn tttt 1111 0100 1111").without("n:15 t:13,15").at('n'),
    v7m("LDREXH T1", "11101000 1101 nnnn tttt 1111 0101 1111").without("n:15 t:13,15").at('n').aligned(2),
    v7m("STREX T1, alone", "11101000 0100 nnnn tttt dddd iiiiiiii").without(STORE_EXCLUSIVE).at('n').aligned(4),
    v7m("STREXB T1, alone", "11101000 1100 nnnn tttt 1111 0100 dddd").without(STORE_EXCLUSIVE).at('n'),
    v7m("STREXH T1, alone", "11101000 1100 nnnn tttt 1111 0101 dddd").without(STORE_EXCLUSIVE).at('n').aligned(2),
    v7m("STREX T1, after LDREX", "11101000 0100 nnnn tttt dddd iiiiiiii").without(STORE_EXCLUSIVE).at('n').aligned(4).preceded_by(ldrex),
    v7m("STREXB T1, after LDREXB", "11101000 1100 nnnn tttt 1111 0100 dddd").without(STORE_EXCLUSIVE).at('n').preceded_by(ldrexb),
    v7m("STREXH T1, after LDREXH", "11101000 1100 nnnn tttt 1111 0101 dddd").without(STORE_EXCLUSIVE).at('n').aligned(2).preceded_by(ldrexh),
    v7m("STREX T1, after CLREX", "11101000 0100 nnnn tttt dddd iiiiiiii").without(STORE_EXCLUSIVE).at('n').aligned(4).preceded_by(clrex),
    v7m("TBB T1", "11101000 1101 nnnn 11110000 0000 mmmm").without("n:13 m:13,15").at_sum('n', 'm').in_it(InIt::Last),
    v7m("TBH T1", "11101000 1101 nnnn 11110000 0001 mmmm").without("n:13 m:13,15").at_sum('n', 'm').in_it(InIt::Last),
    // A5.3.7 Load word.
    v7m("LDR (immediate) T3", "11111000 1101 nnnn tttt iiiiiiiiiiii").without("n:15 t:15").at('n'),
    v7m("LDR (immediate) T3, to PC", "11111000 1101 nnnn 1111 iiiiiiiiiiii").without("n:15").at('n').loads_pc(),
    v7m("LDR (immediate) T4", "11111000 0101 nnnn tttt 1 PUW iiiiiiii").without("n:15 t:15 P:1&U:1&W:0 P:0&W:0 W:1&n=t").at('n'),
    v7m("LDR (immediate) T4, to PC", "11111000 0101 nnnn 1111 1 PUW iiiiiiii").without("n:15 P:1&U:1&W:0 P:0&W:0").at('n').loads_pc(),
    v7m("LDR (literal) T2", "11111000 U101 1111 tttt iiiiiiiiiiii").without("t:15"),
    v7m("LDR (literal) T2, to PC", "11111000 U101 1111 1111 iiiiiiiiiiii").loads_pc(),
    v7m("LDR (register) T2", "11111000 0101 nnnn tttt 000000 ss mmmm").without("n:15 t:15 m:13,15").at_sum('n', 'm'),
    v7m("LDR (register) T2, to PC", "11111000 0101 nnnn 1111 000000 ss mmmm").without("n:15 m:13,15").at_sum('n', 'm').loads_pc(),
    v7m("LDRT T1", "11111000 0101 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    // A5.3.8 Load halfword, memory hints.
    v7m("LDRH (immediate) T2", "11111000 1011 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRH (immediate) T3", "11111000 0011 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("LDRH (literal) T1", "11111000 U011 1111 tttt iiiiiiiiiiii").without("t:13,15"),
    v7m("LDRH (register) T2", "11111000 0011 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("LDRHT T1", "11111000 0011 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRSH (immediate) T1", "11111001 1011 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRSH (immediate) T2", "11111001 0011 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("LDRSH (literal) T1", "11111001 U011 1111 tttt iiiiiiiiiiii").without("t:13,15"),
    v7m("LDRSH (register) T2", "11111001 0011 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("LDRSHT T1", "11111001 0011 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    // A5.3.9 Load byte, memory hints.
    v7m("LDRB (immediate) T2", "11111000 1001 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRB (immediate) T3", "11111000 0001 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("LDRB (literal) T1", "11111000 U001 1111 tttt iiiiiiiiiiii").without("t:13,15"),
    v7m("LDRB (register) T2", "11111000 0001 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("LDRBT T1", "11111000 0001 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRSB (immediate) T1", "11111001 1001 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("LDRSB (immediate) T2", "11111001 0001 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("LDRSB (literal) T1", "11111001 U001 1111 tttt iiiiiiiiiiii").without("t:13,15"),
    v7m("LDRSB (register) T2", "11111001 0001 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("LDRSBT T1", "11111001 0001 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("PLD (immediate) T1", "11111000 1001 nnnn 1111 iiiiiiiiiiii").without("n:15"),
    v7m("PLD (immediate) T2", "11111000 0001 nnnn 1111 1100 iiiiiiii").without("n:15"),
    v7m("PLD (literal) T1", "11111000 U001 1111 1111 iiiiiiiiiiii"),
    v7m("PLD (register) T1", "11111000 0001 nnnn 1111 000000 ss mmmm").without("n:15 m:13,15"),
    v7m("PLI (immediate) T1", "11111001 1001 nnnn 1111 iiiiiiiiiiii").without("n:15"),
    v7m("PLI (immediate) T2", "11111001 0001 nnnn 1111 1100 iiiiiiii").without("n:15"),
    v7m("PLI (literal) T3", "11111001 U001 1111 1111 iiiiiiiiiiii"),
    v7m("PLI (register) T1", "11111001 0001 nnnn 1111 000000 ss mmmm").without("n:15 m:13,15"),
    // A5.3.10 Store single data item.
    v7m("STR (immediate) T3", "11111000 1100 nnnn tttt iiiiiiiiiiii").without("n:15 t:15").at('n'),
    v7m("STR (immediate) T4", "11111000 0100 nnnn tttt 1 PUW iiiiiiii").without("n:15 t:15 P:1&U:1&W:0 P:0&W:0 W:1&n=t").at('n'),
    v7m("STR (register) T2", "11111000 0100 nnnn tttt 000000 ss mmmm").without("n:15 t:15 m:13,15").at_sum('n', 'm'),
    v7m("STRT T1", "11111000 0100 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("STRB (immediate) T2", "11111000 1000 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("STRB (immediate) T3", "11111000 0000 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("STRB (register) T2", "11111000 0000 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("STRBT T1", "11111000 0000 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("STRH (immediate) T2", "11111000 1010 nnnn tttt iiiiiiiiiiii").without("n:15 t:13,15").at('n'),
    v7m("STRH (immediate) T3", "11111000 0010 nnnn tttt 1 PUW iiiiiiii").without(INDEXED).at('n'),
    v7m("STRH (register) T2", "11111000 0010 nnnn tttt 000000 ss mmmm").without(REGISTER_OFFSET).at_sum('n', 'm'),
    v7m("STRHT T1", "11111000 0010 nnnn tttt 1110 iiiiiiii").without("n:15 t:13,15").at('n'),
];

/// With an offset above, LDRT and its kin; without index and write-back, UNDEFINED; write-back over the result.
const INDEXED: &str = "n:15 t:13,15 P:1&U:1&W:0 P:0&W:0 W:1&n=t";

/// The registers of an address that is a sum.
const REGISTER_OFFSET: &str = "n:15 t:13,15 m:13,15";

/// Without index and write-back, exclusive accesses and table branches; write-back over a result.
const DUAL: &str = "P:0&W:0 n:15 t:13,15 s:13,15 W:1&n=t W:1&n=s";
const LOAD_DUAL: &str = "P:0&W:0 n:15 t:13,15 s:13,15 W:1&n=t W:1&n=s t=s";

/// The result may not be an operand.
const STORE_EXCLUSIVE: &str = "n:15 t:13,15 d:13,15 d=n d=t";

/// Marks the address for the exclusive store that follows. The register it loads is the store's result.
fn ldrex(store: &Fields) -> [u16; 2] {
    let operands = store.get('d') << 12 | 0xF00 | store.get('i');
    [0xE850 | store.get('n') as u16, operands as u16]
}

fn ldrexb(store: &Fields) -> [u16; 2] {
    [
        0xE8D0 | store.get('n') as u16,
        (store.get('d') << 12) as u16 | 0xF4F,
    ]
}

fn ldrexh(store: &Fields) -> [u16; 2] {
    [
        0xE8D0 | store.get('n') as u16,
        (store.get('d') << 12) as u16 | 0xF5F,
    ]
}

fn clrex(_: &Fields) -> [u16; 2] {
    [0xF3BF, 0x8F2F]
}

/// A transfer of a list: at least two registers, and the base not among them when it is written back.
const fn multiple(name: &'static str, pattern: &'static str) -> Encoding {
    v7m(name, pattern).aligned(4).without_if(|fields| {
        let list = list(fields);
        list.count_ones() < 2 || writes_base_twice(fields, list)
    })
}

/// The same with PC in the list, which is not LR then.
const fn multiple_with_pc(name: &'static str, pattern: &'static str) -> Encoding {
    let encoding = v7m(name, pattern).aligned(4).in_it(InIt::Last);
    encoding.without_if(|fields| {
        let list = list(fields);
        list == 0 || writes_base_twice(fields, list)
    })
}

/// R0 to R12 and LR.
fn list(fields: &Fields) -> u32 {
    fields.get('r') | fields.get('M') << 14
}

fn writes_base_twice(fields: &Fields, list: u32) -> bool {
    fields.get('W') == 1 && list >> fields.get('n') & 1 != 0
}
