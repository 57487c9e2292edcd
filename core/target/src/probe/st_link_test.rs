//! A probe like ST-Link on the bench: it speaks of memory and cores, never of debug port registers, connects by itself,
//! and measures the target's supply.
#![allow(clippy::unwrap_used)]

#[path = "../../tests/common/mod.rs"]
mod common;

use super::{WireProbe, wire_fault};
use crate::{
    AttachMode, CancelToken, Control, CoreStatus, FaultPlan, Link, Segment, Target, TargetError,
    WireFault, watch::Watch, wire::SharedWire,
};
use common::{Bench, BoardWire, FLASH, RAM, noise};
use imprint_twin::Fault;
use probe_rs::{
    architecture::arm::{
        ArmCommunicationInterface, ArmDebugInterface, ArmError, DapAccess, DapProbe,
        FullyQualifiedApAddress, RawDapAccess, RegisterAddress, SwdSequence, SwoAccess, SwoConfig,
        dp::{DpAddress, DpRegisterAddress},
        memory::ArmMemoryInterface,
        sequences::{ArmDebugSequence, DefaultArmSequence},
    },
    probe::{DebugProbe, DebugProbeError, Probe, ProbeError, WireProtocol},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// An error in the words of ST-Link.
#[derive(Debug, thiserror::Error)]
#[error("command failed")]
enum StLinkError {
    CommandFailed(#[allow(dead_code)] Status),
}

#[derive(Debug)]
enum Status {
    JtagNoDeviceConnected,
    SwdApFault,
}

impl ProbeError for StLinkError {}

#[derive(Debug)]
struct StLink {
    wire: WireProbe,
    attach_count: Arc<AtomicU32>,
}

impl DebugProbe for StLink {
    fn get_name(&self) -> &str {
        "ST-Link"
    }

    fn speed_khz(&self) -> u32 {
        self.wire.speed_khz()
    }

    fn set_speed(&mut self, speed_khz: u32) -> Result<u32, DebugProbeError> {
        self.wire.set_speed(speed_khz)
    }

    fn attach(&mut self) -> Result<(), DebugProbeError> {
        self.attach_count.fetch_add(1, Ordering::Relaxed);
        self.wire.swj_sequence(51, 0x0007_FFFF_FFFF_FFFF)?;
        self.wire.swj_sequence(16, 0xE79E)?;
        self.wire.swj_sequence(54, 0x0007_FFFF_FFFF_FFFF)?;
        let dpidr = RegisterAddress::DpRegister(DpRegisterAddress {
            address: 0,
            bank: None,
        });
        match self.wire.raw_read_register(dpidr) {
            Ok(_) => Ok(()),
            Err(_) => Err(StLinkError::CommandFailed(Status::JtagNoDeviceConnected).into()),
        }
    }

    fn detach(&mut self) -> Result<(), probe_rs::Error> {
        Ok(())
    }

    fn target_reset(&mut self) -> Result<(), DebugProbeError> {
        self.wire.target_reset()
    }

    fn target_reset_assert(&mut self) -> Result<(), DebugProbeError> {
        self.wire.target_reset_assert()
    }

    fn target_reset_deassert(&mut self) -> Result<(), DebugProbeError> {
        self.wire.target_reset_deassert()
    }

    fn select_protocol(&mut self, protocol: WireProtocol) -> Result<(), DebugProbeError> {
        self.wire.select_protocol(protocol)
    }

    fn active_protocol(&self) -> Option<WireProtocol> {
        Some(WireProtocol::Swd)
    }

    fn has_arm_interface(&self) -> bool {
        true
    }

    fn try_get_arm_debug_interface<'probe>(
        self: Box<Self>,
        _: Arc<dyn ArmDebugSequence>,
    ) -> Result<Box<dyn ArmDebugInterface + 'probe>, (Box<dyn DebugProbe>, ArmError)> {
        let Self { wire, attach_count } = *self;
        // Its firmware does what probe-rs does for other probes.
        let inner =
            ArmCommunicationInterface::create(Box::new(wire), DefaultArmSequence::create(), false);
        Ok(Box::new(StLinkInterface {
            inner,
            attach_count,
        }))
    }

    fn into_probe(self: Box<Self>) -> Box<dyn DebugProbe> {
        self
    }

    fn get_target_voltage(&mut self) -> Result<Option<f32>, DebugProbeError> {
        self.wire.get_target_voltage()
    }
}

struct StLinkInterface {
    inner: Box<dyn ArmDebugInterface>,
    attach_count: Arc<AtomicU32>,
}

/// An error as ST-Link would give it.
fn in_its_words<T>(result: Result<T, ArmError>) -> Result<T, ArmError> {
    result.map_err(|error| match wire_fault(&error) {
        Some(WireFault::Fault) => {
            DebugProbeError::from(StLinkError::CommandFailed(Status::SwdApFault)).into()
        }
        _ => error,
    })
}

impl ArmDebugInterface for StLinkInterface {
    fn reinitialize(&mut self) -> Result<(), ArmError> {
        Ok(())
    }

    fn access_ports(
        &mut self,
        dp: DpAddress,
    ) -> Result<BTreeSet<FullyQualifiedApAddress>, ArmError> {
        self.inner.access_ports(dp)
    }

    fn close(self: Box<Self>) -> Probe {
        let mut probe = self.inner.close();
        // The wire is still there behind the closed interface.
        let wire = Probe::try_into::<WireProbe>(&mut probe).unwrap().again();
        Probe::new(StLink {
            wire,
            attach_count: self.attach_count,
        })
    }

    fn select_debug_port(&mut self, dp: DpAddress) -> Result<(), ArmError> {
        self.inner.select_debug_port(dp)
    }

    fn current_debug_port(&self) -> Option<DpAddress> {
        self.inner.current_debug_port()
    }

    fn memory_interface(
        &mut self,
        access_port: &FullyQualifiedApAddress,
    ) -> Result<Box<dyn ArmMemoryInterface + '_>, ArmError> {
        self.inner.memory_interface(access_port)
    }
}

impl DapAccess for StLinkInterface {
    fn read_raw_dp_register(
        &mut self,
        dp: DpAddress,
        address: DpRegisterAddress,
    ) -> Result<u32, ArmError> {
        in_its_words(self.inner.read_raw_dp_register(dp, address))
    }

    fn write_raw_dp_register(
        &mut self,
        dp: DpAddress,
        address: DpRegisterAddress,
        value: u32,
    ) -> Result<(), ArmError> {
        in_its_words(self.inner.write_raw_dp_register(dp, address, value))
    }

    fn read_raw_ap_register(
        &mut self,
        ap: &FullyQualifiedApAddress,
        address: u64,
    ) -> Result<u32, ArmError> {
        in_its_words(self.inner.read_raw_ap_register(ap, address))
    }

    fn write_raw_ap_register(
        &mut self,
        ap: &FullyQualifiedApAddress,
        address: u64,
        value: u32,
    ) -> Result<(), ArmError> {
        in_its_words(self.inner.write_raw_ap_register(ap, address, value))
    }

    fn flush(&mut self) -> Result<(), ArmError> {
        self.inner.flush()
    }

    fn try_dap_probe(&self) -> Option<&dyn DapProbe> {
        None
    }

    fn try_dap_probe_mut(&mut self) -> Option<&mut dyn DapProbe> {
        None
    }
}

impl SwdSequence for StLinkInterface {
    fn swj_sequence(&mut self, _: u8, _: u64) -> Result<(), DebugProbeError> {
        Err(DebugProbeError::CommandNotSupportedByProbe {
            command_name: "swj_sequence",
        })
    }

    fn swj_pins(&mut self, out: u32, select: u32, wait: u32) -> Result<u32, DebugProbeError> {
        self.inner.swj_pins(out, select, wait)
    }
}

impl SwoAccess for StLinkInterface {
    fn enable_swo(&mut self, _: &SwoConfig) -> Result<(), ArmError> {
        Err(ArmError::NotImplemented("SWO"))
    }

    fn disable_swo(&mut self) -> Result<(), ArmError> {
        Err(ArmError::NotImplemented("SWO"))
    }

    fn read_swo_timeout(&mut self, _: Duration) -> Result<Vec<u8>, ArmError> {
        Err(ArmError::NotImplemented("SWO"))
    }
}

/// A link through the probe to a bench, and how often it tried to connect.
fn link(bench: &Bench, measures_supply: bool) -> (Link, Arc<AtomicU32>) {
    let wire = BoardWire {
        measures_supply,
        ..bench.wire()
    };
    let wire = SharedWire::new(wire);
    let attach_count = Arc::new(AtomicU32::new(0));
    let probe = StLink {
        wire: WireProbe::new(wire.clone()),
        attach_count: attach_count.clone(),
    };
    (
        Link::new(Probe::new(probe), Watch::of_wire(wire)),
        attach_count,
    )
}

fn unit(target: &mut Target, firmware: &[u8]) -> Result<(), TargetError> {
    let segments = [Segment {
        address: FLASH,
        data: firmware,
    }];
    target.flash().erase_range(FLASH, firmware.len() as u64)?;
    target.flash().program(&segments)?;
    target.flash().verify_crc(&segments)
}

#[test]
fn a_unit_through_it() {
    let bench = Bench::new();
    let firmware = noise(5000, 1);
    let (mut link, _) = link(&bench, true);
    let lines = Arc::new(Mutex::new(Vec::<String>::new()));
    let sink = lines.clone();
    link.record_transcript(move |line| sink.lock().unwrap().push(line.into()));
    assert_eq!(link.detect(Control::default()).unwrap(), None);
    for mode in [AttachMode::Running, AttachMode::UnderReset] {
        let mut target = bench.try_attach(link, Control::default(), mode).unwrap();
        assert_eq!(target.voltage_mv(), Some(3300));
        unit(&mut target, &firmware).unwrap();
        assert_eq!(target.status().unwrap(), CoreStatus::Halted);
        assert_eq!(target.dp_read(0x0).unwrap(), 0x2BA0_1477);
        assert_eq!(target.ap_read(0, 0xFC).unwrap(), 0x2477_0011);
        assert_eq!(
            target.read_word(RAM + 0x4000).unwrap_err().code(),
            "IMP-4005"
        );
        link = target.detach();
    }
    assert_eq!(bench.peek(FLASH, firmware.len()), firmware);
    let lines = lines.lock().unwrap();
    let has = |text: &str| assert!(lines.iter().any(|line| line.contains(text)), "no `{text}`");
    has("dp.read 0x0");
    has("read32 0xe000edf0 x1");
    has("write32 0x20000800");
    has("read32 0x20004000 x1 ! Fault");
}

#[test]
fn an_empty_socket_is_told_by_supply_and_one_attempt() {
    for (measures_supply, attempts) in [(true, 0), (false, 1)] {
        let bench = Bench::with_faults(&[Fault::NoTarget]);
        let (link, attach_count) = link(&bench, measures_supply);
        let start_ns = bench.now_ns();
        let error = bench
            .try_attach(link, Control::default(), AttachMode::Running)
            .err()
            .unwrap();
        assert_eq!(error.code(), "IMP-4001");
        assert_eq!(attach_count.load(Ordering::Relaxed), attempts);
        assert!(bench.now_ns() - start_ns < 100_000_000);
    }
}

#[test]
fn cancel_and_loss_through_it() {
    let firmware = noise(5000, 2);
    let bench = Bench::new();
    let control = Control {
        cancel: CancelToken::new(),
        budget: None,
    };
    let mut target = bench
        .try_attach(link(&bench, false).0, control.clone(), AttachMode::Running)
        .unwrap();
    let mut on_progress = |progress: crate::Progress| {
        if progress.done > 2000 {
            control.cancel.cancel();
        }
    };
    let mut flash = target.flash().with_progress(&mut on_progress);
    assert_eq!(flash.erase_range(FLASH, 5000), Err(TargetError::Cancelled));
    let link_again = target.detach();
    let mut target = bench
        .try_attach(link_again, Control::default(), AttachMode::Running)
        .unwrap();
    unit(&mut target, &firmware).unwrap();
    for at_transfer in (0..target.transfer_count()).step_by(7) {
        let bench = Bench::new();
        let (mut link, _) = link(&bench, false);
        link.inject(FaultPlan {
            at_transfer,
            fault: WireFault::NoAnswer,
            stays: true,
        });
        let target = bench.try_attach(link, Control::default(), AttachMode::Running);
        let result = target.and_then(|mut target| unit(&mut target, &firmware));
        if let Err(error) = result {
            assert!(
                matches!(error.code(), "IMP-4001" | "IMP-4004"),
                "{at_transfer}: {error}"
            );
        }
    }
}

#[test]
fn a_fault_in_its_words_is_a_fault() {
    let error = DebugProbeError::from(StLinkError::CommandFailed(Status::SwdApFault));
    assert_eq!(wire_fault(&error.into()), Some(WireFault::Fault));
    assert_eq!(wire_fault(&ArmError::Timeout), None);
}
