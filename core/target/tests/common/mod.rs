//! The test bench: a chip of nobody on a board, and what the tests ask of both.
#![allow(dead_code, clippy::unwrap_used)]

mod chip;

pub use chip::Controller;

use imprint_device::{Algorithm, Device, FrozenDevice};
use imprint_target::{
    AttachMode, Chips, Control, Link, Port, Target, TargetError, Wire, WireFault,
};
use imprint_twin::{Board, BoardOptions, Fault};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

/// Start of the flash.
pub const FLASH: u64 = 0x0800_0000;
/// Its length.
pub const FLASH_LEN: u64 = 0x1_0000;
/// Start of the second memory, right behind the flash.
pub const DATA: u64 = FLASH + FLASH_LEN;
/// Start of RAM.
pub const RAM: u64 = 0x2000_0000;
/// Length of RAM.
pub const RAM_LEN: u64 = 0x4000;

/// A board as a wire.
pub struct BoardWire {
    pub board: Arc<Mutex<Board>>,
    /// Whether it measures the supply, as few probes do.
    pub measures_supply: bool,
    /// The clock that was set last.
    pub clock_khz: Arc<AtomicU32>,
}

impl Wire for BoardWire {
    fn name(&self) -> String {
        "bench".into()
    }

    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        self.board.lock().unwrap().set_clock_khz(khz);
        self.clock_khz.store(khz, Ordering::Relaxed);
        khz
    }

    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        self.board
            .lock()
            .unwrap()
            .read_register(half(port), register)
            .map_err(fault)
    }

    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault> {
        self.board
            .lock()
            .unwrap()
            .write_register(half(port), register, value)
            .map_err(fault)
    }

    fn read_block(
        &mut self,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), WireFault> {
        self.board
            .lock()
            .unwrap()
            .read_block(half(port), register, values)
            .map_err(fault)
    }

    fn write_block(&mut self, port: Port, register: u8, values: &[u32]) -> Result<(), WireFault> {
        self.board
            .lock()
            .unwrap()
            .write_block(half(port), register, values)
            .map_err(fault)
    }

    fn flush(&mut self) -> Result<(), WireFault> {
        self.board.lock().unwrap().flush().map_err(fault)
    }

    fn line_sequence(&mut self, bit_count: u8, bits: u64) {
        self.board.lock().unwrap().line_sequence(bit_count, bits);
    }

    fn pins(&mut self, output: u32, select: u32) -> u32 {
        self.board.lock().unwrap().pins(output, select)
    }

    fn voltage_mv(&mut self) -> Option<u32> {
        self.measures_supply
            .then(|| self.board.lock().unwrap().voltage_mv())
    }

    fn now_ns(&self) -> u64 {
        self.board.lock().unwrap().now_ns()
    }

    fn pass_ns(&mut self, ns: u64) {
        self.board.lock().unwrap().pass_ns(ns);
    }
}

fn half(port: Port) -> imprint_twin::Port {
    match port {
        Port::Debug => imprint_twin::Port::Debug,
        Port::Access => imprint_twin::Port::Access,
    }
}

fn fault(fault: imprint_twin::WireFault) -> WireFault {
    match fault {
        imprint_twin::WireFault::NoAnswer => WireFault::NoAnswer,
        imprint_twin::WireFault::Wait => WireFault::Wait,
        imprint_twin::WireFault::Fault => WireFault::Fault,
    }
}

/// A board on a bench, and the device that the tests say it is.
pub struct Bench {
    pub board: Arc<Mutex<Board>>,
    pub frozen: FrozenDevice,
    pub measures_supply: bool,
    pub clock_khz: Arc<AtomicU32>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Controller::default(), &[])
    }

    pub fn with_faults(faults: &[Fault]) -> Self {
        Self::with(Controller::default(), faults)
    }

    pub fn with(controller: Controller, faults: &[Fault]) -> Self {
        Self::of_chip(&device(), controller, faults)
    }

    /// A board with this chip.
    pub fn of_chip(device: &Device, controller: Controller, faults: &[Fault]) -> Self {
        let options = BoardOptions {
            faults: faults.to_vec(),
            ..BoardOptions::default()
        };
        let board = Board::power_on(device, options, |_, _| Ok(Box::new(controller))).unwrap();
        let frozen = FrozenDevice {
            device: device.clone(),
            algorithms: vec![algorithm()],
        };
        Self {
            board: Arc::new(Mutex::new(board)),
            frozen,
            measures_supply: false,
            clock_khz: Arc::default(),
        }
    }

    /// The algorithm, to be changed.
    pub fn algorithm(&mut self) -> &mut Algorithm {
        &mut self.frozen.algorithms[0]
    }

    pub fn link(&self) -> Link {
        Link::wire(self.wire())
    }

    pub fn wire(&self) -> BoardWire {
        BoardWire {
            board: self.board.clone(),
            measures_supply: self.measures_supply,
            clock_khz: self.clock_khz.clone(),
        }
    }

    pub fn chips(&self) -> Chips {
        Chips::for_device(&self.frozen).unwrap()
    }

    pub fn attach(&self) -> Target {
        self.try_attach(self.link(), Control::default(), AttachMode::Running)
            .unwrap()
    }

    pub fn try_attach(
        &self,
        link: Link,
        control: Control,
        mode: AttachMode,
    ) -> Result<Target, TargetError> {
        Target::attach(
            link,
            &self.chips(),
            Arc::new(self.frozen.clone()),
            control,
            mode,
        )
    }

    /// What is in memory, seen behind the scenes.
    pub fn peek(&self, address: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.board
            .lock()
            .unwrap()
            .peek(address, &mut bytes)
            .unwrap();
        bytes
    }

    pub fn now_ns(&self) -> u64 {
        self.board.lock().unwrap().now_ns()
    }
}

pub fn device() -> Device {
    Device::parse("chip.ron", include_str!("chip.ron")).unwrap()
}

/// `tests/code/algorithm.s`.
pub fn algorithm() -> Algorithm {
    Algorithm {
        name: "test".into(),
        code: include_bytes!("../code/algorithm.bin").to_vec(),
        load_address: None,
        init: Some(0x01),
        uninit: Some(0x0B),
        program_page: 0x2F,
        erase_sector: 0x19,
        erase_all: Some(0x27),
        verify: None,
        blank_check: None,
        data_section: 0x70,
        range_start: FLASH,
        range_end: FLASH + 0x2_0000,
        page_len: 1024,
        program_timeout_ms: 100,
        erase_timeout_ms: 500,
        stack_len: None,
    }
}

/// Bytes that look like nothing in particular, the same at every run.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}
