//! The bench: one twin, and a host over it that counts callbacks and makes trouble at the one it is told.

use crate::{
    nor::PlainBoard,
    subject::{BoardKind, Site},
    verdict::{Step, not_applicable},
    wire,
};
use imprint_device::Device;
use imprint_plugin_host::{
    BoardFactory, Cancellation, FamilyStatus, HostCall, HostCore, HostDebugPort, HostError,
    HostResult, HostTarget, LogLevel,
};
use imprint_twin::{Board, BoardOptions, BoardState, Chip, Fault, Peripherals, TwinError};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Most callbacks that are kept one by one; a call that makes more is told to stop.
const CALLBACKS_MAX: usize = 200_000;
/// How long the kit looks again for the return of called code, in nanoseconds of virtual time.
const POLL_NS: u64 = 50_000;

/// Debug registers of the core (ARMv7-M Architecture Reference Manual C1.6).
const DHCSR: u64 = 0xE000_EDF0;
const DCRSR: u64 = 0xE000_EDF4;
const DCRDR: u64 = 0xE000_EDF8;
const DEMCR: u64 = 0xE000_EDFC;
const AIRCR: u64 = 0xE000_ED0C;
const RESET_REQUEST: u32 = 0x05FA_0004;
const DEBUG_KEY: u32 = 0xA05F_0000;
const C_DEBUGEN: u32 = 1;
const C_HALT: u32 = 2;
const C_STEP: u32 = 4;
const S_HALT: u32 = 1 << 17;
const REGISTER_WRITE: u32 = 1 << 16;
/// `BKPT #0`, twice.
const HALT_CODE: u32 = 0xBE00_BE00;

/// One callback of the plugin into the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The host's function.
    pub name: &'static str,
    /// The target address it is about.
    pub address: Option<u64>,
    /// It may change the target.
    pub is_write: bool,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => write!(f, "{} at {address:#010x}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// What the host does from a certain callback on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The user cancelled.
    Cancel,
    /// The target does not answer any more.
    Fail,
    /// The target loses its power.
    PowerCut,
}

/// One twin and the host over it.
pub struct Bench {
    board: Board,
    kind: BoardKind,
    factory: Option<BoardFactory>,
    device: Device,
    /// The properties that the host tells, which may be others than the device's.
    pub properties: BTreeMap<String, String>,
    /// Memory can be reached, and not the debug port alone.
    is_attached: bool,
    /// The host has extensions to offer.
    pub has_extensions: bool,
    /// Reads of memory give the complement: another chip.
    pub is_another_chip: bool,
    /// Makes trouble at this callback, counted from 1.
    pub trouble: Option<(usize, Trouble)>,
    stopped: Cell<Option<Trouble>>,
    events: RefCell<Vec<Event>>,
    asked: RefCell<Vec<String>>,
    cancelled: Arc<AtomicBool>,
}

impl Bench {
    /// A new chip with an identifier made of `seed`, attached.
    pub fn new(site: &Site, seed: u8) -> Step<Bench> {
        let device = site.device.clone();
        let uid_len = device.uid.as_ref().map_or(8, |uid| uid.len as usize);
        let options = BoardOptions {
            uid: (0..uid_len as u8)
                .map(|index| seed.wrapping_add(index))
                .collect(),
            ..BoardOptions::default()
        };
        let make = maker(site.board_kind, site.factory.clone(), &device);
        let board = Board::power_on(&device, options, make);
        Bench::of(site, board)
    }

    fn of(site: &Site, board: Result<Board, TwinError>) -> Step<Bench> {
        let board = match board {
            Ok(board) => board,
            Err(error) => {
                return not_applicable(format!(
                    "the twin cannot be made, see the case `board-opens`: {error}"
                ));
            }
        };
        let mut bench = Bench {
            board,
            kind: site.board_kind,
            factory: site.factory.clone(),
            properties: site.device.properties.clone(),
            device: site.device.clone(),
            is_attached: false,
            has_extensions: true,
            is_another_chip: false,
            trouble: None,
            stopped: Cell::new(None),
            events: RefCell::default(),
            asked: RefCell::default(),
            cancelled: Arc::default(),
        };
        bench.attach();
        Ok(bench)
    }

    /// Connects, so that memory can be reached, and halts the core where that is possible.
    pub fn attach(&mut self) {
        self.connect();
        // A chip whose protection closes the memory access port cannot be halted.
        let _ = wire::write_word(&mut self.board, DHCSR, DEBUG_KEY | C_DEBUGEN | C_HALT);
        self.is_attached = true;
    }

    /// Connects to the debug port alone.
    pub fn connect(&mut self) {
        // What a chip that does not even answer here means, the first transfer tells.
        let _ = wire::connect(&mut self.board);
        self.is_attached = false;
    }

    /// The plugin's next call is a new one: nothing counted, nothing stopped.
    pub fn begin(&mut self) {
        self.events.borrow_mut().clear();
        self.asked.borrow_mut().clear();
        self.stopped.set(None);
        self.cancelled.store(false, Ordering::Relaxed);
    }

    /// The callbacks since `begin`.
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// The properties asked for since `begin`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// The board.
    pub fn board(&mut self) -> &mut Board {
        &mut self.board
    }

    /// Takes the power away and gives it back; `faults` count from here on.
    pub fn power_cycle(&mut self, faults: Vec<Fault>) -> Step {
        let state = self.board.save();
        self.restore(&state, faults)
    }

    /// Gives the power back to a board in that state.
    pub fn restore(&mut self, state: &BoardState, faults: Vec<Fault>) -> Step {
        let make = maker(self.kind, self.factory.clone(), &self.device);
        match Board::restore(state, Some(faults), make) {
            Ok(board) => self.board = board,
            Err(error) => {
                return not_applicable(format!(
                    "the twin does not come back, see the case `board-keeps-its-state`: {error}"
                ));
            }
        }
        self.is_attached = false;
        Ok(())
    }

    /// Bytes of a memory, behind the scenes.
    pub fn peek(&self, address: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        // An address without memory reads as zeros.
        let _ = self.board.peek(address, &mut bytes);
        bytes
    }

    fn stop(&self, trouble: Trouble) {
        self.stopped.set(Some(trouble));
        if trouble == Trouble::Cancel {
            self.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a callback.
    fn count(&self, name: &'static str, address: Option<u64>, is_write: bool) {
        let mut events = self.events.borrow_mut();
        events.push(Event {
            name,
            address,
            is_write,
        });
        match self.trouble {
            Some((at, trouble)) if events.len() == at => self.stop(trouble),
            _ if events.len() == CALLBACKS_MAX => self.stop(Trouble::Cancel),
            _ => {}
        }
    }

    /// Counts a callback that may fail, and lets it fail where it is to.
    fn step(&mut self, name: &'static str, address: Option<u64>, is_write: bool) -> HostResult<()> {
        let before = self.stopped.get();
        self.count(name, address, is_write);
        let Some(trouble) = self.stopped.get() else {
            return Ok(());
        };
        if trouble == Trouble::PowerCut && before.is_none() {
            // The board that cannot come back is another case's finding.
            let _ = self.power_cycle(Vec::new());
        }
        Err(match trouble {
            Trouble::Cancel => HostError {
                status: FamilyStatus::Cancelled,
                address: None,
                message: "cancelled".into(),
            },
            Trouble::Fail | Trouble::PowerCut => HostError {
                status: FamilyStatus::Target,
                address,
                message: "the target does not answer".into(),
            },
        })
    }

    fn memory(
        &mut self,
        name: &'static str,
        address: u64,
        is_write: bool,
    ) -> HostResult<&mut Board> {
        self.step(name, Some(address), is_write)?;
        if !self.is_attached {
            return Err(HostError {
                status: FamilyStatus::Unsupported,
                address: Some(address),
                message: "the target is not attached".into(),
            });
        }
        Ok(&mut self.board)
    }

    fn halted(&mut self) -> HostResult<bool> {
        Ok(wire::read_word(&mut self.board, DHCSR)? & S_HALT != 0)
    }

    fn control(&mut self, bits: u32) -> HostResult<()> {
        wire::write_word(&mut self.board, DHCSR, DEBUG_KEY | C_DEBUGEN | bits)
    }

    fn set_register(&mut self, number: u32, value: u32) -> HostResult<()> {
        wire::write_word(&mut self.board, DCRDR, value)?;
        wire::write_word(&mut self.board, DCRSR, number | REGISTER_WRITE)
    }

    fn register(&mut self, number: u32) -> HostResult<u32> {
        wire::write_word(&mut self.board, DCRSR, number)?;
        wire::read_word(&mut self.board, DCRDR)
    }

    /// Runs code on the target until it returns to a breakpoint below its stack.
    fn run_call(&mut self, call: &HostCall) -> HostResult<u64> {
        let bad = |message: &str| HostError {
            status: FamilyStatus::Target,
            address: Some(call.entry),
            message: message.into(),
        };
        let address = |value: u64| u32::try_from(value).map_err(|_| bad("no 32-bit address"));
        let return_to = (address(call.stack)? & !7).wrapping_sub(8);
        self.control(C_HALT)?;
        wire::write_word(&mut self.board, return_to.into(), HALT_CODE)?;
        let args = call.args.map(|argument| argument as u32);
        for (number, value) in (0..).zip(args) {
            self.set_register(number, value)?;
        }
        for (number, value) in [
            (9, address(call.static_base)?),
            (13, return_to),
            (14, return_to | 1),
            (15, address(call.entry)? & !1),
            (16, 1 << 24),
        ] {
            self.set_register(number, value)?;
        }
        self.control(0)?;
        let end = self.board.now_ns() + u64::from(call.timeout_ms) * 1_000_000;
        while !self.halted()? {
            if self.board.now_ns() >= end {
                self.control(C_HALT)?;
                return Err(bad("the called code does not return"));
            }
            self.board.pass_ns(POLL_NS);
        }
        if self.register(15)? != return_to {
            return Err(bad("the called code stopped somewhere else"));
        }
        self.register(0).map(u64::from)
    }
}

/// What makes the board of a device.
fn maker(
    kind: BoardKind,
    factory: Option<BoardFactory>,
    device: &Device,
) -> impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String> + use<> {
    let name = device.name.clone();
    let uid_address = device.uid.as_ref().map(|uid| uid.address);
    move |chip, uid| match (kind, factory) {
        (BoardKind::Own, Some(factory)) => factory.open(chip, &name, uid),
        _ => Ok(PlainBoard::open(chip, uid_address, uid)),
    }
}

impl HostTarget for Bench {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> HostResult<()> {
        let board = self.memory("mem_read", address, false)?;
        wire::read(board, address, buffer)?;
        if self.is_another_chip {
            buffer.iter_mut().for_each(|byte| *byte = !*byte);
        }
        Ok(())
    }

    fn write(&mut self, address: u64, data: &[u8]) -> HostResult<()> {
        wire::write(self.memory("mem_write", address, true)?, address, data)
    }

    fn call(&mut self, call: &HostCall) -> HostResult<u64> {
        self.memory("call", call.entry, true)?;
        self.run_call(call)
    }

    fn delay_us(&mut self, us: u64) -> HostResult<()> {
        self.step("delay_us", None, false)?;
        self.board.pass_ns(us.saturating_mul(1000));
        Ok(())
    }

    fn progress(&mut self, _done: u64, _total: u64) {}

    fn log(&mut self, _level: LogLevel, _message: &str) {}

    fn cancellation(&self) -> Cancellation {
        let cancelled = self.cancelled.clone();
        Arc::new(move || cancelled.load(Ordering::Relaxed))
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.count("property", None, false);
        self.asked.borrow_mut().push(name.into());
        self.properties.get(name).map(String::as_str)
    }

    fn debug_port(&mut self) -> Option<&mut dyn HostDebugPort> {
        if self.has_extensions {
            Some(self)
        } else {
            None
        }
    }

    fn core(&mut self) -> Option<&mut dyn HostCore> {
        if self.has_extensions && self.is_attached {
            Some(self)
        } else {
            None
        }
    }
}

impl HostDebugPort for Bench {
    fn dp_read(&mut self, register: u8) -> HostResult<u32> {
        self.step("dp_read", None, false)?;
        wire::dp_read(&mut self.board, register)
    }

    fn dp_write(&mut self, register: u8, value: u32) -> HostResult<()> {
        self.step("dp_write", None, true)?;
        wire::dp_write(&mut self.board, register, value)
    }

    fn ap_read(&mut self, ap: u8, register: u8) -> HostResult<u32> {
        self.step("ap_read", None, false)?;
        wire::ap_read(&mut self.board, ap, register)
    }

    fn ap_write(&mut self, ap: u8, register: u8, value: u32) -> HostResult<()> {
        self.step("ap_write", None, true)?;
        wire::ap_write(&mut self.board, ap, register, value)
    }

    fn reset_line(&mut self, asserted: bool) -> HostResult<()> {
        const PIN_RESET: u32 = 1 << 7;
        self.step("reset_line", None, true)?;
        let output = if asserted { 0 } else { PIN_RESET };
        self.board.pins(output, PIN_RESET);
        Ok(())
    }
}

impl HostCore for Bench {
    fn halt(&mut self) -> HostResult<()> {
        self.step("halt", None, true)?;
        self.control(C_HALT)
    }

    fn run(&mut self) -> HostResult<()> {
        self.step("run", None, true)?;
        self.control(0)
    }

    fn step(&mut self) -> HostResult<()> {
        Bench::step(self, "step", None, true)?;
        self.control(C_STEP)
    }

    fn reset(&mut self, halt: bool) -> HostResult<()> {
        Bench::step(self, "reset", None, true)?;
        wire::write_word(&mut self.board, DEMCR, halt.into())?;
        // The answer to a reset may be lost with it.
        let _ = wire::write_word(&mut self.board, AIRCR, RESET_REQUEST);
        self.board.pass_ns(POLL_NS);
        Ok(())
    }

    fn register_read(&mut self, number: u32) -> HostResult<u32> {
        Bench::step(self, "register_read", None, false)?;
        self.register(number)
    }

    fn register_write(&mut self, number: u32, value: u32) -> HostResult<()> {
        Bench::step(self, "register_write", None, true)?;
        self.set_register(number, value)
    }
}
