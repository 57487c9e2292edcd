//! Recipe to object to sealed image: what a programming run is made of, and how it is kept safe on its way.
//!
//! A recipe is what a person writes; an object is the recipe frozen with all it refers to, the same bytes on every
//! machine; an image is an object sealed for execution: signed, and encrypted to stations or plain. This crate reads and
//! writes all three. It names no device and runs nothing.
#![forbid(unsafe_code)]

pub mod barcode;
pub mod container;
pub mod diff;
pub mod keys;
pub mod limits;
mod nearest;
pub mod object;
pub mod payload;
pub mod plan;
pub mod recipe;
mod ron_text;
pub mod serial;
pub mod write;

pub use container::{Image, ImageError, OpenImage, Unlock, seal};
pub use keys::{KeyFile, PublicKey, SigningKey, StationPublic, StationSecret, TrustAnchors};
pub use nearest::nearest;
pub use object::Object;
pub use recipe::Recipe;
