//! The accounts lose nothing that was promised, wherever the power fails, and give nothing twice.

use super::{
    AccountError, StateFolder,
    journal::Journal,
    simulated::{Cut, Left, SimulatedDisk},
};
use imprint_ledger::{
    AttemptId, DefinitionHash, DeploymentId, SerialId, Uid,
    station::{Caps, Demand, End, OnFailure, Record, SerialDemand, Station, Window},
};
use std::path::Path;

/// Small, so that a few units make a new snapshot.
const LEN_MAX: u64 = 600;

fn demand(units: u64) -> Demand {
    Demand {
        deployment: DeploymentId([7; 16]),
        caps: Caps {
            units: Some(units),
            ..Caps::default()
        },
        window: Window::default(),
        serials: vec![SerialDemand {
            id: SerialId([1; 32]),
            definition: DefinitionHash([2; 32]),
            index_end: 100,
            count: 1,
            on_failure: OnFailure::Return,
        }],
        values: vec![],
    }
}

fn attempt(number: u8) -> AttemptId {
    AttemptId([number; 16])
}

fn uid(number: u8) -> Option<Uid> {
    Uid::new(&[number; 8])
}

/// What a station does in this story, one record after the other.
fn story() -> Vec<Record> {
    let mut station = Station::default();
    let mut records = Vec::new();
    let mut take = |station: &mut Station, record: Record| {
        station.apply(&record).unwrap();
        records.push(record);
    };
    for (number, end) in [End::Pass, End::Fail, End::Untouched, End::Pass, End::Pass]
        .into_iter()
        .enumerate()
    {
        let (number, now) = (number as u8, 100 + number as u64);
        let begun = station
            .begin(&demand(9), attempt(number), uid(number), now)
            .unwrap();
        take(&mut station, begun);
        let ended = station.end(attempt(number), end, now).unwrap();
        take(&mut station, ended);
    }
    records
}

/// The books after each number of records.
fn states(records: &[Record]) -> Vec<Station> {
    let mut states = vec![Station::default()];
    for record in records {
        let mut next = states.last().unwrap().clone();
        next.apply(record).unwrap();
        states.push(next);
    }
    states
}

/// Writes records until the power fails; returns how many were promised to be durable.
fn write(disk: &mut SimulatedDisk, records: &[Record]) -> usize {
    let Ok(mut journal) = Journal::open(disk, LEN_MAX) else {
        return 0;
    };
    let written = records
        .iter()
        .take_while(|record| journal.append(disk, &[(*record).clone()]).is_ok());
    written.count()
}

#[test]
fn wherever_the_power_fails_nothing_promised_is_lost() {
    let records = story();
    let states = states(&records);
    let mut whole = SimulatedDisk::default();
    assert_eq!(write(&mut whole, &records), records.len());
    let operation_count = whole.operation_count();
    assert!(
        operation_count > 40,
        "the story has a rotation: {operation_count}"
    );
    let mut points = 0;
    for fuse in 0..operation_count {
        for cut in [Cut::Before, Cut::Half, Cut::After] {
            for left in [
                Left::All,
                Left::HalfOfContents,
                Left::Nothing,
                Left::NamesOnly,
            ] {
                let mut disk = SimulatedDisk::failing_at(fuse, cut);
                let promised = write(&mut disk, &records);
                let mut disk = disk.after_crash(left);
                let case = format!("{fuse} {cut:?} {left:?}");
                let mut journal = Journal::open(&mut disk, LEN_MAX)
                    .unwrap_or_else(|error| panic!("{case}: {error:?}"));
                // The record that was being written may be there too, whole or not at all.
                let found = states[promised..]
                    .iter()
                    .take(2)
                    .position(|state| *state == journal.station)
                    .unwrap_or_else(|| panic!("{case}: lost or invented a record"));
                for record in &records[promised + found..] {
                    journal
                        .append(&mut disk, std::slice::from_ref(record))
                        .unwrap();
                }
                assert_eq!(Some(&journal.station), states.last(), "{case}");
                let again = Journal::open(&mut disk.after_crash(Left::Nothing), LEN_MAX).unwrap();
                assert_eq!(Some(&again.station), states.last(), "{case}, again");
                points += 1;
            }
        }
    }
    assert!(points >= 450, "{points}");
}

/// A folder of its own, and the accounts in it.
fn folder() -> (tempfile::TempDir, StateFolder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(dir.path()).unwrap();
    (dir, folder)
}

fn code<T>(result: Result<T, AccountError>) -> String {
    result
        .err()
        .map_or("ok".into(), |error| error.code().into())
}

fn pass(folder: &StateFolder, number: u8, units: u64) -> Result<u64, AccountError> {
    let attempt = folder.begin(&demand(units), attempt(number), uid(number), 100)?;
    let index = attempt.draws[0].indices[0];
    folder.end(attempt, End::Pass, 101)?;
    Ok(index)
}

#[test]
fn two_runs_share_a_folder() {
    let (dir, first) = folder();
    let second = StateFolder::open(dir.path()).unwrap();
    assert_eq!(pass(&first, 1, 3).unwrap(), 0);
    assert_eq!(pass(&second, 2, 3).unwrap(), 1);
    // One is under way in the other run: it counts, and is not taken for dead.
    let open = first.begin(&demand(3), attempt(3), uid(3), 102).unwrap();
    assert_eq!(code(second.admit(&demand(3), 102)), "IMP-8100");
    assert_eq!(
        code(second.begin(&demand(3), attempt(4), uid(4), 102)),
        "IMP-8100"
    );
    first.end(open, End::Untouched, 103).unwrap();
    assert_eq!(pass(&second, 4, 3).unwrap(), 2);
    assert_eq!(code(first.admit(&demand(3), 104)), "IMP-8100");
}

#[test]
fn an_attempt_whose_run_died_is_spent_and_can_be_taken_up() {
    let (dir, first) = folder();
    drop(first.begin(&demand(2), attempt(1), uid(1), 100).unwrap());
    drop(first);
    let next = StateFolder::open(dir.path()).unwrap();
    let counts = next.counts(DeploymentId([7; 16]), 101).unwrap();
    assert_eq!((counts.unknown, counts.open, counts.passed), (1, 0, 0));
    assert_eq!(
        pass(&next, 2, 2).unwrap(),
        1,
        "its number is not given to another target"
    );
    assert_eq!(
        pass(&next, 3, 2).map(drop).map_err(|error| error.code()),
        Err("IMP-8100")
    );
    let again = next.begin(&demand(2), attempt(4), uid(1), 103).unwrap();
    assert_eq!((again.ordinal, again.draws[0].indices[0]), (0, 0));
    next.end(again, End::Pass, 104).unwrap();
    assert_eq!(next.counts(DeploymentId([7; 16]), 105).unwrap().passed, 2);
    assert_eq!(
        std::fs::read_dir(dir.path().join("open")).unwrap().count(),
        0
    );
}

// A command that was killed between its lock and its first record left a file in the folder for ever.
#[test]
fn the_lock_of_an_attempt_that_never_began_is_swept_away() {
    let (dir, folder) = folder();
    let attempt = folder.begin(&demand(9), attempt(1), uid(1), 100).unwrap();
    let lock = |name: &str| dir.path().join("open").join(name);
    std::fs::write(lock("left"), "").unwrap();
    drop(StateFolder::open(dir.path()).unwrap());
    assert!(!lock("left").exists());
    assert!(
        lock(&attempt.id.to_string()).exists(),
        "one that is under way stays"
    );
    folder.end(attempt, End::Pass, 101).unwrap();
}

#[test]
fn a_clock_that_goes_back_after_it_was_too_late_is_noticed() {
    let (_dir, folder) = folder();
    let mut demand = demand(2);
    demand.window.not_after = Some(200);
    assert_eq!(code(folder.admit(&demand, 150)), "ok");
    assert_eq!(code(folder.admit(&demand, 201)), "IMP-8105");
    assert_eq!(code(folder.admit(&demand, 150)), "IMP-8106");
}

#[test]
fn books_survive_their_snapshot() {
    let (dir, first) = folder();
    let journal = || {
        let names = std::fs::read_dir(dir.path()).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("journal"))
            .collect();
        names.sort();
        names
    };
    let second = StateFolder::open(dir.path()).unwrap();
    let before = journal();
    let mut demand = demand(u64::MAX);
    demand.serials.clear();
    for number in 0.. {
        let id = AttemptId(u128::to_le_bytes(number));
        let attempt = first.begin(&demand, id, None, 100).unwrap();
        first.end(attempt, End::Pass, 100).unwrap();
        if journal() != before {
            break;
        }
        assert!(number < 20_000, "no new snapshot was made");
    }
    assert_eq!(journal().len(), 1);
    let books = first.books(101).unwrap();
    assert_eq!(
        second.books(101).unwrap(),
        books,
        "a run that was there before"
    );
    let third = StateFolder::open(dir.path()).unwrap();
    assert_eq!(third.books(101).unwrap(), books, "a run that came later");
}

#[test]
fn damage_is_refused() {
    let change = |change: &dyn Fn(&Path)| {
        let (dir, folder) = folder();
        for number in 0..3 {
            pass(&folder, number, 9).unwrap();
        }
        drop(folder);
        let journal = dir.path().join("journal-00000000000000000001");
        change(&journal);
        code(
            StateFolder::open(dir.path())
                .and_then(|folder| folder.books(200))
                .map(drop),
        )
    };
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    for offset in [0, 5, 20, 50, 80] {
        let found = change(&|path| {
            let mut bytes = bytes(path);
            bytes[offset] ^= 1;
            std::fs::write(path, bytes).unwrap();
        });
        assert_eq!(found, "IMP-8120", "{offset}");
    }
    let cut = change(&|path| {
        let bytes = bytes(path);
        std::fs::write(path, &bytes[..bytes.len() - 3]).unwrap();
    });
    assert_eq!(cut, "ok", "a torn end is what a crash leaves");
    let no_folder = StateFolder::open(Path::new("/nonexistent/deep/folder"));
    assert_eq!(code(no_folder.map(drop)), "IMP-8132");
}

#[test]
fn a_journal_that_is_gone_is_missed() {
    let (dir, folder) = folder();
    pass(&folder, 1, 9).unwrap();
    std::fs::remove_file(dir.path().join("journal-00000000000000000001")).unwrap();
    assert_eq!(code(folder.admit(&demand(9), 200)), "IMP-8131");
    // Nothing is known of the disk any more.
    assert_eq!(code(folder.admit(&demand(9), 200)), "IMP-8133");
}
