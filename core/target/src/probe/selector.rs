//! How a person names a probe.

use crate::error::TargetError;
use std::{fmt, str::FromStr};

/// Which probe to use: any, by serial number, by USB ids, or by where it is plugged in.
///
/// ```
/// use imprint_target::ProbeSelector;
/// for text in ["", "000683012345", "1366:0101", "1366:0101:000683012345", "usb:3-1.4"] {
///     assert_eq!(text.parse::<ProbeSelector>()?.to_string(), text);
/// }
/// # Ok::<(), imprint_target::TargetError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProbeSelector {
    /// The only one there is.
    #[default]
    Any,
    /// The one with this serial number.
    Serial(String),
    /// The one of this USB vendor and product, and of this serial number if one is given.
    UsbIds {
        /// USB vendor.
        vendor: u16,
        /// USB product.
        product: u16,
        /// Serial number.
        serial: Option<String>,
    },
    /// The one in this socket, as Linux names it: bus, then the chain of ports.
    UsbPath {
        /// USB bus.
        bus: u8,
        /// Ports from the root hub outwards.
        ports: Vec<u8>,
    },
}

impl FromStr for ProbeSelector {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let bad = |reason| TargetError::BadSelector {
            text: text.into(),
            reason,
        };
        if text.is_empty() {
            return Ok(Self::Any);
        }
        if text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
        {
            return Err(bad("it has a space or a control character"));
        }
        if let Some(path) = text.strip_prefix("usb:") {
            return usb_path(path)
                .ok_or_else(|| bad("a USB path is BUS-PORT or BUS-PORT.PORT, each 1 to 255"));
        }
        let Some((vendor, rest)) = text.split_once(':') else {
            return Ok(Self::Serial(text.into()));
        };
        let (product, serial) = match rest.split_once(':') {
            Some((product, serial)) => (product, Some(serial.to_string())),
            None => (rest, None),
        };
        let ids = usb_id(vendor).zip(usb_id(product));
        let (vendor, product) =
            ids.ok_or_else(|| bad("USB ids are four hexadecimal digits each"))?;
        if serial.as_deref() == Some("") {
            return Err(bad("the serial number is missing after the second colon"));
        }
        Ok(Self::UsbIds {
            vendor,
            product,
            serial,
        })
    }
}

impl fmt::Display for ProbeSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Serial(serial) => formatter.write_str(serial),
            Self::UsbIds {
                vendor,
                product,
                serial: None,
            } => {
                write!(formatter, "{vendor:04x}:{product:04x}")
            }
            Self::UsbIds {
                vendor,
                product,
                serial: Some(serial),
            } => {
                write!(formatter, "{vendor:04x}:{product:04x}:{serial}")
            }
            Self::UsbPath { bus, ports } => {
                write!(formatter, "usb:{bus}-")?;
                for (index, port) in ports.iter().enumerate() {
                    let dot = if index == 0 { "" } else { "." };
                    write!(formatter, "{dot}{port}")?;
                }
                Ok(())
            }
        }
    }
}

fn usb_id(text: &str) -> Option<u16> {
    let is_id = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        u16::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

fn usb_path(path: &str) -> Option<ProbeSelector> {
    let (bus, ports) = path.split_once('-')?;
    let bus = usb_number(bus)?;
    let ports = ports
        .split('.')
        .map(usb_number)
        .collect::<Option<Vec<u8>>>()?;
    Some(ProbeSelector::UsbPath { bus, ports })
}

fn usb_number(text: &str) -> Option<u8> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        text.parse().ok().filter(|number| *number != 0)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: ProbeSelector) {
        assert_eq!(text.parse::<ProbeSelector>().unwrap(), expect);
        let shown = expect.to_string();
        assert_eq!(
            shown.parse::<ProbeSelector>().unwrap(),
            expect,
            "shown as {shown}"
        );
    }

    #[track_caller]
    fn refuse(text: &str) {
        let error = text.parse::<ProbeSelector>().unwrap_err();
        assert_eq!(error.code(), "IMP-4053", "{error}");
    }

    fn ids(vendor: u16, product: u16, serial: Option<&str>) -> ProbeSelector {
        ProbeSelector::UsbIds {
            vendor,
            product,
            serial: serial.map(Into::into),
        }
    }

    #[test]
    fn every_way_to_name_a_probe() {
        check("", ProbeSelector::Any);
        check("000683012345", ProbeSelector::Serial("000683012345".into()));
        check("E6614103E7", ProbeSelector::Serial("E6614103E7".into()));
        check("0483-374B", ProbeSelector::Serial("0483-374B".into()));
        check("0483:374B", ids(0x0483, 0x374B, None));
        check("0483:374b:066DFF", ids(0x0483, 0x374B, Some("066DFF")));
        check(
            "303a:1001:7C:DF:A1:00",
            ids(0x303A, 0x1001, Some("7C:DF:A1:00")),
        );
        check(
            "usb:3-1",
            ProbeSelector::UsbPath {
                bus: 3,
                ports: vec![1],
            },
        );
        check(
            "usb:1-1.4.2",
            ProbeSelector::UsbPath {
                bus: 1,
                ports: vec![1, 4, 2],
            },
        );
    }

    #[test]
    fn what_names_no_probe() {
        for text in [
            " ",
            "a b",
            "12\n",
            ":",
            "0483:",
            ":374b",
            "0483:374",
            "0483:374bb",
            "04g3:374b",
            "+483:374b",
            "0483:374b:",
            "usb:",
            "usb:3",
            "usb:3-",
            "usb:-1",
            "usb:3-1.",
            "usb:3-1..2",
            "usb:0-1",
            "usb:3-0",
            "usb:256-1",
            "usb:3-256",
            "usb:x-1",
            "usb:3-+1",
            "usb:3-1-2",
        ] {
            refuse(text);
        }
    }
}
