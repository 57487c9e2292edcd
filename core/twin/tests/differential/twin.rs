//! The twin's core, asked as the oracle is asked.

use crate::oracle::{Answer, CODE_LEN, Case, Outcome};
use imprint_device::Core;
use imprint_twin::{
    Machine, StepOutcome,
    machine::{RAM_LEN, RAM_START},
};

/// A core with the RAM of a batch.
pub struct Twin {
    machine: Machine,
    ram: Vec<u8>,
    after: Vec<u8>,
}

impl Twin {
    /// A new core.
    pub fn new(core: Core, ram: &[u8]) -> Twin {
        let mut machine = Machine::new(core);
        machine.write(RAM_START, ram).expect("it is RAM");
        Twin {
            machine,
            ram: ram.to_vec(),
            after: vec![0; RAM_LEN as usize],
        }
    }

    /// Runs the code once, from its start to its end. RAM is as before afterwards.
    pub fn run(&mut self, case: &Case) -> Answer {
        let covered = self.put_code(case.registers.r[15], &case.code_bytes());
        self.machine.set_registers(&case.registers);
        let outcome = self.run_until(case.end());
        let registers = self.machine.registers();
        let changes = self.changes();
        if !changes.is_empty() {
            self.machine.write(RAM_START, &self.ram).expect("it is RAM");
        }
        self.put_code(case.registers.r[15], &covered);
        Answer {
            outcome,
            registers,
            first_access: 0,
            changes,
        }
    }

    /// Puts code into RAM; what was there.
    fn put_code(&mut self, address: u32, code: &[u8; CODE_LEN]) -> [u8; CODE_LEN] {
        self.machine.write(address, code).expect("code is in RAM");
        let at = (address - RAM_START) as usize;
        let place = &mut self.ram[at..at + CODE_LEN];
        let covered = std::array::from_fn(|index| place[index]);
        place.copy_from_slice(code);
        covered
    }

    fn run_until(&mut self, end: u32) -> Outcome {
        loop {
            let last = self.machine.registers().r[15];
            let outcome = outcome_of(self.machine.step());
            let pc = self.machine.registers().r[15];
            if outcome != Outcome::Done || pc <= last || pc >= end {
                return outcome;
            }
        }
    }

    fn changes(&mut self) -> Vec<(u32, u32)> {
        self.machine
            .read(RAM_START, &mut self.after)
            .expect("it is RAM");
        if self.after == self.ram {
            return Vec::new();
        }
        let words = self
            .ram
            .chunks(4)
            .zip(self.after.chunks(4))
            .zip((RAM_START..).step_by(4));
        let changed = words.filter(|((before, after), _)| before != after);
        changed
            .map(|((_, after), address)| (address, word(after)))
            .collect()
    }
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// The oracle knows no sleep: for it, WFI and WFE are done.
fn outcome_of(outcome: StepOutcome) -> Outcome {
    match outcome {
        StepOutcome::Done | StepOutcome::Sleep => Outcome::Done,
        StepOutcome::Undefined => Outcome::Undefined,
        StepOutcome::BusFault { .. } | StepOutcome::Unaligned => Outcome::BadAccess,
        StepOutcome::SupervisorCall => Outcome::SupervisorCall,
        StepOutcome::Breakpoint => Outcome::Breakpoint,
        StepOutcome::InvalidState => Outcome::InvalidState,
        StepOutcome::DivideByZero => panic!("division by zero is trapped, which nobody asked for"),
    }
}
