//! Run test: test code is loaded into RAM, run, and its printed `name=value` lines become results.

use super::{UnitSession, step::StepName};
use crate::{
    codes,
    limits::{TEST_OUTPUT_LEN_MAX, TEST_RESULTS_MAX},
    report::{Failure, Value},
};
use imprint_device::MemoryKind;
use imprint_target::{Run, RunEnd};

/// How test code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestOptions {
    pub(crate) timeout_ms: u32,
    pub(crate) args: [u32; 4],
    /// Whether another exit code than 0 is a result and not a failure.
    pub(crate) allow_failure: bool,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            timeout_ms: 5_000,
            args: [0; 4],
            allow_failure: false,
        }
    }
}

/// What test code gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TestRun {
    pub(crate) exit_code: u32,
    pub(crate) output: String,
    pub(crate) results: Vec<(String, Value)>,
}

impl UnitSession {
    /// Loads test code into RAM and runs it.
    pub(crate) fn run_test(
        &mut self,
        name: &str,
        options: &TestOptions,
    ) -> Result<TestRun, Failure> {
        let facts = self.payloads.facts(name)?;
        // What the code does is its own business, so it may be anything.
        self.permit()?;
        self.step(
            StepName {
                name: "run test",
                detail: name,
                len: facts.len,
            },
            |unit| {
                unit.load_into_ram(name)?;
                let run = unit.start_of(name, options, false)?;
                let run = unit.run_semihosting(&run)?;
                unit.judge(name, &run, options)?;
                Ok(run)
            },
        )
    }

    /// Runs loaded code; what it prints is its output.
    pub(super) fn run_semihosting(&mut self, run: &Run) -> Result<TestRun, Failure> {
        let mut output = Vec::new();
        let end = self.wiring.target()?.run_code(run, |bytes| {
            let room = TEST_OUTPUT_LEN_MAX - output.len();
            output.extend_from_slice(&bytes[..bytes.len().min(room)]);
        });
        let output = String::from_utf8_lossy(&output).into_owned();
        self.book.log("test", &output);
        Ok(TestRun {
            exit_code: exit_code(end?),
            results: results(&output),
            output,
        })
    }

    /// Fails a test that says it failed.
    pub(super) fn judge(
        &self,
        name: &str,
        run: &TestRun,
        options: &TestOptions,
    ) -> Result<(), Failure> {
        let exit_code = run.exit_code;
        if exit_code == 0 || options.allow_failure {
            return Ok(());
        }
        Err(Failure::new(
            codes::TEST_FAILED,
            format!("test code `{name}` failed with exit code {exit_code}"),
        )
        .with_difference("exit code 0", exit_code.to_string())
        .with_help("its output is in the log of the unit"))
    }

    pub(super) fn load_into_ram(&mut self, name: &str) -> Result<(), Failure> {
        let segments = self.payloads.segments(name)?;
        for segment in &segments {
            let memory = self.memory_at(segment.address, segment.len)?;
            if memory.kind != MemoryKind::Ram {
                return Err(Failure::new(
                    codes::TEST_NOT_RUNNABLE,
                    format!(
                        "test code `{name}` lies in memory `{}`, not in RAM",
                        memory.name
                    ),
                )
                .with_help("link it for the device's RAM"));
            }
        }
        self.wiring.target()?.reset_and_halt()?;
        for segment in segments {
            let mut offset = 0;
            while offset < segment.len {
                let data = self.payloads.read(name, segment, offset)?;
                self.wiring
                    .target()?
                    .write(segment.address + offset, &data)?;
                offset += data.len() as u64;
            }
        }
        Ok(())
    }

    /// Stack and entry, as a vector table at the start of the code gives them.
    pub(super) fn start_of(
        &mut self,
        name: &str,
        options: &TestOptions,
        in_flash: bool,
    ) -> Result<Run, Failure> {
        let start = self.payloads.facts(name)?.start;
        let target = self.wiring.target()?;
        let sp = target.read_word(start)?;
        let pc = target.read_word(start + 4)?;
        let code = if in_flash {
            MemoryKind::Flash
        } else {
            MemoryKind::Ram
        };
        for (what, address, kind) in [
            ("stack", u64::from(sp).saturating_sub(4), MemoryKind::Ram),
            ("entry", u64::from(pc), code),
        ] {
            let memory = self.device().memory_at(address & !1, 2);
            if memory.is_none_or(|memory| memory.kind != kind) {
                let place = if kind == MemoryKind::Ram {
                    "RAM"
                } else {
                    "flash"
                };
                return Err(Failure::new(
                    codes::TEST_NOT_RUNNABLE,
                    format!("the {what} of test code `{name}` is not in {place}"),
                )
                .with_difference(format!("an address in {place}"), format!("{address:#010x}"))
                .with_help("begin it with a vector table: initial stack pointer, then entry"));
            }
        }
        Ok(Run {
            pc: pc.into(),
            sp: sp.into(),
            args: options.args,
            timeout_ms: options.timeout_ms,
        })
    }
}

fn exit_code(end: RunEnd) -> u32 {
    match end {
        RunEnd::Returned { result } => result,
        RunEnd::Exit { code } => code,
        RunEnd::Breakpoint { r0, .. } => r0,
    }
}

/// The `name=value` lines of an output.
pub(super) fn results(output: &str) -> Vec<(String, Value)> {
    output
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
        .map(|(name, text)| (name.to_string(), value(text)))
        .take(TEST_RESULTS_MAX)
        .collect()
}

fn value(text: &str) -> Value {
    let number = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    match (number, text) {
        (Some(number), _) => Value::Integer(number),
        (None, "true") => Value::Bool(true),
        (None, "false") => Value::Bool(false),
        _ => Value::Text(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, results};

    #[test]
    fn lines_become_results() {
        let text = |text: &str| Value::Text(text.into());
        for (output, expect) in [
            ("adc=17", vec![("adc", Value::Integer(17))]),
            (
                "core=0x410fc241\nram=ok\n",
                vec![("core", Value::Integer(0x410f_c241)), ("ram", text("ok"))],
            ),
            (
                "a = -5 \r\nb=true",
                vec![("a", Value::Integer(-5)), ("b", Value::Bool(true))],
            ),
            ("hello\n=5\ntwo words=1\nx==y", vec![("x", text("=y"))]),
            (
                "big=0xFFFFFFFFFFFFFFFFFF",
                vec![("big", text("0xFFFFFFFFFFFFFFFFFF"))],
            ),
            ("", vec![]),
        ] {
            let found = results(output);
            let found: Vec<_> = found
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            assert_eq!(found, expect, "{output:?}");
        }
    }
}
