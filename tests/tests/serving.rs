//! A board that is served to programs of others: the addresses, the end, bad bytes, and probe-rs as a client.
//!
//! The client is the library that probe-rs's own command is made of, with its driver of a Glasgow. What programs of
//! others do that must be installed is in `foreign`.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Chip, F103, NRF51, NRF52, Served, Workshop, crc32};
use nix::sys::signal::Signal;
use probe_rs::{
    MemoryInterface, Permissions, Session,
    flashing::{DownloadOptions, FlashProgress, erase_all},
    probe::{DebugProbeSelector, WireProtocol, list::Lister},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

/// What an application leaves in RAM, as `tests/firmware/include/heartbeat.h` has it.
const HEARTBEAT: u64 = 0x2000_0000;
const MAGIC: u32 = 0x5441_4548;

fn attach(glasgow: &str, chip: &Chip) -> Result<Session, probe_rs::Error> {
    let selector: DebugProbeSelector = format!("20b7:9db1:{glasgow}").parse().unwrap();
    let mut probe = Lister::new().open(selector)?;
    probe.select_protocol(WireProtocol::Swd)?;
    probe.attach(chip.device, Permissions::new().allow_erase_all())
}

/// The bytes of a chip's flash in a saved board.
fn flash_of(workshop: &Workshop, file: &str, chip: &Chip) -> Vec<u8> {
    let board = workshop.board(file);
    let mut flash = vec![0xFF; chip.flash_len];
    let memory = board.memories.iter().find(|memory| memory.name == "flash");
    for run in &memory.unwrap().runs {
        let start = run.offset as usize;
        flash[start..start + run.data.len()].copy_from_slice(&run.data);
    }
    flash
}

fn probe_rs_programs(chip: &Chip) {
    let workshop = Workshop::new();
    workshop.twin("served.twin", chip.device, &[]);
    let served = Served::new(&workshop, "./served.twin", &[]);
    let firmware = chip.firmware("bin");
    let mut session = attach(&format!("tcp:{}", served.said("glasgow")), chip).unwrap();

    let device = imprint_tests::Direct::new(&workshop)
        .device(chip.device)
        .clone();
    let place = device.uid.unwrap();
    let mut uid = vec![0; place.len as usize];
    session
        .core(0)
        .unwrap()
        .read(place.address, &mut uid)
        .unwrap();
    let uid: String = uid.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(uid, served.said("uid"));

    erase_all(&mut session, &mut FlashProgress::empty(), false).unwrap();
    let mut loader = session.target().flash_loader();
    loader.add_data(chip.flash_start, &firmware).unwrap();
    let mut options = DownloadOptions::default();
    options.verify = true;
    loader.commit(&mut session, options).unwrap();

    let mut core = session.core(0).unwrap();
    core.reset().unwrap();
    let mut heartbeat = [0; 5];
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(10));
        core.read_32(HEARTBEAT, &mut heartbeat).unwrap();
        if heartbeat[4] != 0 {
            break;
        }
    }
    assert_eq!((heartbeat[0], heartbeat[4]), (MAGIC, crc32(&firmware)));
    drop(core);
    drop(session);

    let run = served.stop().passes();
    assert!(run.stderr.contains("saved ./served.twin"), "{run}");
    let flash = flash_of(&workshop, "served.twin", chip);
    assert_eq!(flash[..firmware.len()], firmware[..]);
    assert!(flash[firmware.len()..].iter().all(|byte| *byte == 0xFF));
}

#[test]
fn probe_rs_programs_an_nrf52832() {
    probe_rs_programs(&NRF52);
}

#[test]
fn probe_rs_programs_an_nrf51822() {
    probe_rs_programs(&NRF51);
}

#[test]
fn probe_rs_programs_an_stm32f103() {
    probe_rs_programs(&F103);
}

#[test]
fn probe_rs_sees_what_a_broken_board_does() {
    let workshop = Workshop::new();
    let served = Served::new(&workshop, NRF52.device, &["--fault", "no-target"]);
    let glasgow = format!("tcp:{}", served.said("glasgow"));
    assert!(attach(&glasgow, &NRF52).is_err());
    served.stop().passes();

    let served = Served::new(&workshop, NRF52.device, &["--fault", "lost@100"]);
    let glasgow = format!("tcp:{}", served.said("glasgow"));
    let mut session = attach(&glasgow, &NRF52).unwrap();
    let mut loader = session.target().flash_loader();
    loader.add_data(0, &NRF52.firmware("bin")).unwrap();
    let mut options = DownloadOptions::default();
    options.verify = true;
    let error = loader.commit(&mut session, options).unwrap_err();
    assert!(format!("{error:?}").contains("erif"), "{error:?}");
    drop(session);
    served.stop().passes();
}

/// Asks a Glasgow who it is.
fn identify(stream: &mut (impl Read + Write)) {
    stream.write_all(&[1, 1, 1, 0]).unwrap();
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer[..], b"\x01\x0dprobe-rs,v01\0");
}

#[test]
fn either_signal_ends_it_in_order() {
    let workshop = Workshop::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        workshop.twin("board.twin", NRF51.device, &[]);
        let socket = format!("unix:{}", workshop.path("socket").display());
        let served = Served::at(&workshop, "./board.twin", &["--glasgow", &socket]);
        assert_eq!(served.said("glasgow"), socket);
        let mut client = UnixStream::connect(workshop.path("socket")).unwrap();
        identify(&mut client);
        // The client is still there, in the middle of a message.
        client.write_all(&[3, 1]).unwrap();
        let before = workshop.board("board.twin").time_ns;
        served.stop_by(signal).passes();
        assert!(workshop.board("board.twin").time_ns > before);
        assert!(!workshop.path("socket").exists());
    }
}

#[test]
fn clients_come_and_go() {
    let workshop = Workshop::new();
    let served = Served::new(&workshop, NRF51.device, &[]);
    for cut in [0, 1, 3] {
        let mut client = TcpStream::connect(served.said("glasgow")).unwrap();
        identify(&mut client);
        client.write_all(&[3, 1, 2, 0][..cut]).unwrap();
    }
    let mut client = TcpStream::connect(served.said("bitbang")).unwrap();
    client.write_all(b"RQ").unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"1", "`Q` ends the connection");
    let run = served.stop().passes();
    assert_eq!(run.stderr, "");
}

#[test]
fn bad_bytes_end_the_connection_and_nothing_else() {
    let workshop = Workshop::new();
    let served = Served::new(&workshop, NRF51.device, &[]);
    let request = b"GET / HTTP/1.1\r\n\r\n\0";
    for (name, bytes) in [
        ("glasgow", &request[..]),
        ("pyocd", request),
        ("bitbang", request),
    ] {
        let mut client = TcpStream::connect(served.said(name)).unwrap();
        client.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // Closed, or reset because not everything was read.
        let _ = client.read_to_end(&mut answer);
        assert_eq!(answer, b"", "{name}");
    }
    identify(&mut TcpStream::connect(served.said("glasgow")).unwrap());
    let run = served.stop().passes();
    for (name, code) in [
        ("glasgow", "IMP-7111"),
        ("pyocd", "IMP-7113"),
        ("bitbang", "IMP-7114"),
    ] {
        let said = format!("a client of the {name} address was disconnected");
        assert!(run.stderr.contains(&said), "{run}");
        assert!(run.stderr.contains(code), "{run}");
    }
}

#[test]
fn what_cannot_be_served_is_refused() {
    let workshop = Workshop::new();
    workshop.twin("board.twin", NRF51.device, &[]);
    let any = "127.0.0.1:0";
    for (arguments, exit, code) in [
        (&["nRF51822_xxAA"][..], 2, "IMP-9001"),
        (&["nRF51822_xxAA", "--pyocd", "5555"], 2, "IMP-9001"),
        (
            &["./board.twin", "--pyocd", any, "--fault", "no-target"],
            2,
            "IMP-9001",
        ),
        (
            &["nRF51822_xxAA", "--pyocd", any, "--fault", "explode"],
            2,
            "IMP-7007",
        ),
        (
            &["nRF51822_xxAA", "--pyocd", "unix:/nowhere/socket"],
            8,
            "IMP-7120",
        ),
        (&["nRF51823", "--pyocd", any], 6, "IMP-6003"),
        (&["./none.twin", "--pyocd", any], 8, "IMP-7101"),
    ] {
        let run = workshop.json(&[&["twin", "serve"], arguments].concat());
        run.fails_with(exit, code);
    }
    let listener = std::net::TcpListener::bind(any).unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let run = workshop.json(&["twin", "serve", "nRF51822_xxAA", "--glasgow", &taken]);
    run.fails_with(8, "IMP-7120");
    drop(listener);
}
