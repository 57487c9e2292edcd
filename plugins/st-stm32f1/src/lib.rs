//! ST STM32F1 and STM32F0: chips with the half-word flash controller FPEC. What data cannot say about them, and their
//! board for the twin.
//!
//! Sources: PM0075 (flash programming, STM32F10xxx), RM0008 (STM32F10xxx), RM0360 (STM32F030), DS5319 (STM32F103x8),
//! DS9773 (STM32F030).
#![forbid(unsafe_code)]

mod board;
mod family;
mod flash;
mod option_bytes;
mod registers;

pub use board::Stm32f1Board;
pub use family::Stm32f1;

imprint_plugin::export_plugin! {
    id: "org.imprint.st-stm32f1",
    families: [Stm32f1],
}
