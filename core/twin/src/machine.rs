//! The core alone, for differential tests: registers and RAM in, one instruction, registers and RAM out.

use crate::{
    bus::Bus,
    cpu::{Cpu, Registers, Trap, Wait},
    die::Die,
    peripherals::{BusFault, Chip},
};
use imprint_device::{Core, Device, Memory, MemoryKind, RomTable, Swd, TwinData};

/// First address of the RAM of a `Machine`.
pub const RAM_START: u32 = 0x2000_0000;
/// Length of the RAM of a `Machine`, in bytes.
pub const RAM_LEN: u32 = 64 << 10;

/// A core with 64 KiB of RAM and nothing else, not even exceptions: what would raise one is the outcome of a step.
pub struct Machine {
    cpu: Cpu,
}

/// How one instruction ended. Unless it is `Done`, `Sleep` or `SupervisorCall`, R15 is the address of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// It completed.
    Done,
    /// UNDEFINED on this core, a coprocessor, or the floating-point unit.
    Undefined,
    /// No one answers at this address.
    BusFault {
        /// The address of the transfer; of the instruction if its fetch failed.
        address: u32,
    },
    /// An address that must be aligned is not.
    Unaligned,
    /// The Thumb bit is 0.
    InvalidState,
    /// Division by zero with CCR.DIV_0_TRP, which a new machine does not set.
    DivideByZero,
    /// BKPT.
    Breakpoint,
    /// SVC. R15 is the next instruction.
    SupervisorCall,
    /// WFI or WFE. R15 is the next instruction.
    Sleep,
}

impl Machine {
    /// A machine with zeroed registers, in Thumb state.
    pub fn new(core: Core) -> Machine {
        let device = bare_device(core);
        // The description is ours and right; an empty die is the only other possible answer.
        let die = Die::new(&device, &[]).unwrap_or_else(|_| unreachable!("bare device"));
        let mut cpu = Cpu::new(core, &device.twin, Bus::new(die));
        cpu.state.thumb = true;
        Machine { cpu }
    }

    /// All registers.
    pub fn registers(&self) -> Registers {
        self.cpu.state.registers()
    }

    /// Sets all registers. The stack pointer in use is `r[13]`; the other one is `msp` or `psp`.
    pub fn set_registers(&mut self, registers: &Registers) {
        self.cpu.state.set_registers(registers);
    }

    /// Writes RAM.
    pub fn write(&mut self, address: u32, data: &[u8]) -> Result<(), BusFault> {
        self.cpu.bus.die.poke(u64::from(address), data)
    }

    /// Reads RAM.
    pub fn read(&self, address: u32, buffer: &mut [u8]) -> Result<(), BusFault> {
        self.cpu.bus.die.peek(u64::from(address), buffer)
    }

    /// Executes one instruction.
    pub fn step(&mut self) -> StepOutcome {
        self.run(1)
    }

    /// Executes at most `count` instructions, until one does not complete. For benchmarks.
    pub fn run(&mut self, count: u64) -> StepOutcome {
        for _ in 0..count {
            if let Err(trap) = self.cpu.execute() {
                return self.outcome(trap);
            }
        }
        StepOutcome::Done
    }

    fn outcome(&mut self, trap: Trap) -> StepOutcome {
        let address = self.cpu.state.r[15];
        match trap {
            Trap::Sleep(Wait::Interrupt | Wait::Event) => {
                self.cpu.state.r[15] = self.cpu.state.next_pc;
                StepOutcome::Sleep
            }
            Trap::SupervisorCall => {
                self.cpu.state.r[15] = self.cpu.state.next_pc;
                StepOutcome::SupervisorCall
            }
            Trap::Undefined | Trap::NoCoprocessor => StepOutcome::Undefined,
            Trap::InvalidState | Trap::InvalidReturn => StepOutcome::InvalidState,
            Trap::DivideByZero => StepOutcome::DivideByZero,
            Trap::Unaligned => StepOutcome::Unaligned,
            Trap::Breakpoint => StepOutcome::Breakpoint,
            Trap::Fetch | Trap::NoExecute | Trap::Unstack => StepOutcome::BusFault { address },
            Trap::Data { address } => StepOutcome::BusFault { address },
        }
    }
}

/// A device with RAM only.
fn bare_device(core: Core) -> Device {
    Device {
        name: "machine".into(),
        vendor: String::new(),
        family: String::new(),
        chip: String::new(),
        core,
        swd: Swd { clock_khz: 1000 },
        memories: vec![Memory {
            name: "ram".into(),
            kind: MemoryKind::Ram,
            start: u64::from(RAM_START),
            len: u64::from(RAM_LEN),
            aliases: Vec::new(),
            nor: None,
        }],
        algorithms: Vec::new(),
        uid: None,
        revision: None,
        properties: Default::default(),
        guarded: Vec::new(),
        twin: TwinData {
            dpidr: 0,
            ap_idr: 0,
            cpuid: 0,
            core_clock_khz: 1000,
            flash_wait_states: 0,
            breakpoint_count: 0,
            interrupt_count: 0,
            rom_table: RomTable {
                address: 0,
                jep106_continuation: 0,
                jep106_identity: 0,
                part: 0,
            },
            boot_address: u64::from(RAM_START),
            jtag: None,
        },
        sources: Vec::new(),
        file_sha256: None,
    }
}
