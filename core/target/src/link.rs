//! A link: an opened probe and its clock, before there is a target.

use crate::{
    control::Control,
    error::TargetError,
    explain::{Access, chain},
    limits::TARGET_VOLTAGE_MV_MIN,
    probe::{Forwarding, ProbeSelector, WireProbe, open_probe},
    sequence::{Connect, DPIDR},
    watch::{FaultPlan, Meter, Moment, Watch},
    wire::{SharedWire, Wire},
};
use probe_rs::{
    architecture::arm::{
        ArmDebugInterface, ArmError, dp::DpAddress, sequences::ArmDebugSequence as _,
    },
    probe::{DebugProbeError, Probe, WireProtocol},
};
use std::{sync::Arc, time::Duration};

/// An opened probe.
pub struct Link {
    probe: Probe,
    pub(crate) watch: Arc<Watch>,
    name: String,
    is_virtual: bool,
}

impl Link {
    /// A link over a wire that brings its own clock: a twin.
    pub fn wire(wire: impl Wire + 'static) -> Self {
        let is_virtual = wire.is_virtual();
        let wire = SharedWire::new(wire);
        let watch = Watch::of_wire(wire.clone());
        let link = Self::new(Probe::new(WireProbe::new(wire)), watch);
        Self { is_virtual, ..link }
    }

    /// A link over a wire that lives in real time: what is behind it runs on, whatever the host does.
    pub fn wire_in_real_time(wire: impl Wire + 'static) -> Self {
        let wire = SharedWire::new(wire);
        Self::new(Probe::new(WireProbe::new(wire)), Watch::real())
    }

    /// Opens a probe that is plugged in.
    pub fn probe(selector: &ProbeSelector) -> Result<Self, TargetError> {
        Ok(Self::new(open_probe(selector)?, Watch::real()))
    }

    pub(crate) fn new(inner: Probe, watch: Arc<Watch>) -> Self {
        let name = inner.get_name();
        let mut probe = Probe::new(Forwarding::new(inner, watch.clone()));
        // A probe that knows only SWD has no choice to offer.
        let _ = probe.select_protocol(WireProtocol::Swd);
        Self {
            probe,
            watch,
            name,
            is_virtual: false,
        }
    }

    /// The link of a probe that a closed interface gives back: it is wrapped already.
    pub(crate) fn reopened(probe: Probe, watch: Arc<Watch>, name: String) -> Self {
        Self {
            probe,
            watch,
            name,
            is_virtual: false,
        }
    }

    /// What the probe is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was made over a wire that says it is virtual.
    pub fn is_virtual(&self) -> bool {
        self.is_virtual
    }

    /// Supply of the target, where the probe measures it.
    pub fn voltage_mv(&mut self) -> Option<u32> {
        millivolts(self.probe.get_target_voltage().ok()?)
    }

    /// The time now.
    pub fn now(&self) -> Moment {
        self.watch.now()
    }

    /// Transfers since the link was opened. A block counts once.
    pub fn transfer_count(&self) -> u64 {
        self.watch.transfer_count()
    }

    /// Hands one line of text for each transfer to `sink`, as `imprint-transcript` writes it: time on the link's clock in
    /// microseconds, what, and how it ended. The sink must not call into this link.
    pub fn record_transcript(&mut self, sink: impl FnMut(&str) + Send + 'static) {
        self.watch.record(Box::new(sink));
    }

    /// The unique identifier of the chip, where it is known without asking the chip: of a twin.
    pub fn identifier(&self) -> Option<Vec<u8>> {
        self.watch.identifier()
    }

    /// Reads this link's clock and count from elsewhere.
    pub fn meter(&self) -> Meter {
        Meter::new(self.watch.clone())
    }

    /// Starts the time of a unit: from here on its control bounds every transfer and pause.
    pub fn arm(&mut self, control: Control) {
        self.watch.arm(control);
    }

    /// Waits on the link's clock; ends early when the unit is to stop.
    pub fn delay(&mut self, delay: Duration) -> Result<(), TargetError> {
        self.watch.pause(delay)
    }

    /// Whether the unit is to stop, as an error that says why.
    pub fn check(&self) -> Result<(), TargetError> {
        self.watch.check()
    }

    /// Makes a fault, for tests of what comes after it.
    pub fn inject(&mut self, plan: FaultPlan) {
        self.watch.inject(plan);
    }

    /// Looks whether a target is there and returns its DPIDR, where the probe shows it. An empty socket takes less than
    /// 100 ms on the link's clock. The budget in `control` starts now.
    pub fn detect(&mut self, control: Control) -> Result<Option<u32>, TargetError> {
        self.watch.arm(control);
        self.start()?;
        let connect = Connect(self.watch.clone());
        let Some(dap) = self.probe.try_as_dap_probe() else {
            // Such a probe connects by itself; that was the one attempt.
            return Ok(None);
        };
        let dpidr = connect
            .debug_port_setup(dap, DpAddress::Default)
            .and_then(|()| dap.raw_read_register(DPIDR));
        dpidr.map(Some).map_err(|error| self.connect_error(&error))
    }

    /// Sets the clock of the wire. A probe that cannot keeps its own.
    pub(crate) fn set_clock_khz(&mut self, clock_khz: u32) {
        if let Err(DebugProbeError::Attached) = self.probe.set_speed(clock_khz) {
            // It was used before, and the clock is set while it is not.
            let _ = self.probe.detach();
            let _ = self.probe.set_speed(clock_khz);
        }
    }

    /// Holds the target in reset with the line.
    pub(crate) fn hold_in_reset(&mut self) -> Result<(), TargetError> {
        self.probe
            .target_reset_assert()
            .map_err(|error| TargetError::Probe {
                action: "hold the target in reset",
                message: chain(&error),
            })
    }

    /// Connects to the debug port.
    pub(crate) fn connect(mut self) -> Result<Box<dyn ArmDebugInterface>, TargetError> {
        self.start()?;
        let voltage_mv = self.voltage_mv();
        let Self {
            probe, watch, name, ..
        } = self;
        let explain =
            |error: &ArmError| no_target(watch.explain(error, CONNECT), &name, voltage_mv);
        let connect = Arc::new(Connect(watch.clone()));
        let mut interface = probe
            .try_into_arm_debug_interface(connect)
            .map_err(|(_, error)| explain(&error))?;
        interface
            .select_debug_port(DpAddress::Default)
            .map_err(|error| explain(&error))?;
        Ok(interface)
    }

    /// Makes the probe ready. A probe that measures an unpowered socket, or connects by itself and meets nothing, ends
    /// the search here.
    fn start(&mut self) -> Result<(), TargetError> {
        self.watch.check()?;
        let voltage_mv = self.voltage_mv();
        let has_dap = self.probe.try_as_dap_probe().is_some();
        let no_target = || TargetError::NoTarget {
            probe: self.name.clone(),
            voltage_mv,
        };
        if voltage_mv.is_some_and(|mv| mv < TARGET_VOLTAGE_MV_MIN) {
            return Err(no_target());
        }
        match self.probe.attach_to_unspecified() {
            Ok(()) => Ok(()),
            Err(error) if has_dap => Err(TargetError::Probe {
                action: "start",
                message: chain(&error),
            }),
            Err(_) => Err(no_target()),
        }
    }

    fn connect_error(&mut self, error: &ArmError) -> TargetError {
        let explained = self.watch.explain(error, CONNECT);
        let voltage_mv = self.voltage_mv();
        no_target(explained, &self.name, voltage_mv)
    }
}

const CONNECT: Access = Access::Port("connect");

/// Before there is a target, one that does not answer is not lost but absent.
fn no_target(error: TargetError, probe: &str, voltage_mv: Option<u32>) -> TargetError {
    match error {
        TargetError::Lost { .. } => TargetError::NoTarget {
            probe: probe.into(),
            voltage_mv,
        },
        other => other,
    }
}

pub(crate) fn millivolts(volts: Option<f32>) -> Option<u32> {
    Some((volts? * 1000.0).round() as u32)
}
