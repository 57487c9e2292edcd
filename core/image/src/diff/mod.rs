//! What differs between two objects, whether they lie open or are sealed in images.
//!
//! What an object says of itself is compared as facts, a name and a text each; scripts by lines, payloads by the bytes
//! at their addresses, some at a time. So two objects of any size are compared in little memory.

mod bytes;
mod facts;

use crate::{
    container::{ImageError, OpenImage},
    object::{Contents, Object},
};
use imara_diff::{Algorithm, Diff, InternedInput};
use imprint_device::FrozenDevice;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Seek},
};

pub use bytes::ByteChanges;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `name`, ``setting `batch` ``, ``payload `firmware` ``.
    pub what: String,
    /// How.
    pub change: Change,
}

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is on the left only.
    Removed(String),
    /// It is on the right only.
    Added(String),
    /// It is on both sides, and not the same.
    Changed {
        /// On the left.
        left: String,
        /// On the right.
        right: String,
    },
    /// Text of which some lines differ.
    Lines {
        /// Lines on the left only.
        removed: u32,
        /// Lines on the right only.
        added: u32,
    },
    /// Bytes that are another, or on one side only.
    Bytes(ByteChanges),
}

/// Something that can be compared.
pub trait Side {
    /// What the object says of itself.
    fn contents(&self) -> &Contents;
    /// The script.
    fn script(&mut self) -> Result<String, ImageError>;
    /// A module that the directory lists.
    fn module(&mut self, path: &str) -> Result<String, ImageError>;
    /// The device.
    fn device(&mut self) -> Result<FrozenDevice, ImageError>;
    /// Reads `to.len()` bytes from `offset` of a payload's segment.
    fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError>;
}

/// All differences; none if the objects are the same but for the bytes of the files they were built from.
pub fn compare(left: &mut dyn Side, right: &mut dyn Side) -> Result<Vec<Difference>, ImageError> {
    let mut differences = Vec::new();
    let facts = [facts(left)?, facts(right)?];
    for name in keys(&facts[0], &facts[1]) {
        let change = change(facts[0].get(&name), facts[1].get(&name));
        differences.extend(change.map(|change| Difference { what: name, change }));
    }
    let script = lines(&left.script()?, &right.script()?);
    differences.extend(script.map(|change| named("script", change)));
    let (modules, others) = (modules(left), modules(right));
    for path in modules.intersection(&others) {
        let change = lines(&left.module(path)?, &right.module(path)?);
        differences.extend(change.map(|change| named(format!("module `{path}`"), change)));
    }
    let payloads: Vec<String> = (left.contents().payloads.keys())
        .filter(|name| right.contents().payloads.contains_key(*name))
        .map(ToString::to_string)
        .collect();
    for name in payloads {
        let changes = bytes::compare(left, right, &name)?;
        differences.extend(changes.map(|it| named(format!("payload `{name}`"), Change::Bytes(it))));
    }
    Ok(differences)
}

fn named(what: impl Into<String>, change: Change) -> Difference {
    Difference {
        what: what.into(),
        change,
    }
}

/// Everything about a side that is a name and a text.
fn facts(side: &mut dyn Side) -> Result<BTreeMap<String, String>, ImageError> {
    let device = side.device()?;
    let mut facts = facts::of(side.contents());
    for path in modules(side) {
        facts.insert(format!("module `{path}`"), "there".into());
    }
    for algorithm in &device.algorithms {
        let name = format!("algorithm `{}`", algorithm.name);
        facts.insert(name, facts::hex(&Sha256::digest(&algorithm.code)));
    }
    Ok(facts)
}

fn modules(side: &dyn Side) -> BTreeSet<String> {
    side.contents().modules().map(String::from).collect()
}

fn keys(left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> BTreeSet<String> {
    left.keys().chain(right.keys()).cloned().collect()
}

fn change(left: Option<&String>, right: Option<&String>) -> Option<Change> {
    match (left.cloned(), right.cloned()) {
        (Some(left), None) => Some(Change::Removed(left)),
        (None, Some(right)) => Some(Change::Added(right)),
        (Some(left), Some(right)) if left != right => Some(Change::Changed { left, right }),
        _ => None,
    }
}

fn lines(left: &str, right: &str) -> Option<Change> {
    if left == right {
        return None;
    }
    let input = InternedInput::new(left, right);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    Some(Change::Lines {
        removed: diff.count_removals(),
        added: diff.count_additions(),
    })
}

impl Side for Object {
    fn contents(&self) -> &Contents {
        Object::contents(self)
    }

    fn script(&mut self) -> Result<String, ImageError> {
        Ok(Object::script(self).into())
    }

    fn module(&mut self, path: &str) -> Result<String, ImageError> {
        Ok(Object::module(self, path).unwrap_or_default().into())
    }

    fn device(&mut self) -> Result<FrozenDevice, ImageError> {
        Ok(Object::device(self)?)
    }

    fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError> {
        let segments = self.payload(payload).unwrap_or_default();
        let data = segments.get(segment).map_or(&[][..], |(_, data)| data);
        let end = offset.saturating_add(to.len() as u64);
        let range = usize::try_from(offset).unwrap_or(usize::MAX)
            ..usize::try_from(end).unwrap_or(usize::MAX);
        match data.get(range) {
            Some(bytes) => {
                to.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ImageError::Range {
                offset,
                len: to.len() as u64,
                within: format!("segment {segment} of payload `{payload}`"),
            }),
        }
    }
}

impl<R: Read + Seek> Side for OpenImage<R> {
    fn contents(&self) -> &Contents {
        self.object()
    }

    fn script(&mut self) -> Result<String, ImageError> {
        OpenImage::script(self)
    }

    fn module(&mut self, path: &str) -> Result<String, ImageError> {
        Ok(OpenImage::module(self, path)?.unwrap_or_default())
    }

    fn device(&mut self) -> Result<FrozenDevice, ImageError> {
        OpenImage::device(self)
    }

    fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError> {
        OpenImage::read_segment(self, payload, segment, offset, to)
    }
}
