//! The Imprint engine: runs a signed image's script on one target.
//!
//! Five types to know. [`Devices`] are the chips that are described; a [`plugin::PluginStore`] has the families that are
//! trusted; an [`image::container::OpenImage`] is a sealed image whose signature held; a [`Link`] is a probe or a
//! [`Twin`]; the [`Engine`] runs the image on the link and gives a [`report::UnitReport`].
//!
//! The engine prints nothing, reads no environment and knows no home directory: all of that is handed in.

pub mod account;
mod build;
pub mod catalogue;
pub mod codes;
mod device_check;
mod devices;
mod engine;
mod event;
mod failure;
mod finished;
mod gate;
mod inputs;
pub mod limits;
mod open;
mod place;
pub mod plugin;
mod private_image;
pub mod qemu;
pub mod records;
pub mod replay;
pub mod report;
pub mod script;
mod twin;
mod unit;
pub mod worker;

pub use build::{build, build_from, script_of};
pub use device_check::check_device;
pub use devices::Devices;
pub use engine::{Engine, RunOptions, Transcript, TwinOptions, counts_units};
pub use event::{Event, Observer, Silent};
pub use finished::Finished;
pub use gate::{Gate, Permit};
pub use imprint_device as device;
pub use imprint_image as image;
pub use imprint_legacy as legacy;
pub use imprint_packs as packs;
pub use imprint_target::{CancelToken, Link, ProbeInfo, ProbeSelector, ProbeState, list_probes};
pub use imprint_twin::{Board, BoardState, Fault, limits::SERVE_IDLE_NS_MAX, serve};
pub use inputs::{Input, Inputs};
pub use open::open_image;
pub use place::{Place, PlaceName, SavedBoard, Where};
pub use twin::{Twin, read_board};

pub mod wire {
    //! What a probe of your own is: a `Wire`, which [`Link::wire`](crate::Link::wire) makes a link of.

    pub use imprint_target::{Port, Wire, WireFault};
}

/// The guide for embedders, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
struct EmbeddingGuide;
