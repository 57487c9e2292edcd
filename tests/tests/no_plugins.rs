//! The `imprint` command contains no family: without plugins it can build and seal, and run nothing.
#![allow(clippy::unwrap_used)]

use imprint_tests::{
    CHIPS, NRF52, Recipe, Workshop, command_path, library_name, library_path, repository,
};
use std::{fs, path::Path, process::Command};

const FAMILIES: [&str; 3] = [
    "imprint-nordic-nrf5",
    "imprint-st-stm32f1",
    "imprint-st-stm32f4",
];

fn connecting(device: &str) -> Recipe {
    Recipe::new(device, "fn main(unit) {\n    unit.connect();\n}\n")
}

#[test]
fn without_plugins_nothing_runs() {
    let workshop = Workshop::without_plugins();
    for chip in CHIPS {
        let image = workshop.image(chip.device, &connecting(chip.device));
        let run = workshop.run(&image, &format!("twin:{}", chip.device));
        let failure = run.failures().remove(0);
        assert!(run.exit == 7 && failure.code.starts_with("IMP-50"), "{run}");
        assert!(failure.help.is_some(), "{run}");
        let twin = workshop.json(&["twin", "new", chip.device, "-o", "board.twin"]);
        let failure = twin.failures().remove(0);
        assert!(
            twin.exit == 7 && failure.code.starts_with("IMP-50"),
            "{twin}"
        );
        assert!(!workshop.path("board.twin").exists());
    }
}

#[test]
fn a_plugin_that_is_only_there_is_not_loaded() {
    let workshop = Workshop::without_plugins();
    let name = library_name(FAMILIES[0]);
    fs::copy(
        library_path(FAMILIES[0]),
        workshop.path("plugins").join(&name),
    )
    .unwrap();
    let image = workshop.image("image", &connecting(NRF52.device));
    let on = format!("twin:{}", NRF52.device);
    for (step, arguments) in [
        ("nobody listed it", None),
        (
            "its list is signed, but nobody trusts the signer",
            Some("sign"),
        ),
        (
            "the signer is trusted, and the same image runs",
            Some("trust"),
        ),
    ] {
        let file = format!("plugins/{name}");
        match arguments {
            Some("sign") => workshop
                .json(&["plugin", "sign", &file, "--key", "owner.key"])
                .passes(),
            Some(_) => workshop.json(&["plugin", "trust", "owner.pub"]).passes(),
            None => workshop.json(&["plugin", "list"]).passes(),
        };
        let run = workshop.run(&image, &on);
        let expected = if arguments == Some("trust") { 0 } else { 7 };
        assert_eq!(run.exit, expected, "{step}: {run}");
    }
}

/// Text that only the code of a family has. Each must be in the family's library, or this test shows nothing.
const MARKS: [(&str, &[&str]); 3] = [
    (
        "imprint-nordic-nrf5",
        &[
            "org.imprint.nordic-nrf5",
            "Nordic Semiconductor nRF51 and nRF52",
            "FICR.CONFIGID says hardware",
        ],
    ),
    (
        "imprint-st-stm32f1",
        &[
            "org.imprint.st-stm32f1",
            "ST STM32F1 and STM32F0",
            "DBGMCU_IDCODE says device",
        ],
    ),
    (
        "imprint-st-stm32f4",
        &[
            "org.imprint.st-stm32f4",
            "ST STM32F405/407 and STM32F415/417",
            "the option bytes do not open",
        ],
    ),
];

#[test]
fn no_code_of_a_family_is_in_the_command() {
    let command = text_of(&command_path());
    for (family, marks) in MARKS {
        let library = text_of(&library_path(family));
        for mark in marks {
            assert!(library.contains(mark), "`{mark}` is not in {family}");
            assert!(
                !command.contains(mark),
                "`{mark}` of {family} is in the command"
            );
        }
        // The name of the crate is part of each of its symbols and source paths; a stripped file has none.
        let crate_name = family.replace('-', "_");
        assert!(
            !command.contains(&crate_name),
            "symbols of {family} are in the command"
        );
    }
}

#[test]
fn the_command_depends_on_no_family() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--package",
            "imprint-cli",
            "--prefix",
            "none",
        ])
        .args(["--edges", "normal,build", "--format", "{p}"])
        .current_dir(repository())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&tree.stdout);
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    assert!(text.contains("imprint-plugin-abi"), "{text}");
    for family in FAMILIES {
        assert!(
            !text.contains(family),
            "the command depends on {family}:\n{text}"
        );
    }
}

/// The text in a file: what is not ASCII becomes 0, so that it can be searched as text, which is fast.
fn text_of(path: &Path) -> String {
    let mut bytes = fs::read(path).unwrap();
    bytes
        .iter_mut()
        .filter(|byte| !byte.is_ascii())
        .for_each(|byte| *byte = 0);
    String::from_utf8(bytes).unwrap()
}
