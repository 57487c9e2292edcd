//! The books on a disk: a snapshot, and a journal of what came after it.
//!
//! A record is on disk before it is in the books. When the journal has grown long, a new snapshot takes its place: first
//! the snapshot is complete under another name, then the journal that will follow it is there, then one rename makes both
//! count. Whichever snapshot is found says by its head which journal goes with it.

use super::disk::Disk;
use imprint_ledger::{
    Damage,
    journal::{Frames, Head, Tail},
    station::{Record, Snapshot, Station},
};
use std::io;

/// The snapshot.
const SNAPSHOT: &str = "snapshot";
/// The snapshot while it is written.
const SNAPSHOT_NEW: &str = "snapshot.new";

/// Longest journal, in bytes: read in a millisecond when a program starts; about eight hundred units.
pub(super) const JOURNAL_LEN_MAX: u64 = 256 << 10;

/// Why the books cannot be read or written.
#[derive(Debug)]
pub(super) enum JournalError {
    /// The disk refuses.
    Io(io::Error),
    /// The bytes are not those that were written.
    Damaged(Damage),
    /// A file is not there.
    Missing(String),
}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        JournalError::Io(error)
    }
}

impl From<Damage> for JournalError {
    fn from(damage: Damage) -> Self {
        JournalError::Damaged(damage)
    }
}

/// The books, and where they stand on the disk.
pub(super) struct Journal {
    /// The books.
    pub(super) station: Station,
    head: Head,
    /// The journal's file.
    name: String,
    /// Its whole frames.
    len: u64,
    /// What the snapshot begins with, its own hash; empty if there is none.
    snapshot_mark: Vec<u8>,
    /// How long the journal may grow, in bytes.
    len_max: u64,
}

impl Journal {
    /// Reads the books. What a crash left half done is undone or finished.
    pub(super) fn open(disk: &mut impl Disk, len_max: u64) -> Result<Journal, JournalError> {
        let bytes = disk.read(SNAPSHOT, 0)?;
        let snapshot = match &bytes {
            Some(bytes) => Snapshot::from_bytes(bytes)?,
            None => Snapshot::default(),
        };
        let name = name_after(&snapshot.head);
        if disk.read(&name, 0)?.is_none() {
            if bytes.is_some() {
                return Err(JournalError::Missing(name));
            }
            disk.write(&name, 0, &[])?;
            disk.sync(&name)?;
            disk.sync_names()?;
        }
        let mut journal = Journal {
            station: snapshot.station,
            head: snapshot.head,
            name,
            len: 0,
            snapshot_mark: mark(bytes),
            len_max,
        };
        journal.read_on(disk)?;
        disk.remove(SNAPSHOT_NEW)?;
        Ok(journal)
    }

    /// Takes in what another run has written since.
    pub(super) fn refresh(&mut self, disk: &mut impl Disk) -> Result<(), JournalError> {
        if mark(disk.read(SNAPSHOT, 0)?) != self.snapshot_mark {
            *self = Journal::open(disk, self.len_max)?;
            return Ok(());
        }
        self.read_on(disk)
    }

    /// Makes records durable, all together or none, then enters them. After an error nothing is known of the disk: open
    /// the books again.
    pub(super) fn append(
        &mut self,
        disk: &mut impl Disk,
        records: &[Record],
    ) -> Result<(), JournalError> {
        if records.is_empty() {
            return Ok(());
        }
        let (frame, head) = self.head.frame(&Record::encode(records))?;
        disk.write(&self.name, self.len, &frame)?;
        disk.sync(&self.name)?;
        self.head = head;
        self.len += frame.len() as u64;
        for record in records {
            self.station.apply(record)?;
        }
        if self.len > self.len_max {
            self.rotate(disk)?;
        }
        Ok(())
    }

    fn read_on(&mut self, disk: &mut impl Disk) -> Result<(), JournalError> {
        let Some(bytes) = disk.read(&self.name, self.len)? else {
            return Err(JournalError::Missing(self.name.clone()));
        };
        let frames = Frames::read(self.head, &bytes).map_err(|damage| self.placed(damage))?;
        for body in &frames.bodies {
            for record in Record::decode(body)? {
                self.station.apply(&record)?;
            }
        }
        self.head = frames.head;
        self.len += frames.good_len as u64;
        // Whole frames may not be durable yet either: the run that wrote them may have died before.
        if frames.tail == Tail::Torn {
            disk.cut(&self.name, self.len)?;
        }
        if !bytes.is_empty() {
            disk.sync(&self.name)?;
        }
        Ok(())
    }

    /// An offset in what was read becomes one in the file.
    fn placed(&self, damage: Damage) -> Damage {
        match damage {
            Damage::Frame { offset } => Damage::Frame {
                offset: self.len + offset,
            },
            other => other,
        }
    }

    fn rotate(&mut self, disk: &mut impl Disk) -> Result<(), JournalError> {
        let snapshot = Snapshot {
            head: self.head,
            station: self.station.clone(),
        };
        let bytes = snapshot.to_bytes();
        disk.remove(SNAPSHOT_NEW)?;
        disk.write(SNAPSHOT_NEW, 0, &bytes)?;
        disk.sync(SNAPSHOT_NEW)?;
        let name = name_after(&self.head);
        disk.write(&name, 0, &[])?;
        disk.cut(&name, 0)?;
        disk.sync(&name)?;
        disk.sync_names()?;
        disk.rename(SNAPSHOT_NEW, SNAPSHOT)?;
        disk.sync_names()?;
        disk.remove(&self.name)?;
        self.name = name;
        self.len = 0;
        self.snapshot_mark = mark(Some(bytes));
        Ok(())
    }
}

/// The journal that follows a head.
fn name_after(head: &Head) -> String {
    format!("journal-{:020}", head.sequence + 1)
}

fn mark(snapshot: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = snapshot.unwrap_or_default();
    bytes.truncate(32);
    bytes
}
