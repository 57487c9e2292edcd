//! Where a unit is: a new virtual board, one in a file, a board of QEMU, or a real chip behind a probe.

use crate::{
    device::Device,
    engine::{Engine, TwinOptions, unsigned_off_twin},
    qemu::QemuBoard,
    replay::Replay,
    report::Failure,
    twin::Twin,
};
use imprint_target::{CancelToken, Link, ProbeSelector};
use serde::{Deserialize, Serialize};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

/// Where a unit is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// A new virtual board of this device, with an identifier of its own.
    TwinDevice(Box<Device>),
    /// A virtual board in a file, which is saved again afterwards.
    TwinFile(PathBuf),
    /// A board of QEMU, by the name of its machine: a new one, which ends with the unit.
    Qemu(String),
    /// No chip at all: a recorded transcript that answers in its place.
    Transcript(PathBuf),
    /// A real chip behind a probe: how the probe is named; empty for the only one.
    Probe(String),
}

impl Where {
    /// Whether it is a virtual board of this engine: what is tried there harms no chip.
    pub fn is_twin(&self) -> bool {
        matches!(self, Where::TwinDevice(_) | Where::TwinFile(_))
    }
}

/// How a person writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceName<'a> {
    /// `twin:DEVICE`: a part number.
    TwinDevice(&'a str),
    /// `twin:FILE`: a board's file has a dot or a separator in its name; no part number has.
    TwinFile(&'a Path),
    /// `qemu:MACHINE`.
    Qemu(&'a str),
    /// `probe`, `probe:SELECTOR`.
    Probe(&'a str),
}

impl PlaceName<'_> {
    /// What there is to write, for messages.
    pub const FORMS: &'static str =
        "twin:DEVICE, twin:./FILE, qemu:microbit, probe or probe:SELECTOR";

    /// Reads it; none if it is something else.
    pub fn parse(text: &str) -> Option<PlaceName<'_>> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "probe" => Some(PlaceName::Probe(rest)),
            "twin" if rest.is_empty() => None,
            "twin" if rest.contains(['.', '/', MAIN_SEPARATOR]) => {
                Some(PlaceName::TwinFile(rest.as_ref()))
            }
            "twin" => Some(PlaceName::TwinDevice(rest)),
            "qemu" if !rest.is_empty() => Some(PlaceName::Qemu(rest)),
            _ => None,
        }
    }
}

/// A unit's wire, and the board behind it that has to be saved.
pub struct Place {
    /// The wire.
    pub link: Link,
    /// What is saved afterwards.
    pub board: Option<SavedBoard>,
    /// Asked afterwards why it was lost, if it was: [`crate::qemu::tell_trouble`].
    pub qemu: Option<QemuBoard>,
    /// Asked afterwards what differed from the recording.
    pub replay: Option<Replay>,
}

/// A virtual board that goes back to its file.
pub struct SavedBoard {
    twin: Twin,
    path: PathBuf,
}

impl Place {
    /// Makes or reads the board, or opens the probe. The token is that of the unit: where a recorded one was cancelled, this
    /// is.
    pub fn open(engine: &Engine, on: &Where, cancel: &CancelToken) -> Result<Place, Failure> {
        if engine.plugins().takes_unsigned() && !on.is_twin() {
            return Err(unsigned_off_twin());
        }
        match on {
            Where::TwinDevice(device) => {
                let twin = engine.twin(device, TwinOptions::default())?;
                Ok(Place::of(twin.link()))
            }
            Where::TwinFile(path) => {
                let twin = engine.twin_from_file(path)?;
                let link = twin.link();
                let path = path.clone();
                Ok(Place {
                    board: Some(SavedBoard { twin, path }),
                    ..Place::of(link)
                })
            }
            // A worker starts it rather than its client, so that it is held by the worker's limits and ends with it.
            Where::Qemu(machine) => {
                let qemu = QemuBoard::start(machine)?;
                Ok(Place {
                    qemu: Some(qemu.clone()),
                    ..Place::of(Link::wire_in_real_time(qemu))
                })
            }
            Where::Transcript(path) => {
                let replay = Replay::open(path)?;
                let link = replay.link(cancel.clone());
                Ok(Place {
                    replay: Some(replay),
                    ..Place::of(link)
                })
            }
            Where::Probe(selector) => {
                let selector: ProbeSelector = selector.parse()?;
                Ok(Place::of(Link::probe(&selector)?))
            }
        }
    }

    /// A wire with nothing behind it that is asked or saved afterwards.
    fn of(link: Link) -> Place {
        Place {
            link,
            board: None,
            qemu: None,
            replay: None,
        }
    }
}

impl SavedBoard {
    /// Writes the board to its file, as it would be without power.
    pub fn save(&self) -> Result<(), Failure> {
        self.twin.save(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_how_they_are_written() {
        for (text, expect) in [
            (
                "twin:nRF52832_xxAA",
                Some(PlaceName::TwinDevice("nRF52832_xxAA")),
            ),
            (
                "twin:board.twin",
                Some(PlaceName::TwinFile("board.twin".as_ref())),
            ),
            (
                "twin:./board",
                Some(PlaceName::TwinFile("./board".as_ref())),
            ),
            (
                "twin:boards/1",
                Some(PlaceName::TwinFile("boards/1".as_ref())),
            ),
            ("probe", Some(PlaceName::Probe(""))),
            ("probe:usb:1-2", Some(PlaceName::Probe("usb:1-2"))),
            ("qemu:microbit", Some(PlaceName::Qemu("microbit"))),
            ("qemu:", None),
            ("twin", None),
            ("twin:", None),
            ("", None),
            ("bench", None),
        ] {
            assert_eq!(PlaceName::parse(text), expect, "{text}");
        }
    }
}
