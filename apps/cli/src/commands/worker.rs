//! `imprint worker`: runs one unit for the process that started this one.

use crate::{ALLOCATOR, exit::Exit};
use imprint::worker::{WORKER_MEMORY_LEN_MAX, serve};
use std::io::{stdin, stdout};

/// Serves one request. How the unit ended is in the messages; the exit code says only that they are complete.
pub fn run() -> Exit {
    // Far below the limit at this point, so it cannot fail.
    let _ = ALLOCATOR.set_limit(WORKER_MEMORY_LEN_MAX);
    match serve(stdin(), stdout(), Some(|| ALLOCATOR.allocated())) {
        Ok(()) => Exit::Pass,
        // The client is gone: nobody to tell.
        Err(_) => Exit::Worker,
    }
}
