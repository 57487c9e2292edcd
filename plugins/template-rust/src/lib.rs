//! The chips A1 of ACME: behaviour, and the board for the twin.
//!
//! An example that is small enough to be read at once: put your own chip in its place. What is here is what the datasheet
//! says; `family.rs` is what a programmer does with it, `board.rs` what the chip does.

mod board;
mod family;

pub use board::A1Board;
pub use family::A1;

imprint_plugin::export_plugin! {
    id: "org.example.template-rust",
    families: [A1],
}

/// Factory data: the part number, then eight bytes of unique identifier.
const PART: u64 = 0x1FF0_0000;
const UID: u64 = 0x1FF0_0004;
const UID_LEN: usize = 8;

/// Flash begins here; how long it is, the device file says.
const FLASH: u64 = 0x0000_0000;
const SECTOR_LEN: u64 = 0x400;

/// Two words in a sector of their own. The lock word: all ones is open, a reset arms it. The user word: free for use.
const LOCK: u64 = 0x1FF0_1000;
const USER: u64 = 0x1FF0_1004;

/// The flash controller.
const CONTROL: u64 = 0x4000_1000;
const CONTROL_READ: u32 = 0;
const CONTROL_PROGRAM: u32 = 1;
const CONTROL_ERASE: u32 = 2;
/// The address that is written tells the sector.
const ERASE: u64 = 0x4000_1004;
const STATUS: u64 = 0x4000_1008;
const STATUS_BUSY: u32 = 1;
/// A word was not erased and was left as it is. A write to CONTROL clears it.
const STATUS_FAILED: u32 = 2;

/// Access port 1, which stays open when the chip is locked.
const PORT: u32 = 1;
/// Write 1: erase all, and with it open the lock.
const PORT_ERASE: u32 = 0x00;
const PORT_STATUS: u32 = 0x04;
const PORT_BUSY: u32 = 1;
const PORT_LOCKED: u32 = 2;
