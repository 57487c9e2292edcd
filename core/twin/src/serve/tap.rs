//! The test access ports of a chip: one state machine (IEEE 1149.1, 6.1), and the shift registers in their chain.
//!
//! All ports of a chip follow TMS together. The debug port's is the last before TDO; the others know IDCODE and BYPASS,
//! which is all that a debugger asks of them.

use crate::debug_port::Port;
use imprint_device::TestAccessPort;

/// Instructions of the debug port (ADIv5.2, B3.2); any other one is BYPASS.
const ABORT: u32 = 0b1000;
const DPACC: u32 = 0b1010;
const APACC: u32 = 0b1011;
const IDCODE: u32 = 0b1110;
/// Bits of its instruction register.
const INSTRUCTION_LEN: u32 = 4;

/// States of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    TestLogicReset,
    Idle,
    SelectData,
    CaptureData,
    ShiftData,
    Exit1Data,
    PauseData,
    Exit2Data,
    UpdateData,
    SelectInstruction,
    CaptureInstruction,
    ShiftInstruction,
    Exit1Instruction,
    PauseInstruction,
    Exit2Instruction,
    UpdateInstruction,
}

use State::*;

impl State {
    fn next(self, tms: bool) -> State {
        let (low, high) = match self {
            TestLogicReset => (Idle, TestLogicReset),
            Idle | UpdateData | UpdateInstruction => (Idle, SelectData),
            SelectData => (CaptureData, SelectInstruction),
            CaptureData | ShiftData => (ShiftData, Exit1Data),
            Exit1Data => (PauseData, UpdateData),
            PauseData => (PauseData, Exit2Data),
            Exit2Data => (ShiftData, UpdateData),
            SelectInstruction => (CaptureInstruction, TestLogicReset),
            CaptureInstruction | ShiftInstruction => (ShiftInstruction, Exit1Instruction),
            Exit1Instruction => (PauseInstruction, UpdateInstruction),
            PauseInstruction => (PauseInstruction, Exit2Instruction),
            Exit2Instruction => (ShiftInstruction, UpdateInstruction),
        };
        if tms { high } else { low }
    }
}

/// What the debug port's data register stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// An access to a register.
    Access(Port),
    /// The ABORT register.
    Abort,
    /// Nobody: the port has done all there is to do.
    Own,
}

/// What the debug port has to do after a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Nothing.
    Nothing,
    /// Its data register is captured: `Chain::load` says what it is.
    Capture(Data),
    /// Its data register was shifted in, and counts.
    Update(Data, u64),
}

/// One port's shift register and instruction.
struct Tap {
    idcode: u32,
    instruction_len: u32,
    instruction: u32,
    /// The instruction that is there after a reset.
    reset_instruction: u32,
    shift: u64,
    shift_len: u32,
}

impl Tap {
    fn new(idcode: u32, instruction_len: u32, reset_instruction: u32) -> Tap {
        Tap {
            idcode,
            instruction_len,
            instruction: reset_instruction,
            reset_instruction,
            shift: 0,
            shift_len: 1,
        }
    }

    fn load(&mut self, value: u64, len: u32) {
        (self.shift, self.shift_len) = (value, len);
    }

    /// One bit in, one bit out.
    fn shift(&mut self, bit: bool) -> bool {
        let out = self.shift & 1 != 0;
        self.shift = self.shift >> 1 | u64::from(bit) << (self.shift_len - 1);
        out
    }

    fn capture_own_data(&mut self) {
        match self.instruction == self.reset_instruction {
            true => self.load(self.idcode.into(), 32),
            false => self.load(0, 1),
        }
    }
}

/// The ports of a chip.
pub(super) struct Chain {
    state: State,
    debug: Tap,
    /// From the debug port towards TDI.
    others: Vec<Tap>,
}

impl Chain {
    pub fn new(idcode: u32, others: &[TestAccessPort]) -> Chain {
        // IDCODE is 1 by the vendors' boundary scan descriptions.
        let other = |tap: &TestAccessPort| Tap::new(tap.idcode, tap.instruction_len, 1);
        Chain {
            state: TestLogicReset,
            debug: Tap::new(idcode, INSTRUCTION_LEN, IDCODE),
            others: others.iter().map(other).collect(),
        }
    }

    /// The line that resets the ports, and nothing else.
    pub fn reset(&mut self) {
        self.enter(TestLogicReset);
    }

    /// A rising edge of the clock.
    pub fn clock(&mut self, tms: bool, tdi: bool) -> Moment {
        if matches!(self.state, ShiftData | ShiftInstruction) {
            let others = self.others.iter_mut().rev();
            let bit = others.fold(tdi, |bit, tap| tap.shift(bit));
            self.debug.shift(bit);
        }
        self.enter(self.state.next(tms))
    }

    /// What the debug port's data register has captured.
    pub fn load(&mut self, value: u64, len: u32) {
        self.debug.load(value, len);
    }

    /// The data line out; it is not driven, and high, while nothing is shifted.
    pub fn tdo(&self) -> bool {
        !matches!(self.state, ShiftData | ShiftInstruction) || self.debug.shift & 1 != 0
    }

    fn enter(&mut self, state: State) -> Moment {
        self.state = state;
        let data = match self.debug.instruction {
            DPACC => Data::Access(Port::Debug),
            APACC => Data::Access(Port::Access),
            ABORT => Data::Abort,
            _ => Data::Own,
        };
        if state == UpdateData {
            return Moment::Update(data, self.debug.shift);
        }
        let taps = self.others.iter_mut().chain([&mut self.debug]);
        match state {
            TestLogicReset => taps.for_each(|tap| tap.instruction = tap.reset_instruction),
            CaptureInstruction => taps.for_each(|tap| tap.load(1, tap.instruction_len)),
            UpdateInstruction => taps.for_each(|tap| tap.instruction = tap.shift as u32),
            CaptureData => {
                taps.for_each(Tap::capture_own_data);
                return Moment::Capture(data);
            }
            _ => {}
        }
        Moment::Nothing
    }
}
