//! Sharing: what does not change is neither copied nor hashed again.

use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

/// A part of the world that is shared until it changes, with its hash: most steps change one part of many.
#[derive(Clone, Debug)]
pub struct Part<T>(u64, Arc<T>);

impl<T: Hash> Part<T> {
    pub fn new(part: T) -> Part<T> {
        let mut hasher = DefaultHasher::new();
        part.hash(&mut hasher);
        Part(hasher.finish(), Arc::new(part))
    }
}

impl<T: Hash + Clone> Part<T> {
    pub fn change<R>(&mut self, how: impl FnOnce(&mut T) -> R) -> R {
        let mut part = (*self.1).clone();
        let result = how(&mut part);
        *self = Part::new(part);
        result
    }
}

impl<T> Deref for Part<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.1
    }
}

impl<T> Hash for Part<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Part<T> {}

impl<T> PartialOrd for Part<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Part<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
