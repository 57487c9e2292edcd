//! The Imprint engine.
pub mod codes;
mod event;
pub mod limits;
pub mod report;
pub mod script;
mod unit;
