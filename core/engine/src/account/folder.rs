//! A state folder: transactions over the books.

use super::{
    AccountError,
    disk::{RealDisk, private, sync_folder},
    journal::{JOURNAL_LEN_MAX, Journal, JournalError},
    live::{self, Live},
};
use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, Refusal, SerialId, Uid,
    station::{Counts, Demand, Draw, End, Record, Room, Station},
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The accounts of a station, shared by its slots and by every run that names the folder.
pub struct StateFolder {
    path: PathBuf,
    books: Mutex<Books>,
}

/// An attempt that is under way. Dropped without an end, it is found open and given up when the folder is used next.
#[derive(Debug)]
pub struct Attempt {
    /// Its name.
    pub id: AttemptId,
    /// Which permitted unit of its deployment it is, from 0.
    pub ordinal: u64,
    /// The serial numbers it has.
    pub draws: Vec<Draw>,
    live: Live,
}

enum Books {
    /// Read, and as the disk had them.
    Open(Box<Journal>),
    /// Something could not be made durable.
    Closed,
}

impl StateFolder {
    /// Opens the accounts in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// Files that are damaged or missing, or a folder that cannot be used.
    pub fn open(path: &Path) -> Result<StateFolder, AccountError> {
        let io = |error| AccountError::io(path, &error);
        if !path.is_dir() {
            make_private(path).map_err(io)?;
        }
        let _transaction = lock(path).map_err(io)?;
        let journal = Journal::open(&mut RealDisk(path.into()), JOURNAL_LEN_MAX)
            .map_err(|error| at(path, error))?;
        let open: Vec<String> = journal
            .station
            .open()
            .map(|(id, _)| id.to_string())
            .collect();
        live::sweep(path, |name| open.iter().any(|id| id == name)).map_err(io)?;
        Ok(StateFolder {
            path: path.into(),
            books: Mutex::new(Books::Open(Box::new(journal))),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a unit may begin, before its target is touched. Nothing is drawn. `now` is in seconds since 1970 UTC.
    ///
    /// # Errors
    /// The first restriction that is not met, or accounts that cannot be kept.
    pub fn admit(&self, demand: &Demand, now: u64) -> Result<Room, AccountError> {
        self.transaction(now, |station| {
            let room = station.admit(demand, now);
            // A clock that was seen too late and is then set back must be noticed.
            let seen = room.is_err().then(|| station.observe(now)).flatten();
            (seen.into_iter().collect(), room.map_err(AccountError::from))
        })
        .flatten()
    }

    /// Begins an attempt: when this returns, its ordinal and its serial numbers are on disk.
    ///
    /// # Errors
    /// The first restriction that is not met, or accounts that cannot be kept.
    pub fn begin(
        &self,
        demand: &Demand,
        id: AttemptId,
        uid: Option<Uid>,
        now: u64,
    ) -> Result<Attempt, AccountError> {
        let live = {
            // In a transaction, so that nobody sweeps it away before it is locked.
            let _transaction = lock(&self.path).map_err(|error| self.io(&error))?;
            Live::begin(&self.path, id).map_err(|error| self.io(&error))?
        };
        let begun = self
            .transaction(now, |station| split(station.begin(demand, id, uid, now)))
            .flatten();
        match begun {
            Ok(Record::Begun(begun)) => Ok(Attempt {
                id,
                ordinal: begun.ordinal,
                draws: begun.draws,
                live,
            }),
            Ok(_) => unreachable!("an attempt begins with the record of its begin"),
            Err(error) => {
                // What refused it is told; a lock that is left over means nothing to the books.
                let _ = live.end();
                Err(error)
            }
        }
    }

    /// Ends an attempt: when this returns, its end is on disk, and may be told.
    ///
    /// # Errors
    /// Accounts that cannot be kept.
    pub fn end(&self, attempt: Attempt, end: End, now: u64) -> Result<(), AccountError> {
        let id = attempt.id;
        self.settle(attempt, now, |station, now| station.end(id, end, now))
    }

    /// Gives up an attempt of which nobody knows how far it came: it is spent, and its target can be taken up again.
    ///
    /// # Errors
    /// Accounts that cannot be kept.
    pub fn abandon(&self, attempt: Attempt, now: u64) -> Result<(), AccountError> {
        let id = attempt.id;
        self.settle(attempt, now, |station, now| station.abandon(id, now))
    }

    /// Lets a serial number go on at an index.
    ///
    /// # Errors
    /// An index below one that was drawn already, or accounts that cannot be kept.
    pub fn set_next(
        &self,
        serial: SerialId,
        definition: DefinitionHash,
        next: u64,
        now: u64,
    ) -> Result<(), AccountError> {
        self.transaction(now, |station| {
            split(station.set_next(serial, definition, next, now))
        })
        .flatten()
        .map(drop)
    }

    /// The counts of a deployment.
    ///
    /// # Errors
    /// Accounts that cannot be kept.
    pub fn counts(&self, deployment: DeploymentId, now: u64) -> Result<Counts, AccountError> {
        self.transaction(now, |station| (Vec::new(), station.counts(deployment)))
    }

    /// All of the books, as they are now.
    ///
    /// # Errors
    /// Accounts that cannot be kept.
    pub fn books(&self, now: u64) -> Result<Station, AccountError> {
        self.transaction(now, |station| (Vec::new(), station.clone()))
    }

    fn settle(
        &self,
        attempt: Attempt,
        now: u64,
        decide: impl FnOnce(&Station, u64) -> Result<Record, Refusal>,
    ) -> Result<(), AccountError> {
        self.transaction(now, |station| {
            // The end of a unit that was made is written down whatever the clock shows.
            let now = now.max(station.time_floor());
            split(decide(station, now))
        })
        .flatten()?;
        attempt.live.end().map_err(|error| self.io(&error))
    }

    /// One transaction: takes in what others wrote, gives up what died, decides, and makes the decision durable.
    fn transaction<T>(
        &self,
        now: u64,
        decide: impl FnOnce(&Station) -> (Vec<Record>, T),
    ) -> Result<T, AccountError> {
        let mut books = self.guard();
        let Books::Open(journal) = &mut *books else {
            return Err(AccountError::Closed {
                folder: self.path.display().to_string(),
            });
        };
        let _transaction = lock(&self.path).map_err(|error| self.io(&error))?;
        let done = (|| {
            let mut disk = RealDisk(self.path.clone());
            journal.refresh(&mut disk)?;
            self.give_up_dead(journal, &mut disk, now)?;
            let (records, result) = decide(&journal.station);
            journal.append(&mut disk, &records)?;
            Ok(result)
        })();
        done.map_err(|error| {
            *books = Books::Closed;
            at(&self.path, error)
        })
    }

    fn give_up_dead(
        &self,
        journal: &mut Journal,
        disk: &mut RealDisk,
        now: u64,
    ) -> Result<(), JournalError> {
        let station = &journal.station;
        let now = now.max(station.time_floor());
        let mut dead = Vec::new();
        for (attempt, _) in station.open() {
            if live::is_dead(&self.path, attempt)? {
                dead.push(attempt);
            }
        }
        let records: Vec<Record> = dead
            .iter()
            .filter_map(|attempt| station.abandon(*attempt, now).ok())
            .collect();
        journal.append(disk, &records)?;
        for attempt in dead {
            live::bury(&self.path, attempt)?;
        }
        Ok(())
    }

    fn guard(&self) -> MutexGuard<'_, Books> {
        // Nothing here leaves the books half changed but an error, which closes them.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error of something else that an attempt needs of the system.
    pub(super) fn unusable(&self, error: &impl std::fmt::Display) -> AccountError {
        AccountError::Io {
            folder: self.path.display().to_string(),
            message: error.to_string(),
        }
    }

    fn io(&self, error: &std::io::Error) -> AccountError {
        AccountError::io(&self.path, error)
    }
}

/// The record to write, and what to say.
fn split(decided: Result<Record, Refusal>) -> (Vec<Record>, Result<Record, AccountError>) {
    match decided {
        Ok(record) => (vec![record.clone()], Ok(record)),
        Err(refusal) => (Vec::new(), Err(refusal.into())),
    }
}

fn at(path: &Path, error: JournalError) -> AccountError {
    match error {
        JournalError::Io(error) => AccountError::io(path, &error),
        JournalError::Damaged(damage) => AccountError::damaged(path, damage),
        JournalError::Missing(name) => AccountError::Missing {
            folder: path.display().to_string(),
            name,
        },
    }
}

/// Waits until no other run is in a transaction.
fn lock(path: &Path) -> std::io::Result<File> {
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// Makes a folder that nobody else can look into, durable in the one above.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}
