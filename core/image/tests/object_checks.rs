//! Objects that somebody made on purpose: every hash is right, and what they say of themselves is not.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    object::{Contents, Input, Object, Section},
    plan::{EraseStrategy, Plan},
    recipe::{DataSource, Name, RunTest, TestReport},
    serial::{Encoding, Values},
};
use sha2::{Digest, Sha256};
use support::unit_data::{WHOLE, build};

fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

/// The object with another directory, and perhaps another section `plan`.
fn made(edit: impl Fn(&mut Contents), plan: Option<Vec<u8>>) -> Result<Object, String> {
    let object = build(WHOLE).unwrap();
    let mut contents = object.contents().clone();
    let mut sections = Vec::new();
    for (offset, section) in object.contents().sections_at() {
        let range = offset as usize..(offset + section.len) as usize;
        let mut bytes = object.to_bytes()[range].to_vec();
        if let (Some(plan), "plan") = (&plan, section.name.as_str()) {
            bytes.clone_from(plan);
            let entry = contents.sections.iter_mut().find(|it| it.name == "plan");
            let entry = entry.unwrap();
            entry.len = bytes.len() as u64;
            entry.sha256 = Sha256::digest(&bytes).into();
        }
        sections.extend(bytes);
    }
    edit(&mut contents);
    let bytes = [contents.to_prefix(), sections].concat();
    Object::from_bytes(bytes).map_err(|error| {
        assert!(["IMP-1064", "IMP-1062"].contains(&error.code()), "{error}");
        error.to_string()
    })
}

#[test]
fn what_is_left_alone_is_taken() {
    made(|_| {}, None).unwrap();
}

type Edit = fn(&mut Contents);

#[test]
fn a_directory_that_contradicts_itself_is_refused() {
    let rows: &[(Edit, &str)] = &[
        (
            |it| it.link.as_mut().unwrap().clock_khz = Some(0),
            "a limit is out",
        ),
        (
            |it| it.power.as_mut().unwrap().voltage_mv = Some(999),
            "a limit is out",
        ),
        (
            |it| it.power.as_mut().unwrap().off_ms = 60_001,
            "a limit is out",
        ),
        (
            |it| it.barcode.as_mut().unwrap().ranges[0].from = 5,
            "the range from 5",
        ),
        (
            |it| it.barcode.as_mut().unwrap().ranges[0].len = u32::MAX,
            "expected a range of 1 to 18",
        ),
        (|it| it.tests.clear(), "payload `a`: it waits for tests"),
        (
            |it| drop(it.tests.remove(0)),
            "data `trim`: there is no test",
        ),
        (
            |it| it.tests[1].name = name("ram"),
            "test `ram`: it is there twice",
        ),
        (
            |it| it.tests[1].payload = name("b"),
            "test `mail`: it is there twice, or has no payload",
        ),
        (
            |it| it.tests[0].args = vec![0; 5],
            "its tests are out of their limits",
        ),
        (
            |it| it.tests[0].timeout_ms = 0,
            "its tests are out of their limits",
        ),
        (
            |it| {
                for number in 0..40 {
                    it.tests.push(RunTest {
                        name: name(&format!("t{number}")),
                        via: TestReport::Semihosting,
                        ..it.tests[0].clone()
                    });
                }
            },
            "its tests are out of their limits",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().into = Some(name("b")),
            "serial `sn`: there is no payload `b`",
        ),
        (
            |it| {
                let serial = it.serials.get_mut("mac").unwrap();
                serial.over = true;
            },
            "serial `mac`: it is to lie over nothing",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().address = u64::MAX,
            "serial `sn`: it leaves the address space",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().address = 0xFFFF_FFF9,
            "serial `sn`: it leaves the address space",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().value_len = 9,
            "serial `sn`: its value has another length",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().definition.per_unit = 0,
            "serial `sn`: 0 values a unit",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().definition.per_unit = 65,
            "serial `sn`: 65 values a unit",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().definition.id = name("mac"),
            "serial `sn`: another one draws",
        ),
        (
            |it| it.serials.get_mut("box").unwrap().definition.per_unit = 2,
            "serial `box`: its positions are not sound",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().encoding = Encoding::Ascii { len: 3, fill: 0 },
            "serial `sn`: expected at most 3 characters",
        ),
        (
            |it| it.serials.get_mut("sn").unwrap().encoding = Encoding::Ascii { len: 256, fill: 0 },
            "serial `sn`: its length is out of range",
        ),
        (
            |it| {
                let serial = it.serials.get_mut("mac").unwrap();
                serial.definition.values = Values::List {
                    count: 3,
                    sha256: [0; 32],
                };
            },
            "serial `mac`: its list is another one",
        ),
        (
            |it| match &mut it.serials.get_mut("mac").unwrap().definition.values {
                Values::List { count, .. } => *count = 4,
                _ => panic!(),
            },
            "it has 3 values",
        ),
        (
            |it| {
                let counter = it.serials["sn"].definition.values.clone();
                it.serials.get_mut("mac").unwrap().definition.values = counter;
            },
            "path \"\"",
        ),
        (
            |it| {
                let lot = it.data["lot"].clone();
                it.data.insert(name("sn"), lot);
            },
            "data `sn`: a serial number has its name",
        ),
        (
            |it| it.data.get_mut("lot").unwrap().len = 0,
            "data `lot`: its length is out of range",
        ),
        (
            |it| it.data.get_mut("lot").unwrap().len = 65_537,
            "data `lot`: its length is out of range",
        ),
        (
            |it| it.data.get_mut("made").unwrap().len = 9,
            "data `made`: its encoding has another length",
        ),
        (
            |it| it.data.get_mut("bind").unwrap().len = 31,
            "data `bind`: its value has 32 bytes",
        ),
        (
            |it| it.data.get_mut("lot").unwrap().over = true,
            "data `lot`: it is to lie over nothing",
        ),
        (
            |it| it.data.get_mut("trim").unwrap().into = Some(name("a")),
            "data `trim`: there is no test",
        ),
        (
            |it| {
                it.data.get_mut("lot").unwrap().source = DataSource::Result(name("rom"), name("x"))
            },
            "data `lot`: there is no test",
        ),
        (|it| drop(it.inputs.remove(0)), "its inputs are not those"),
        (|it| it.inputs.swap(0, 1), "its inputs are not those"),
        (
            |it| {
                let role = "z".into();
                it.inputs.push(Input {
                    role,
                    sha256: [0; 32],
                });
            },
            "its inputs are not those",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().input_sha256[0] ^= 1,
            "an input is not that of its payload",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().memory_sha256[0] ^= 1,
            "a memory hash differs",
        ),
        (|it| it.memory_sha256[31] ^= 1, "a memory hash differs"),
        (
            |it| it.payloads.get_mut("a").unwrap().segments[0].address += 1,
            "section `plan`",
        ),
        (
            |it| it.data.get_mut("lot").unwrap().address = 0x9000,
            "section `plan`",
        ),
        (
            |it| it.sections.retain(|section| section.name != "plan"),
            "section `plan` is missing",
        ),
        (
            |it| {
                let (name, sha256) = ("list/sn".into(), [0; 32]);
                it.sections.insert(
                    2,
                    Section {
                        name,
                        len: 0,
                        sha256,
                    },
                );
            },
            "path \"\"",
        ),
    ];
    for (row, (edit, expected)) in rows.iter().enumerate() {
        let found = made(edit, None).expect_err(expected);
        assert!(
            found.contains(expected),
            "row {row}: {found}\nexpected {expected}"
        );
    }
}

type EditPlan = fn(&mut Plan);

#[test]
fn a_plan_that_contradicts_the_payloads_is_refused() {
    let good = build(WHOLE).unwrap().plan().unwrap();
    let encode = |plan: &Plan| minicbor::to_vec(plan).unwrap();
    made(|_| {}, Some(encode(&good))).unwrap();
    let rows: &[(EditPlan, &str)] = &[
        (|it| it.memories.clear(), "its memories"),
        (
            |it| it.memories[0].strategy = EraseStrategy::All,
            "its memories",
        ),
        (|it| it.memories[0].erase[0].len += 0x1000, "its memories"),
        (|it| it.memories[0].all_us = 0, "its memories"),
        (|it| drop(it.payloads.remove("t")), "its payloads"),
        (
            |it| it.payloads.get_mut("a").unwrap().erase.clear(),
            "its sectors",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().blocks.truncate(1),
            "its blocks",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().blocks[0].address = 0,
            "its blocks",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().blocks[0].len = 0,
            "its blocks",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().blocks[0].blank = true,
            "said to be blank is not",
        ),
        (
            |it| it.payloads.get_mut("t").unwrap().blocks[0].blank = true,
            "said to be blank is not",
        ),
        (
            |it| it.payloads.get_mut("a").unwrap().blocks[0].crc32 ^= 1,
            "it is not that of the payloads",
        ),
    ];
    for (row, (edit, expected)) in rows.iter().enumerate() {
        let mut plan = good.clone();
        edit(&mut plan);
        let found = made(|_| {}, Some(encode(&plan))).expect_err(expected);
        assert!(found.contains("section `plan`"), "row {row}: {found}");
        assert!(
            found.contains(expected),
            "row {row}: {found}\nexpected {expected}"
        );
    }
    let longer = [encode(&good), vec![0]].concat();
    assert!(
        made(|_| {}, Some(longer))
            .unwrap_err()
            .contains("only encoding")
    );
    let huge = vec![0; (16 << 20) + 1];
    assert!(
        made(|_| {}, Some(huge))
            .unwrap_err()
            .contains("`plan` is too large")
    );
}
