//! ST STM32F405/407 and STM32F415/417: chips whose flash has sectors of unequal size and whose option bytes are one register.
//! What data cannot say about them, and their board for the twin.
//!
//! Sources: RM0090 (STM32F405/407, 415/417, 427/437, 429/439), DS8626 (STM32F405xx, STM32F407xx).
#![forbid(unsafe_code)]

mod board;
mod family;
mod flash;
mod options;
mod registers;

pub use board::Stm32f4Board;
pub use family::Stm32f4;

imprint_plugin::export_plugin! {
    id: "org.imprint.st-stm32f4",
    families: [Stm32f4],
}
