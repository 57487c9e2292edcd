//! Where fuzzing begins: one or more sound inputs for each target, and for some of them one that is just not sound.
//!
//! `cargo run -p imprint-inputs --example seeds` writes them to `tests/fuzz/corpus`. They are made of the same fixtures
//! that the other tests have, so a change of a format changes them too.

use crate::template::{prepare, template};
use imprint_image::{
    KeyFile, SigningKey, StationSecret,
    container::HEADER_LEN,
    keys::{LockCost, LockedKey, Role, RoleKeys, RootDocument},
};
use imprint_ledger::{
    AttemptId, DeploymentId,
    journal::Head,
    station::{Begun, End, Record},
};
use imprint_packs::{Choice, import};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// One input to begin with.
pub struct Seed {
    /// The target it is for.
    pub target: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The input.
    pub bytes: Vec<u8>,
}

/// All of them.
pub fn seeds() -> Vec<Seed> {
    let mut seeds = files();
    seeds.extend(packs());
    seeds.extend(texts());
    seeds.extend(images());
    seeds.extend(keys());
    seeds.extend(journals());
    seeds.extend(clients());
    seeds.extend(transcripts());
    seeds
}

fn seed(target: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed {
        target,
        name,
        bytes: bytes.into(),
    }
}

/// Clients of a served board, as `served.rs` reads them: each switches to its wire, and reads and writes a little.
fn clients() -> Vec<Seed> {
    // Ones, the switch and ones again in pieces of 32 bits; identification, power, a word of RAM.
    let mut wire = vec![1];
    for (len, bits) in [
        (0, u32::MAX),
        (28, u32::MAX),
        (16, 0xE79E),
        (0, u32::MAX),
        (28, u32::MAX),
        (8, 0),
    ] {
        wire.push(0x20 | len);
        wire.extend(bits.to_le_bytes());
    }
    wire.push(0x02);
    for (command, value) in [
        (0x04, 0x5000_0000_u32),
        (0x08, 0),
        (0x01, 0x2300_0012),
        (0x05, 0x2000_0000),
        (0x0D, 0x1234_5678),
    ] {
        wire.push(command);
        wire.extend(value.to_le_bytes());
    }
    wire.extend([0x0F, 0x0E, 0x06]);
    let mut glasgow = vec![0, 200, 1, 1, 1, 0];
    for run in wire.split(|byte| *byte == 0) {
        glasgow.push(run.len() as u8 + 1);
        glasgow.extend_from_slice(run);
    }
    glasgow.push(0);

    let mut pyocd = vec![1, 200];
    for (id, request) in [
        "\"hello\",\"arguments\":[1]",
        "\"readprop\",\"arguments\":[\"capabilities\"]",
        "\"connect\",\"arguments\":[\"SWD\"]",
        "\"swj_sequence\",\"arguments\":[51,2251799813685247]",
        "\"swj_sequence\",\"arguments\":[16,59294]",
        "\"swj_sequence\",\"arguments\":[51,2251799813685247]",
        "\"swj_sequence\",\"arguments\":[8,0]",
        "\"read_dp\",\"arguments\":[0]",
        "\"write_dp\",\"arguments\":[4,1342177280]",
        "\"write_ap\",\"arguments\":[4,536870912]",
        "\"write_ap_multiple\",\"arguments\":[12,[1,2,3]]",
        "\"read_ap_multiple\",\"arguments\":[12,3]",
        "\"assert_reset\",\"arguments\":[true]",
        "\"reset\"",
    ]
    .iter()
    .enumerate()
    {
        pyocd.extend(format!("{{\"id\":{id},\"request\":{request}}}\n").bytes());
    }

    // To idle, the instruction DPACC, and a scan that asks for power.
    let mut bitbang = vec![2, 200];
    let mut clock = |tms: u8, tdi: u64| {
        let lines = tms << 1 | tdi as u8;
        bitbang.extend([b'0' + lines, b'R', b'4' + lines]);
    };
    [1, 1, 1, 1, 1, 0, 1, 1, 0, 0]
        .iter()
        .for_each(|tms| clock(*tms, 0));
    for bit in 0..4 {
        clock(u8::from(bit == 3), 0b1010 >> bit & 1);
    }
    [1, 0, 1, 0, 0].iter().for_each(|tms| clock(*tms, 0));
    for bit in 0..35 {
        clock(u8::from(bit == 34), (0x5000_0000 << 3 | 0b010) >> bit & 1);
    }
    [1, 0].iter().for_each(|tms| clock(*tms, 0));
    bitbang.extend(b"surBbQ");
    vec![
        seed("serve", "glasgow", glasgow),
        seed("serve", "pyocd", pyocd),
        seed("serve", "bitbang", bitbang),
    ]
}

/// Firmware of the repository, and devices.
fn files() -> Vec<Seed> {
    macro_rules! fixture {
        ($target:literal, $name:literal, $path:literal) => {
            seed(
                $target,
                $name,
                &include_bytes!(concat!("../../../", $path))[..],
            )
        };
    }
    vec![
        fixture!(
            "srecord",
            "firmware",
            "core/image/tests/fixtures/firmware.srec"
        ),
        fixture!(
            "srecord",
            "heartbeat",
            "tests/firmware/out/heartbeat-nrf52832.srec"
        ),
        fixture!(
            "intel_hex",
            "firmware",
            "core/image/tests/fixtures/firmware.hex"
        ),
        fixture!("intel_hex", "selftest", "tests/firmware/out/selftest.hex"),
        fixture!("elf", "firmware", "core/image/tests/fixtures/firmware.elf"),
        fixture!("elf", "selftest", "tests/firmware/out/selftest.elf"),
        fixture!(
            "uf2",
            "heartbeat",
            "tests/firmware/out/heartbeat-nrf52832.uf2"
        ),
        fixture!("device", "generic", "core/image/tests/fixtures/device.ron"),
        fixture!("device", "nrf52832", "devices/nRF52832_xxAA.ron"),
        fixture!("device", "stm32f103c8", "devices/STM32F103C8.ron"),
        fixture!("recipe", "template", "apps/cli/templates/recipe.ron"),
        fixture!("script", "production", "scripts/production.rhai"),
        fixture!("script", "erase", "scripts/erase.rhai"),
        fixture!("script", "self-test", "scripts/self-test.rhai"),
        fixture!("header", "plain", "tests/vectors/plain.sap"),
        fixture!("header", "encrypted", "tests/vectors/encrypted.sap"),
        fixture!("header", "job", "tests/vectors/job.job"),
    ]
}

/// The three kinds of description, and what becomes of one.
fn packs() -> Vec<Seed> {
    const FLM: &[u8] = include_bytes!("../../firmware/out/own_nrf52.FLM");
    const PDSC: &[u8] = include_bytes!("../../../core/packs/tests/fixtures/x5.pdsc");
    const YAML: &str = include_str!("../../../core/packs/tests/fixtures/x5.yaml");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("x5.pdsc", PDSC), ("Flash/own_nrf52.FLM", FLM)] {
        let options = SimpleFileOptions::default();
        archive
            .start_file(name, options)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        archive
            .write_all(bytes)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let pack = archive
        .finish()
        .unwrap_or_else(|error| panic!("{error}"))
        .into_inner();
    let choice = Choice {
        device: Some("X5201".into()),
        ..Choice::default()
    };
    let imported = import("x5.pack", &pack, &choice).unwrap_or_else(|error| panic!("{error}"));
    vec![
        seed("algorithm", "own", imported.algorithms[0].text.clone()),
        seed("device", "imported", imported.text),
        seed("pack", "pack", pack),
        seed("pack", "flm", FLM),
        seed("pack", "yaml", YAML),
    ]
}

/// All that a recipe may have.
const RECIPE: &str = r#"(
    name: "sensor-node", device: "nRF52832_xxAA", script: "main.rhai", modules: ["lib/a.rhai"],
    payloads: {
        "selftest": (file: "selftest.elf"),
        "firmware": Payload(file: "app.bin", address: 0x1000, format: raw, window: false, after_tests: true),
    },
    rights: [mass_erase, protect], settings: {"batch": "7"}, limits: (unit_time_ms: 90000, script_time_ms: 100),
    link: (clock_khz: 4000, connect: under_reset, reset: hardware),
    power: (voltage_mv: 3300, settle_ms: 50, off_ms: 200, after: keep),
    serials: {"sn": (definition: "sn.serial.ron", address: 0x7F000, encoding: ascii(len: 8, fill: 0x20), into: "firmware", on_fail: give_back)},
    data: {
        "lot": (address: 0x7F020, len: 16, source: value, encoding: ascii(fill: 0)),
        "bind": (address: 0x7F040, len: 32, source: uid(sha256)),
        "made": (address: 0x7F060, len: 8, source: date("%Y%m%d"), encoding: ascii(fill: 0)),
        "trim": (address: 0x7F090, len: 4, source: result("selftest", "trim"), encoding: little),
    },
    barcode: (positions: [constant("S"), numeric(4), upper], ranges: [(from: 1, len: 4, min: 0, max: 500)]),
    tests: [(name: "ram", payload: "selftest", args: [1], timeout_ms: 2000), (name: "flash", payload: "selftest", load: flash, via: mailbox(address: 0x20000400))],
)"#;

fn texts() -> Vec<Seed> {
    vec![
        seed("recipe", "whole", RECIPE),
        seed(
            "recipe",
            "least",
            r#"(name: "a", device: "b", script: "c")"#,
        ),
        seed(
            "serial",
            "counter",
            r#"(id: "sn", values: counter(positions: [constant("A"), upper, numeric(4), hex(2), set("XYZ"), lower, printable, binary(2)], step: 7, direction: down, fastest: first), per_unit: 2)"#,
        ),
        seed(
            "serial",
            "bounds",
            r#"(id: "sn", values: counter(positions: [numeric(3)], start: "010", end: "999"))"#,
        ),
        seed(
            "serial",
            "list",
            r#"(id: "mac", values: list(file: "macs.csv", column: 1, header: true))"#,
        ),
        seed(
            "serial",
            "supplied",
            r#"(id: "s", values: supplied(positions: [upper, numeric(4)]))"#,
        ),
        seed(
            "barcode",
            "ranges",
            "(positions: [constant(\"S\"), numeric(4)], ranges: [(from: 1, len: 4, min: 0, max: 500)])\0S0420",
        ),
        seed(
            "barcode",
            "classes",
            "(positions: [upper, lower, hex(2), set(\"-_\"), printable])\0Aa0F-~",
        ),
        seed(
            "policy",
            "whole",
            "(not_before: \"2027-01-31\", not_after: \"2027-12-31T23:59:59Z\", units: 1000, attempts: 2000, failures: 9,\n stations: [], device_revision_min: 3)",
        ),
        seed(
            "cfg",
            "job",
            ":DESCRIBEIMAGE Motor /PARAM1/\r\n; all\r\nCM C:\\a\\b.arp 0 ; x\r\nQO \"a b.s19\"\r\nQB t.bin $7F000\r\nEN\r\nPM\r\nVC\r\nDE 100\r\nRE\r\nGO 0\r\n",
        ),
        seed(
            "cfg",
            "serials",
            "CM a.arp\nSS a.s19\nEM\nBM\nPM\nVM\nCS sn.ser\nPS\nCM b.arp 10001000\nEM\nCQ\nVV $1\nPT\nREM x\n:KEEPPOWERON 1\n",
        ),
        seed(
            "script",
            "syntax",
            "import \"a\" as a; fn main(u) { let x = #{ a: [1, 2.0, 'c'] }; for i in 0..9 { switch i { 1 => `${i}`, _ => () } } try { throw x.a[0] & 1 != 0; } catch (e) { while true { break; } } }",
        ),
    ]
}

fn images() -> Vec<Seed> {
    prepare();
    let template = template();
    let front = |at: usize| {
        let bytes = template.encrypted.get(at..at + 4).unwrap_or_default();
        bytes
            .iter()
            .rev()
            .fold(0usize, |number, byte| number << 8 | usize::from(*byte))
    };
    // Lengths of the header: of the manifest at 16.
    let manifest = template.encrypted.get(HEADER_LEN..HEADER_LEN + front(16));
    let grant = template
        .encrypted
        .len()
        .saturating_sub(crate::container::GRANT_LEN);
    let object = template.object.to_bytes();
    vec![
        seed("manifest", "encrypted", manifest.unwrap_or_default()),
        seed("grant", "good", &template.encrypted[grant..]),
        seed("object", "small", object),
        seed("payload", "object", [&[0][..], object].concat()),
        seed("payload", "patches", [1, 0, 0, 0, 2, 9, 9, 80, 1, 0, 1, 7]),
        seed("header", "patches", [16, 0, 0, 1, 9, 70, 0, 0, 1, 9]),
        seed(
            "index",
            "patches",
            [0, 0, 1, 4, 255, 255, 2, 0, 0, 0, 0, 1, 7, 0, 32, 0, 2, 1, 1],
        ),
    ]
}

fn random(seed: u8) -> ChaCha8Rng {
    ChaCha8Rng::from_seed([seed; 32])
}

/// Keys from constant seeds: they open and sign nothing but tests.
#[allow(clippy::expect_used, reason = "its inputs are constants")]
fn keys() -> Vec<Seed> {
    let signing = SigningKey::generate(&mut random(1));
    let station = StationSecret::generate(&mut random(2));
    let cost = LockCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    let locked = LockedKey::lock(&signing, "x", cost, &mut random(3)).expect("a locked key");
    vec![
        seed("key", "signing", signing.to_text().as_bytes()),
        seed("key", "signer", signing.public().to_text().as_bytes()),
        seed("key", "station-secret", station.to_text().as_bytes()),
        seed("key", "station", station.public().to_text().as_bytes()),
        seed("key", "locked", locked.to_text().as_bytes()),
        seed("root", "first", root(&signing)),
    ]
}

#[allow(clippy::expect_used, reason = "its inputs are constants")]
fn root(signing: &SigningKey) -> Vec<u8> {
    let keys = || RoleKeys::new(1, [signing.public()]).expect("a role");
    let roles = BTreeMap::from([(Role::Root, keys()), (Role::Release, keys())]);
    let root = RootDocument::first("owner", roles, &[signing]).expect("a root");
    root.to_bytes().to_vec()
}

fn journals() -> Vec<Seed> {
    let attempt = AttemptId([1; 16]);
    let begun = Begun {
        attempt,
        deployment: DeploymentId([7; 16]),
        uid: None,
        ordinal: 1,
        draws: Vec::new(),
        values: Vec::new(),
        time: 100,
    };
    let first = Record::encode(&[Record::Begun(begun)]);
    let second = Record::encode(&[Record::Ended {
        attempt,
        end: End::Pass,
        time: 101,
    }]);
    let mut journal = Vec::new();
    let mut head = Head::START;
    for body in [&first, &second] {
        if let Ok((frame, next)) = head.frame(body) {
            journal.extend(frame);
            head = next;
        }
    }
    vec![
        seed("journal", "frames", journal.clone()),
        seed("journal", "torn", &journal[..journal.len() - 3]),
        seed("journal", "begun", first),
        seed("journal", "ended", second),
    ]
}

fn transcripts() -> Vec<Seed> {
    let header = "imprint transcript 1\nimage 12ab\ndevice nRF52832_xxAA\non twin:nRF52832_xxAA\nlink twin of nRF52832_xxAA\n\
                  clock virtual 0.000\nuid 0011223344556677\nencrypted no\ngate yes\ninputs {\"values\":{}}\n\n";
    let lines = "         0.000 clock 4000 = 4000\n         0.000 voltage = 3300\n       136.500 line 54 bits 0x7ffffffffffff\n\
                 \x20      159.250 dp.read 0x0 = 0x2ba01477\n       182.000 dp.write 0x4 = 0x50000000\n\
                 \x20      204.750 ap.write 0xc x2 = 00000001 ffffffff\n       227.500 ap.read 0xc x2 = 00000001 ffffffff\n\
                 \x20      250.250 ap.read 0xc x3 ! Fault\n       250.250 flush ! Wait\n       260.000 pins 0x00 of 0x80 = 0x80\n\
                 \x20    10260.000 pass 10000000\n     10260.000 permit {\"ordinal\":1}\n     10260.000 stop cancelled\n\
                 \x20    10261.000 end cancelled\n";
    vec![
        seed("transcript", "header", header),
        seed("transcript", "unit", format!("{header}{lines}")),
        seed(
            "transcript",
            "real",
            format!("imprint transcript 1\nclock real\n\n{lines}"),
        ),
    ]
}
