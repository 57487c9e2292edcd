//! What a family can be asked to do on a fresh chip: the calls that cases cancel, let fail or move between threads.

use crate::{bench::Bench, raw::Op, session::Session, subject::Site, verdict::Step};
use imprint_plugin_abi::IMPRINT_OK;

/// Most options and commands that are tried in each way: they share their code.
const EACH_MAX: usize = 3;

/// A call that succeeds on a chip in that state.
#[derive(Clone, Debug)]
pub struct Work {
    pub op: Op,
    pub state: State,
}

/// A chip that a call begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// New, attached.
    New,
    /// New, with the debug port alone.
    DebugPort,
    /// Protected, with the debug port alone.
    Protected,
}

impl State {
    /// A chip in this state. `None` where the family cannot bring it about.
    pub fn bench(self, site: &Site, seed: u8) -> Step<Option<Bench>> {
        let mut bench = Bench::new(site, seed)?;
        match self {
            State::New => {}
            State::DebugPort => bench.connect(),
            State::Protected => {
                let mut session = Session::open(site, &mut bench)?;
                if !session.call(&mut bench, &Op::Protect).is_ok() {
                    return Ok(None);
                }
                session.close();
                bench.power_cycle(Vec::new())?;
                bench.connect();
            }
        }
        Ok(Some(bench))
    }
}

impl Work {
    /// Runs it once on a fresh chip, undisturbed. The bench knows its callbacks.
    pub fn undisturbed(&self, site: &Site) -> Step<Option<Bench>> {
        let Some(mut bench) = self.state.bench(site, 1)? else {
            return Ok(None);
        };
        let mut session = Session::open(site, &mut bench)?;
        let answer = session.call(&mut bench, &self.op);
        let is_ok = answer.status == IMPRINT_OK;
        drop(session);
        Ok(is_ok.then_some(bench))
    }
}

/// All that succeeds on this device.
pub fn all(site: &Site) -> Step<Vec<Work>> {
    let mut found = Vec::new();
    for work in candidates(site) {
        if work.undisturbed(site)?.is_some() {
            found.push(work);
        }
    }
    found.extend(option_write(site)?);
    Ok(found)
}

fn candidates(site: &Site) -> Vec<Work> {
    let new = |op| Work {
        op,
        state: State::New,
    };
    let mut list = vec![
        Work {
            op: Op::IsProtected,
            state: State::DebugPort,
        },
        new(Op::Identify),
        new(Op::ReadUid),
    ];
    for option in site.family.options().iter().take(EACH_MAX) {
        let name = option.name.clone();
        list.push(new(Op::OptionRead { name }));
    }
    for command in site.family.commands().iter().take(EACH_MAX) {
        list.push(new(Op::Command {
            name: command.name.clone(),
            input: Vec::new(),
        }));
    }
    if let Some(range) = Sector::of(site, 1) {
        if site.family.has_erase() {
            list.push(new(range.erase()));
        }
        if site.family.has_program() {
            list.push(new(range.program(4)));
        }
    }
    list.push(new(Op::Protect));
    list.push(Work {
        op: Op::Unlock,
        state: State::Protected,
    });
    list
}

/// The first option that takes another value, and the value.
pub fn option_write(site: &Site) -> Step<Option<Work>> {
    for option in site.family.options() {
        let mut bench = Bench::new(site, 1)?;
        let mut session = Session::open(site, &mut bench)?;
        let name = option.name.clone();
        let before = session.call(&mut bench, &Op::OptionRead { name: name.clone() });
        // Cells go from 1 to 0 without an erase, so one bit less is the value most options take.
        let value = before.number & before.number.wrapping_sub(1);
        if !before.is_ok() || value == before.number {
            continue;
        }
        let op = Op::OptionWrite { name, value };
        if session.call(&mut bench, &op).is_ok() {
            return Ok(Some(Work {
                op,
                state: State::New,
            }));
        }
    }
    Ok(None)
}

/// A sector of the main flash.
#[derive(Clone, Copy, Debug)]
pub struct Sector {
    pub start: u64,
    pub len: u64,
    /// The smallest piece that can be programmed.
    pub unit_len: u64,
    /// Value of an erased byte.
    pub erased: u8,
}

impl Sector {
    /// All sectors of the main flash, first to last.
    pub fn all(site: &Site) -> Vec<Sector> {
        let Some(flash) = site.device.main_flash() else {
            return Vec::new();
        };
        let Some(nor) = &flash.nor else {
            return Vec::new();
        };
        let mut start = flash.start;
        let mut sectors = Vec::new();
        for run in &nor.sectors {
            for _ in 0..run.count {
                sectors.push(Sector {
                    start,
                    len: run.len.into(),
                    unit_len: nor.unit_len.into(),
                    erased: nor.erased,
                });
                start += u64::from(run.len);
            }
        }
        sectors
    }

    /// The sector of that number, or the last one.
    pub fn of(site: &Site, number: usize) -> Option<Sector> {
        let sectors = Sector::all(site);
        sectors.get(number).or(sectors.last()).copied()
    }

    pub fn end(&self) -> u64 {
        self.start + self.len
    }

    pub fn erase(&self) -> Op {
        Op::Erase {
            address: self.start,
            len: self.len,
        }
    }

    /// Programs that many units from the start.
    pub fn program(&self, unit_count: u64) -> Op {
        Op::Program {
            address: self.start,
            data: self.pattern((unit_count * self.unit_len).min(self.len)),
        }
    }

    /// Bytes that differ from erased ones and from each other.
    pub fn pattern(&self, len: u64) -> Vec<u8> {
        (0..len)
            .map(|index| !self.erased ^ (index as u8 & 0x3F) ^ 0x80)
            .collect()
    }
}
