//! Cases about the family's board, the other half of a twin.

use crate::{
    bench::Bench,
    cases::chip::plant,
    chip::KitChip,
    raw_board,
    session::status_name,
    subject::{Site, Subject},
    verdict::{Step, ensure, failed, not_applicable},
};
use imprint_plugin_abi::IMPRINT_OK;
use imprint_plugin_host::{BoardFactory, limits::WINDOWS_MAX};
use imprint_twin::{Access, Master, Peripherals, ResetKind};
use std::ops::Range;

/// Most words that are read of one window: no peripheral has more registers.
const WORDS_MAX: u64 = 1 << 16;
/// Time that passes between two looks at a register, in nanoseconds.
const MOMENT_NS: u64 = 1_000_000;

fn own_board(subject: &Subject) -> Step<(Site, BoardFactory)> {
    let site = subject.site()?;
    match site.family.board() {
        Some(factory) => Ok((site, factory)),
        None => not_applicable("the family has no board"),
    }
}

/// A chip with its board after power came on.
fn power_on(site: &Site, factory: &BoardFactory) -> Step<(KitChip, Box<dyn Peripherals>)> {
    let mut chip = KitChip::new(&site.device);
    let uid = uid_of(site);
    match factory.open(&mut chip, &site.device.name, &uid) {
        Ok(mut board) => {
            board.reset(&mut chip, ResetKind::PowerOn);
            Ok((chip, board))
        }
        Err(error) => not_applicable(format!(
            "the board does not open, see `board-opens`: {error}"
        )),
    }
}

fn uid_of(site: &Site) -> Vec<u8> {
    let len = site.device.uid.as_ref().map_or(8, |uid| uid.len);
    (1..=len as u8).collect()
}

pub fn opens(subject: &Subject) -> Step {
    let (site, factory) = own_board(subject)?;
    let name = &site.device.name;
    let uid = uid_of(&site);
    let mut chip = KitChip::new(&site.device);
    let at = format!("imprint_board::open(`{name}`)");
    if let Err(found) = factory.open(&mut chip, name, &uid) {
        return failed(at, "IMPRINT_OK, and valid windows", found);
    }
    // What opens here may be of any use or none; it only has to come back.
    let mut bare = KitChip::new(&site.device);
    bare.properties.clear();
    drop(factory.open(&mut bare, name, &uid));
    drop(factory.open(&mut bare, "", &[]));
    for try_out in raw_board::all() {
        let status = try_out.run(&factory, &mut KitChip::new(&site.device), name, &uid);
        ensure(
            status.is_none_or(|status| status != IMPRINT_OK),
            try_out.at,
            "a failure",
            || status_name(status.unwrap_or(IMPRINT_OK)),
        )?;
    }
    Ok(())
}

pub fn windows(subject: &Subject) -> Step {
    let (site, factory) = own_board(subject)?;
    let (_, board) = power_on(&site, &factory)?;
    let windows = board.windows();
    let at = "imprint_board::windows";
    let told = |range: &Range<u64>| format!("{:#010x} to {:#010x}", range.start, range.end);
    ensure(
        windows.len() <= WINDOWS_MAX,
        at,
        format!("at most {WINDOWS_MAX}"),
        || windows.len().to_string(),
    )?;
    for (number, window) in windows.iter().enumerate() {
        let is_sane = window.start < window.end && window.end <= 1 << 32;
        ensure(is_sane, at, "a range below 4 GiB that is not empty", || {
            told(window)
        })?;
        let overlaps = |other: &Range<u64>| window.start < other.end && other.start < window.end;
        if let Some(other) = windows[..number].iter().find(|other| overlaps(other)) {
            let found = format!("{} and {}", told(other), told(window));
            return failed(at, "windows that do not overlap", found);
        }
        for memory in &site.device.memories {
            if overlaps(&(memory.start..memory.end())) {
                return failed(
                    at,
                    "windows apart from the memories of the device, which answer first",
                    format!("{} lies over the memory `{}`", told(window), memory.name),
                );
            }
        }
    }
    Ok(())
}

/// Every word of the windows, as the debugger reads it; `None` is a bus fault.
fn registers(chip: &mut KitChip, board: &mut dyn Peripherals) -> Vec<(u32, Option<u32>)> {
    let mut found = Vec::new();
    for window in board.windows() {
        let first = window.start.next_multiple_of(4);
        let addresses = (first..window.end.min(1 << 32)).step_by(4);
        for address in addresses.take(WORDS_MAX as usize) {
            let access = Access {
                master: Master::Debugger,
                address: address as u32,
                size: 4,
            };
            found.push((access.address, board.read(chip, access).ok()));
        }
    }
    found
}

/// The first register that differs, in words.
fn compare(at: &str, expected: &[(u32, Option<u32>)], found: &[(u32, Option<u32>)]) -> Step {
    let told = |value: Option<u32>| value.map_or("a bus fault".into(), |it| format!("{it:#010x}"));
    for ((address, expected), (_, found)) in expected.iter().zip(found) {
        if expected != found {
            return failed(
                format!("the register {address:#010x}, {at}"),
                told(*expected),
                told(*found),
            );
        }
    }
    Ok(())
}

pub fn reset(subject: &Subject) -> Step {
    let (site, factory) = own_board(subject)?;
    let (mut chip, mut board) = power_on(&site, &factory)?;
    let fresh = chip.cells();
    let expected = registers(&mut chip, board.as_mut());
    board.reset(&mut chip, ResetKind::System);
    let found = registers(&mut chip, board.as_mut());
    compare(
        "read, and read again after a system reset",
        &expected,
        &found,
    )?;
    for (address, _) in &expected {
        let access = Access {
            master: Master::Debugger,
            address: *address,
            size: 4,
        };
        // A register that refuses to be written is as good.
        let _ = board.write(&mut chip, access, u32::MAX);
    }
    chip.set_cells(&fresh);
    board.reset(&mut chip, ResetKind::PowerOn);
    let found = registers(&mut chip, board.as_mut());
    compare(
        "written, and read after a power-on reset",
        &expected,
        &found,
    )
}

pub fn keeps_its_state(subject: &Subject) -> Step {
    let (site, factory) = own_board(subject)?;
    let mut bench = Bench::new(&site, 1)?;
    let restored = |step: Step| match step {
        Ok(()) => Ok(()),
        Err(_) => failed(
            "imprint_board::load of what save wrote",
            "IMPRINT_OK",
            "a failure",
        ),
    };
    restored(plant(&site, &mut bench))?;
    let saved = bench.board().save();
    restored(bench.restore(&saved, Vec::new()))?;
    let again = bench.board().save();
    ensure(
        saved.peripherals == again.peripherals,
        "imprint_board::save after load",
        format!("{} bytes, the same", saved.peripherals.len()),
        || format!("{} other bytes", again.peripherals.len()),
    )?;
    ensure(
        saved.memories == again.memories,
        "the cells of a board that was saved and loaded",
        "the same",
        || "others".into(),
    )?;
    // Bytes that are none of its: they are refused or taken, and bring nothing down.
    let (_, mut board) = power_on(&site, &factory)?;
    for garbage in [&[][..], &[0xFF; 1], &[0; 7], &[0xA5; 5000]] {
        board.load(garbage);
    }
    Ok(())
}

pub fn holds_still(subject: &Subject) -> Step {
    let (site, factory) = own_board(subject)?;
    let (mut chip, mut board) = power_on(&site, &factory)?;
    chip.is_busy = true;
    // Once to let reads have the effects they have.
    registers(&mut chip, board.as_mut());
    let first = registers(&mut chip, board.as_mut());
    chip.now_ns += MOMENT_NS;
    let second = registers(&mut chip, board.as_mut());
    compare("read twice within a flash operation", &first, &second)
}
