//! The same work on many items, on several threads, between a step before and a step behind that are done in order.
//!
//! The thread that calls reads and writes while the others compute. Each has its own queues and gets its items in turn,
//! so that they come back in order by themselves.

use std::{num::NonZeroUsize, sync::mpsc};

/// Items under way for each thread: one in work, and enough before and behind it that it need not wait.
const ITEMS_PER_THREAD: usize = 4;

/// Most threads: one that reads and writes cannot feed more, and memory stays small on the largest machine.
const THREADS_MAX: usize = 16;

/// Takes the items `0..count` through `fill`, `work` and `take`: `fill` and `take` here and in order, `work` on `threads`
/// others. Ends with the first error.
///
/// A `T` is used again and again; it holds what one item needs.
pub(super) fn pipeline<T: Default + Send, E>(
    count: u64,
    threads: NonZeroUsize,
    mut fill: impl FnMut(u64, &mut T) -> Result<(), E>,
    work: impl Fn(u64, &mut T) + Sync,
    mut take: impl FnMut(u64, &mut T) -> Result<(), E>,
) -> Result<(), E> {
    if threads.get() == 1 || count == 1 {
        // One works best on what is still in its cache.
        let mut item = T::default();
        return (0..count).try_for_each(|number| {
            fill(number, &mut item)?;
            work(number, &mut item);
            take(number, &mut item)
        });
    }
    std::thread::scope(|scope| {
        let work = &work;
        let threads = threads.get().min(THREADS_MAX);
        let queues: Vec<_> = (0..threads)
            .map(|_| {
                let (give, given) = mpsc::channel::<(u64, T)>();
                let (finish, finished) = mpsc::channel();
                scope.spawn(move || {
                    for (number, mut item) in given {
                        work(number, &mut item);
                        if finish.send(item).is_err() {
                            break;
                        }
                    }
                });
                (give, finished)
            })
            .collect();
        let queue = |number: u64| &queues[(number % threads as u64) as usize];
        let ahead = (threads * ITEMS_PER_THREAD) as u64;
        for number in 0..count + ahead {
            let mut item = T::default();
            if let Some(number) = number.checked_sub(ahead).filter(|it| *it < count) {
                // A thread that is gone has panicked; leaving the scope passes that on.
                let Ok(finished) = queue(number).1.recv() else {
                    break;
                };
                item = finished;
                take(number, &mut item)?;
            }
            if number < count {
                fill(number, &mut item)?;
                if queue(number).0.send((number, item)).is_err() {
                    break;
                }
            }
        }
        Ok(())
    })
}

/// As many as the system offers.
pub(super) fn all_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn check(count: u64, threads: usize, fill_fails_at: u64, take_fails_at: u64) {
        let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
        let (filled, mut taken) = (Cell::new(0), 0);
        let result = pipeline(
            count,
            threads,
            |number, item: &mut u64| {
                assert_eq!(number, filled.get(), "filled out of order");
                filled.set(number + 1);
                *item = number * 10;
                (number != fill_fails_at).then_some(()).ok_or("fill")
            },
            |number, item| *item += number,
            |number, item| {
                assert_eq!((number, *item), (taken, number * 11), "taken out of order");
                assert!(number < filled.get());
                taken += 1;
                (number != take_fails_at).then_some(()).ok_or("take")
            },
        );
        let context = format!("{count} items, {threads} threads, {fill_fails_at}, {take_fails_at}");
        match result {
            Ok(()) => {
                assert!(fill_fails_at.min(take_fails_at) >= count, "{context}");
                assert_eq!((filled.get(), taken), (count, count), "{context}");
            }
            Err("fill") => assert_eq!(filled.get(), fill_fails_at + 1, "{context}"),
            Err(_) => assert_eq!(taken, take_fails_at + 1, "{context}"),
        }
    }

    #[test]
    fn every_item_is_taken_once_and_in_order_and_errors_end_it() {
        for threads in [1, 2, 3, 40] {
            for count in [1, 2, 7, 8, 9, 63, 64, 65, 500] {
                check(count, threads, u64::MAX, u64::MAX);
                check(count, threads, count - 1, u64::MAX);
                check(count, threads, u64::MAX, count - 1);
                check(count, threads, 0, 0);
                check(count, threads, count / 2, count / 3);
            }
        }
    }
}
