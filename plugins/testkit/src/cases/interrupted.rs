//! Cases in which a call does not come to its end: cancelled, failed, without power. At every callback of every call.

use super::work::{self, State, Work};
use crate::{
    bench::{Bench, Event, Trouble},
    raw::Op,
    session::Session,
    subject::{Site, Subject},
    verdict::{Step, ensure, failed, not_applicable},
};
use imprint_plugin_abi::*;
use imprint_twin::Fault;

/// Callbacks after a cancel until the call has to be back: enough to put back what others rely on.
const CALLBACKS_AFTER_CANCEL: usize = 10;
/// Most callbacks of one call that trouble is made at. A poll of a second has a thousand alike; then these are spread evenly.
const POINTS_MAX: usize = 150;

/// Which of so many points are tried: all, or as many spread evenly, the first and the last among them.
fn points(count: usize) -> Vec<usize> {
    if count <= POINTS_MAX {
        return (0..count).collect();
    }
    (0..POINTS_MAX)
        .map(|index| index * (count - 1) / (POINTS_MAX - 1))
        .collect()
}

/// The calls that succeed on this device, each with the callbacks it makes.
fn undisturbed(site: &Site) -> Step<Vec<(Work, Vec<Event>)>> {
    let mut found = Vec::new();
    for work in work::all(site)? {
        if let Some(bench) = work.undisturbed(site)? {
            found.push((work, bench.events()));
        }
    }
    if found.is_empty() {
        return not_applicable("no call of this family succeeds on the kit's chip");
    }
    Ok(found)
}

/// Runs the call again with trouble at the callback of that index.
fn disturbed(
    site: &Site,
    work: &Work,
    index: usize,
    trouble: Trouble,
) -> Step<Option<(Bench, Session, crate::session::Answer)>> {
    let Some(mut bench) = work.state.bench(site, 1)? else {
        return Ok(None);
    };
    let mut session = Session::open(site, &mut bench)?;
    bench.trouble = Some((index + 1, trouble));
    let answer = session.call(&mut bench, &work.op);
    bench.trouble = None;
    Ok(Some((bench, session, answer)))
}

fn place(work: &Work, index: usize, events: &[Event]) -> String {
    format!(
        "{}, callback {} of {}: {}",
        work.op,
        index + 1,
        events.len(),
        events[index]
    )
}

pub fn cancel(subject: &Subject) -> Step {
    let site = subject.site()?;
    for (work, events) in undisturbed(&site)? {
        for index in points(events.len()) {
            let Some((bench, _session, answer)) = disturbed(&site, &work, index, Trouble::Cancel)?
            else {
                continue;
            };
            let at = format!("{}, cancelled there", place(&work, index, &events));
            let after = bench.events().len().saturating_sub(index + 1);
            ensure(
                after <= CALLBACKS_AFTER_CANCEL,
                &at,
                format!("the call ends within {CALLBACKS_AFTER_CANCEL} further callbacks"),
                || format!("{after} further callbacks"),
            )?;
            // A property is no transfer and does not fail; a call that needed nothing after it is done.
            let was_told = events[index].name != "property" || after > 0;
            let may = answer.status == IMPRINT_E_CANCELLED || !was_told && answer.is_ok();
            let only_properties = bench.events()[index..]
                .iter()
                .all(|event| event.name == "property");
            answer.expect(
                &at,
                may || only_properties && answer.is_ok(),
                "IMPRINT_E_CANCELLED",
            )?;
        }
    }
    Ok(())
}

pub fn fail(subject: &Subject) -> Step {
    let site = subject.site()?;
    for (work, events) in undisturbed(&site)? {
        for index in points(events.len()) {
            if events[index].name == "property" {
                continue;
            }
            let Some((_, _session, answer)) = disturbed(&site, &work, index, Trouble::Fail)? else {
                continue;
            };
            let at = format!(
                "{}, which fails from there on",
                place(&work, index, &events)
            );
            answer.expect(&at, answer.status == IMPRINT_E_TARGET, "IMPRINT_E_TARGET")?;
            answer.expect(
                &at,
                !answer.message.is_empty(),
                "a sentence that explains the failure",
            )?;
            if let Some(address) = events[index].address {
                answer.expect(
                    &at,
                    answer.address == Some(address),
                    &format!("the address {address:#010x} in the error"),
                )?;
            }
        }
    }
    Ok(())
}

pub fn power_cut(subject: &Subject) -> Step {
    let site = subject.site()?;
    site.needs_own_board()?;
    let changes: Vec<(Work, Vec<Event>)> = undisturbed(&site)?
        .into_iter()
        .filter(|(work, _)| {
            matches!(
                work.op,
                Op::Erase { .. }
                    | Op::Program { .. }
                    | Op::OptionWrite { .. }
                    | Op::Protect
                    | Op::Unlock
            )
        })
        .collect();
    if changes.is_empty() {
        return not_applicable("no call of this family changes what survives a power cycle");
    }
    for (work, events) in &changes {
        let writes: Vec<usize> = (0..events.len())
            .filter(|it| events[*it].is_write)
            .collect();
        for point in points(writes.len()) {
            let index = writes[point];
            let Some((mut bench, session, _)) = disturbed(&site, work, index, Trouble::PowerCut)?
            else {
                continue;
            };
            drop(session);
            let at = format!("{}, where the power failed", place(work, index, events));
            recovers(&site, &mut bench, work, &at)?;
        }
        brown_outs(&site, work)?;
    }
    Ok(())
}

/// Lets the power fail within each flash operation of the call, which leaves some of its bits changed and some not.
fn brown_outs(site: &Site, work: &Work) -> Step {
    for operation in 1.. {
        let Some(mut bench) = work.state.bench(site, 1)? else {
            return Ok(());
        };
        bench.power_cycle(vec![Fault::BrownOut { operation }])?;
        match work.state {
            State::New => bench.attach(),
            State::DebugPort | State::Protected => bench.connect(),
        }
        let mut session = Session::open(site, &mut bench)?;
        session.call(&mut bench, &work.op);
        drop(session);
        if bench.board().statistics().flash_operations < operation || operation > 64 {
            return Ok(());
        }
        bench.power_cycle(Vec::new())?;
        let at = format!(
            "{}, power failed within flash operation {operation}",
            work.op
        );
        recovers(site, &mut bench, work, &at)?;
    }
    Ok(())
}

/// With power again: a new session, and the chip gets to where the call should have brought it.
fn recovers(site: &Site, bench: &mut Bench, work: &Work, at: &str) -> Step {
    bench.connect();
    let mut session = Session::open(site, bench)?;
    let is_protected = session.call(bench, &Op::IsProtected);
    if !is_protected.is_unsupported() {
        is_protected.expect_ok(&format!("{at}; is_protected in a new session"))?;
    }
    if is_protected.flag && work.op != Op::Protect {
        let answer = session.call(bench, &Op::Unlock);
        answer.expect_ok(&format!("{at}; unlock in a new session"))?;
    }
    if work.op == Op::Unlock || is_protected.flag && work.op == Op::Protect {
        return Ok(());
    }
    bench.attach();
    let mut again = vec![work.op.clone()];
    if let (Op::Program { .. }, Some(sector)) = (&work.op, work::Sector::of(site, 1))
        && site.family.has_erase()
    {
        again.insert(0, sector.erase());
    }
    for op in again {
        let answer = session.call(bench, &op);
        answer.expect_ok(&format!("{at}; {op} again in a new session"))?;
    }
    verify(bench, &work.op, at)
}

fn verify(bench: &Bench, op: &Op, at: &str) -> Step {
    let Op::Program { address, data } = op else {
        return Ok(());
    };
    let found = bench.peek(*address, data.len());
    if found == *data {
        return Ok(());
    }
    failed(
        format!("{at}; {op} again in a new session"),
        format!("{data:02x?}"),
        format!("{found:02x?}"),
    )
}
