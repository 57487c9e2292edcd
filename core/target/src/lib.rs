//! One chip on a wire.
//!
//! The only crate that knows probe-rs. A [`Link`] is an opened probe: one that is plugged in, or a [`Wire`] that stands
//! in for one, such as a twin. From it comes an attached [`Target`] with memory, core, reset, calls and the flash path.
//! Everything is bounded by a [`Control`]: a token that any thread may cancel, and a budget of time on both the link's
//! clock and the real one.
//!
//! ```no_run
//! use imprint_target::{AttachMode, Chips, Control, Link, ProbeSelector, Segment, Target};
//! use std::{sync::Arc, time::Duration};
//!
//! fn program(device: imprint_device::Device, firmware: &[u8]) -> Result<(), imprint_target::TargetError> {
//!     // When an image is built: the device with the code of its algorithms.
//!     let frozen = Arc::new(Chips::builtin().freeze(&device, &[])?);
//!
//!     // When it is run.
//!     let chips = Chips::for_device(&frozen)?;
//!     let control = Control { budget: Some(Duration::from_secs(60)), ..Control::default() };
//!     let link = Link::probe(&"".parse::<ProbeSelector>()?)?;
//!     let mut target = Target::attach(link, &chips, frozen, control, AttachMode::Running)?;
//!
//!     let segments = [Segment { address: 0, data: firmware }];
//!     let mut on_progress = |progress| { let _ = progress; };
//!     let mut flash = target.flash().with_progress(&mut on_progress);
//!     flash.erase_range(0, firmware.len() as u64)?;
//!     flash.program(&segments)?;
//!     flash.verify_crc(&segments)?;
//!     target.reset()?;
//!     target.detach();
//!     Ok(())
//! }
//! ```
//!
//! A unit is stopped from any thread:
//!
//! ```
//! use imprint_target::{CancelToken, Control};
//! let control = Control { cancel: CancelToken::new(), budget: None };
//! let cancel = control.cancel.clone();
//! std::thread::spawn(move || cancel.cancel()).join().expect("the thread ends");
//! assert!(control.cancel.is_cancelled());
//! ```
#![forbid(unsafe_code)]

// The bench of the tests names this crate as those do that use it.
#[cfg(test)]
extern crate self as imprint_target;

mod bus;
mod call;
mod chips;
mod control;
mod core_control;
mod error;
mod explain;
mod flash;
mod identify;
mod limits;
mod link;
mod mailbox;
mod port;
mod probe;
mod progress;
mod run;
mod sequence;
mod target;
mod watch;
mod wire;

pub use call::Call;
pub use chips::Chips;
pub use control::{CancelToken, Control};
pub use core_control::CoreStatus;
pub use error::TargetError;
pub use flash::{Flash, NotBlank, Segment, Sum};
pub use link::Link;
pub use mailbox::MailboxEnd;
pub use probe::{ProbeInfo, ProbeSelector, ProbeState, list_probes};
pub use progress::{Changes, Progress, Step};
pub use run::{Run, RunEnd};
pub use target::{AttachMode, DebugPortSession, Target};
pub use watch::{FaultPlan, Meter, Moment};
pub use wire::{Port, Wire, WireFault};
