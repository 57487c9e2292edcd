//! Secret keys under a passphrase: every command takes them with it, and none without.

use imprint_tests::{BOARD, Recipe, Workshop};

#[test]
fn keys_under_a_passphrase_work_with_it_alone() {
    let workshop = Workshop::new();
    workshop.station("boss");
    workshop.station("b");
    workshop
        .build("unit", &Recipe::of_one_step("", ""))
        .passes();
    workshop.seal("unit", &["--to", "station.pub", "--owner", "boss.pub"]);
    workshop.write("right.txt", "correct horse\nbattery\n");
    workshop.write("wrong.txt", "correct hors\n");
    workshop.write("empty.txt", "\n");
    let with = |file: &str, arguments: &[&str]| {
        workshop.json(&[arguments, &["--passphrase-file", file]].concat())
    };
    for key in ["boss", "b", "owner"] {
        let (file, locked) = (format!("{key}.key"), format!("{key}-locked.key"));
        with("empty.txt", &["key", "lock", &file, "-o", &locked]).fails_with(3, "IMP-2022");
        with("right.txt", &["key", "lock", &file, "-o", &locked]).passes();
    }
    let arguments = "grant unit.sap --to b.pub --open-with boss-locked.key --key owner-locked.key";
    let arguments: Vec<&str> = arguments.split(' ').collect();
    with("wrong.txt", &arguments).fails_with(3, "IMP-2011");
    // Nobody is there to be asked.
    workshop.json(&arguments).fails_with(2, "IMP-9001");
    assert!(!workshop.path("unit.sap.grants").exists());
    with("right.txt", &arguments).passes();
    let run = [
        "run",
        "unit.sap",
        "--trust",
        "owner.pub",
        "--on",
        BOARD,
        "--value",
        "go=ok",
        "--station-key",
        "b-locked.key",
    ];
    with("right.txt", &run).passed();
    with("wrong.txt", &run).refused("IMP-2011");
    workshop
        .json(&["keyring", "add", "ring", "b-locked.key"])
        .passes();
    workshop
        .json(&["keyring", "add", "ring", "owner.pub"])
        .passes();
    let ring = [
        "run",
        "unit.sap",
        "--keyring",
        "ring",
        "--on",
        BOARD,
        "--value",
        "go=ok",
    ];
    with("right.txt", &ring).passed();
    with("wrong.txt", &ring).refused("IMP-2011");
    let seal = [
        "seal",
        "unit.sapobj",
        "--sap",
        "-o",
        "again.sap",
        "--key",
        "owner-locked.key",
    ];
    with("wrong.txt", &seal).fails_with(3, "IMP-2011");
    with("right.txt", &seal).passes();
    // And back: the same key as before.
    with(
        "wrong.txt",
        &["key", "unlock", "b-locked.key", "-o", "b-plain.key"],
    )
    .fails_with(3, "IMP-2011");
    with(
        "right.txt",
        &["key", "unlock", "b-locked.key", "-o", "b-plain.key"],
    )
    .passes();
    assert_eq!(workshop.read("b-plain.key"), workshop.read("b.key"));
}
