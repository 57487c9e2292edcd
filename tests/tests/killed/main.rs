//! `kill -9`, at any moment: of the command with its worker, of the command alone, of the worker alone.
//!
//! Whatever is killed, the books open, no cap is exceeded, no serial number is on two boards, and a board that was left in
//! the middle gets its own number again.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod moment;
mod process;
mod shop;

use imprint_tests::NRF52;
use moment::{MOMENTS, Victim};
use shop::{Books, Shop};
use std::collections::BTreeMap;

/// How many processes are killed at least, and how many units are begun for it at most.
const KILLS: usize = 24;
const TRIES: usize = 120;
/// The cap of the image.
pub const UNITS: u64 = 40;

#[test]
fn nothing_is_counted_twice_and_no_number_is_given_twice() {
    let mut shop = Shop::new();
    let (mut kills, mut boards) = (0, 0);
    let mut victims = BTreeMap::new();
    for tries in 0.. {
        if kills >= KILLS {
            break;
        }
        assert!(tries < TRIES, "only {kills} processes could be killed");
        let victim = [Victim::Both, Victim::Command, Victim::Worker][tries % 3];
        let moment = MOMENTS[tries % MOMENTS.len()];
        // Sometimes a board that was left in the middle comes again, and is killed again.
        let again = shop
            .held
            .keys()
            .next()
            .copied()
            .filter(|_| shop.random.below(3) == 0);
        let number = again.unwrap_or(boards);
        boards += usize::from(again.is_none());
        if shop.killed(number, victim, moment) {
            kills += 1;
            *victims.entry(format!("{victim:?}")).or_insert(0) += 1;
        }
        // Another board comes first, or the same one again, or nobody.
        match shop.random.below(4) {
            0 => {
                shop.pass(boards);
                boards += 1;
            }
            1 if !shop.passed.values().any(|it| *it == number) => shop.pass(number),
            _ => {}
        }
        if shop.passed.len() + shop.held.len() + 2 > UNITS as usize {
            break;
        }
    }
    assert!(kills >= 20 && victims.len() == 3, "{kills}: {victims:?}");

    // What is not known counts: others get what is left, and no more.
    while ((shop.passed.len() + shop.held.len()) as u64) < UNITS {
        shop.pass(boards);
        boards += 1;
    }
    let run = shop
        .workshop
        .unit(&shop.image, &shop.board(boards), "ok", &[]);
    assert_eq!(run.failures()[0].code, "IMP-8100", "{run}");
    assert!(
        run.exit != 0 && run.report().changes.is_empty() && run.report().serials.is_empty(),
        "{run}"
    );
    // Each board that was left in the middle still gets its own number.
    for number in shop.held.keys().copied().collect::<Vec<_>>() {
        shop.pass(number);
    }
    assert_eq!(
        shop.books(),
        Books {
            passed: UNITS,
            unknown: 0,
            next: UNITS
        }
    );
    shop.workshop
        .unit(&shop.image, &format!("twin:{}", NRF52.device), "ok", &[])
        .refused("IMP-8100");
}
