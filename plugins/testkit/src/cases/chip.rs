//! Cases about the chip: who it is, what it can be told, what protects it.

use super::work::{Sector, State, option_write};
use crate::{
    bench::Bench,
    raw::Op,
    session::Session,
    subject::{Site, Subject},
    verdict::{Step, ensure, not_applicable},
};
use imprint_plugin_abi::*;
use imprint_twin::CellRun;

pub fn identify(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    let answer = session.call(&mut bench, &Op::Identify);
    if answer.is_unsupported() {
        return not_applicable("the family does not identify chips");
    }
    if site.needs_own_board().is_ok() {
        answer.expect_ok("identify")?;
        let text = std::str::from_utf8(&answer.bytes);
        let is_text = text.is_ok_and(|text| !text.is_empty() && !text.contains(char::is_control));
        ensure(is_text, "identify", "a short description in UTF-8", || {
            format!("\"{}\"", answer.bytes.escape_ascii())
        })?;
    }
    answer.expect_no_panic("identify")?;
    let reads_memory = bench.events().iter().any(|event| event.name == "mem_read");
    if !reads_memory {
        return not_applicable("the family identifies chips without reading memory");
    }
    bench.is_another_chip = true;
    let refused = session.call(&mut bench, &Op::Identify);
    refused.expect(
        "identify of a chip whose memory reads differently",
        refused.status == IMPRINT_E_MISMATCH,
        "IMPRINT_E_MISMATCH",
    )
}

pub fn uid(subject: &Subject) -> Step {
    let site = subject.site()?;
    let mut found = Vec::new();
    for seed in [0x11, 0x80] {
        let mut bench = Bench::new(&site, seed)?;
        let mut session = Session::open(&site, &mut bench)?;
        let answer = session.call(&mut bench, &Op::ReadUid);
        if answer.is_unsupported() {
            return not_applicable("the device has no unique identifier that the family reads");
        }
        answer.expect_ok("read_uid")?;
        let at = "read_uid";
        ensure(!answer.bytes.is_empty(), at, "an identifier", || {
            "no bytes".into()
        })?;
        if site.device.uid.is_some() {
            let expected = bench.board().uid().to_vec();
            ensure(
                answer.bytes == expected,
                at,
                format!("{expected:02x?}, as the chip's memory has it"),
                || format!("{:02x?}", answer.bytes),
            )?;
        }
        let again = session.call(&mut bench, &Op::ReadUid);
        ensure(
            again.bytes == answer.bytes,
            "read_uid, a second time",
            format!("{:02x?}", answer.bytes),
            || format!("{:02x?}", again.bytes),
        )?;
        found.push(answer.bytes);
    }
    ensure(
        site.device.uid.is_none() || found[0] != found[1],
        "read_uid of two chips",
        "two identifiers",
        || format!("{:02x?} twice", found[0]),
    )
}

pub fn options(subject: &Subject) -> Step {
    let site = subject.site()?;
    if site.family.options().is_empty() {
        return not_applicable("the family has no options");
    }
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    let is_judged = site.needs_own_board().is_ok();
    for option in site.family.options() {
        let op = Op::OptionRead {
            name: option.name.clone(),
        };
        let answer = session.call(&mut bench, &op);
        answer.expect_no_panic(&op.to_string())?;
        let holds = !is_judged || answer.is_ok() || answer.is_unsupported();
        answer.expect(
            &op.to_string(),
            holds,
            "IMPRINT_OK, or IMPRINT_E_UNSUPPORTED where this device has none",
        )?;
    }
    unknown_names(&mut session, &mut bench)?;
    drop(session);
    if is_judged {
        reads_back(&site)?;
    }
    Ok(())
}

fn unknown_names(session: &mut Session, bench: &mut Bench) -> Step {
    let name = String::from("no-such-option");
    for op in [
        Op::OptionRead { name: name.clone() },
        Op::OptionWrite { name, value: 0 },
    ] {
        let answer = session.call(bench, &op);
        let refusals = [IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_UNSUPPORTED];
        answer.expect(
            &op.to_string(),
            refusals.contains(&answer.status),
            "IMPRINT_E_INVALID_ARGUMENT",
        )?;
    }
    Ok(())
}

/// An option that was written reads back, now and after the power was away.
fn reads_back(site: &Site) -> Step {
    let Some(work) = option_write(site)? else {
        return Ok(());
    };
    let Op::OptionWrite { name, value } = &work.op else {
        return Ok(());
    };
    let read = Op::OptionRead { name: name.clone() };
    let mut bench = Bench::new(site, 1)?;
    let mut session = Session::open(site, &mut bench)?;
    session
        .call(&mut bench, &work.op)
        .expect_ok(&work.op.to_string())?;
    for at in [
        format!("{read} after {}", work.op),
        format!("{read} after {} and a power cycle", work.op),
    ] {
        let answer = session.call(&mut bench, &read);
        answer.expect_ok(&at)?;
        ensure(answer.number == *value, at, format!("{value:#x}"), || {
            format!("{:#x}", answer.number)
        })?;
        bench.power_cycle(Vec::new())?;
        bench.attach();
    }
    let too_large = Op::OptionWrite {
        name: name.clone(),
        value: u64::MAX,
    };
    let answer = session.call(&mut bench, &too_large);
    let after = session.call(&mut bench, &read);
    let holds = !answer.is_ok() || after.number == u64::MAX;
    answer.expect(
        &too_large.to_string(),
        holds,
        "a failure, or a value that reads back",
    )
}

pub fn commands(subject: &Subject) -> Step {
    let site = subject.site()?;
    if site.family.commands().is_empty() {
        return not_applicable("the family has no commands");
    }
    let inputs: [&[u8]; 4] = [b"", b"0", b"\xFF\xFE", &[b'9'; 300]];
    for command in site.family.commands() {
        for input in inputs {
            let mut bench = Bench::new(&site, 1)?;
            let mut session = Session::open(&site, &mut bench)?;
            let op = Op::Command {
                name: command.name.clone(),
                input: input.to_vec(),
            };
            let answer = session.call(&mut bench, &op);
            let at = format!("{op} with the input \"{}\"", input.escape_ascii());
            answer.expect_no_panic(&at)?;
            answer.expect(
                &at,
                site.needs_own_board().is_err() || answer.is_ok() || !answer.message.is_empty(),
                "IMPRINT_OK, or a sentence that says why not",
            )?;
        }
    }
    let mut bench = Bench::new(&site, 1)?;
    let mut session = Session::open(&site, &mut bench)?;
    let op = Op::Command {
        name: "no-such-command".into(),
        input: Vec::new(),
    };
    let answer = session.call(&mut bench, &op);
    let refusals = [IMPRINT_E_INVALID_ARGUMENT, IMPRINT_E_UNSUPPORTED];
    answer.expect(
        &op.to_string(),
        refusals.contains(&answer.status),
        "IMPRINT_E_INVALID_ARGUMENT",
    )
}

pub fn protection(subject: &Subject) -> Step {
    let site = subject.site()?;
    site.needs_own_board()?;
    let Some(mut bench) = State::DebugPort.bench(&site, 1)? else {
        return Ok(());
    };
    let mut session = Session::open(&site, &mut bench)?;
    let is_protected = |session: &mut Session, bench: &mut Bench, at: &str, expected: bool| {
        let answer = session.call(bench, &Op::IsProtected);
        answer.expect_ok(at)?;
        ensure(answer.flag == expected, at, expected.to_string(), || {
            answer.flag.to_string()
        })
    };
    if session.call(&mut bench, &Op::IsProtected).is_unsupported() {
        return not_applicable("the family does not tell whether a chip is protected");
    }
    let at = "is_protected of a new chip, over the debug port alone";
    is_protected(&mut session, &mut bench, at, false)?;
    plant(&site, &mut bench)?;
    bench.attach();
    let answer = session.call(&mut bench, &Op::Protect);
    if answer.is_unsupported() {
        return not_applicable("the family does not protect chips");
    }
    answer.expect_ok("protect")?;
    session
        .call(&mut bench, &Op::Protect)
        .expect_ok("protect, a second time")?;
    bench.power_cycle(Vec::new())?;
    bench.connect();
    let at = "is_protected after protect and a reset, over the debug port alone";
    is_protected(&mut session, &mut bench, at, true)?;
    let answer = session.call(&mut bench, &Op::Unlock);
    if answer.is_unsupported() {
        return Ok(());
    }
    answer.expect_ok("unlock of a protected chip, over the debug port alone")?;
    bench.connect();
    is_protected(&mut session, &mut bench, "is_protected after unlock", false)?;
    if let Some(sector) = Sector::of(&site, 0) {
        let found = bench.peek(sector.start, 16);
        ensure(
            found.iter().all(|byte| *byte == sector.erased),
            "unlock of a protected chip",
            "what the chip held is erased",
            || format!("{found:02x?} at {:#010x}", sector.start),
        )?;
    }
    let again = session.call(&mut bench, &Op::Unlock);
    again.expect_ok("unlock of a chip that is not protected")
}

/// Puts a secret into the first sector of the flash, as a programmer would have.
pub fn plant(site: &Site, bench: &mut Bench) -> Step {
    let Some(flash) = site.device.main_flash() else {
        return Ok(());
    };
    let mut state = bench.board().save();
    if let Some(memory) = state.memories.iter_mut().find(|it| it.name == flash.name) {
        memory.runs.insert(
            0,
            CellRun {
                offset: 0,
                data: b"this is a secret".to_vec(),
            },
        );
    }
    bench.restore(&state, Vec::new())
}
