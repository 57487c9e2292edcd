//! Cases about sessions: opening, closing, several of them, threads, sleep.

use super::work::{self, Work};
use crate::{
    bench::Bench,
    raw::{self, HostKind, Op},
    session::{Answer, Session},
    subject::{Site, Subject},
    verdict::{Step, Stop, ensure, failed, not_applicable},
};
use imprint_plugin_abi::IMPRINT_E_PANIC;
use std::{sync::Barrier, thread};

/// How often two sessions run beside each other.
const ROUNDS: usize = 20;
/// How often a call that seems to sleep is looked at again: the system may put a thread to sleep for reasons of its own, a
/// plugin that sleeps does so each time.
const SLEEP_LOOKS: usize = 6;

pub fn opens(subject: &Subject) -> Step {
    let site = subject.site()?;
    for _ in 0..2 {
        let mut bench = Bench::new(&site, 1)?;
        let name = &site.device.name;
        match Session::try_open(&site, &mut bench, HostKind::Present, name) {
            Err(answer) => answer.expect_ok(&format!("open(`{name}`)"))?,
            Ok(session) => session.close(),
        }
    }
    Ok(())
}

pub fn open_does_not_touch_the_target(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut bench = Bench::new(&site, 1)?;
    let session = Session::open(&site, &mut bench)?;
    let mut events = bench.events();
    events.retain(|event| event.name != "property");
    session.close();
    match events.first() {
        None => Ok(()),
        Some(event) => failed("open", "properties alone are asked for", event.to_string()),
    }
}

pub fn close_does_not_touch_the_target(subject: &Subject) -> Step {
    let site = subject.site()?;
    for work in work::all(&site)? {
        let Some(mut bench) = work.state.bench(&site, 1)? else {
            continue;
        };
        let mut session = Session::open_as(&site, &mut bench, HostKind::Watching)?;
        let _ = session.call(&mut bench, &work.op);
        let expected = "the host table of an earlier call is not used";
        let told = || {
            let count = raw::calls_of_kept_hosts();
            format!("{count} calls of a host whose call was over")
        };
        let at = format!("{}, after open", work.op);
        ensure(raw::calls_of_kept_hosts() == 0, at, expected, told)?;
        session.close();
        let at = format!("close, after {}", work.op);
        ensure(raw::calls_of_kept_hosts() == 0, at, expected, told)?;
    }
    Ok(())
}

/// What the calls of one session answer, in order, on a chip made of that seed.
fn answers(site: &Site, work: &[Work], seed: u8) -> Step<Vec<Answer>> {
    let mut bench = Bench::new(site, seed)?;
    let mut session = Session::open(site, &mut bench)?;
    Ok(work
        .iter()
        .map(|work| session.call(&mut bench, &work.op))
        .collect())
}

/// Calls that only read, so that they can be repeated.
fn reading(site: &Site) -> Step<Vec<Work>> {
    let mut list = work::all(site)?;
    list.retain(|work| {
        matches!(
            work.op,
            Op::Identify | Op::ReadUid | Op::OptionRead { .. } | Op::IsProtected
        )
    });
    if list.is_empty() {
        return not_applicable("no call of this family reads on the kit's chip");
    }
    Ok(list)
}

fn same(at: &str, work: &Work, expected: &Answer, found: &Answer) -> Step {
    let told = |answer: &Answer| {
        format!(
            "{answer} with {:02x?}, {:#x}, {}",
            answer.bytes, answer.number, answer.flag
        )
    };
    ensure(
        expected == found,
        format!("{}, {at}", work.op),
        told(expected),
        || told(found),
    )
}

pub fn two_in_parallel(subject: &Subject) -> Step {
    const SEEDS: [u8; 2] = [0x11, 0x80];
    let site = subject.site()?;
    let list = reading(&site)?;
    let alone = [
        answers(&site, &list, SEEDS[0])?,
        answers(&site, &list, SEEDS[1])?,
    ];
    // Taking turns on one thread: what one session leaves behind, the other would find.
    let mut benches = [Bench::new(&site, SEEDS[0])?, Bench::new(&site, SEEDS[1])?];
    let mut sessions = Vec::new();
    for bench in &mut benches {
        sessions.push(Session::open(&site, bench)?);
    }
    for (number, work) in list.iter().enumerate() {
        for side in [0, 1] {
            let found = sessions[side].call(&mut benches[side], &work.op);
            let at = "while another session is open";
            same(at, work, &alone[side][number], &found)?;
        }
    }
    drop(sessions);
    let barrier = Barrier::new(2);
    let (barrier, site, list) = (&barrier, &site, &list);
    let alone = &alone;
    let results: Vec<Step> = thread::scope(|scope| {
        let sides = [0, 1].map(|side| {
            scope.spawn(move || -> Step {
                barrier.wait();
                for _ in 0..ROUNDS {
                    let found = answers(site, list, SEEDS[side])?;
                    for (number, work) in list.iter().enumerate() {
                        let at = "while another session runs on another thread";
                        same(at, work, &alone[side][number], &found[number])?;
                    }
                }
                Ok(())
            })
        });
        sides.map(joined).into()
    });
    results.into_iter().collect()
}

fn joined(handle: thread::ScopedJoinHandle<'_, Step>) -> Step {
    handle.join().unwrap_or_else(|_| {
        failed(
            "a call on another thread",
            "any answer but a panic",
            "a panic that crossed the boundary",
        )
    })
}

pub fn moves_between_threads(subject: &Subject) -> Step {
    let site = subject.site()?;
    let list = reading(&site)?;
    let alone = answers(&site, &list, 1)?;
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    for (work, expected) in list.iter().zip(&alone) {
        let (session, bench) = (&mut session, &mut bench);
        let found = thread::scope(|scope| {
            let call = || session.call(bench, &work.op);
            scope.spawn(call).join().ok()
        });
        let Some(found) = found else {
            return Err(Stop::Failed(panicked(&work.op)));
        };
        same("on another thread than open", work, expected, &found)?;
    }
    thread::scope(|scope| scope.spawn(move || session.close()).join()).or_else(|_| {
        failed(
            "close, on another thread than open",
            "it comes back",
            "a panic that crossed the boundary",
        )
    })
}

fn panicked(op: &Op) -> crate::verdict::Finding {
    crate::verdict::Finding {
        at: format!("{op}, on another thread than open"),
        expected: "any answer but a panic".into(),
        found: format!("a panic that crossed the boundary, status {IMPRINT_E_PANIC} at best"),
    }
}

/// How often this thread gave the processor away by itself, where the system tells.
fn sleep_count() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}

pub fn no_sleep(subject: &Subject) -> Step {
    let site = subject.site()?;
    if sleep_count().is_none() {
        return not_applicable("this system does not tell when a thread sleeps");
    }
    for work in work::all(&site)? {
        let mut fewest = u64::MAX;
        for _ in 0..SLEEP_LOOKS {
            let Some(mut bench) = work.state.bench(&site, 1)? else {
                break;
            };
            let mut session = Session::open(&site, &mut bench)?;
            let before = sleep_count();
            session.call(&mut bench, &work.op);
            let after = sleep_count();
            if let (Some(before), Some(after)) = (before, after) {
                fewest = fewest.min(after - before);
            }
            if fewest == 0 {
                break;
            }
        }
        ensure(
            fewest == 0 || fewest == u64::MAX,
            work.op.to_string(),
            "the thread never sleeps; waiting is done with delay_us",
            || format!("it slept {fewest} times or more in each of {SLEEP_LOOKS} runs"),
        )?;
    }
    Ok(())
}
