//! The oracle: `tests/oracle/oracle.c`, compiled here and run as a process of its own.

use std::{
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use imprint_twin::{Registers, machine};

/// "ORCL".
const MAGIC: u32 = 0x4C43_524F;
/// Bytes of code a case can have.
pub const CODE_LEN: usize = 32;
/// R0 to R15, xPSR, MSP, PSP, PRIMASK, BASEPRI, FAULTMASK, CONTROL.
const REGISTER_COUNT: usize = 23;

const ADVICE: &str =
    "the oracle needs a C compiler and libunicorn: apt-get install gcc libc6-dev libunicorn-dev";

/// What to run.
#[derive(Clone, Debug)]
pub struct Case {
    /// The instruction in question.
    pub word: u32,
    /// It and what runs around it, from where R15 points.
    pub code: Vec<u16>,
    pub registers: Registers,
}

impl Case {
    /// The code as both sides put it into RAM. What follows it does not run: it ends the block that the emulator
    /// translates at a time.
    pub fn code_bytes(&self) -> [u8; CODE_LEN] {
        let halves = self.code.iter().chain([&BRANCH_TO_SELF]);
        let bytes: Vec<u8> = halves.flat_map(|half| half.to_le_bytes()).collect();
        assert!(bytes.len() <= CODE_LEN, "too much code for the oracle");
        std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
    }

    /// The first address past the code.
    pub fn end(&self) -> u32 {
        self.registers.r[15] + self.code.len() as u32 * 2
    }
}

/// `b .`
const BRANCH_TO_SELF: u16 = 0xE7FE;

/// How the code ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Undefined,
    BadAccess,
    SupervisorCall,
    Breakpoint,
    ExceptionReturn,
    InvalidState,
}

/// What the code did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    pub registers: Registers,
    /// Address of the first data access, or 0.
    pub first_access: u32,
    /// Words of RAM with new values.
    pub changes: Vec<(u32, u32)>,
}

/// A running oracle.
pub struct Oracle {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Compiles and starts it.
    pub fn start() -> Oracle {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/oracle.c");
        // Each test compiles its own, because tests run at the same time.
        let test = std::thread::current().name().unwrap_or("test").to_owned();
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("oracle-{test}"));
        let compiled = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-std=c17", "-o"])
            .args([&program, &source])
            .arg("-lunicorn")
            .status()
            .unwrap_or_else(|error| panic!("cannot start cc: {error}; {ADVICE}"));
        assert!(
            compiled.success(),
            "cannot compile {}; {ADVICE}",
            source.display()
        );
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start the oracle: {error}; {ADVICE}"));
        let input = BufWriter::new(child.stdin.take().expect("stdin is a pipe"));
        let output = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        Oracle {
            child,
            input,
            output,
        }
    }

    /// Runs the cases on a Cortex-M of that number with that RAM.
    pub fn run(&mut self, model: u32, ram: &[u8], cases: &[Case]) -> Vec<Answer> {
        assert_eq!(ram.len(), machine::RAM_LEN as usize);
        self.put(&[MAGIC, model, cases.len() as u32]);
        self.input.write_all(ram).expect("the oracle reads");
        for case in cases {
            self.put_case(case);
        }
        self.input.flush().expect("the oracle reads");
        let [magic, version] = self.get();
        assert_eq!(magic, MAGIC, "the oracle answers out of step");
        assert_eq!(
            version >> 24,
            2,
            "the oracle's libunicorn is not version 2; {ADVICE}"
        );
        cases.iter().map(|_| self.get_answer()).collect()
    }

    fn put(&mut self, words: &[u32]) {
        for word in words {
            self.input
                .write_all(&word.to_le_bytes())
                .expect("the oracle reads");
        }
    }

    fn get<const N: usize>(&mut self) -> [u32; N] {
        let mut word = [0; 4];
        std::array::from_fn(|_| {
            self.output
                .read_exact(&mut word)
                .expect("the oracle answers");
            u32::from_le_bytes(word)
        })
    }

    fn put_case(&mut self, case: &Case) {
        self.put(&[case.code.len() as u32 * 2]);
        self.input
            .write_all(&case.code_bytes())
            .expect("the oracle reads");
        let Registers {
            r,
            xpsr,
            msp,
            psp,
            primask,
            basepri,
            faultmask,
            control,
        } = case.registers;
        self.put(&r);
        self.put(&[xpsr, msp, psp, primask, basepri, faultmask, control]);
    }

    fn get_answer(&mut self) -> Answer {
        let [outcome, exception] = self.get();
        let words: [u32; REGISTER_COUNT] = self.get();
        let [first_access, change_count] = self.get();
        let changes = (0..change_count)
            .map(|_| self.get())
            .map(|[address, word]| (address, word));
        let changes = changes.collect();
        let mut r = [0; 16];
        r.copy_from_slice(&words[..16]);
        let [xpsr, msp, psp, primask, basepri, faultmask, control] = words[16..] else {
            unreachable!("16 and 7 registers");
        };
        Answer {
            outcome: outcome_of(outcome, exception),
            registers: Registers {
                r,
                xpsr,
                msp,
                psp,
                primask,
                basepri,
                faultmask,
                control,
            },
            first_access,
            changes,
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It would end by itself at the end of its input, which is dropped after it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The exceptions are QEMU's (target/arm/cpu.h, EXCP_*).
fn outcome_of(outcome: u32, exception: u32) -> Outcome {
    match (outcome, exception) {
        (0, _) => Outcome::Done,
        (1, _) | (3, 17) => Outcome::Undefined,
        (2, _) => Outcome::BadAccess,
        (3, 2) => Outcome::SupervisorCall,
        (3, 7) => Outcome::Breakpoint,
        (3, 8) => Outcome::ExceptionReturn,
        (3, 18) => Outcome::InvalidState,
        other => panic!("the oracle answers {other:?}, which nothing here expects"),
    }
}
