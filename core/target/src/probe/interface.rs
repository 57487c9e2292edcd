//! The forwarding probe one level up, for probes that offer no debug port registers (ST-Link).
//!
//! Every access to a register or to memory passes the watch, as transfers do for the others.

use super::{Forwarding, dap_error, wire_fault};
use crate::{watch::Watch, wire::WireFault};
use imprint_transcript::Action;
use probe_rs::{
    MemoryInterface,
    architecture::arm::{
        ArmDebugInterface, ArmError, DapAccess, DapProbe, FullyQualifiedApAddress, SwdSequence,
        SwoAccess, SwoConfig,
        ap::CSW,
        dp::{DpAddress, DpRegisterAddress},
        memory::ArmMemoryInterface,
    },
    probe::{DebugProbeError, Probe},
};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

/// A debug interface and the watch over it.
pub(crate) struct ForwardingInterface<'probe> {
    inner: Box<dyn ArmDebugInterface + 'probe>,
    watch: Arc<Watch>,
}

impl<'probe> ForwardingInterface<'probe> {
    pub(crate) fn new(inner: Box<dyn ArmDebugInterface + 'probe>, watch: Arc<Watch>) -> Self {
        Self { inner, watch }
    }
}

/// One access past the watch.
fn access<T>(
    watch: &Watch,
    access: impl FnOnce() -> Result<T, ArmError>,
    line: impl FnOnce(&mut String),
) -> Result<T, ArmError> {
    watch.before_transfer().map_err(dap_error)?;
    let result = access();
    let fault = result
        .as_ref()
        .err()
        .map(|error| wire_fault(error).unwrap_or(WireFault::NoAnswer));
    watch.after_transfer(fault, || {
        let mut what = String::new();
        line(&mut what);
        Action::Chip {
            what,
            fault: fault.map(Into::into),
        }
    });
    result
}

impl ArmDebugInterface for ForwardingInterface<'_> {
    fn reinitialize(&mut self) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.reinitialize(),
            |text| text.push_str("reinitialize"),
        )
    }

    fn access_ports(
        &mut self,
        dp: DpAddress,
    ) -> Result<BTreeSet<FullyQualifiedApAddress>, ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.access_ports(dp),
            |text| text.push_str("access ports"),
        )
    }

    fn close(self: Box<Self>) -> Probe {
        Probe::new(Forwarding::new(self.inner.close(), self.watch))
    }

    fn select_debug_port(&mut self, dp: DpAddress) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.select_debug_port(dp),
            |text| text.push_str("select"),
        )
    }

    fn current_debug_port(&self) -> Option<DpAddress> {
        self.inner.current_debug_port()
    }

    fn memory_interface(
        &mut self,
        access_port: &FullyQualifiedApAddress,
    ) -> Result<Box<dyn ArmMemoryInterface + '_>, ArmError> {
        let inner = &mut self.inner;
        let memory = access(
            &self.watch,
            || inner.memory_interface(access_port),
            |text| text.push_str("memory"),
        )?;
        Ok(Box::new(ForwardingMemory {
            inner: memory,
            watch: &self.watch,
        }))
    }
}

impl DapAccess for ForwardingInterface<'_> {
    fn read_raw_dp_register(
        &mut self,
        dp: DpAddress,
        address: DpRegisterAddress,
    ) -> Result<u32, ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.read_raw_dp_register(dp, address),
            |text| {
                let _ = write!(text, "dp.read {:#x}", address.address);
            },
        )
    }

    fn write_raw_dp_register(
        &mut self,
        dp: DpAddress,
        address: DpRegisterAddress,
        value: u32,
    ) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.write_raw_dp_register(dp, address, value),
            |text| {
                let _ = write!(text, "dp.write {:#x} = {value:#010x}", address.address);
            },
        )
    }

    fn read_raw_ap_register(
        &mut self,
        ap: &FullyQualifiedApAddress,
        address: u64,
    ) -> Result<u32, ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.read_raw_ap_register(ap, address),
            |text| {
                let _ = write!(text, "ap.read {address:#x}");
            },
        )
    }

    fn write_raw_ap_register(
        &mut self,
        ap: &FullyQualifiedApAddress,
        address: u64,
        value: u32,
    ) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(
            &self.watch,
            || inner.write_raw_ap_register(ap, address, value),
            |text| {
                let _ = write!(text, "ap.write {address:#x} = {value:#010x}");
            },
        )
    }

    fn flush(&mut self) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(&self.watch, || inner.flush(), |text| text.push_str("flush"))
    }

    fn try_dap_probe(&self) -> Option<&dyn DapProbe> {
        self.inner.try_dap_probe()
    }

    fn try_dap_probe_mut(&mut self) -> Option<&mut dyn DapProbe> {
        self.inner.try_dap_probe_mut()
    }
}

impl SwdSequence for ForwardingInterface<'_> {
    fn swj_sequence(&mut self, bit_len: u8, bits: u64) -> Result<(), DebugProbeError> {
        self.inner.swj_sequence(bit_len, bits)
    }

    fn swj_pins(
        &mut self,
        pin_out: u32,
        pin_select: u32,
        pin_wait: u32,
    ) -> Result<u32, DebugProbeError> {
        self.inner.swj_pins(pin_out, pin_select, pin_wait)
    }
}

impl SwoAccess for ForwardingInterface<'_> {
    fn enable_swo(&mut self, config: &SwoConfig) -> Result<(), ArmError> {
        self.inner.enable_swo(config)
    }

    fn disable_swo(&mut self) -> Result<(), ArmError> {
        self.inner.disable_swo()
    }

    fn read_swo_timeout(&mut self, timeout: Duration) -> Result<Vec<u8>, ArmError> {
        self.inner.read_swo_timeout(timeout)
    }
}

struct ForwardingMemory<'a> {
    inner: Box<dyn ArmMemoryInterface + 'a>,
    watch: &'a Watch,
}

/// Passes one of the eight block accesses of `MemoryInterface` by the watch.
macro_rules! forward_blocks {
    ($($method:ident($data:ty) $verb:literal;)*) => {
        $(fn $method(&mut self, address: u64, data: $data) -> Result<(), ArmError> {
            let count = data.len();
            let inner = &mut self.inner;
            access(self.watch, || inner.$method(address, data), |text| {
                let _ = write!(text, "{} {address:#010x} x{count}", $verb);
            })
        })*
    };
}

impl MemoryInterface<ArmError> for ForwardingMemory<'_> {
    forward_blocks! {
        read_64(&mut [u64]) "read64";
        read_32(&mut [u32]) "read32";
        read_16(&mut [u16]) "read16";
        read_8(&mut [u8]) "read8";
        write_64(&[u64]) "write64";
        write_32(&[u32]) "write32";
        write_16(&[u16]) "write16";
        write_8(&[u8]) "write8";
    }

    fn supports_native_64bit_access(&mut self) -> bool {
        self.inner.supports_native_64bit_access()
    }

    fn supports_8bit_transfers(&self) -> Result<bool, ArmError> {
        self.inner.supports_8bit_transfers()
    }

    fn flush(&mut self) -> Result<(), ArmError> {
        let inner = &mut self.inner;
        access(self.watch, || inner.flush(), |text| text.push_str("flush"))
    }
}

impl ArmMemoryInterface for ForwardingMemory<'_> {
    fn fully_qualified_address(&self) -> FullyQualifiedApAddress {
        self.inner.fully_qualified_address()
    }

    fn base_address(&mut self) -> Result<u64, ArmError> {
        self.inner.base_address()
    }

    fn get_arm_debug_interface(&mut self) -> Result<&mut dyn ArmDebugInterface, DebugProbeError> {
        self.inner.get_arm_debug_interface()
    }

    fn generic_status(&mut self) -> Result<CSW, ArmError> {
        self.inner.generic_status()
    }
}
