//! One row of the tables: an encoding of the architecture manual, with the forms that are not tested.

/// The smallest architecture that has an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// ARMv6-M.
    V6M,
    /// ARMv7-M.
    V7M,
    /// ARMv7-M with the DSP extension.
    V7EM,
}

/// Where in an IT block an encoding may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InIt {
    /// Anywhere.
    Anywhere,
    /// At its end only: it branches.
    Last,
    /// Nowhere, or with a meaning of its own.
    Never,
}

/// What an address that is not aligned means on ARMv7-M (A3.2.1). On ARMv6-M it is always a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unaligned {
    /// The access works.
    Works,
    /// A fault, unless it is a multiple of this.
    Fault(u32),
    /// UNPREDICTABLE, unless it is a multiple of four: a load of PC.
    Unpredictable,
}

/// A form that is left out: UNPREDICTABLE, or another encoding ("SEE ..." in the manual).
type Rule = fn(&Fields) -> bool;

/// One encoding.
#[derive(Clone, Copy)]
pub struct Encoding {
    /// Its name in the manual, chapter A7.7.
    pub name: &'static str,
    /// The bits from left to right, 16 or 32, with a letter for each bit of a field; spaces mean nothing. A letter that
    /// stands at two places is one field.
    pub pattern: &'static str,
    pub architecture: Architecture,
    /// Forms that are left out, as words: `d:13,15` (a value), `t=n` (equal), `n!m` (not equal), `W:1&t=n` (both).
    pub without: &'static str,
    /// Forms that are left out and no word can say.
    pub without_if: Option<Rule>,
    pub in_it: InIt,
    /// Fields of registers whose sum is the address of a memory access: base, and index or `base`.
    pub address: Option<(char, char)>,
    pub unaligned: Unaligned,
    /// The register whose value is branched to.
    pub target: Option<char>,
    /// What runs before it, made from its fields.
    pub preceded_by: Option<fn(&Fields) -> [u16; 2]>,
    /// What runs after it, made from its fields.
    pub followed_by: Option<fn(&Fields) -> Vec<u16>>,
}

/// An encoding of ARMv6-M and all later ones.
pub const fn v6m(name: &'static str, pattern: &'static str) -> Encoding {
    Encoding {
        name,
        pattern,
        architecture: Architecture::V6M,
        without: "",
        without_if: None,
        in_it: InIt::Anywhere,
        address: None,
        unaligned: Unaligned::Works,
        target: None,
        preceded_by: None,
        followed_by: None,
    }
}

/// An encoding of ARMv7-M.
pub const fn v7m(name: &'static str, pattern: &'static str) -> Encoding {
    Encoding {
        architecture: Architecture::V7M,
        ..v6m(name, pattern)
    }
}

/// An encoding of the DSP extension.
pub const fn dsp(name: &'static str, pattern: &'static str) -> Encoding {
    Encoding {
        architecture: Architecture::V7EM,
        ..v6m(name, pattern)
    }
}

impl Encoding {
    /// Leaves out these forms.
    pub const fn without(self, rules: &'static str) -> Encoding {
        Encoding {
            without: rules,
            ..self
        }
    }

    /// Leaves out these forms, too.
    pub const fn without_if(self, rule: Rule) -> Encoding {
        Encoding {
            without_if: Some(rule),
            ..self
        }
    }

    /// It may be in an IT block so.
    pub const fn in_it(self, in_it: InIt) -> Encoding {
        Encoding { in_it, ..self }
    }

    /// It accesses memory at the register in that field.
    pub const fn at(self, base: char) -> Encoding {
        Encoding {
            address: Some((base, base)),
            ..self
        }
    }

    /// It accesses memory at the sum of the registers in those fields.
    pub const fn at_sum(self, base: char, index: char) -> Encoding {
        Encoding {
            address: Some((base, index)),
            ..self
        }
    }

    /// Its address must be a multiple of this.
    pub const fn aligned(self, alignment: u32) -> Encoding {
        Encoding {
            unaligned: Unaligned::Fault(alignment),
            ..self
        }
    }

    /// It loads a word into PC.
    pub const fn loads_pc(self) -> Encoding {
        Encoding {
            unaligned: Unaligned::Unpredictable,
            in_it: InIt::Last,
            ..self
        }
    }

    /// It branches to the register in that field.
    pub const fn branches_to(self, target: char) -> Encoding {
        Encoding {
            target: Some(target),
            in_it: InIt::Last,
            ..self
        }
    }

    /// That instruction runs before it.
    pub const fn preceded_by(self, code: fn(&Fields) -> [u16; 2]) -> Encoding {
        Encoding {
            preceded_by: Some(code),
            in_it: InIt::Never,
            ..self
        }
    }

    /// Those instructions run after it.
    pub const fn followed_by(self, code: fn(&Fields) -> Vec<u16>) -> Encoding {
        Encoding {
            followed_by: Some(code),
            in_it: InIt::Never,
            ..self
        }
    }

    /// It is 32 bits long.
    pub fn is_wide(&self) -> bool {
        self.bits().count() == 32
    }

    fn bits(&self) -> impl DoubleEndedIterator<Item = char> {
        self.pattern.chars().filter(|bit| *bit != ' ')
    }

    /// The fixed bits of the pattern, and their values.
    pub fn mask_and_value(&self) -> (u32, u32) {
        let ones = self.fill(0);
        (!(self.fill(u32::MAX) ^ ones), ones)
    }

    /// The instruction with the fixed bits of the pattern and the others from `random`.
    pub fn fill(&self, random: u32) -> u32 {
        let bits = self.bits().rev().enumerate();
        bits.fold(0, |word, (at, bit)| match bit {
            '0' => word,
            '1' => word | 1 << at,
            _ => word | random & 1 << at,
        })
    }

    /// The instruction has the fixed bits of the pattern.
    pub fn matches(&self, word: u32) -> bool {
        self.fill(word) == word
    }

    /// The fields of an instruction.
    pub fn fields(&self, word: u32) -> Fields {
        let mut values = [0; 128];
        for (at, bit) in self
            .bits()
            .rev()
            .enumerate()
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let value = &mut values[bit as usize];
            *value = *value << 1 | word >> at & 1;
        }
        Fields { values }
    }

    /// The instruction is one to test, neither UNPREDICTABLE nor another encoding.
    pub fn includes(&self, word: u32) -> bool {
        let fields = self.fields(word);
        let left_out = self
            .without
            .split_whitespace()
            .any(|rule| fields.obey(rule));
        self.matches(word) && !left_out && !self.without_if.is_some_and(|rule| rule(&fields))
    }
}

/// The fields of one instruction, by letter.
pub struct Fields {
    values: [u32; 128],
}

impl Fields {
    /// The value of a field.
    pub fn get(&self, letter: char) -> u32 {
        self.values[letter as usize]
    }

    /// All parts of a rule hold.
    fn obey(&self, rule: &str) -> bool {
        rule.split('&').all(|part| self.obey_part(part))
    }

    fn obey_part(&self, part: &str) -> bool {
        let letter = |text: &str| self.get(text.chars().next().expect("a rule without its field"));
        if let Some((field, values)) = part.split_once(':') {
            let is = |value: &str| value.parse() == Ok(letter(field));
            return values.split(',').any(is);
        }
        if let Some((a, b)) = part.split_once('=') {
            return letter(a) == letter(b);
        }
        let (a, b) = part
            .split_once('!')
            .expect("a rule is one of x:1, x=y, x!y");
        letter(a) != letter(b)
    }
}
