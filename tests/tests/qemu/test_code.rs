//! Code on QEMU's core: what it prints, how it ends, and how it goes wrong.

use crate::{recipe, run, workshop};
use imprint::report::Value;
use imprint_tests::repository;

/// Where the hand-made code is loaded: stack and entry, then the code.
const LOAD: u32 = 0x2000_0100;

/// Thumb instructions behind a vector table of two words.
fn code(instructions: &[u16]) -> Vec<u8> {
    let table = [0x2000_3000u32, (LOAD + 8) | 1];
    let table = table.iter().flat_map(|word| word.to_le_bytes());
    let code = instructions.iter().flat_map(|code| code.to_le_bytes());
    table.chain(code).collect()
}

#[test]
fn code_ends_as_it_would_on_a_chip() {
    let workshop = workshop();
    for (name, instructions, expect) in [
        // BX LR with R0 = 0: it returned.
        ("returns", &[0x2000, 0x4770][..], "none"),
        // R0 = 5.
        ("fails", &[0x2005, 0x4770], "IMP-4101"),
        // A BKPT between two jumps.
        ("stops", &[0xE000, 0xBE00, 0x2000, 0xBE07], "none"),
        // Undefined: a HardFault, which halts the core.
        ("faults", &[0xDE00], "IMP-4023"),
        // A branch to itself.
        ("hangs", &[0xE7FE], "IMP-4021"),
        // SYS_EXIT with R1 = 0x20026, by semihosting: LDR R1, LDR R0.
        (
            "exits",
            &[0x4901, 0x2018, 0xBEAB, 0x0000, 0x0026, 0x0002],
            "none",
        ),
        // An operation that no host here offers: SYS_SYSTEM.
        ("asks", &[0x2012, 0xBEAB], "IMP-4060"),
        // It writes a BKPT into RAM and jumps there: one that was not there when the core was let go is a fault.
        (
            "writes code",
            &[
                0x4802, 0x4903, 0x8001, 0x3001, 0x4700, 0x0000, 0x0200, 0x2000, 0xBE00, 0x0000,
            ],
            "IMP-4023",
        ),
    ] {
        let body = r#"
            let code = "none";
            try { chip.run_test(unit.payload("code"), #{ timeout_ms: 400 }); } catch (problem) { code = problem.code; }
            unit.record("code", code);"#;
        let recipe = recipe(body).raw("code", LOAD.into(), code(instructions));
        let run = run(&workshop, &recipe, &[]);
        let report = run.passed();
        let found = &report.records[0].value;
        assert_eq!(found, &Value::Text(expect.into()), "{name}: {run}");
    }
}

/// Code that answers in the mailbox at 0x20001000 and is never halted.
#[test]
fn a_mailbox_is_read_while_the_core_runs() {
    let workshop = workshop();
    for (load, kind) in [("ram", "ram"), ("flash", "flash-0")] {
        let path = repository().join(format!("tests/firmware/out/mailbox-{kind}.elf"));
        let body = r#"
            let tests = chip.run_tests();
            ensure(tests["box"].trim == 77 && tests["box"].rounds == 1000, "the results");"#;
        let section = format!(
            "    tests: [(name: \"box\", payload: \"code\", args: [0, 77], timeout_ms: 3000, load: {load}, via: mailbox(address: 0x20001000))],"
        );
        let before = if load == "flash" { "chip.erase();" } else { "" };
        let recipe = recipe(&format!("{before}{body}"))
            .payload("code", "code.elf", std::fs::read(path).unwrap())
            .section(&section);
        run(&workshop, &recipe, &[]).passed();
    }
}
