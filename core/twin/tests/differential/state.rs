//! Random states: registers, memory and the code around an instruction. The same seed gives the same states.

use crate::{
    encoding::{Encoding, InIt, Unaligned},
    oracle::Case,
};
use imprint_twin::{
    Registers,
    machine::{RAM_LEN, RAM_START},
};

/// `ADDS R0, R0, #1`, or `ADD` in an IT block: follows an instruction that is not the last of its block.
const ADD_ONE: u16 = 0x3001;

/// Numbers by chance (xorshift64*).
pub struct Random(u64);

impl Random {
    /// The series of that seed.
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.next();
        random
    }

    /// The next number.
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// A number below `count`.
    pub fn below(&mut self, count: u32) -> u32 {
        self.next() % count
    }

    /// True once in `count` times.
    pub fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u32) as usize]
    }

    /// An address well inside RAM: offsets of 8 KiB either way stay there.
    fn address(&mut self) -> u32 {
        RAM_START + RAM_LEN / 4 + self.below(RAM_LEN / 2)
    }

    /// A value of a register: any, small, at an edge, or an address.
    fn value(&mut self) -> u32 {
        match self.below(8) {
            0 => self.below(64),
            1 => self.below(64).wrapping_neg(),
            2 => self.pick(&[
                0,
                1,
                0x7FFF_FFFF,
                0x8000_0000,
                0xFFFF_FFFF,
                0x7FFF_8000,
                0x8000_7FFF,
                0xFF00_FF00,
            ]),
            3 => 1 << self.below(32),
            4 => self.address(),
            _ => self.next(),
        }
    }
}

/// RAM with values as registers have them; half of the words are addresses of code, for loads of PC.
pub fn random_ram(random: &mut Random) -> Vec<u8> {
    let words = (0..RAM_LEN / 4).map(|_| match random.below(2) {
        0 => random.address() | 1,
        _ => random.value(),
    });
    words.flat_map(u32::to_le_bytes).collect()
}

/// What a core has of the special registers.
#[derive(Clone, Copy)]
pub struct Features {
    /// FAULTMASK, BASEPRI, IT and the Q flag: ARMv7-M.
    pub is_v7m: bool,
    /// The GE flags.
    pub has_dsp: bool,
    /// CONTROL.nPRIV.
    pub has_unprivileged: bool,
}

/// A case for that instruction.
pub fn random_case(
    random: &mut Random,
    encoding: &Encoding,
    word: u32,
    features: Features,
) -> Case {
    let mut registers = random_registers(random, features);
    prepare_operands(random, encoding, word, &mut registers);
    let in_it = features.is_v7m && encoding.in_it != InIt::Never && random.one_in(4);
    let code = if in_it {
        it_block(random, encoding, word)
    } else {
        code_of(encoding, word)
    };
    Case {
        word,
        code,
        registers,
    }
}

/// The instruction with what runs around it.
pub fn code_of(encoding: &Encoding, word: u32) -> Vec<u16> {
    let fields = encoding.fields(word);
    let mut code = encoding
        .preceded_by
        .map_or_else(Vec::new, |before| before(&fields).to_vec());
    put(&mut code, encoding, word);
    code.extend(
        encoding
            .followed_by
            .map_or_else(Vec::new, |after| after(&fields)),
    );
    code
}

/// Registers by chance, thread mode more often than an exception.
pub fn random_registers(random: &mut Random, features: Features) -> Registers {
    let mut registers = Registers {
        r: std::array::from_fn(|_| random.value()),
        ..Registers::default()
    };
    registers.r[15] = random.address() & !1;
    registers.msp = random.address() & !3;
    registers.psp = random.address() & !3;
    let flags = match (features.is_v7m, features.has_dsp) {
        (false, _) => 0xF000_0000,
        (true, false) => 0xF800_0000,
        (true, true) => 0xF80F_0000,
    };
    registers.xpsr = random.next() & flags | 1 << 24;
    let is_thread = !random.one_in(4);
    if is_thread {
        registers.control = random.below(4);
        if !features.has_unprivileged {
            registers.control &= 2;
        }
    } else {
        registers.xpsr |= random.pick(&[3, 11, 14, 15, 16, 20]);
    }
    registers.primask = random.below(2);
    if features.is_v7m {
        registers.faultmask = random.below(2);
        // Priorities have 4 bits here.
        registers.basepri = random.pick(&[0, 0x10, 0x20, 0x80, 0xF0]);
    }
    let uses_process_stack = is_thread && registers.control & 2 != 0;
    registers.r[13] = if uses_process_stack {
        registers.psp
    } else {
        registers.msp
    };
    registers
}

/// Addresses where addresses are needed, so that most accesses find memory.
fn prepare_operands(
    random: &mut Random,
    encoding: &Encoding,
    word: u32,
    registers: &mut Registers,
) {
    let fields = encoding.fields(word);
    let mut set = |field: char, value: u32| {
        let index = fields.get(field) as usize;
        // SP has an address already, and has to be the one of its stack; PC too.
        if index < 13 || index == 14 {
            registers.r[index] = value;
        }
    };
    if let Some((base, index)) = encoding.address {
        if index != base {
            set(index, random.below(0x100));
        }
        let alignment = match encoding.unaligned {
            Unaligned::Works if random.one_in(4) => 1,
            Unaligned::Works | Unaligned::Unpredictable => 4,
            Unaligned::Fault(alignment) => alignment,
        };
        let address = if random.one_in(32) {
            random.next()
        } else {
            random.address()
        };
        set(base, address & !(alignment - 1));
    }
    if let Some(target) = encoding.target
        && !random.one_in(8)
    {
        set(target, random.address() | 1);
    }
}

/// The instruction as the first or only one of an IT block.
fn it_block(random: &mut Random, encoding: &Encoding, word: u32) -> Vec<u16> {
    let condition = random.below(14) as u16;
    let is_last = encoding.in_it == InIt::Last || random.one_in(2);
    let mask = if is_last {
        0b1000
    } else {
        random.pick(&[0b0100, 0b1100])
    };
    let mut code = vec![0xBF00 | condition << 4 | mask];
    put(&mut code, encoding, word);
    if !is_last {
        code.push(ADD_ONE);
    }
    code
}

fn put(code: &mut Vec<u16>, encoding: &Encoding, word: u32) {
    if encoding.is_wide() {
        code.push((word >> 16) as u16);
    }
    code.push(word as u16);
}
