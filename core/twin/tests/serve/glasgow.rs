//! Frames of the Glasgow applet.

use super::Client;
use crate::common::{CONTROLLER, FLASH, RAM};
use imprint_twin::serve::Protocol;

const ROOT: u8 = 0;
const WIRE: u8 = 1;

/// A short frame, stuffed the simple way.
fn frame(target: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    for run in [&[target], data].concat().split(|byte| *byte == 0) {
        assert!(run.len() < 254);
        frame.push(run.len() as u8 + 1);
        frame.extend_from_slice(run);
    }
    frame.push(0);
    frame
}

/// What is in the frames of an answer, without their target.
fn data(target: u8, answer: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    for frame in answer.split(|byte| *byte == 0).filter(|it| !it.is_empty()) {
        let mut bytes = Vec::new();
        let mut rest = frame;
        while let Some((&code, after)) = rest.split_first() {
            let (run, after) = after.split_at(usize::from(code) - 1);
            bytes.extend_from_slice(run);
            if !after.is_empty() {
                bytes.push(0);
            }
            rest = after;
        }
        assert_eq!(bytes[0], target);
        found.extend_from_slice(&bytes[1..]);
    }
    found
}

impl Client {
    fn ask(&mut self, target: u8, bytes: &[u8]) -> Vec<u8> {
        let answer = self.send(&frame(target, bytes));
        data(target, &answer)
    }

    /// A transfer: bit 0 access port, bit 1 read, bits 2 and 3 the register.
    fn write(&mut self, command: u8, value: u32) -> Vec<u8> {
        self.ask(WIRE, &[&[command][..], &value.to_le_bytes()].concat())
    }

    fn read(&mut self, command: u8) -> Result<u32, u8> {
        let answer = self.ask(WIRE, &[command]);
        match answer.split_first_chunk::<5>() {
            Some((&[1, a, b, c, d], &[])) => Ok(u32::from_le_bytes([a, b, c, d])),
            _ => Err(answer[0]),
        }
    }
}

const OK: [u8; 1] = [0x11];
const FAULT: [u8; 1] = [0x14];
const NO_ANSWER: u8 = 0x20;

/// Registers of the debug port and of the access port.
const DPIDR: u8 = 0x2;
const ABORT: u8 = 0x0;
const CONTROL: u8 = 0x4;
const STATUS: u8 = 0x6;
const RDBUFF: u8 = 0xE;
const TAR: u8 = 0x5;
const READ_TAR: u8 = 0x7;
const DRW: u8 = 0xD;
const READ_DRW: u8 = 0xF;

/// Line reset, switch, line reset, idle; then the identification and power.
pub fn connect(client: &mut Client) -> Option<u32> {
    let ones = u32::MAX.to_le_bytes();
    for (len, bits) in [
        (0x20, ones),
        (0x20 | 28, ones),
        (0x20 | 16, 0xE79E_u32.to_le_bytes()),
        (0x20, ones),
        (0x20 | 28, ones),
        (0x20 | 8, [0; 4]),
    ] {
        let answer = client.ask(WIRE, &[&[len][..], &bits].concat());
        assert!(answer.is_empty());
    }
    let id = client.read(DPIDR).ok()?;
    assert_eq!(client.write(ABORT, 0x1E), OK);
    assert_eq!(client.write(CONTROL, 0x5000_0000), OK);
    assert_eq!(client.write(0x8, 0), OK);
    assert_eq!(client.write(0x1, 0x2300_0012), OK);
    Some(id)
}

fn connected(faults: &[&str]) -> Client {
    let mut client = Client::new(Protocol::Glasgow, faults);
    assert_eq!(connect(&mut client), Some(0x2BA0_1477));
    client
}

#[test]
fn the_root_says_who_it_is_and_has_clock_and_reset() {
    let mut client = Client::new(Protocol::Glasgow, &[]);
    assert_eq!(client.ask(ROOT, &[0x00]), b"probe-rs,v01");
    assert_eq!(client.ask(ROOT, &[0x10]), 48_000_000_u32.to_le_bytes());
    // 10 MHz of the device: 48 MHz through 5, which is slower than that.
    assert_eq!(client.ask(ROOT, &[0x11]), [4, 0]);
    assert_eq!(client.ask(ROOT, &[0x12, 0x34, 0x12, 0x11]), [0x34, 0x12]);
    client.ask(ROOT, &[0x20]);
    assert_eq!(client.board.pins(0, 0), 0);
    client.ask(ROOT, &[0x21]);
    assert_eq!(client.board.pins(0, 0), 0x80);
}

#[test]
fn reads_of_an_access_port_come_one_later() {
    let mut client = connected(&[]);
    client.write(TAR, RAM);
    for value in 1..=3 {
        assert_eq!(client.write(DRW, value), OK);
    }
    client.write(TAR, RAM);
    let answer = client.ask(WIRE, &[READ_DRW, READ_DRW, READ_DRW, RDBUFF]);
    let values: Vec<_> = answer.chunks(5).map(|it| (it[0], it[1])).collect();
    assert_eq!(values[1..], [(1, 1), (1, 2), (1, 3)]);
}

#[test]
fn a_fault_shows_at_the_next_transfer_and_stays() {
    let mut client = connected(&[]);
    client.write(TAR, 0x3000_0000);
    assert!(
        client.read(READ_DRW).is_ok(),
        "acknowledged before it is done"
    );
    assert_eq!(client.read(RDBUFF), Err(0x14));
    assert_eq!(client.write(TAR, RAM), FAULT);
    assert_eq!(client.read(STATUS).unwrap() & 0x20, 0x20);
    assert_eq!(client.write(ABORT, 4), OK);
    assert_eq!(client.write(TAR, RAM), OK);
    client.read(READ_TAR).unwrap();
    assert_eq!(client.read(RDBUFF), Ok(RAM));
}

#[test]
fn a_busy_flash_is_waited_for() {
    let mut client = connected(&[]);
    for (address, value) in [(CONTROLLER, 1), (CONTROLLER + 8, FLASH)] {
        client.write(TAR, address);
        assert_eq!(client.write(DRW, value), OK);
    }
    let before = client.board.now_ns();
    client.write(TAR, FLASH);
    assert!(client.read(READ_DRW).is_ok());
    assert_eq!(client.read(RDBUFF), Ok(u32::MAX));
    assert!(client.board.now_ns() - before > 15_000_000);
}

#[test]
fn faults_of_the_board_are_seen() {
    let mut client = Client::new(Protocol::Glasgow, &["no-target"]);
    assert_eq!(client.read(DPIDR), Err(NO_ANSWER));
    let mut client = Client::new(Protocol::Glasgow, &["wait@1x70000"]);
    assert_eq!(client.read(DPIDR), Err(0x12));
    let mut client = connected(&["fault@6"]);
    assert!(client.read(READ_TAR).is_ok());
    assert_eq!(client.read(RDBUFF), Err(0x14));
}

/// Targets do not see frames, and frames do not see pieces.
#[test]
fn cuts_make_no_difference() {
    let bytes = [
        frame(ROOT, &[0x12, 7]),
        frame(WIRE, &[0x21, 1]),
        frame(ROOT, &[0, 0x11]),
        frame(WIRE, &[0, 0, 0, DPIDR]),
    ]
    .concat();
    let mut whole = Client::new(Protocol::Glasgow, &[]);
    let (wire, root): (Vec<u8>, Vec<u8>) = (vec![NO_ANSWER], vec![7, 0]);
    let expected = [frame(ROOT, &root), frame(WIRE, &wire)].concat();
    assert_eq!(whole.send(&bytes), expected);
    let mut pieces = Client::new(Protocol::Glasgow, &[]);
    let answers = bytes.iter().map(|byte| pieces.send(&[*byte]));
    assert_eq!(answers.collect::<Vec<_>>().concat(), expected);
}
