//! Nordic Semiconductor nRF51 and nRF52: what data cannot say about these chips, and their board for the twin.
//!
//! Sources: nRF51 Series Reference Manual 3.0, nRF51822 Product Specification 3.4, nRF52832 Product Specification 1.4.
#![forbid(unsafe_code)]

mod board;
mod family;
mod nvmc;
mod series;
mod uicr;

pub use board::Nrf5Board;
pub use family::Nrf5;

imprint_plugin::export_plugin! {
    id: "org.imprint.nordic-nrf5",
    families: [Nrf5],
}
