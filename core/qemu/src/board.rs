//! A board: one QEMU, and the wire to the chip in it.

use crate::{
    bus::Refusal, core::Core, debug_port::DebugPort, error::QemuError, gdb::Gdb, process::Process,
    qtest::Qtest,
};
use imprint_target::{Port, Wire, WireFault};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The machines of QEMU that are known.
pub const MACHINES: [&str; 1] = ["microbit"];

/// nRESET in `DAP_SWJ_Pins`.
const PIN_RESET: u32 = 1 << 7;

/// A chip in QEMU, as it leaves the factory: erased by nobody, so that its flash reads as zeros. Clones are the same board,
/// which ends with the last of them.
#[derive(Clone)]
pub struct QemuBoard(Arc<Mutex<Qemu>>);

/// QEMU and what stands before it.
struct Qemu {
    process: Process,
    core: Core,
    port: DebugPort,
    machine: String,
    pins: u32,
    started: Instant,
    /// Why there is no board any more.
    trouble: Option<QemuError>,
}

impl QemuBoard {
    /// Starts a machine, one of [`MACHINES`].
    pub fn start(machine: &str) -> Result<QemuBoard, QemuError> {
        if !MACHINES.contains(&machine) {
            return Err(QemuError::MachineUnknown {
                machine: machine.into(),
            });
        }
        let (mut process, sockets) = Process::start(machine)?;
        let core = Gdb::open(sockets.gdb)
            .and_then(|gdb| Core::new(gdb, Qtest::new(sockets.qtest)))
            .map_err(|error| with_last_words(error, &mut process))?;
        Ok(QemuBoard(Arc::new(Mutex::new(Qemu {
            process,
            core,
            port: DebugPort::new(),
            machine: machine.into(),
            pins: PIN_RESET,
            started: Instant::now(),
            trouble: None,
        }))))
    }

    /// Why the board is lost, if it is: on the wire that is a target which does not answer.
    pub fn trouble(&self) -> Option<QemuError> {
        self.lock().trouble.clone()
    }

    /// The process id of QEMU.
    pub fn process_id(&self) -> u32 {
        self.lock().process.id()
    }

    fn lock(&self) -> MutexGuard<'_, Qemu> {
        // A panic ends one unit; QEMU holds what it held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Qemu {
    /// One transfer. What QEMU itself does wrong is kept, and is no answer on the wire.
    fn transfer<T>(
        &mut self,
        work: impl FnOnce(&mut DebugPort, &mut Core) -> Result<T, Refusal>,
    ) -> Result<T, WireFault> {
        if self.trouble.is_some() {
            return Err(WireFault::NoAnswer);
        }
        work(&mut self.port, &mut self.core).map_err(|refusal| match refusal {
            Refusal::Fault => WireFault::Fault,
            Refusal::Broken(error) => {
                self.trouble = Some(with_last_words(error, &mut self.process));
                WireFault::NoAnswer
            }
        })
    }
}

/// An end of QEMU, with how and why.
fn with_last_words(error: QemuError, process: &mut Process) -> QemuError {
    match error {
        QemuError::Ended { .. } => process.ended(),
        other => other,
    }
}

impl Wire for QemuBoard {
    fn name(&self) -> String {
        format!("QEMU's {}", self.lock().machine)
    }

    /// There is no wire to be clocked.
    fn set_clock_khz(&mut self, khz: u32) -> u32 {
        khz
    }

    fn read_register(&mut self, port: Port, register: u8) -> Result<u32, WireFault> {
        self.lock()
            .transfer(|ports, core| ports.read(core, port, register))
    }

    fn write_register(&mut self, port: Port, register: u8, value: u32) -> Result<(), WireFault> {
        self.lock()
            .transfer(|ports, core| ports.write(core, port, register, value))
    }

    fn read_block(
        &mut self,
        port: Port,
        register: u8,
        values: &mut [u32],
    ) -> Result<(), WireFault> {
        self.lock()
            .transfer(|ports, core| ports.read_block(core, port, register, values))
    }

    fn write_block(&mut self, port: Port, register: u8, values: &[u32]) -> Result<(), WireFault> {
        self.lock()
            .transfer(|ports, core| ports.write_block(core, port, register, values))
    }

    fn flush(&mut self) -> Result<(), WireFault> {
        self.lock().transfer(|_, _| Ok(()))
    }

    /// The debug port is in operation from the start, so that no sequence changes anything.
    fn line_sequence(&mut self, _bit_count: u8, _bits: u64) {}

    fn pins(&mut self, output: u32, select: u32) -> u32 {
        let mut qemu = self.lock();
        qemu.pins = qemu.pins & !select | output & select;
        let is_high = qemu.pins & PIN_RESET != 0;
        if select & PIN_RESET != 0 {
            // A QEMU that is gone is met by the next transfer.
            let _ = qemu.transfer(|_, core| Ok(core.set_reset_line(is_high)?));
        }
        qemu.pins
    }

    /// QEMU models no supply.
    fn voltage_mv(&mut self) -> Option<u32> {
        None
    }

    /// The host's clock: QEMU's runs with it.
    fn now_ns(&self) -> u64 {
        u64::try_from(self.lock().started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn pass_ns(&mut self, ns: u64) {
        std::thread::sleep(Duration::from_nanos(ns));
    }
}
