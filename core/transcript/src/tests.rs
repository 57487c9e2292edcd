//! Lines as they are written and read, and what is refused.

use crate::{Action, Clock, Entry, Fault, Header, LINE_LEN_MAX, Port, Reader, Stop, parse};

fn actions() -> Vec<(Action, &'static str)> {
    let (port, register) = (Port::Access, 0xC);
    vec![
        (
            Action::Read {
                port: Port::Debug,
                register: 0,
                answer: Ok(0x0BB1_1477),
            },
            "dp.read 0x0 = 0x0bb11477",
        ),
        (
            Action::Read {
                port,
                register,
                answer: Err(Fault::Wait),
            },
            "ap.read 0xc ! Wait",
        ),
        (
            Action::Write {
                port,
                register: 4,
                value: 7,
                fault: None,
            },
            "ap.write 0x4 = 0x00000007",
        ),
        (
            Action::Write {
                port,
                register: 8,
                value: 7,
                fault: Some(Fault::NoAnswer),
            },
            "ap.write 0x8 = 0x00000007 ! NoAnswer",
        ),
        (
            Action::ReadBlock {
                port,
                register,
                count: 2,
                answer: Ok(vec![1, u32::MAX]),
            },
            "ap.read 0xc x2 = 00000001 ffffffff",
        ),
        (
            Action::ReadBlock {
                port,
                register,
                count: 256,
                answer: Err(Fault::Fault),
            },
            "ap.read 0xc x256 ! Fault",
        ),
        (
            Action::WriteBlock {
                port,
                register,
                values: vec![0xAB],
                fault: None,
            },
            "ap.write 0xc x1 = 000000ab",
        ),
        (
            Action::WriteBlock {
                port,
                register,
                values: vec![],
                fault: Some(Fault::Fault),
            },
            "ap.write 0xc x0 = ! Fault",
        ),
        (Action::Flush { fault: None }, "flush"),
        (
            Action::Flush {
                fault: Some(Fault::Wait),
            },
            "flush ! Wait",
        ),
        (
            Action::Line {
                bit_count: 64,
                bits: u64::MAX,
            },
            "line 64 bits 0xffffffffffffffff",
        ),
        (
            Action::Pins {
                output: 0,
                select: 0x80,
                read: Some(0x80),
            },
            "pins 0x00 of 0x80 = 0x80",
        ),
        (
            Action::Pins {
                output: 0x80,
                select: 0x80,
                read: None,
            },
            "pins 0x80 of 0x80",
        ),
        (
            Action::Clock {
                khz: 4000,
                set_khz: 3750,
            },
            "clock 4000 = 3750",
        ),
        (
            Action::Voltage {
                millivolts: Some(3300),
            },
            "voltage = 3300",
        ),
        (Action::Voltage { millivolts: None }, "voltage = none"),
        (Action::Pass { ns: 10_000_000 }, "pass 10000000"),
        (Action::Stop(Stop::Cancelled), "stop cancelled"),
        (Action::Stop(Stop::OutOfTime), "stop out-of-time"),
        (Action::Stop(Stop::StepOver), "stop step-over"),
        (
            Action::Permit("{\"ordinal\":1,\"a\":\" ! Wait = \"}".into()),
            "permit {\"ordinal\":1,\"a\":\" ! Wait = \"}",
        ),
        (Action::Refuse("{}".into()), "refuse {}"),
        (Action::End("fail IMP-4010".into()), "end fail IMP-4010"),
    ]
}

#[test]
fn a_line_is_read_as_it_was_written() {
    for (action, text) in actions() {
        assert_eq!(action.to_string(), text);
        for time_ns in [0, 999, 1_234_567, u64::MAX] {
            let entry = Entry {
                time_ns,
                action: action.clone(),
            };
            assert_eq!(parse::entry(&entry.to_string()), Ok(entry), "{text}");
        }
    }
}

#[test]
fn another_way_to_write_a_line_is_refused() {
    for line in [
        "",
        "flush",
        "         0.000 ",
        "         0.000 dance",
        // Time: no unit, other digits, padding.
        "             0 flush",
        "          0.00 flush",
        "0.000 flush",
        "        -1.000 flush",
        "18446744073709552.000 flush",
        // Numbers.
        "         0.000 dp.read 0x1 = 0x00000000",
        "         0.000 dp.read 0x0 = 0x0",
        "         0.000 dp.read 0x0 = 0x0000000G",
        "         0.000 dp.read 0x0 = 0x0000000A",
        "         0.000 dp.read 0x0",
        "         0.000 dp.read 0x0 ! Tired",
        "         0.000 dp.read 0x0 = 0x00000000 ! Wait",
        "         0.000 dp.write 0x0",
        "         0.000 ap.read 0xc x2 = 00000001",
        "         0.000 ap.read 0xc x1 = 00000001 00000002",
        "         0.000 ap.read 0xc x99999999999 ! Wait",
        "         0.000 ap.read 0xc x16385 ! Wait",
        "         0.000 line 65 bits 0x0",
        "         0.000 line 8 bits 0x0 = 1",
        "         0.000 pass 1000000001",
        "         0.000 pass -1",
        "         0.000 stop tired",
        "         0.000 voltage = 3.3",
        "         0.000 flush ",
        "         0.000  flush",
    ] {
        assert!(parse::entry(line).is_err(), "{line}");
    }
}

fn header() -> Header {
    Header {
        image: "12ab".into(),
        device: "nRF51822_xxAA".into(),
        on: "twin:a b.twin".into(),
        link: "twin of nRF51822_xxAA".into(),
        clock: Clock::Virtual { start_ns: 12_345 },
        uid: Some("0123456789abcdef".into()),
        was_encrypted: true,
        has_gate: false,
        inputs: "{\"values\":{}}".into(),
    }
}

/// The code of the first error, or `none`.
fn code(text: &[u8]) -> &'static str {
    let mut reader = match Reader::open(text) {
        Ok(reader) => reader,
        Err(error) => return error.code(),
    };
    loop {
        match reader.next_entry() {
            Ok(Some(_)) => {}
            Ok(None) => return "none",
            Err(error) => return error.code(),
        }
    }
}

#[test]
fn a_header_is_read_as_it_was_written() {
    for header in [
        header(),
        Header::default(),
        Header {
            clock: Clock::Real,
            uid: None,
            ..header()
        },
    ] {
        let text = format!("{header}\n         0.000 flush\n");
        let mut reader = Reader::open(text.as_bytes()).unwrap();
        assert_eq!(reader.header(), &header);
        let lines = header.to_string().lines().count() as u64;
        let (line, entry) = reader.next_entry().unwrap().unwrap();
        assert_eq!(
            (line, entry.action),
            (lines + 2, Action::Flush { fault: None })
        );
        assert_eq!(reader.next_entry(), Ok(None));
    }
}

#[test]
fn each_way_to_be_wrong_has_its_code() {
    let good = format!("{}\n         0.000 flush\n", header());
    assert_eq!(code(good.as_bytes()), "none");
    let long = vec![b'x'; LINE_LEN_MAX + 1];
    let without_end = good.replace("\n\n", "\n");
    for (text, expect) in [
        (Vec::new(), "IMP-7151"),
        (b"hello\n".to_vec(), "IMP-7151"),
        (b"imprint transcript 2\n\n".to_vec(), "IMP-7151"),
        (long.clone(), "IMP-7154"),
        (b"imprint transcript 1\n".to_vec(), "IMP-7152"),
        (b"imprint transcript 1\nclock sun\n\n".to_vec(), "IMP-7152"),
        (b"imprint transcript 1\nuid 1\n\n".to_vec(), "IMP-7152"),
        (b"imprint transcript 1\nuid xy\n\n".to_vec(), "IMP-7152"),
        (b"imprint transcript 1\ngate maybe\n\n".to_vec(), "IMP-7152"),
        (b"imprint transcript 1\ncolour green\n\n".to_vec(), "none"),
        (without_end.into_bytes(), "IMP-7152"),
        (
            format!("imprint transcript 1\n{}\n", "a b\n".repeat(40)).into_bytes(),
            "IMP-7152",
        ),
        ([good.as_bytes(), b"\n"].concat(), "IMP-7153"),
        ([good.as_bytes(), b"\xFF\n"].concat(), "IMP-7153"),
        ([good.as_bytes(), &long].concat(), "IMP-7154"),
        (
            [good.as_bytes(), b"         0.000 chip.read32 0x0 x1\n"].concat(),
            "IMP-7155",
        ),
        // A line that a killed run cut is left out.
        ([good.as_bytes(), b"         0.0"].concat(), "none"),
    ] {
        let beginning: String = String::from_utf8_lossy(&text).chars().take(60).collect();
        assert_eq!(code(&text), expect, "{beginning}");
    }
}
