//! Erasing.

use super::{
    Work,
    algorithm::{Entry, Function, Loaded, busy_time},
    layout::Part,
};
use crate::error::TargetError;
use std::time::Duration;

/// Erases a whole memory at once if its algorithm can, else by sectors.
pub(super) fn erase_all(work: &mut Work<'_>, part: &Part<'_>) -> Result<(), TargetError> {
    let frozen = work.frozen.clone();
    let algorithm = part.algorithm(&frozen)?;
    let Some(offset) = algorithm.erase_all else {
        return erase_sectors(work, part);
    };
    let sector_count: u64 = part
        .nor
        .sectors
        .iter()
        .map(|run| u64::from(run.count))
        .sum();
    let busy = Duration::from_micros(part.nor.timing.erase_all_us);
    let time = busy_time(busy, sector_count * u64::from(algorithm.erase_timeout_ms));
    work.with_algorithm(part, Function::Erase, |work, loaded| {
        work.changes.note_erase(part.address, part.len);
        let entry = Entry {
            name: "EraseChip",
            offset,
            address: part.address,
        };
        let result = loaded.call(&mut work.bus, entry, &[], time);
        work.at(part.address, result)?;
        work.advance(part.len);
        Ok(())
    })
}

/// Erases every sector that has a byte in `part`.
pub(super) fn erase_sectors(work: &mut Work<'_>, part: &Part<'_>) -> Result<(), TargetError> {
    let frozen = work.frozen.clone();
    let algorithm = part.algorithm(&frozen)?;
    work.with_algorithm(part, Function::Erase, |work, loaded| {
        for sector in part.sectors() {
            work.changes.note_erase(sector.address, sector.len);
            let address = sector.address;
            let busy = Duration::from_micros(sector.erase_us);
            let time = busy_time(busy, algorithm.erase_timeout_ms.into());
            let entry = Entry {
                name: "EraseSector",
                offset: algorithm.erase_sector,
                address,
            };
            let result = loaded.call(&mut work.bus, entry, &[address as u32], time);
            work.at(address, result)?;
            work.advance(sector.len);
        }
        Ok(())
    })
}

impl Work<'_> {
    /// Runs `calls` between `Init` and `UnInit` of the part's algorithm.
    pub(super) fn with_algorithm(
        &mut self,
        part: &Part<'_>,
        function: Function,
        calls: impl FnOnce(&mut Self, &Loaded<'_>) -> Result<(), TargetError>,
    ) -> Result<(), TargetError> {
        let frozen = self.frozen.clone();
        let algorithm = part.algorithm(&frozen)?;
        let loaded = Loaded::load(&mut self.bus, &frozen, algorithm);
        let loaded = self.at(part.address, loaded)?;
        let result = loaded.init(&mut self.bus, part.memory.start, function);
        self.at(part.address, result)?;
        calls(self, &loaded)?;
        let result = loaded.uninit(&mut self.bus, part.memory.start, function);
        self.at(part.address, result)
    }
}
