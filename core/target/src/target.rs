//! One chip on a wire: the interface of this crate.

use crate::{
    bus::Bus,
    call::{Call, CallTime, Caller, address32},
    chips::Chips,
    control::Control,
    core_control::{AIRCR, AIRCR_SYSRESETREQ, CORE_DEBUG, CoreStatus},
    error::TargetError,
    flash::Flash,
    limits::{RESET_LINE_PULSE, RESET_UNSEEN_PAUSE},
    link::Link,
    mailbox::{MailboxEnd, run_with_mailbox},
    port::Port,
    progress::{Changes, Step},
    run::{Run, RunEnd, run_code},
    watch::Moment,
};
use imprint_device::FrozenDevice;
use std::{sync::Arc, time::Duration};

/// A connected debug port whose target is not attached: what is there of a locked chip.
pub struct DebugPortSession(Port);

/// An attached target. Dropping it leaves the target as it is; `detach` lets its core run on.
pub struct Target {
    pub(crate) port: Port,
    /// The core has not run anything but our code since a reset, so nothing disturbs RAM or flash.
    pub(crate) is_quiet: bool,
    pub(crate) changes: Changes,
}

/// How to attach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttachMode {
    /// The core keeps doing what it does.
    #[default]
    Running,
    /// With the reset line held, so that firmware that closes the debug pins or sleeps never runs. The core is halted
    /// before its first instruction.
    UnderReset,
}

impl DebugPortSession {
    /// Attaches the target. Never unlocks it: a locked one is `TargetError::Locked`.
    pub fn attach(mut self, mode: AttachMode) -> Result<Target, TargetError> {
        let under_reset = mode == AttachMode::UnderReset;
        if under_reset {
            self.0.reset_line(true)?;
            self.0.reconnect()?;
        }
        attach(&mut self.0, under_reset)?;
        Ok(Target {
            port: self.0,
            is_quiet: under_reset,
            changes: Changes::default(),
        })
    }

    /// Connects once more, for instance after the chip was reset by its access port.
    pub fn reconnect(&mut self) -> Result<(), TargetError> {
        self.0.reconnect()
    }

    /// Gives the probe back.
    pub fn close(self) -> Link {
        self.0.close()
    }
}

impl Target {
    /// Connects to the debug port only. The budget in `control` starts now.
    pub fn open_debug_port(
        link: Link,
        chips: &Chips,
        frozen: Arc<FrozenDevice>,
        control: Control,
    ) -> Result<DebugPortSession, TargetError> {
        Port::open(link, chips, frozen, control, false).map(DebugPortSession)
    }

    /// Connects and attaches. The budget in `control` starts now.
    pub fn attach(
        link: Link,
        chips: &Chips,
        frozen: Arc<FrozenDevice>,
        control: Control,
        mode: AttachMode,
    ) -> Result<Self, TargetError> {
        let under_reset = mode == AttachMode::UnderReset;
        let mut port = Port::open(link, chips, frozen, control, under_reset)?;
        attach(&mut port, under_reset)?;
        Ok(Self {
            port,
            is_quiet: under_reset,
            changes: Changes::default(),
        })
    }

    /// Attaches once more, after a reset that ended the debug connection or a change of protection.
    pub fn reattach(&mut self, mode: AttachMode) -> Result<(), TargetError> {
        let under_reset = mode == AttachMode::UnderReset;
        self.is_quiet = false;
        if under_reset {
            self.port.reset_line(true)?;
        }
        self.port.reconnect()?;
        attach(&mut self.port, under_reset)?;
        self.is_quiet = under_reset;
        Ok(())
    }

    /// Back to the debug port, as after `open_debug_port`.
    pub fn into_debug_port(self) -> DebugPortSession {
        DebugPortSession(self.port)
    }

    /// Lets the core run on without a debugger and gives the probe back. Works after a cancel, too.
    pub fn detach(self) -> Link {
        self.port.close()
    }

    /// The device.
    pub fn device(&self) -> &Arc<FrozenDevice> {
        &self.port.frozen
    }

    /// What was erased and programmed since the target was attached.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Reads memory.
    pub fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), TargetError> {
        check_range(address, buffer.len())?;
        self.access(Step::Access, address, |bus| bus.read(address, buffer))
    }

    /// Writes memory or registers of peripherals; not flash, which `flash` does. Whole aligned words are written as words,
    /// and two aligned bytes as one transfer of 16 bits.
    pub fn write(&mut self, address: u64, data: &[u8]) -> Result<(), TargetError> {
        check_range(address, data.len())?;
        self.access(Step::Access, address, |bus| {
            bus.write(address, data)?;
            bus.flush(address)
        })
    }

    /// Reads a word. The address is a multiple of four.
    pub fn read_word(&mut self, address: u64) -> Result<u32, TargetError> {
        check_word(address)?;
        self.access(Step::Access, address, |bus| bus.read_word(address))
    }

    /// Writes a word. The address is a multiple of four.
    pub fn write_word(&mut self, address: u64, value: u32) -> Result<(), TargetError> {
        check_word(address)?;
        self.access(Step::Access, address, |bus| {
            bus.write_word(address, value)?;
            bus.flush(address)
        })
    }

    /// Halts the core.
    pub fn halt(&mut self) -> Result<(), TargetError> {
        self.control_core(|bus| bus.halt())
    }

    /// Lets the core run on. One that halted at a BKPT halts there again, unless PC is moved on first.
    pub fn run(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        self.control_core(|bus| bus.run_free())
    }

    /// Executes one instruction.
    pub fn step(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        self.control_core(|bus| bus.step())
    }

    /// What the core is doing.
    pub fn status(&mut self) -> Result<CoreStatus, TargetError> {
        self.control_core(|bus| bus.core_status())
    }

    /// Resets the target and lets it run.
    pub fn reset(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        let result = self.port.reset(false);
        result.map_err(|error| error.during(Step::Access, 0, &self.changes))
    }

    /// Asks the core to reset the target and does not wait to see it: for a chip that will not answer afterwards.
    pub fn reset_unseen(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        self.control_core(|bus| {
            bus.write_word(AIRCR, AIRCR_SYSRESETREQ)?;
            // The request may be answered by the reset itself.
            let _ = bus.flush(AIRCR);
            bus.pause(RESET_UNSEEN_PAUSE)
        })
    }

    /// Resets the target and halts its core before the first instruction.
    pub fn reset_and_halt(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        let result = self.port.reset(true);
        result.map_err(|error| error.during(Step::Access, 0, &self.changes))?;
        self.is_quiet = true;
        Ok(())
    }

    /// Reads a register of the halted core, numbered as DCRSR.REGSEL (ARMv7-M Architecture Reference Manual C1.6.3).
    pub fn read_register(&mut self, register: u32) -> Result<u32, TargetError> {
        self.control_core(|bus| bus.read_register(register))
    }

    /// Writes a register of the halted core.
    pub fn write_register(&mut self, register: u32, value: u32) -> Result<(), TargetError> {
        self.control_core(|bus| bus.write_register(register, value))
    }

    /// Calls a function on the target and returns its R0. Halts the core if it runs, and leaves it halted. After a call that
    /// faulted, `reset_and_halt` brings the core out of its fault handler.
    pub fn call(&mut self, call: &Call) -> Result<u32, TargetError> {
        let entry = address32(call.entry)?;
        let static_base = address32(call.static_base)?;
        let timeout = Duration::from_millis(call.timeout_ms.into());
        let result = self.access(Step::Run, call.entry, |bus| {
            bus.halt()?;
            let caller = Caller::on_stack(bus, call.stack, static_base)?;
            caller.start(bus, entry, &call.args)?;
            let time = CallTime {
                expected: Duration::ZERO,
                timeout,
            };
            caller.finish(bus, time, &|| format!("the call of {entry:#010x}"))
        });
        // Whatever went wrong, the core is not as a reset leaves it.
        self.is_quiet &= result.is_ok();
        result
    }

    /// Runs test code until it ends. `on_output` gets what it prints by semihosting. Halts the core if it runs, and
    /// leaves it halted. Code that needs a fresh core wants `reset_and_halt` before.
    pub fn run_code(
        &mut self,
        run: &Run,
        mut on_output: impl FnMut(&[u8]),
    ) -> Result<RunEnd, TargetError> {
        self.is_quiet = false;
        self.access(Step::Run, run.pc, |bus| {
            bus.halt()?;
            run_code(bus, run, &mut on_output)
        })
    }

    /// Runs test code until its mailbox in RAM says that it is done. The core is not halted before. Halts the core if it runs
    /// now, and leaves it halted.
    pub fn run_with_mailbox(&mut self, run: &Run, mailbox: u64) -> Result<MailboxEnd, TargetError> {
        check_word(mailbox)?;
        self.is_quiet = false;
        self.access(Step::Run, run.pc, |bus| {
            bus.halt()?;
            run_with_mailbox(bus, run, mailbox)
        })
    }

    /// Resets the target by its reset line and lets it run, where the probe has that line.
    pub fn reset_by_line(&mut self) -> Result<(), TargetError> {
        self.is_quiet = false;
        self.control_core(|bus| bus.run_free())?;
        self.reset_line(true)?;
        self.delay(RESET_LINE_PULSE)?;
        self.reset_line(false)
    }

    /// The flash path.
    pub fn flash(&mut self) -> Flash<'_> {
        Flash::new(self)
    }

    fn control_core<T>(
        &mut self,
        work: impl FnOnce(&mut Bus<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        self.access(Step::Access, CORE_DEBUG, work)
    }

    /// Work on the bus. A target that is lost in it was lost there, during that.
    fn access<T>(
        &mut self,
        step: Step,
        address: u64,
        work: impl FnOnce(&mut Bus<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        let result = self.port.bus().and_then(|mut bus| work(&mut bus));
        result.map_err(|error| error.during(step, address, &self.changes))
    }
}

/// What a debug port and an attached target have in common.
macro_rules! port_methods {
    ($type:ty, $field:tt) => {
        impl $type {
            /// Reads debug port register `register` (0x0, 0x4, 0x8, 0xC).
            pub fn dp_read(&mut self, register: u8) -> Result<u32, TargetError> {
                self.$field.dp_read(register)
            }

            /// Writes debug port register `register`; SELECT is set by the access to an access port.
            pub fn dp_write(&mut self, register: u8, value: u32) -> Result<(), TargetError> {
                self.$field.dp_write(register, value)
            }

            /// Reads register `register` (0x00 to 0xFC) of access port `ap`.
            pub fn ap_read(&mut self, ap: u8, register: u8) -> Result<u32, TargetError> {
                self.$field.ap_read(ap, register)
            }

            /// Writes register `register` of access port `ap`.
            pub fn ap_write(
                &mut self,
                ap: u8,
                register: u8,
                value: u32,
            ) -> Result<(), TargetError> {
                self.$field.ap_write(ap, register, value)
            }

            /// Holds the target in reset, or lets it go.
            pub fn reset_line(&mut self, asserted: bool) -> Result<(), TargetError> {
                self.$field.reset_line(asserted)
            }

            /// Supply of the target, where the probe measures it.
            pub fn voltage_mv(&mut self) -> Option<u32> {
                self.$field.voltage_mv()
            }

            /// Starts the time of a unit anew, with another control.
            pub fn arm(&mut self, control: Control) {
                self.$field.watch.arm(control);
            }

            /// The time now.
            pub fn now(&self) -> Moment {
                self.$field.watch.now()
            }

            /// Waits on the link's clock. Ends early with an error when the unit is to stop.
            pub fn delay(&mut self, delay: Duration) -> Result<(), TargetError> {
                self.$field.watch.pause(delay)
            }

            /// Whether the unit is to stop, as an error that says why.
            pub fn check(&self) -> Result<(), TargetError> {
                self.$field.watch.check()
            }

            /// Transfers since the link was opened. A block counts once.
            pub fn transfer_count(&self) -> u64 {
                self.$field.watch.transfer_count()
            }

            /// Hands one line of text for each transfer to `sink`, as `Link::record_transcript` does.
            pub fn record_transcript(&mut self, sink: impl FnMut(&str) + Send + 'static) {
                self.$field.watch.record(Box::new(sink));
            }
        }
    };
}

port_methods!(DebugPortSession, 0);
port_methods!(Target, port);

/// Attaches. A target that is lost in it was lost before anything was changed.
fn attach(port: &mut Port, under_reset: bool) -> Result<(), TargetError> {
    let result = port.attach(under_reset);
    result.map_err(|error| error.during(Step::Attach, 0, &Changes::default()))
}

fn check_word(address: u64) -> Result<(), TargetError> {
    check_range(address, 4)?;
    if !address.is_multiple_of(4) {
        return Err(TargetError::Unsupported {
            what: "access to a word here",
            reason: "its address is not a multiple of four",
        });
    }
    Ok(())
}

/// The range lies in the address space.
fn check_range(address: u64, len: usize) -> Result<(), TargetError> {
    let end = address
        .checked_add(len as u64)
        .filter(|end| *end <= 1 << 32);
    end.map(|_| ()).ok_or(TargetError::Unsupported {
        what: "access to these addresses",
        reason: "addresses of this core have 32 bits",
    })
}
