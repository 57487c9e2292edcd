//! A board on paper: what stays of a chip without power, so that the next command meets the same chip.
//!
//! Cells are written as hexadecimal runs that leave erased bytes out: a file of a fresh chip is short and can be read.

use crate::{
    board::{Board, BoardOptions},
    error::TwinError,
    fault::Fault,
    link::Link,
    peripherals::{Chip, Peripherals},
};
use imprint_device::Device;
use serde::{Deserialize, Serialize};

/// Erased bytes between two runs from which on they are worth a new run.
const GAP_LEN_MIN: usize = 16;

/// A board that is switched off. It can be written with any serde format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardState {
    /// The device, whole.
    pub device: Device,
    /// The unique identifier.
    #[serde(with = "hex")]
    pub uid: Vec<u8>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The way to the probe.
    pub link: Link,
    /// Virtual time so far, in nanoseconds.
    pub time_ns: u64,
    /// Transfers that faults have counted.
    pub transfer_count: u64,
    /// Programming operations of the flash.
    pub program_count: u64,
    /// Erase operations of the flash.
    pub erase_count: u64,
    /// The non-volatile memories.
    pub memories: Vec<MemoryState>,
    /// What the peripherals keep.
    #[serde(with = "hex")]
    pub peripherals: Vec<u8>,
}

/// The cells of one memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryState {
    /// Its name in the device.
    pub name: String,
    /// What is not erased.
    pub runs: Vec<CellRun>,
}

/// Cells in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRun {
    /// Offset of the first byte in the memory.
    pub offset: u64,
    /// The bytes.
    #[serde(with = "hex")]
    pub data: Vec<u8>,
}

impl Board {
    /// The board as it would be without power.
    pub fn save(&mut self) -> BoardState {
        let peripherals = self
            .cpu
            .bus
            .with_peripherals(|peripherals, _| peripherals.save());
        let die = &self.cpu.bus.die;
        let memories = die
            .memories
            .iter()
            .filter(|memory| memory.is_non_volatile())
            .map(|memory| MemoryState {
                name: memory.name.clone(),
                runs: runs(&die.bytes[memory.range.clone()], memory.erased()),
            })
            .collect();
        BoardState {
            device: self.device.clone(),
            uid: self.uid.clone(),
            faults: self.faults.clone(),
            link: self.link,
            time_ns: self.now_ns(),
            transfer_count: self.transfer_count,
            program_count: die.count.programs,
            erase_count: die.count.erases,
            memories,
            peripherals: peripherals.unwrap_or_default(),
        }
    }

    /// Switches a saved board on again. Other `faults` take the place of the saved ones and count from 1.
    pub fn restore(
        state: &BoardState,
        faults: Option<Vec<Fault>>,
        make: impl FnOnce(&mut dyn Chip, &[u8]) -> Result<Box<dyn Peripherals>, String>,
    ) -> Result<Board, TwinError> {
        let counts_on = faults.is_none();
        let options = BoardOptions {
            uid: state.uid.clone(),
            faults: faults.unwrap_or_else(|| state.faults.clone()),
            link: state.link,
        };
        let mut board = Board::without_power(&state.device, options, make)?;
        let time_ps = state
            .time_ns
            .checked_mul(crate::die::PS_PER_NS)
            .ok_or_else(|| TwinError::State {
                memory: String::new(),
                message: "time_ns is too large".into(),
            })?;
        let die = &mut board.cpu.bus.die;
        die.now_ps = time_ps;
        if counts_on {
            die.count.programs = state.program_count;
            die.count.erases = state.erase_count;
            board.transfer_count = state.transfer_count;
        }
        for memory in &state.memories {
            board.restore_memory(memory)?;
        }
        let accepted = board
            .cpu
            .bus
            .with_peripherals(|peripherals, _| peripherals.load(&state.peripherals))
            .unwrap_or(true);
        if !accepted {
            return Err(TwinError::PeripheralState {
                family: state.device.family.clone(),
                len: state.peripherals.len(),
            });
        }
        board.switch_on();
        Ok(board)
    }

    fn restore_memory(&mut self, state: &MemoryState) -> Result<(), TwinError> {
        let error = |message: String| TwinError::State {
            memory: state.name.clone(),
            message,
        };
        let die = &mut self.cpu.bus.die;
        let cells = die
            .memories
            .iter()
            .find(|memory| memory.name == state.name && memory.is_non_volatile())
            .ok_or_else(|| error("the device has no such non-volatile memory".into()))?;
        let (start, len) = (cells.range.start, cells.range.len());
        cells.set(&mut die.bytes, start, &vec![cells.erased(); len]);
        for run in &state.runs {
            let offset = usize::try_from(run.offset).unwrap_or(usize::MAX);
            if offset
                .checked_add(run.data.len())
                .is_none_or(|end| end > len)
            {
                return Err(error(format!(
                    "{} bytes at offset {:#x} do not fit {len:#x} bytes",
                    run.data.len(),
                    run.offset
                )));
            }
            cells.set(&mut die.bytes, start + offset, &run.data);
        }
        Ok(())
    }
}

/// The runs of bytes that are not erased.
fn runs(bytes: &[u8], erased: u8) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    let mut position = 0;
    while let Some(start) = bytes[position..].iter().position(|byte| *byte != erased) {
        let start = position + start;
        let mut end = start + 1;
        while let Some(gap) = bytes[end..].iter().position(|byte| *byte != erased) {
            if gap >= GAP_LEN_MIN {
                break;
            }
            end += gap + 1;
        }
        runs.push(CellRun {
            offset: start as u64,
            data: bytes[start..end].to_vec(),
        });
        position = end;
    }
    runs
}

/// Bytes as hexadecimal text.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        serializer.serialize_str(&text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() % 2 != 0 {
            return Err(D::Error::custom(
                "hexadecimal text has an odd number of digits",
            ));
        }
        text.as_bytes()
            .chunks_exact(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(|| D::Error::custom("expected hexadecimal digits"))
    }

    fn digit(character: u8) -> Option<u8> {
        char::from(character).to_digit(16).map(|digit| digit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_leave_erased_bytes_out() {
        let mut bytes = vec![0xFF; 100];
        assert!(runs(&bytes, 0xFF).is_empty());
        bytes[0] = 1;
        bytes[10] = 2;
        bytes[99] = 3;
        let found: Vec<_> = runs(&bytes, 0xFF)
            .iter()
            .map(|run| (run.offset, run.data.len()))
            .collect();
        assert_eq!(found, [(0, 11), (99, 1)]);
    }
}
