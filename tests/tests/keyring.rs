//! Key rings and root documents: who may say what runs here. Without the key nothing is loaded; with it again, everything.
#![allow(clippy::unwrap_used)]

use imprint_tests::{BOARD, Recipe, Run, Workshop};

const RING: &str = "ring";

fn add(workshop: &Workshop, file: &str) -> Run {
    workshop.json(&["keyring", "add", RING, file])
}

/// Adds what must be taken, and returns its id.
fn added(workshop: &Workshop, file: &str) -> String {
    add(workshop, file).passes().json()["id"]
        .as_str()
        .unwrap()
        .into()
}

fn removed(workshop: &Workshop, id: &str) {
    workshop.json(&["keyring", "remove", RING, id]).passes();
}

/// What `verify` and `run` make of an image with the ring alone: `good`, or the same code from both.
#[track_caller]
fn verdict(workshop: &Workshop, image: &str) -> String {
    let ring = ["--keyring", RING];
    let verify = workshop.json(&[&["verify", image], &ring[..]].concat());
    let run = workshop.json(
        &[
            &["run", image, "--on", BOARD, "--state", "state"],
            &ring[..],
        ]
        .concat(),
    );
    if verify.exit == 0 && run.exit == 0 {
        run.passed();
        return "good".into();
    }
    let code = run.failures()[0].code.clone();
    run.refused(&code);
    run.fails_with(3, &code);
    verify.fails_with(3, &code);
    code
}

fn body() -> Recipe {
    Recipe::with_body("    chip.erase(0x1000, 0x1000);")
}

#[test]
fn a_key_that_is_taken_away_refuses_and_put_back_it_runs() {
    let workshop = Workshop::new();
    workshop.build("unit", &body()).passes();
    for to in [&[][..], &["--to", "station.pub"]] {
        let image = workshop.seal("unit", to);
        let signer = added(&workshop, "owner.pub");
        let station = added(&workshop, "station.key");
        assert_eq!(verdict(&workshop, &image), "good");
        for _ in 0..2 {
            removed(&workshop, &signer);
            assert_eq!(verdict(&workshop, &image), "IMP-2106");
            assert_eq!(added(&workshop, "owner.pub"), signer);
            assert_eq!(verdict(&workshop, &image), "good");
        }
        removed(&workshop, &station);
        if to.is_empty() {
            assert_eq!(verdict(&workshop, &image), "good", "it is no secret");
        } else {
            let run = workshop.json(&["run", &image, "--on", BOARD, "--keyring", RING]);
            run.refused("IMP-2200");
            assert_eq!(added(&workshop, "station.key"), station);
            assert_eq!(verdict(&workshop, &image), "good");
        }
    }
}

#[test]
fn a_ring_takes_and_gives_what_it_knows_alone() {
    let workshop = Workshop::new();
    let id = added(&workshop, "owner.pub");
    let list = || workshop.json(&["keyring", "list", RING]).passes().json();
    assert_eq!(list()["entries"][0]["id"], id);
    // A signer's secret does not belong on a station.
    workshop.write("nonsense.pub", b"no key at all");
    for (file, exit) in [("owner.key", 3), ("nonsense.pub", 3), ("nothing.pub", 8)] {
        let run = add(&workshop, file);
        assert_eq!(run.exit, exit, "{run}");
    }
    assert_eq!(list()["entries"].as_array().unwrap().len(), 1);
    workshop
        .json(&["keyring", "remove", RING, &"0".repeat(64)])
        .fails_with(3, "IMP-2026");
    workshop
        .json(&["keyring", "remove", RING, &id[..8]])
        .fails_with(2, "IMP-9001");
    removed(&workshop, &id);
    workshop
        .json(&["keyring", "remove", RING, &id])
        .fails_with(3, "IMP-2026");
    assert_eq!(list()["entries"].as_array().unwrap().len(), 0);
    // An empty ring trusts nobody; a ring that is not there is not read as an empty one.
    let image = workshop.image("unit", &body());
    assert_eq!(verdict(&workshop, &image), "IMP-2106");
    workshop
        .json(&["run", &image, "--on", BOARD, "--keyring", "no-ring"])
        .fails_with(8, "IMP-2023");
}

/// Root keys r1 to r3, release keys a to c, policy keys p and q.
fn owner(workshop: &Workshop) {
    for name in ["r1", "r2", "r3", "a", "b", "c", "p", "q"] {
        workshop.signer(name);
    }
}

fn root(workshop: &Workshop, arguments: &str) -> Run {
    let arguments: Vec<&str> = ["root"]
        .into_iter()
        .chain(arguments.split_whitespace())
        .collect();
    workshop.json(&arguments)
}

const FIRST: &str = "new -o first.root --owner acme --root r1.pub --root r2.pub --threshold root=2 --release a.pub --release b.pub \
                     --threshold release=2 --policy p.pub";

/// Seals `unit` with these keys: the first signs, the others sign beside it.
fn sealed(workshop: &Workshop, keys: &[&str], policy: Option<&str>) -> String {
    let mut seal: Vec<String> = ["seal", "unit.sapobj", "--sap", "-o", "unit.sap"]
        .map(String::from)
        .into();
    for (number, key) in keys.iter().enumerate() {
        let option = if number == 0 { "--key" } else { "--cosign" };
        seal.extend([option.into(), format!("{key}.key")]);
    }
    if let Some(policy) = policy {
        workshop.write("policy.ron", policy);
        seal.extend(["--policy".into(), "policy.ron".into()]);
    }
    let seal: Vec<&str> = seal.iter().map(String::as_str).collect();
    workshop.json(&seal).passes();
    "unit.sap".into()
}

#[test]
fn a_root_document_asks_for_as_many_signatures_as_it_says() {
    let workshop = Workshop::new();
    owner(&workshop);
    workshop.build("unit", &body()).passes();
    root(&workshop, &format!("{FIRST} --key r1.key")).fails_with(3, "IMP-2018");
    let sign = |keys: &str| root(&workshop, &format!("{FIRST} {keys}"));
    sign("--key r1.key --key r3.key").fails_with(3, "IMP-2018");
    sign("--key r1.key --key r2.key --key r3.key").fails_with(3, "IMP-2019");
    assert!(!workshop.path("first.root").exists());
    root(&workshop, &format!("{FIRST} --key r1.key --key r2.key")).passes();
    root(&workshop, &format!("{FIRST} --key r1.key --key r2.key")).fails_with(2, "IMP-9002");
    added(&workshop, "first.root");
    let units = Some("(units: 9)");
    for (keys, policy, expect) in [
        (&["a", "b"][..], None, "good"),
        (&["b", "a", "c"], None, "good"),
        (&["a"], None, "IMP-2106"),
        (&["a", "c"], None, "IMP-2106"),
        (&["r1", "r2"], None, "IMP-2106"),
        (&["a", "p"], None, "IMP-2106"),
        // A restricted image needs the signature of the policy too.
        (&["a", "b"], units, "IMP-2106"),
        (&["a", "b", "p"], units, "good"),
        (&["a", "b", "q"], units, "IMP-2106"),
        (&["p", "a"], units, "IMP-2106"),
    ] {
        let image = sealed(&workshop, keys, policy);
        assert_eq!(verdict(&workshop, &image), expect, "{keys:?} {policy:?}");
    }
    // The same document beside `--trust`, without a ring.
    let image = sealed(&workshop, &["a"], None);
    let run = |trust: &str| workshop.json(&["run", &image, "--on", BOARD, "--trust", trust]);
    run("first.root").refused("IMP-2106");
    // Who pins one key asks for that key alone.
    run("a.pub").passed();
}

#[test]
fn a_rotation_takes_trust_away_and_cannot_be_taken_back() {
    let workshop = Workshop::new();
    owner(&workshop);
    workshop.build("unit", &body()).passes();
    root(&workshop, &format!("{FIRST} --key r1.key --key r2.key")).passes();
    added(&workshop, "first.root");
    let old = workshop.read(&sealed(&workshop, &["a", "b"], None));
    workshop.write("old.sap", &old);
    assert_eq!(verdict(&workshop, "old.sap"), "good");

    // `b` leaves, `c` comes; the root role itself goes to r2 and r3, so that r1, r2 and r3 sign.
    let rotate = "rotate first.root -o second.root --release a.pub --release c.pub --threshold release=2 --root r2.pub --root r3.pub \
                  --threshold root=2";
    root(&workshop, &format!("{rotate} --key r1.key --key r2.key")).fails_with(3, "IMP-2018");
    root(&workshop, &format!("{rotate} --key r2.key --key r3.key")).fails_with(3, "IMP-2018");
    let told = root(
        &workshop,
        &format!("{rotate} --key r1.key --key r2.key --key r3.key"),
    )
    .passes()
    .json();
    assert_eq!(
        (&told["number"], &told["owner"]),
        (&2.into(), &"acme".into()),
        "{told}"
    );
    added(&workshop, "second.root");
    assert_eq!(verdict(&workshop, "old.sap"), "IMP-2106");
    let new = sealed(&workshop, &["a", "c"], None);
    assert_eq!(verdict(&workshop, &new), "good");
    // The role that was not named is kept.
    let restricted = sealed(&workshop, &["a", "c"], Some("(units: 9)"));
    assert_eq!(verdict(&workshop, &restricted), "IMP-2106");
    let restricted = sealed(&workshop, &["a", "c", "p"], Some("(units: 9)"));
    assert_eq!(verdict(&workshop, &restricted), "good");

    add(&workshop, "first.root").fails_with(3, "IMP-2021");
    assert_eq!(
        verdict(&workshop, "old.sap"),
        "IMP-2106",
        "the old number changed nothing"
    );
    // A second document of number 2, which the same keys could have signed.
    root(
        &workshop,
        "rotate first.root -o other.root --release a.pub --key r1.key --key r2.key",
    )
    .passes();
    add(&workshop, "other.root").fails_with(3, "IMP-2021");
    // A stranger's document with a higher number and the same owner's name.
    root(
        &workshop,
        "new -o s1.root --owner acme --root q.pub --release q.pub --key q.key",
    )
    .passes();
    root(&workshop, "rotate s1.root -o s2.root --key q.key").passes();
    root(&workshop, "rotate s2.root -o s3.root --key q.key").passes();
    let run = add(&workshop, "s3.root");
    assert_eq!(run.exit, 3, "{run}");
    let image = sealed(&workshop, &["q"], None);
    assert_eq!(verdict(&workshop, &image), "IMP-2106");
    // Damaged on its way.
    let mut bytes = workshop.read("second.root");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    workshop.write("damaged.root", &bytes);
    let run = add(&workshop, "damaged.root");
    assert_eq!(run.exit, 3, "{run}");
    let restricted = sealed(&workshop, &["a", "c", "p"], Some("(units: 9)"));
    assert_eq!(verdict(&workshop, &restricted), "good");
}
