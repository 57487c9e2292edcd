//! Foreign clients of a board: what they send, byte by byte, and what comes back.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod bitbang;
mod glasgow;
mod pyocd;

use common::{Probe, device, firmware, make_with, options};
use imprint_device::{Core, Jtag, TestAccessPort};
use imprint_twin::{
    Board,
    limits::SERVE_MESSAGE_LEN_MAX,
    serve::{Flow, Protocol, ServeError, Session},
};

/// IDCODE of the debug port, and of the boundary scan behind it, whose instructions have 5 bits.
const IDCODE: u32 = 0x4BA0_0477;
const BOUNDARY_SCAN: u32 = 0x1641_0041;

/// A client and its board.
struct Client {
    board: Board,
    session: Session,
}

impl Client {
    fn new(protocol: Protocol, faults: &[&str]) -> Client {
        let mut device = device(Core::CortexM4);
        device.twin.jtag = Some(Jtag {
            idcode: IDCODE,
            others: vec![TestAccessPort {
                idcode: BOUNDARY_SCAN,
                instruction_len: 5,
            }],
        });
        let make = make_with(firmware::SPIN);
        let mut board = Board::power_on(&device, options(faults), make).unwrap();
        let session = Session::new(protocol, &mut board);
        Client { board, session }
    }

    fn try_send(&mut self, bytes: &[u8]) -> (Result<Flow, ServeError>, Vec<u8>) {
        let mut answer = Vec::new();
        let flow = self.session.receive(&mut self.board, bytes, &mut answer);
        (flow, answer)
    }

    fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (flow, answer) = self.try_send(bytes);
        assert_eq!(flow, Ok(Flow::Continue));
        answer
    }
}

const ALL: [Protocol; 3] = [Protocol::Glasgow, Protocol::Pyocd, Protocol::Bitbang];

#[test]
fn bytes_that_are_another_protocols_end_the_session() {
    let long = [&vec![b'1'; SERVE_MESSAGE_LEN_MAX][..], b"1"].concat();
    for (protocol, bytes, code) in [
        (Protocol::Glasgow, &long[..], "IMP-7110"),
        (Protocol::Glasgow, b"GET / HTTP/1.1\r\n\0", "IMP-7111"),
        (Protocol::Glasgow, &[0], "IMP-7111"),
        (Protocol::Glasgow, &[2, 9, 0], "IMP-7111"),
        (Protocol::Glasgow, &[1, 2, 0x77, 0], "IMP-7112"),
        (Protocol::Glasgow, &[3, 1, 0x40, 0], "IMP-7112"),
        (Protocol::Glasgow, &[3, 1, 0x10, 0], "IMP-7112"),
        (Protocol::Pyocd, &long, "IMP-7110"),
        (Protocol::Pyocd, b"GET / HTTP/1.1\r\n", "IMP-7113"),
        (Protocol::Pyocd, b"\n", "IMP-7113"),
        (Protocol::Pyocd, b"{\"id\": 1}\n", "IMP-7113"),
        (
            Protocol::Pyocd,
            b"{\"id\": {}, \"request\": \"open\"}\n",
            "IMP-7113",
        ),
        (Protocol::Pyocd, b"\xFF\xFE\n", "IMP-7113"),
        (Protocol::Bitbang, b"0G", "IMP-7114"),
        (Protocol::Bitbang, b"8", "IMP-7114"),
        (Protocol::Bitbang, b"\0", "IMP-7114"),
        // Serial wire of a newer OpenOCD.
        (Protocol::Bitbang, b"O", "IMP-7114"),
    ] {
        let (flow, _) = Client::new(protocol, &[]).try_send(bytes);
        let error = flow.unwrap_err();
        assert_eq!(error.code(), code, "{protocol:?}: {error}");
        assert!(error.help().is_some());
    }
}

#[test]
fn the_reset_line_goes_up_with_the_client() {
    for (protocol, bytes) in [
        (Protocol::Glasgow, &[1, 2, 0x20, 0][..]),
        (
            Protocol::Pyocd,
            b"{\"id\":1,\"request\":\"assert_reset\",\"arguments\":[true]}\n",
        ),
        (Protocol::Bitbang, b"s"),
    ] {
        let mut client = Client::new(protocol, &[]);
        client.send(bytes);
        assert_eq!(client.board.pins(0, 0), 0, "{protocol:?}");
        let Client { mut board, session } = client;
        session.end(&mut board);
        assert_ne!(board.pins(0, 0), 0, "{protocol:?}");
    }
}

/// One after the other, each finds the pins as the one before left them.
#[test]
fn clients_of_all_protocols_share_a_board() {
    let mut client = Client::new(Protocol::Bitbang, &[]);
    for round in 0..3 {
        client.session = Session::new(Protocol::Bitbang, &mut client.board);
        assert_eq!(
            bitbang::idcodes(&mut client),
            [IDCODE, BOUNDARY_SCAN],
            "{round}"
        );
        client.session = Session::new(Protocol::Glasgow, &mut client.board);
        assert_eq!(glasgow::connect(&mut client), Some(0x2BA0_1477), "{round}");
        client.session = Session::new(Protocol::Pyocd, &mut client.board);
        assert_eq!(pyocd::connect(&mut client), 0x2BA0_1477, "{round}");
    }
    // Whoever uses serial wire has taken JTAG's pins away.
    client.session = Session::new(Protocol::Bitbang, &mut client.board);
    let mut probe = Probe {
        board: client.board,
    };
    probe.connect().unwrap();
    client.board = probe.board;
    assert_eq!(bitbang::idcodes(&mut client), [u32::MAX; 2]);
}

/// Whatever is sent, and however it is cut, a session answers or ends: it neither panics nor takes memory for nothing.
#[test]
fn random_bytes_are_answered_or_refused() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 32
    };
    for protocol in ALL {
        for _ in 0..300 {
            let mut client = Client::new(protocol, &[]);
            for _ in 0..random() % 8 {
                let bytes: Vec<u8> = (0..random() % 200)
                    .map(|_| match (protocol, random() % 4) {
                        (_, 0) => random() as u8,
                        (Protocol::Glasgow, _) => random() as u8 % 8,
                        (Protocol::Pyocd, _) => b"{}[]\":, \nid0129request"[random() as usize % 22],
                        (Protocol::Bitbang, _) => b"01234567Rrstu"[random() as usize % 13],
                    })
                    .collect();
                let (flow, answer) = client.try_send(&bytes);
                assert!(answer.len() <= 20 * bytes.len() + 300, "{protocol:?}");
                if flow.is_err() {
                    break;
                }
            }
        }
    }
}
