//! The same work on many items, on several threads.

use std::num::NonZeroUsize;

/// Calls `work` for each item once. Returns when all are done.
pub(super) fn for_each<T: Send>(
    items: &mut [T],
    threads: NonZeroUsize,
    work: impl Fn(&mut T) + Sync,
) {
    let share = items.len().div_ceil(threads.get());
    if threads.get() == 1 || items.len() < 2 {
        return items.iter_mut().for_each(work);
    }
    std::thread::scope(|scope| {
        for part in items.chunks_mut(share) {
            scope.spawn(|| part.iter_mut().for_each(&work));
        }
    });
}

/// How many chunks to hold for so many threads. One thread works best on what is still in its cache; several get half a
/// mebibyte each, which hides the cost of starting them and still fits.
pub(super) fn batch_count(threads: NonZeroUsize) -> usize {
    match threads.get() {
        1 => 1,
        count => 8 * count,
    }
}

/// As many as the system offers.
pub(super) fn all_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
