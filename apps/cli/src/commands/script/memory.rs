//! What scripts of this process use of its memory. A worker has nothing else in it; this process has built a recipe before.

use crate::ALLOCATOR;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static BEFORE: AtomicUsize = AtomicUsize::new(0);

/// From here on it is counted.
pub fn begin() {
    BEFORE.store(ALLOCATOR.allocated(), Relaxed);
}

/// Bytes that are used beyond what was there before.
pub fn used() -> usize {
    ALLOCATOR.allocated().saturating_sub(BEFORE.load(Relaxed))
}
