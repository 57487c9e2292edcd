//! Scripts that are refused before they run: the check finds them, the build refuses them.

use crate::{not_built, refused};
use imprint_tests::{NRF52, Recipe, Workshop};

#[test]
fn mistakes_have_their_line() {
    for (name, statement, code, tells) in [
        (
            "misspelt",
            "    chip.verfiy(unit.payload(\"firmware\"));",
            "IMP-3002",
            ["verfiy", "verify"],
        ),
        (
            "misspelt in a branch",
            "    if chip.read32(0) == 7 { chip.erasee(); }",
            "IMP-3002",
            ["erasee", "erase"],
        ),
        (
            "arguments",
            "    chip.read(0);",
            "IMP-3003",
            ["read", "chip.read(0)"],
        ),
        (
            "precedence",
            "    let busy = chip.read32(0) & 1 != 0;",
            "IMP-3004",
            ["& 1 != 0", "&"],
        ),
        (
            "unknown payload",
            "    unit.payload(\"firmwear\");",
            "IMP-3006",
            ["firmwear", "firmware"],
        ),
        (
            "unknown memory",
            "    chip.memory(\"flahs\");",
            "IMP-3006",
            ["flahs", "flash"],
        ),
        (
            "no right",
            "    chip.erase();",
            "IMP-3007",
            ["mass_erase", "chip.erase()"],
        ),
        (
            "no right to protect",
            "    chip.protect();",
            "IMP-3007",
            ["protect", "chip.protect()"],
        ),
        (
            "no right to unlock",
            "    unit.unlock();",
            "IMP-3007",
            ["unlock_by_erase", "unlock"],
        ),
        ("not Rhai", "    let = 3;", "IMP-3001", ["let = 3", "3"]),
        ("eval", "    eval(\"1\");", "IMP-3001", ["eval", "3"]),
    ] {
        let recipe = Recipe::with_body(statement).raw("firmware", 0, vec![1; 16]);
        not_built(
            name,
            &recipe,
            code,
            &[&["script.rhai:3:"], &tells[..]].concat(),
        );

        // The check alone knows no payloads and no rights, and finds all the rest.
        if !["IMP-3006", "IMP-3007"].contains(&code) {
            let workshop = Workshop::without_plugins();
            workshop.project("unit", &recipe);
            let check = [
                "script",
                "check",
                "unit/script.rhai",
                "--device",
                NRF52.device,
            ];
            refused(&workshop, name, &check, (6, code), &["script.rhai:3:"]);
        }
    }
    not_built(
        "no main",
        &Recipe::new(NRF52.device, "fn mian(unit) { }\n"),
        "IMP-3005",
        &["main(unit)"],
    );
}
