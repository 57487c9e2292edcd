//! Scans of JTAG, character by character.

use super::{BOUNDARY_SCAN, Client, IDCODE};
use crate::common::{CONTROLLER, FLASH, RAM};
use imprint_twin::serve::{Flow, Protocol};

/// Instructions of the debug port, with BYPASS for the port behind it.
const ABORT: u64 = 0x1F8;
const DPACC: u64 = 0x1FA;
const APACC: u64 = 0x1FB;
const BYPASS: u64 = 0x1FF;
const OK: u64 = 2;
const WAIT: u64 = 1;

impl Client {
    /// A clock with these lines; TDO before it.
    fn clock(&mut self, tms: u8, tdi: u8) -> u64 {
        let lines = tms << 1 | tdi;
        let answer = self.send(&[b'0' + lines, b'R', b'4' + lines]);
        u64::from(answer == b"1")
    }

    fn reset_ports(&mut self) {
        for tms in [1, 1, 1, 1, 1, 0] {
            self.clock(tms, 0);
        }
    }

    /// From idle through a shift of `len` bits, and back.
    fn scan(&mut self, select: &[u8], len: u32, bits: u64) -> u64 {
        for tms in select {
            self.clock(*tms, 0);
        }
        let out = (0..len).fold(0, |out, bit| {
            let tms = u8::from(bit + 1 == len);
            out | self.clock(tms, (bits >> bit & 1) as u8) << bit
        });
        self.clock(1, 0);
        self.clock(0, 0);
        out
    }

    fn instruction(&mut self, instruction: u64) -> u64 {
        self.scan(&[1, 1, 0, 0], 9, instruction)
    }

    fn data(&mut self, len: u32, bits: u64) -> u64 {
        self.scan(&[1, 0, 0], len, bits)
    }

    /// An access: acknowledge and value of the one before.
    fn access(&mut self, instruction: u64, register: u64, write: Option<u32>) -> (u64, u32) {
        self.instruction(instruction);
        let read = u64::from(write.is_none());
        let scan = u64::from(write.unwrap_or(0)) << 3 | register >> 1 | read;
        // The last bit stays in the bypass, which is before the debug port.
        let out = self.data(36, scan) & ((1 << 35) - 1);
        (out & 7, (out >> 3) as u32)
    }

    fn fetch(&mut self) -> (u64, u32) {
        self.access(DPACC, 0xC, None)
    }

    fn power_up(&mut self) {
        self.reset_ports();
        self.access(DPACC, 4, Some(0x5000_0000));
        self.access(DPACC, 8, Some(0));
        self.access(APACC, 0, Some(0x2300_0012));
    }
}

/// The identifications that are selected after a reset, the debug port's first.
pub fn idcodes(client: &mut Client) -> [u32; 2] {
    client.reset_ports();
    let out = client.data(64, 0);
    [out as u32, (out >> 32) as u32]
}

fn connected(faults: &[&str]) -> Client {
    let mut client = Client::new(Protocol::Bitbang, faults);
    client.power_up();
    client
}

#[test]
fn the_chain_identifies_itself() {
    let mut client = Client::new(Protocol::Bitbang, &[]);
    assert_eq!(idcodes(&mut client), [IDCODE, BOUNDARY_SCAN]);
    assert_eq!(client.instruction(BYPASS), 0b0_0001_0001);
    // Through both bypasses, after their two zeros.
    assert_eq!(client.data(10, 0b1011_0111), 0b10_1101_1100);
    // The reset of the ports selects the identification again, and holds.
    client.send(b"t");
    assert_eq!(client.data(8, 0), 0xFF, "held, so nothing is shifted");
    client.send(b"r");
    assert_eq!(idcodes(&mut client), [IDCODE, BOUNDARY_SCAN]);
}

#[test]
fn a_device_that_does_not_say_has_a_debug_port_alone() {
    let mut client = Client::new(Protocol::Bitbang, &[]);
    let mut probe = crate::common::Probe::new(imprint_device::Core::CortexM0, &[], &[]);
    client.session = imprint_twin::serve::Session::new(Protocol::Bitbang, &mut probe.board);
    client.board = probe.board;
    assert_eq!(idcodes(&mut client), [0x0BA0_0477, 0]);
}

#[test]
fn accesses_are_answered_by_the_scan_after_them() {
    let mut client = connected(&[]);
    client.access(APACC, 4, Some(RAM));
    for value in [0x1234_5678, 0x9ABC_DEF0] {
        assert_eq!(client.access(APACC, 0xC, Some(value)).0, OK);
    }
    client.access(APACC, 4, Some(RAM));
    client.access(APACC, 0xC, None);
    assert_eq!(client.access(APACC, 0xC, None), (OK, 0x1234_5678));
    assert_eq!(client.fetch(), (OK, 0x9ABC_DEF0));
    assert_eq!(client.fetch(), (OK, 0), "RDBUFF itself is zero");
    client.access(DPACC, 8, Some(0xF0));
    client.access(APACC, 0xC, None);
    assert_eq!(client.access(DPACC, 8, None), (OK, 0x2477_0011), "IDR");
    assert_eq!(client.fetch(), (OK, 0xF0), "SELECT can be read");
}

#[test]
fn a_sticky_error_is_cleared_in_its_register() {
    let mut client = connected(&[]);
    client.access(APACC, 4, Some(0x3000_0000));
    client.access(APACC, 0xC, None);
    client.access(APACC, 4, Some(RAM));
    client.access(DPACC, 4, None);
    let (ack, status) = client.fetch();
    assert_eq!((ack, status & 0xF000_0020), (OK, 0xF000_0020));
    client.access(DPACC, 4, Some(0x5000_0020));
    client.access(DPACC, 4, None);
    assert_eq!(client.fetch().1 & 0x20, 0);
    client.access(APACC, 4, None);
    assert_eq!(
        client.fetch().1,
        0x3000_0000,
        "the write under the error did nothing"
    );
}

#[test]
fn a_busy_flash_answers_wait_until_it_is_done_or_aborted() {
    let mut client = connected(&[]);
    let erase = |client: &mut Client| {
        for (address, value) in [(CONTROLLER, 1), (CONTROLLER + 8, FLASH)] {
            client.access(APACC, 4, Some(address));
            client.access(APACC, 0xC, Some(value));
        }
        client.access(APACC, 4, Some(FLASH));
        client.access(APACC, 0xC, None);
    };
    erase(&mut client);
    assert_eq!(client.access(APACC, 4, Some(RAM)).0, WAIT);
    assert_eq!(client.fetch().0, WAIT);
    client.board.pass_ns(25_000_000);
    assert_eq!(client.fetch(), (OK, u32::MAX));
    client.access(APACC, 4, None);
    assert_eq!(
        client.fetch().1,
        FLASH + 4,
        "what was answered with WAIT was not done"
    );
    // Overruns are kept where the client asks for it, and keep accesses away.
    client.access(DPACC, 4, Some(0x5000_0001));
    erase(&mut client);
    assert_eq!(client.fetch().0, WAIT);
    client.instruction(ABORT);
    client.data(36, 1 << 3);
    client.access(DPACC, 4, None);
    assert_eq!(client.fetch().1 & 2, 2);
    client.access(DPACC, 4, Some(0x5000_0003));
    client.access(DPACC, 4, None);
    assert_eq!(client.fetch().1 & 2, 0);
}

#[test]
fn faults_of_the_board_are_seen() {
    let mut client = Client::new(Protocol::Bitbang, &["no-target"]);
    assert_eq!(idcodes(&mut client), [u32::MAX; 2]);
    let mut client = connected(&["fault@4"]);
    client.access(APACC, 4, None);
    client.access(DPACC, 4, None);
    assert_eq!(client.fetch().1 & 0x20, 0x20);
    let mut client = connected(&["wait@4x70000"]);
    client.access(APACC, 4, None);
    assert_eq!(client.fetch().0, WAIT);
    assert_eq!(client.fetch().0, OK);
}

#[test]
fn the_other_lines() {
    let mut client = connected(&[]);
    assert_eq!(client.send(b"BbR"), b"1", "nothing drives the line");
    client.send(b"u");
    assert_eq!(client.board.pins(0, 0), 0);
    client.send(b"r");
    assert_eq!(client.board.pins(0, 0), 0x80);
    let (flow, answer) = client.try_send(b"RQR");
    assert_eq!((flow, &answer[..]), (Ok(Flow::Done), &b"1"[..]));
}
