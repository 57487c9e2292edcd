//! Processes as `/proc` shows them.

use std::{fs, thread::sleep, time::Duration};

/// State letter and parent of a process, if it is there.
fn process(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit(") ").next()?.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

pub fn is_over(id: u32) -> bool {
    process(id).is_none_or(|(state, _)| matches!(state, 'Z' | 'X'))
}

pub fn child_of(parent: u32) -> Option<u32> {
    let names = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    names
        .into_iter()
        .find(|id: &u32| process(*id).is_some_and(|(_, of)| of == parent))
}

pub fn poll() {
    sleep(Duration::from_micros(250));
}
