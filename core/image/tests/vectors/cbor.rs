//! CBOR as a value that can be changed, sound or not: what the crate's own types cannot say.

use minicbor::{Decoder, data::Type};

#[derive(Clone, Debug, PartialEq)]
pub enum Cbor {
    Int(u64),
    Bytes(Vec<u8>),
    Text(String),
    Bool(bool),
    List(Vec<Cbor>),
    Map(Vec<(u64, Cbor)>),
    /// Put as it is.
    Raw(Vec<u8>),
}

pub fn int(value: u64) -> Cbor {
    Cbor::Int(value)
}

pub fn text(value: impl Into<String>) -> Cbor {
    Cbor::Text(value.into())
}

pub fn bytes(value: impl Into<Vec<u8>>) -> Cbor {
    Cbor::Bytes(value.into())
}

pub fn list(items: impl Into<Vec<Cbor>>) -> Cbor {
    Cbor::List(items.into())
}

/// A list of integers.
pub fn ints(items: &[u64]) -> Cbor {
    Cbor::List(items.iter().copied().map(Cbor::Int).collect())
}

pub fn map(entries: impl Into<Vec<(u64, Cbor)>>) -> Cbor {
    Cbor::Map(entries.into())
}

pub fn raw(value: impl Into<Vec<u8>>) -> Cbor {
    Cbor::Raw(value.into())
}

impl Cbor {
    pub fn decode(bytes: &[u8]) -> Cbor {
        read(&mut Decoder::new(bytes))
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut to = Vec::new();
        self.write(&mut to);
        to
    }

    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Cbor::Int(value) => head(to, 0, *value),
            Cbor::Bytes(value) => {
                head(to, 2, value.len() as u64);
                to.extend(value);
            }
            Cbor::Text(value) => {
                head(to, 3, value.len() as u64);
                to.extend(value.as_bytes());
            }
            Cbor::Bool(value) => to.push(if *value { 0xF5 } else { 0xF4 }),
            Cbor::List(items) => {
                head(to, 4, items.len() as u64);
                items.iter().for_each(|item| item.write(to));
            }
            Cbor::Map(entries) => {
                head(to, 5, entries.len() as u64);
                for (key, value) in entries {
                    head(to, 0, *key);
                    value.write(to);
                }
            }
            Cbor::Raw(value) => to.extend(value),
        }
    }

    /// The entries of a map, to put them in any order.
    pub fn entries(&mut self) -> &mut Vec<(u64, Cbor)> {
        match self {
            Cbor::Map(entries) => entries,
            other => panic!("{other:?} is no map"),
        }
    }

    /// The items of a list.
    pub fn items(&mut self) -> &mut Vec<Cbor> {
        match self {
            Cbor::List(items) => items,
            other => panic!("{other:?} is no list"),
        }
    }

    /// The value of a key, which is there.
    pub fn at(&mut self, key: u64) -> &mut Cbor {
        let entry = self.entries().iter_mut().find(|entry| entry.0 == key);
        &mut entry.unwrap().1
    }

    /// Puts a value at its place, whatever was there.
    pub fn set(&mut self, key: u64, value: Cbor) {
        self.remove(key);
        let entries = self.entries();
        let place = entries.partition_point(|entry| entry.0 < key);
        entries.insert(place, (key, value));
    }

    pub fn remove(&mut self, key: u64) {
        self.entries().retain(|entry| entry.0 != key);
    }

    /// The value of a name in a named list.
    pub fn named(&mut self, name: &str) -> &mut Cbor {
        let pairs = self.items().iter_mut().map(Cbor::items);
        let mut found = pairs.filter(|pair| pair[0] == text(name));
        &mut found.next().unwrap()[1]
    }
}

fn head(to: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..24 => to.push(major | value as u8),
        24..0x100 => to.extend([major | 24, value as u8]),
        0x100..0x1_0000 => {
            to.push(major | 25);
            to.extend((value as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            to.push(major | 26);
            to.extend((value as u32).to_be_bytes());
        }
        _ => {
            to.push(major | 27);
            to.extend(value.to_be_bytes());
        }
    }
}

fn read(from: &mut Decoder) -> Cbor {
    match from.datatype().unwrap() {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Cbor::Int(from.u64().unwrap()),
        Type::Bytes => Cbor::Bytes(from.bytes().unwrap().to_vec()),
        Type::String => Cbor::Text(from.str().unwrap().into()),
        Type::Bool => Cbor::Bool(from.bool().unwrap()),
        Type::Array => {
            let count = from.array().unwrap().unwrap();
            Cbor::List((0..count).map(|_| read(from)).collect())
        }
        Type::Map => {
            let count = from.map().unwrap().unwrap();
            let entries = (0..count).map(|_| (from.u64().unwrap(), read(from)));
            Cbor::Map(entries.collect())
        }
        other => panic!("{other} is not in these files"),
    }
}
