//! Programming: one call a page, the next page uploaded while the target is at it.

use super::{
    Work,
    algorithm::{Entry, Function, Loaded, busy_time},
    pages::{Batch, Page},
};
use crate::{call::CallTime, error::TargetError};
use std::time::Duration;

/// Programs all pages of one memory.
pub(super) fn program(work: &mut Work<'_>, batch: &Batch<'_>) -> Result<(), TargetError> {
    if batch.pages.is_empty() {
        return Ok(());
    }
    work.with_algorithm(&batch.part, Function::Program, |work, loaded| {
        if loaded.buffers().len() > 1 {
            program_overlapped(work, batch, loaded)
        } else {
            batch.pages.iter().try_for_each(|page| {
                upload(work, page, loaded.buffers()[0])?;
                start(work, batch, loaded, page, loaded.buffers()[0])?;
                finish(work, batch, loaded, page, Duration::ZERO)
            })
        }
    })
}

/// Fills one buffer while the other is programmed.
fn program_overlapped(
    work: &mut Work<'_>,
    batch: &Batch<'_>,
    loaded: &Loaded<'_>,
) -> Result<(), TargetError> {
    let buffers = loaded.buffers();
    upload(work, &batch.pages[0], buffers[0])?;
    for (index, page) in batch.pages.iter().enumerate() {
        start(work, batch, loaded, page, buffers[index % 2])?;
        let started_ns = work.bus.watch().now_ns();
        if let Some(next) = batch.pages.get(index + 1) {
            upload(work, next, buffers[(index + 1) % 2])?;
        }
        let elapsed = Duration::from_nanos(work.bus.watch().now_ns() - started_ns);
        finish(work, batch, loaded, page, elapsed)?;
    }
    Ok(())
}

fn upload(work: &mut Work<'_>, page: &Page, buffer: u32) -> Result<(), TargetError> {
    let result = work.bus.write(buffer.into(), &page.data);
    work.at(page.address, result)
}

fn start(
    work: &mut Work<'_>,
    batch: &Batch<'_>,
    loaded: &Loaded<'_>,
    page: &Page,
    buffer: u32,
) -> Result<(), TargetError> {
    work.changes
        .note_program(page.address, page.data.len() as u64);
    let entry = entry(work, batch, page)?;
    let args = [page.address as u32, page.data.len() as u32, buffer];
    let result = loaded.start(&mut work.bus, entry, &args);
    work.at(page.address, result)
}

/// Waits for the page whose programming began `elapsed` ago.
fn finish(
    work: &mut Work<'_>,
    batch: &Batch<'_>,
    loaded: &Loaded<'_>,
    page: &Page,
    elapsed: Duration,
) -> Result<(), TargetError> {
    let entry = entry(work, batch, page)?;
    let time = page_time(work, batch, page)?;
    let expected = time.expected.saturating_sub(elapsed);
    let result = loaded.finish(&mut work.bus, entry, CallTime { expected, ..time });
    work.at(page.address, result)?;
    work.advance(page.data.len() as u64);
    Ok(())
}

fn entry(work: &Work<'_>, batch: &Batch<'_>, page: &Page) -> Result<Entry, TargetError> {
    let offset = batch.part.algorithm(&work.frozen)?.program_page;
    Ok(Entry {
        name: "ProgramPage",
        offset,
        address: page.address,
    })
}

fn page_time(work: &Work<'_>, batch: &Batch<'_>, page: &Page) -> Result<CallTime, TargetError> {
    let timeout_ms = batch.part.algorithm(&work.frozen)?.program_timeout_ms;
    let nor = batch.part.nor;
    let unit_count = page.data.len() as u64 / u64::from(nor.unit_len.max(1));
    let busy = Duration::from_nanos(unit_count.saturating_mul(nor.timing.program_unit_ns));
    Ok(busy_time(busy, timeout_ms.into()))
}
