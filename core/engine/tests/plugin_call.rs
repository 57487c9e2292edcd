//! Calls into plugins that misbehave: nothing crosses the boundary but statuses and text.
#![allow(clippy::unwrap_used)]

mod plugin_support;

use imprint::plugin::{Family, FamilyStatus, LogLevel};
use plugin_support::{FakeTarget, compile_broken, rust_plugins, signed_folder, store_of};
use std::thread;

fn faulty() -> Family {
    let folder = signed_folder(&[&rust_plugins().join("examples/libfaulty.so")]);
    store_of(folder.path()).family("test.faulty").unwrap()
}

fn broken() -> Family {
    let folder = tempfile::tempdir().unwrap();
    let library = compile_broken(folder.path(), "broken", &[]);
    let folder = signed_folder(&[&library]);
    store_of(folder.path()).family("test.broken").unwrap()
}

#[test]
fn a_panic_becomes_a_status_and_poisons_the_session() {
    let family = faulty();
    let mut target = FakeTarget::new(&[]);
    let mut session = family.open(&mut target, "any").unwrap();
    assert_eq!(
        session.command(&mut target, "echo", b"hello").unwrap(),
        b"hello"
    );
    let error = session
        .command(&mut target, "panic", b"erase at 0xdead")
        .unwrap_err();
    assert_eq!(
        (error.status, error.code()),
        (FamilyStatus::Panic, "IMP-5102")
    );
    assert!(
        error.to_string().contains("asked to: erase at 0xdead"),
        "{error}"
    );
    let logged = target.lines.last().unwrap();
    assert_eq!(logged.0, LogLevel::Error);
    assert!(
        logged.1.contains("faulty.rs") && logged.1.contains("asked to"),
        "{logged:?}"
    );

    let error = session.command(&mut target, "echo", b"hello").unwrap_err();
    assert_eq!(error.status, FamilyStatus::Panic);
    assert!(error.to_string().contains("poisoned"), "{error}");
    drop(session);
    let mut session = family.open(&mut target, "any").unwrap();
    assert_eq!(
        session.command(&mut target, "echo", b"again").unwrap(),
        b"again"
    );
}

#[test]
fn a_panic_with_a_value_that_panics() {
    let mut target = FakeTarget::new(&[]);
    let mut session = faulty().open(&mut target, "any").unwrap();
    let error = session
        .command(&mut target, "panic-with-a-value", b"")
        .unwrap_err();
    assert_eq!(error.status, FamilyStatus::Panic);
}

#[test]
fn a_panic_in_open() {
    let error = faulty()
        .open(&mut FakeTarget::new(&[]), "panic")
        .err()
        .unwrap();
    assert_eq!(
        (error.status, error.operation),
        (FamilyStatus::Panic, "open")
    );
}

#[test]
fn log_lines_are_bounded_and_have_no_control_characters() {
    let mut target = FakeTarget::new(&[]);
    let mut session = faulty().open(&mut target, "any").unwrap();
    target.lines.clear();
    session.command(&mut target, "flood", b"").unwrap();
    assert_eq!(target.lines.len(), 1000);
    assert_eq!(target.lines[0], (LogLevel::Debug, "line 0  [2J".into()));
}

#[test]
fn sessions_move_between_threads_and_run_in_parallel() {
    let family = faulty();
    let threads: Vec<_> = (0..8_u8)
        .map(|number| {
            let mut session = family.open(&mut FakeTarget::new(&[]), "any").unwrap();
            thread::spawn(move || {
                let mut target = FakeTarget::new(&[]);
                for _ in 0..100 {
                    let output = session
                        .command(&mut target, "echo", &[number; 100])
                        .unwrap();
                    assert_eq!(output, [number; 100]);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn what_a_plugin_does_not_offer() {
    let mut target = FakeTarget::new(&[]);
    let mut session = faulty().open(&mut target, "any").unwrap();
    let error = session.read_uid(&mut target).unwrap_err();
    assert_eq!(error.code(), "IMP-5103");
    let error = session.erase(&mut target, 0, 4096).unwrap_err();
    assert_eq!(error.code(), "IMP-5103");
}

#[test]
fn answers_that_break_the_rules() {
    let mut target = FakeTarget::new(&[]);
    let mut session = broken().open(&mut target, "any").unwrap();

    let error = session.identify(&mut target).unwrap_err();
    assert_eq!(
        (error.status, error.code(), error.detail),
        (FamilyStatus::Unknown(77), "IMP-5110", 0x42)
    );
    assert_eq!(
        error.message.len(),
        1024,
        "the sentence is cut at the buffer"
    );

    let error = session.read_uid(&mut target).unwrap_err();
    assert_eq!(error.code(), "IMP-5109");
    assert!(
        error.to_string().contains("65 bytes, at most 64"),
        "{error}"
    );

    let error = session.protect(&mut target).unwrap_err();
    assert_eq!(
        (error.code(), error.message.as_str()),
        ("IMP-5106", " [2J\u{FFFD}")
    );

    let error = session.unlock(&mut target).unwrap_err();
    assert_eq!(error.code(), "IMP-5101");
    assert!(
        error.to_string().contains("null pointer with a length"),
        "{error}"
    );
}

#[test]
fn a_panic_of_the_host_does_not_reach_the_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let library = plugin_support::compile_template(folder.path());
    let folder = signed_folder(&[&library]);
    let family = store_of(folder.path()).family("template.c").unwrap();
    let properties = [("part", "0"), ("flash.end", "0")];
    let mut target = FakeTarget::new(&properties);
    let mut session = family.open(&mut target, "any").unwrap();
    target.panics = true;
    let error = session.read_uid(&mut target).unwrap_err();
    assert_eq!(error.status, FamilyStatus::Panic);
    assert!(
        error
            .to_string()
            .contains("the host panicked: the host was asked to panic"),
        "{error}"
    );
}
