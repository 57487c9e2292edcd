//! The run tests of the recipe: each loaded to RAM or programmed, run, and its named results kept.

use super::{
    UnitSession,
    step::StepName,
    test_code::{TestOptions, TestRun, results},
};
use crate::{
    codes,
    report::{Failure, Record},
};
use imprint_device::{Core, MemoryKind};
use imprint_image::recipe::{RunTest, TestMemory, TestReport};
use imprint_target::Run;

/// VTOR (ARMv7-M Architecture Reference Manual B3.2.5).
const VTOR: u64 = 0xE000_ED08;
/// Bytes of a mailbox before its results.
const MAILBOX_HEADER_LEN: u64 = 16;

impl UnitSession {
    /// Runs all tests of the recipe, in its order.
    pub(crate) fn run_tests(&mut self) -> Result<Vec<(String, TestRun)>, Failure> {
        let contents = self.contents.clone();
        let tests = contents.tests.iter();
        tests
            .map(|test| Ok((test.name.to_string(), self.run_recipe_test(test)?)))
            .collect()
    }

    /// Runs one test of the recipe.
    pub(crate) fn run_named_test(&mut self, name: &str) -> Result<TestRun, Failure> {
        let contents = self.contents.clone();
        let tests = &contents.tests;
        let test = tests.iter().find(|test| test.name.as_str() == name);
        let test = test.ok_or_else(|| {
            super::unknown("test", name, tests.iter().map(|test| test.name.as_str()))
        })?;
        self.run_recipe_test(test)
    }

    fn run_recipe_test(&mut self, test: &RunTest) -> Result<TestRun, Failure> {
        let name = test.name.as_str();
        // Until it passes again it has not passed.
        self.tests_passed.remove(name);
        if let TestReport::Mailbox { address } = test.via {
            self.refuse_mailbox_outside_ram(name, address, 0)?;
        }
        let payload = test.payload.as_str();
        self.permit()?;
        if test.load == TestMemory::Flash {
            self.erase_payload(payload)?;
            self.program(payload)?;
        }
        let len = self.payloads.facts(payload)?.len;
        let run = self.step(
            StepName {
                name: "run test",
                detail: name,
                len,
            },
            |unit| {
                match test.load {
                    TestMemory::Ram => unit.load_into_ram(payload)?,
                    TestMemory::Flash => unit.start_in_flash(payload)?,
                }
                let options = options(test);
                let start = unit.start_of(payload, &options, test.load == TestMemory::Flash)?;
                let run = match test.via {
                    TestReport::Semihosting => unit.run_semihosting(&start)?,
                    TestReport::Mailbox { address } => unit.run_mailbox(name, &start, address)?,
                };
                unit.judge(name, &run, &options)?;
                Ok(run)
            },
        )?;
        for (result, value) in &run.results {
            self.book.record(Record {
                name: format!("{name}.{result}"),
                value: value.clone(),
            })?;
        }
        self.keep_results(name, &run.results);
        self.tests_passed.insert(name.to_string());
        Ok(run)
    }

    /// Test code in flash starts as after a reset, with the vector table that is its own.
    fn start_in_flash(&mut self, payload: &str) -> Result<(), Failure> {
        let start = self.payloads.facts(payload)?.start;
        let has_vtor = self.device().core != Core::CortexM0;
        let target = self.wiring.target()?;
        target.reset_and_halt()?;
        if has_vtor {
            let table = u32::try_from(start).unwrap_or_default();
            target.write_word(VTOR, table)?;
        }
        Ok(())
    }

    fn run_mailbox(&mut self, name: &str, run: &Run, address: u64) -> Result<TestRun, Failure> {
        let end = self.wiring.target()?.run_with_mailbox(run, address)?;
        self.refuse_mailbox_outside_ram(name, address, end.results.len() as u64)?;
        let output = String::from_utf8_lossy(&end.results).into_owned();
        self.book.log("test", &output);
        Ok(TestRun {
            exit_code: end.exit_code,
            results: results(&output),
            output,
        })
    }

    fn refuse_mailbox_outside_ram(
        &self,
        name: &str,
        address: u64,
        len: u64,
    ) -> Result<(), Failure> {
        let memory = self.device().memory_at(address, MAILBOX_HEADER_LEN + len);
        if memory.is_some_and(|memory| memory.kind == MemoryKind::Ram) {
            return Ok(());
        }
        let mut failure = Failure::new(
            codes::TEST_NOT_RUNNABLE,
            format!("the mailbox of test `{name}` is not in RAM"),
        )
        .with_difference("an address in RAM", format!("{address:#010x}"))
        .with_help("give its address in the recipe: via: mailbox(address: ..)");
        failure.address = Some(address);
        Err(failure)
    }
}

fn options(test: &RunTest) -> TestOptions {
    let mut options = TestOptions {
        timeout_ms: test.timeout_ms,
        ..TestOptions::default()
    };
    for (slot, argument) in options.args.iter_mut().zip(&test.args) {
        *slot = *argument;
    }
    options
}
