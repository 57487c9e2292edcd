//! The probes that are plugged in.
//!
//! Listing reads what the operating system knows (on Linux sysfs) and never opens a device, so it disturbs no unit
//! that is being programmed.

use super::ProbeSelector;
use crate::error::TargetError;
use nusb::MaybeFuture as _;
use probe_rs::probe::{
    DebugProbeError, DebugProbeInfo, Probe, ProbeCreationError,
    list::{Accessibility, Lister, ProbeListItem},
};

/// A probe that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeInfo {
    /// What its maker calls it.
    pub name: String,
    /// The driver that would be used.
    pub driver: String,
    /// USB vendor.
    pub vendor: u16,
    /// USB product.
    pub product: u16,
    /// Serial number.
    pub serial: Option<String>,
    /// Where it is plugged in, as in `ProbeSelector::UsbPath`. Known when no other probe looks the same.
    pub usb_path: Option<(u8, Vec<u8>)>,
    /// Whether it could be opened.
    pub state: ProbeState,
}

/// Whether a probe could be opened, as far as that is known without trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeState {
    /// Nothing speaks against it.
    Free,
    /// A program has it open.
    Busy,
    /// This user may not open it.
    NoPermission,
}

impl ProbeInfo {
    /// The shortest selector that names this probe for certain.
    pub fn selector(&self) -> ProbeSelector {
        match (&self.serial, &self.usb_path) {
            (Some(serial), _) => ProbeSelector::Serial(serial.clone()),
            (None, Some((bus, ports))) => ProbeSelector::UsbPath {
                bus: *bus,
                ports: ports.clone(),
            },
            (None, None) => ProbeSelector::UsbIds {
                vendor: self.vendor,
                product: self.product,
                serial: None,
            },
        }
    }

    fn fits(&self, selector: &ProbeSelector) -> bool {
        match selector {
            ProbeSelector::Any => true,
            ProbeSelector::Serial(serial) => self.serial.as_ref() == Some(serial),
            ProbeSelector::UsbIds {
                vendor,
                product,
                serial,
            } => {
                (self.vendor, self.product) == (*vendor, *product)
                    && (serial.is_none() || self.serial == *serial)
            }
            ProbeSelector::UsbPath { bus, ports } => self
                .usb_path
                .as_ref()
                .is_some_and(|path| path.0 == *bus && path.1 == *ports),
        }
    }
}

/// All probes that are plugged in.
pub fn list_probes() -> Vec<ProbeInfo> {
    list().into_iter().map(|(info, _)| info).collect()
}

/// Opens the one probe that fits.
pub(crate) fn open_probe(selector: &ProbeSelector) -> Result<Probe, TargetError> {
    let (info, item) = choose(selector, list())?;
    item.open().map_err(|error| unavailable(&info, &error))
}

fn list() -> Vec<(ProbeInfo, DebugProbeInfo)> {
    let devices: Vec<nusb::DeviceInfo> = nusb::list_devices()
        .wait()
        .map(Iterator::collect)
        .unwrap_or_default();
    let items = Lister::new().list_all_with_access();
    items
        .into_iter()
        .map(|item| (describe(&item, &devices), item.info))
        .collect()
}

fn describe(item: &ProbeListItem, devices: &[nusb::DeviceInfo]) -> ProbeInfo {
    let info = &item.info;
    let mut alike = devices.iter().filter(|device| {
        device.vendor_id() == info.vendor_id
            && device.product_id() == info.product_id
            && (info.serial_number.is_none()
                || device.serial_number() == info.serial_number.as_deref())
    });
    let device = alike.next().filter(|_| alike.next().is_none());
    let state = match item.accessibility {
        Accessibility::PermissionDenied => ProbeState::NoPermission,
        Accessibility::Accessible if device.is_some_and(usb::is_claimed) => ProbeState::Busy,
        Accessibility::Accessible => ProbeState::Free,
    };
    ProbeInfo {
        name: info.identifier.clone(),
        driver: info.probe_type(),
        vendor: info.vendor_id,
        product: info.product_id,
        serial: info
            .serial_number
            .clone()
            .filter(|serial| !serial.is_empty()),
        usb_path: device.and_then(usb::path),
        state,
    }
}

/// The one that fits. Several interfaces of one device count once; probe-rs lists the better one first.
fn choose<T>(
    selector: &ProbeSelector,
    probes: Vec<(ProbeInfo, T)>,
) -> Result<(ProbeInfo, T), TargetError> {
    let mut fitting: Vec<(ProbeInfo, T)> = probes
        .into_iter()
        .filter(|(info, _)| info.fits(selector))
        .collect();
    let Some((first, _)) = fitting.first() else {
        return Err(TargetError::NoProbe {
            selector: selector.to_string(),
        });
    };
    let is_same = |other: &ProbeInfo| {
        other.selector() == first.selector() && (first.serial.is_some() || first.usb_path.is_some())
    };
    if fitting.iter().skip(1).any(|(info, _)| !is_same(info)) {
        let found = fitting
            .iter()
            .map(|(info, _)| info.selector().to_string())
            .collect();
        return Err(TargetError::ManyProbes {
            selector: selector.to_string(),
            found,
        });
    }
    Ok(fitting.swap_remove(0))
}

fn unavailable(info: &ProbeInfo, error: &DebugProbeError) -> TargetError {
    let probe = format!("{} ({})", info.name, info.selector());
    let reason = match (info.state, error) {
        (ProbeState::NoPermission, _) => "no permission".to_string(),
        (ProbeState::Busy, _) => "another program has it open".to_string(),
        (_, DebugProbeError::ProbeCouldNotBeCreated(ProbeCreationError::NotFound)) => {
            "it is gone".to_string()
        }
        (_, error) => error.to_string(),
    };
    TargetError::ProbeUnavailable { probe, reason }
}

/// What only Linux tells without opening a device.
#[cfg(target_os = "linux")]
mod usb {
    /// Bus and ports.
    pub(super) fn path(device: &nusb::DeviceInfo) -> Option<(u8, Vec<u8>)> {
        Some((device.busnum(), device.port_chain().to_vec()))
    }

    /// Whether a program has claimed one of its interfaces: then that interface's driver is `usbfs`.
    pub(super) fn is_claimed(device: &nusb::DeviceInfo) -> bool {
        let Ok(entries) = std::fs::read_dir(device.sysfs_path()) else {
            return false;
        };
        entries.flatten().any(|entry| {
            let is_interface = entry.file_name().to_string_lossy().contains(':');
            is_interface
                && std::fs::read_link(entry.path().join("driver"))
                    .is_ok_and(|driver| driver.file_name().is_some_and(|name| name == "usbfs"))
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod usb {
    pub(super) fn path(_: &nusb::DeviceInfo) -> Option<(u8, Vec<u8>)> {
        None
    }

    pub(super) fn is_claimed(_: &nusb::DeviceInfo) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn probe(serial: &str, path: Option<(u8, u8)>) -> ProbeInfo {
        ProbeInfo {
            name: "CMSIS-DAP".into(),
            driver: "CMSIS-DAP".into(),
            vendor: 0x2e8a,
            product: 0x000c,
            serial: (!serial.is_empty()).then(|| serial.into()),
            usb_path: path.map(|(bus, port)| (bus, vec![port])),
            state: ProbeState::Free,
        }
    }

    /// Chooses among numbered probes; the number of the chosen one, or the code of the error.
    #[track_caller]
    fn check(selector: &str, probes: &[ProbeInfo], expect: Result<usize, &str>) {
        let numbered = probes.iter().cloned().zip(0..).collect();
        let chosen = choose(&selector.parse().unwrap(), numbered);
        assert_eq!(
            chosen
                .map(|(_, number)| number)
                .map_err(|error| error.code()),
            expect
        );
    }

    #[test]
    fn one_probe_is_chosen_or_none() {
        let two = [probe("A1", Some((1, 1))), probe("B2", Some((1, 2)))];
        check("", &[], Err("IMP-4050"));
        check("", &two[..1], Ok(0));
        check("", &two, Err("IMP-4051"));
        check("A1", &two, Ok(0));
        check("B2", &two, Ok(1));
        check("C3", &two, Err("IMP-4050"));
        check("2e8a:000c", &two, Err("IMP-4051"));
        check("2e8a:000c:B2", &two, Ok(1));
        check("2e8a:000d:B2", &two, Err("IMP-4050"));
        check("usb:1-2", &two, Ok(1));
        check("usb:1-3", &two, Err("IMP-4050"));
        check("usb:2-1", &two, Err("IMP-4050"));
        // Two interfaces of one probe are one probe; two that cannot be told apart are two.
        check("", &[two[0].clone(), two[0].clone()], Ok(0));
        check("", &[probe("", None), probe("", None)], Err("IMP-4051"));
        check(
            "usb:1-1",
            &[probe("", Some((1, 1))), probe("", Some((1, 2)))],
            Ok(0),
        );
    }

    #[test]
    fn listing_needs_no_probe_and_opens_none() {
        let first = list_probes();
        assert_eq!(first, list_probes());
    }
}
