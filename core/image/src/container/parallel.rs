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

/// As many as the system offers.
pub(super) fn all_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
