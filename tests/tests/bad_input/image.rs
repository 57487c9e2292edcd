//! Images that are refused: changed, cut short, lengthened, of strangers, for others, without a right.

use crate::refused;
use imprint_image::{
    container::{Image, TrustAnchors, Unlock},
    keys::{KeyFile, PublicKey, StationSecret},
};
use imprint_tests::{NRF52, OWNER, Random, Recipe, STATION, Workshop};
use std::{io::Cursor, thread};

const ON: &str = "twin:nRF52832_xxAA";

/// A small image, `unit.sap`, sealed with these options.
fn small_image(options: &[&str]) -> (Workshop, Vec<u8>) {
    let workshop = Workshop::new();
    workshop
        .build("unit", &Recipe::programming(&NRF52, vec![0xA5; 16]))
        .passes();
    workshop.seal("unit", options);
    let bytes = workshop.read("unit.sap");
    (workshop, bytes)
}

/// Opens an image in every respect: signatures, all chunks, the object in it.
fn accepts(bytes: &[u8], trust: &TrustAnchors, station: &StationSecret) -> Result<(), String> {
    let mut image = Image::open(Cursor::new(bytes), trust).map_err(|error| error.to_string())?;
    image.verify_all().map_err(|error| error.to_string())?;
    let with = Unlock {
        station: Some(station),
        ..Unlock::default()
    };
    let open = image.unlock(with).map_err(|error| error.to_string())?;
    drop(open);
    Ok(())
}

/// Changes that no image survives; each is made on a copy.
enum Change {
    Flip { bit: usize },
    Cut { len: usize },
    Lengthen { count: usize },
}

impl Change {
    fn make(&self, image: &[u8]) -> Vec<u8> {
        let mut bytes = image.to_vec();
        match *self {
            Change::Flip { bit } => bytes[bit / 8] ^= 1 << (bit % 8),
            Change::Cut { len } => bytes.truncate(len),
            Change::Lengthen { count } => bytes.extend(vec![0; count]),
        }
        bytes
    }
}

#[test]
fn every_bit_and_every_length_of_a_small_image_counts() {
    for options in [&[][..], &["--to", STATION]] {
        let (workshop, image) = small_image(options);
        let trust = TrustAnchors::new([PublicKey::load(&workshop.path(OWNER)).unwrap()]);
        let station = StationSecret::load(&workshop.path("station.key")).unwrap();
        accepts(&image, &trust, &station).unwrap();
        // A grant behind an encrypted image is not needed for the image itself: without it, it is whole but closed.
        let flips = (0..image.len() * 8).map(|bit| Change::Flip { bit });
        let cuts = (0..image.len()).map(|len| Change::Cut { len });
        let longer = (1..=600).map(|count| Change::Lengthen { count });
        let changes: Vec<Change> = flips.chain(cuts).chain(longer).collect();
        thread::scope(|scope| {
            for part in changes.chunks(changes.len().div_ceil(4)) {
                let (image, trust, station) = (&image, &trust, &station);
                scope.spawn(move || {
                    for change in part {
                        let accepted = accepts(&change.make(image), trust, station).is_ok();
                        assert!(!accepted, "accepted: {}", describe(change));
                    }
                });
            }
        });
    }
}

fn describe(change: &Change) -> String {
    match change {
        Change::Flip { bit } => format!("bit {} of byte {:#x} flipped", bit % 8, bit / 8),
        Change::Cut { len } => format!("cut to {len} bytes"),
        Change::Lengthen { count } => format!("{count} bytes longer"),
    }
}

#[test]
fn a_changed_image_moves_no_wire() {
    let (workshop, image) = small_image(&[]);
    let on = workshop.twin("board.twin", NRF52.device, &[]);
    let mut random = Random::new(3);
    let flips = (0..40).map(|_| Change::Flip {
        bit: random.below(image.len() as u64 * 8) as usize,
    });
    let ends = [0, 1, 8, 63, 64, image.len() / 2, image.len() - 1].map(|len| Change::Cut { len });
    let longer = [1, 287, 288, 289].map(|count| Change::Lengthen { count });
    for change in flips.chain(ends).chain(longer) {
        workshop.write("bad.sap", change.make(&image));
        let before = workshop.snapshot();
        let run = workshop.run("bad.sap", &on);
        let name = describe(&change);
        let failure = run.failures().remove(0);
        assert!(
            run.exit == 3 && failure.code.starts_with("IMP-2"),
            "{name}: {run}"
        );
        assert!(failure.help.is_some(), "{name}: {run}");
        let verify = workshop.json(&["verify", "bad.sap", "--trust", OWNER]);
        assert_eq!(verify.exit, 3, "{name}: {verify}");
        let differences = before.differences(&workshop.snapshot());
        assert!(differences.is_empty(), "{name}: {differences:?}");
    }
    workshop.run("unit.sap", &on).passed();
}

#[test]
fn other_files_are_no_images() {
    let (workshop, _) = small_image(&[]);
    workshop.write("text.sap", "not an image");
    for (name, file, code, tells) in [
        ("text", "text.sap", "IMP-2100", "not an Imprint image"),
        (
            "an object",
            "unit.sapobj",
            "IMP-8187",
            "nobody has signed it",
        ),
        ("a key", "owner.pub", "IMP-2100", "not an Imprint image"),
    ] {
        let run = ["run", file, "--trust", OWNER, "--on", ON];
        refused(&workshop, name, &run, (3, code), &[tells]);
    }
    for (key, code) in [
        ("text.sap", "IMP-2001"),
        ("station.pub", "IMP-2003"),
        ("owner.key", "IMP-2003"),
    ] {
        let run = ["run", "unit.sap", "--trust", key, "--on", ON];
        refused(&workshop, key, &run, (3, code), &[key]);
    }
}

#[test]
fn unknown_signer() {
    let (workshop, _) = small_image(&[]);
    workshop.json(&["key", "new", "stranger"]).passes();
    let show = workshop.json(&["key", "show", OWNER]).passes().json();
    let signer = show["id"].as_str().unwrap();
    for (name, arguments) in [
        (
            "run",
            &["run", "unit.sap", "--trust", "stranger.pub", "--on", ON][..],
        ),
        ("verify", &["verify", "unit.sap", "--trust", "stranger.pub"]),
        (
            "inspect",
            &["inspect", "unit.sap", "--trust", "stranger.pub"],
        ),
    ] {
        refused(
            &workshop,
            name,
            arguments,
            (3, "IMP-2106"),
            &[signer, "not trusted"],
        );
    }
    // One of several is enough, and without trust nothing of the content is shown.
    let both = [
        "verify",
        "unit.sap",
        "--trust",
        "stranger.pub",
        "--trust",
        OWNER,
    ];
    workshop.json(&both).passes();
    let inspect = workshop.json(&["inspect", "unit.sap"]).passes();
    assert!(inspect.stdout.contains(signer), "{inspect}");
    assert!(!inspect.stdout.contains(NRF52.device), "{inspect}");
}

#[test]
fn an_image_for_another_station() {
    let (workshop, image) = small_image(&["--to", STATION]);
    workshop
        .json(&["key", "new", "other", "--station"])
        .passes();
    let plain = [0xA5; 16];
    assert!(
        !image.windows(plain.len()).any(|window| window == plain),
        "it is not encrypted"
    );
    let show = workshop.json(&["key", "show", "other.pub"]).passes().json();
    let other = show["id"].as_str().unwrap();

    let run = ["run", "unit.sap", "--trust", OWNER, "--on", ON];
    refused(&workshop, "no key", &run, (3, "IMP-2200"), &["encrypted"]);
    let with_other = [&run[..], &["--station-key", "other.key"]].concat();
    refused(&workshop, "another", &with_other, (3, "IMP-2201"), &[other]);
    let public = [&run[..], &["--station-key", STATION]].concat();
    refused(
        &workshop,
        "a public key",
        &public,
        (3, "IMP-2003"),
        &[STATION],
    );
    workshop
        .run_with("unit.sap", ON, &["--station-key", "station.key"])
        .passed();

    // For both stations, either opens it.
    workshop.seal("unit", &["--to", STATION, "--to", "other.pub"]);
    for key in ["station.key", "other.key"] {
        workshop
            .run_with("unit.sap", ON, &["--station-key", key])
            .passed();
    }
}

/// A call that needs a right, hidden from the check or not, and the right. Erasing the UICR would also write APPROTECT.
const WITHOUT_RIGHTS: [(&str, &str, &str); 7] = [
    ("erase", "chip.erase();", "mass_erase"),
    (
        "erase by name",
        "let name = \"fla\" + \"sh\"; chip.memory(name).erase();",
        "mass_erase",
    ),
    ("protect", "chip.protect();", "protect"),
    (
        "option",
        "chip.set_option(\"CUSTOMER0\", 1);",
        "option_bytes",
    ),
    (
        "uicr",
        "let name = \"ui\" + \"cr\"; chip.memory(name).program(0x80, blob(4, 0));",
        "option_bytes",
    ),
    (
        "uicr by address",
        "let at = 0x10001000; chip.erase(at, 0x1000);",
        "protect",
    ),
    (
        "caught",
        "try { let m = \"fla\" + \"sh\"; chip.memory(m).erase(); } catch (e) { unit.log(\"caught\"); }",
        "mass_erase",
    ),
];

#[test]
fn a_call_without_its_right_changes_nothing() {
    let workshop = Workshop::new();
    for (name, statement, right) in WITHOUT_RIGHTS {
        workshop.build_unchecked("unit", &Recipe::with_body(&format!("    {statement}")));
        let image = workshop.seal("unit", &[]);
        let on = workshop.twin("board.twin", NRF52.device, &[]);
        let before = workshop.board("board.twin");
        let run = workshop.run(&image, &on);
        let report = run.report();
        let failure = report
            .failure
            .as_ref()
            .unwrap_or_else(|| panic!("{name}: {run}"));
        let is_right = ["IMP-3007", "IMP-8003"].contains(&failure.code.as_str());
        assert!(is_right && failure.message.contains(right), "{name}: {run}");
        assert_eq!(
            failure.place.as_ref().map(|place| place.line),
            Some(3),
            "{name}: {run}"
        );
        assert!(
            report.changes.is_empty() && run.exit == if report.steps.is_empty() { 6 } else { 1 },
            "{name}: {run}"
        );
        assert!(
            !report.log.iter().any(|line| line.text == "caught"),
            "{name}: {run}"
        );
        assert_eq!(
            before.memories,
            workshop.board("board.twin").memories,
            "{name}"
        );
    }
}

/// Rhai's `sort` goes on when a comparison fails. The unit must not.
#[test]
fn a_refusal_that_rhai_swallows_is_still_one() {
    let workshop = Workshop::new();
    let script = "fn compare(a, b) {\n    let name = \"fla\" + \"sh\";\n    a.memory(name).erase();\n    0\n}\n\n\
         fn main(unit) {\n    let chip = unit.connect();\n    let chips = [chip, chip];\n    chips.sort(compare);\n}\n";
    let image = workshop.image("unit", &Recipe::new(NRF52.device, script));
    let run = workshop.run(&image, ON);
    run.fails_with(1, "IMP-8003");
    assert!(run.report().changes.is_empty(), "{run}");
}

#[test]
fn unlocking_without_its_right_moves_no_wire() {
    let workshop = Workshop::new();
    let script = "fn main(unit) {\n    unit.unlock();\n}\n";
    workshop.build_unchecked("unit", &Recipe::new(NRF52.device, script));
    let run = workshop.run(&workshop.seal("unit", &[]), ON);
    let failure = run.fails_with(6, "IMP-3007");
    assert!(failure.message.contains("unlock_by_erase"), "{run}");
    assert_eq!(
        (run.report().transfer_count, run.report().changes.unlocked),
        (0, false)
    );
}
