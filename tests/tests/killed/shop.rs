//! A shop whose units are killed, and what it holds the books against.

use crate::{
    UNITS,
    moment::{Moment, Seen, Victim},
    process::{child_of, is_over, poll},
};
use imprint_tests::{BOARD_DEVICE, Random, Recipe, Run, STATE, Started, Workshop, random_bytes};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use std::{collections::BTreeMap, fs, os::unix::process::CommandExt};

/// Polls until something that must happen is given up: a minute.
const POLLS_MAX: u32 = 240_000;

/// The counts of the only deployment, and the next serial number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub passed: u64,
    pub unknown: u64,
    pub next: u64,
}

pub struct Shop {
    pub workshop: Workshop,
    pub image: String,
    pub random: Random,
    /// Serial numbers by the board that has them: those that passed, and those that were left in the middle.
    pub passed: BTreeMap<String, usize>,
    pub held: BTreeMap<usize, String>,
}

impl Shop {
    pub fn new() -> Shop {
        let workshop = Workshop::new();
        let body = "    for part in [\"one\", \"two\"] { chip.program(unit.payload(part)); chip.verify(unit.payload(part)); }\n    \
                    chip.program(unit.serial(\"sn\"));\n    chip.verify(unit.serial(\"sn\"));";
        let recipe = Recipe::of_one_step("    chip.erase();", body)
            .raw("one", 0x8000, random_bytes(1, 4096))
            .raw("two", 0xA000, random_bytes(2, 4096))
            .right("mass_erase")
            .file("sn.serial.ron", b"(id: \"sn\", values: counter(positions: [numeric(4)]))")
            .section("    serials: { \"sn\": (definition: \"sn.serial.ron\", address: 0x3040, encoding: ascii(len: 4)) },");
        workshop.build("unit", &recipe).passes();
        let image = workshop.restrict("unit", &format!("(units: {UNITS})"), &[]);
        Shop {
            workshop,
            image,
            random: Random::new(2026),
            passed: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// The board of a number, which is made the first time.
    pub fn board(&self, number: usize) -> String {
        let file = format!("{number}.twin");
        if !self.workshop.path(&file).exists() {
            let uid = format!("{:016x}", number + 1);
            self.workshop.twin(&file, BOARD_DEVICE, &["--uid", &uid]);
        }
        format!("twin:{file}")
    }

    /// What the books say, which open after everything; nobody is under way.
    pub fn books(&self) -> Books {
        if !self.workshop.path(STATE).is_dir() {
            return Books::default();
        }
        let told = self.workshop.books();
        assert_eq!(told["open"].as_array().unwrap().len(), 0, "{told}");
        let Some(counts) = told["deployments"].get(0) else {
            return Books::default();
        };
        let books = Books {
            passed: counts["passed"].as_u64().unwrap(),
            unknown: counts["unknown"].as_u64().unwrap(),
            next: told["serials"][0]["next_index"].as_u64().unwrap(),
        };
        assert!(books.passed + books.unknown <= UNITS, "{told}");
        assert_eq!(counts["failures"], 0, "{told}");
        books
    }

    /// Runs a unit that must pass, and takes down its number.
    pub fn pass(&mut self, number: usize) {
        let run = self
            .workshop
            .unit(&self.image, &self.board(number), "ok", &[]);
        let serial = run.passed().serials["sn"][0].clone();
        self.note(number, serial, &run);
    }

    /// A number that is on a board for good.
    fn note(&mut self, number: usize, serial: String, run: &Run) {
        if let Some(own) = self.held.remove(&number) {
            assert_eq!(serial, own, "board {number} had a number\n{run}");
        }
        let other = self.held.iter().find(|(_, held)| **held == serial);
        assert!(
            other.is_none(),
            "number {serial} is on board {other:?} too\n{run}"
        );
        let before = self.passed.insert(serial.clone(), number);
        assert_eq!(before, None, "number {serial} is on two boards\n{run}");
    }

    /// Runs a unit and kills it. Whether it was still alive, whether it is in the journal, and what it had said.
    fn kill(
        &mut self,
        number: usize,
        victim: Victim,
        moment: Moment,
        polls: u64,
    ) -> (bool, bool, Run) {
        let board = self.board(number);
        let _ = fs::remove_file(self.workshop.path("wire.txt"));
        let arguments = [
            "run",
            &self.image,
            "--trust",
            "owner.pub",
            "--on",
            &board,
            "--json",
        ];
        let more = [
            "--state",
            STATE,
            "--value",
            "go=ok",
            "--transcript",
            "wire.txt",
        ];
        let mut line = self.workshop.line(&[&arguments[..], &more].concat());
        let mut seen = Seen::before(&self.workshop);
        let started = Started::new(line.process_group(0));
        let (command, mut worker) = (started.id(), None);
        while !is_over(command) {
            worker = worker.or_else(|| child_of(command));
            if seen.has_come(moment, worker.is_some(), &self.workshop) {
                (0..polls).for_each(|_| poll());
                break;
            }
            poll();
        }
        worker = worker.or_else(|| child_of(command));
        let id = |id: u32| Pid::from_raw(id as i32);
        let target = match victim {
            Victim::Worker => worker.unwrap_or(command),
            _ => command,
        };
        let is_alive = !is_over(target);
        // It may have ended by itself in between: then there is nothing to kill.
        let _ = match victim {
            Victim::Both => killpg(id(command), Signal::SIGKILL),
            _ => kill(id(target), Signal::SIGKILL),
        };
        // A worker whose command is gone ends by itself, before anybody else takes its board.
        for polls in 0.. {
            if worker.is_none_or(is_over) {
                break;
            }
            assert!(
                polls < POLLS_MAX,
                "worker {worker:?} goes on without its command"
            );
            poll();
        }
        let run = started.finish();
        (is_alive, seen.has_grown(&self.workshop), run)
    }

    /// Kills a unit of a board and holds the books against what was said. Whether something was killed.
    pub fn killed(&mut self, number: usize, victim: Victim, moment: Moment) -> bool {
        let polls = self.random.below(moment.polls_end());
        let before = self.books();
        let (is_alive, has_drawn, run) = self.kill(number, victim, moment, polls);
        let after = self.books();
        // The board's file is whole.
        self.workshop.board(&format!("{number}.twin"));
        let case = format!("{victim:?} at {moment:?}+{polls}: {before:?}, {after:?}\n{run}");
        let (was_held, number_drawn) = (
            self.held.contains_key(&number),
            format!("{:04}", before.next),
        );
        let serial = self.held.get(&number).cloned().unwrap_or(number_drawn);
        let held = u64::from(was_held);
        match (
            after.passed - before.passed,
            after.unknown + held - before.unknown,
        ) {
            // Nothing was drawn: not a byte of it was written.
            (0, 0) => assert_eq!((after, has_drawn), (before, false), "{case}"),
            (0, 1) => drop(self.held.insert(number, serial)),
            (1, 0) => self.note(number, serial, &run),
            _ => panic!("{case}"),
        }
        assert_eq!(
            after.next,
            self.passed.len() as u64 + self.held.len() as u64,
            "{case}"
        );
        // A pass that was told is written down.
        if run.stdout.contains("\"outcome\": \"pass\"") {
            assert_eq!(after.passed, before.passed + 1, "{case}");
        }
        if run.exit != -1 {
            assert_eq!(run.exit == 0, after.passed > before.passed, "{case}");
            assert!(run.exit == 0 || run.exit == 9, "{case}");
        }
        is_alive
    }
}
