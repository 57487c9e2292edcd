//! The flash controller of the test chip: four registers, and cells that take words when programming is enabled.

use imprint_twin::{Access, BusFault, Chip, DebugAccess, EraseTime, Peripherals, ResetKind};
use std::ops::Range;

const CONTROL: u32 = 0x4000_0000;
const ERASE: u32 = 0x4000_0004;
const ERASE_ALL: u32 = 0x4000_0008;
const BUSY: u32 = 0x4000_000C;

/// The sectors of chip.ron, which the controller has to know, too.
const SECTORS: [(u64, u64, u64); 3] = [
    (0x0800_0000, 0x8000, 1024),
    (0x0800_8000, 0x8000, 4096),
    (0x0801_0000, 0x1000, 256),
];

#[derive(Default)]
pub struct Controller {
    pub control: u32,
    /// What the debugger reaches.
    pub access: DebugAccess,
    /// Takes programming of cells that are not erased, as some chips do.
    pub is_lenient: bool,
}

impl Peripherals for Controller {
    fn windows(&self) -> Vec<Range<u64>> {
        std::iter::once(0x4000_0000..0x4000_0010).collect()
    }

    fn reset(&mut self, chip: &mut dyn Chip, _: ResetKind) {
        self.control = 0;
        chip.set_debug_access(self.access);
    }

    fn read(&mut self, chip: &mut dyn Chip, access: Access) -> Result<u32, BusFault> {
        match access.address {
            CONTROL => Ok(self.control),
            BUSY => Ok(chip.is_busy().into()),
            _ => Ok(0),
        }
    }

    fn write(&mut self, chip: &mut dyn Chip, access: Access, value: u32) -> Result<(), BusFault> {
        match (access.address, self.control) {
            (CONTROL, _) => {
                self.control = value;
                Ok(())
            }
            (ERASE, 1) => {
                let address = u64::from(value);
                let within =
                    |(start, len, _): &&(u64, u64, u64)| (*start..start + len).contains(&address);
                let (_, _, sector_len) = SECTORS.iter().find(within).ok_or(BusFault)?;
                chip.erase(
                    address / sector_len * sector_len,
                    *sector_len,
                    EraseTime::Sector,
                )
            }
            (ERASE_ALL, 1) => chip.erase(0x0800_0000, 0x1_0000, EraseTime::All),
            _ => Err(BusFault),
        }
    }

    fn cell_write(
        &mut self,
        chip: &mut dyn Chip,
        access: Access,
        value: u32,
    ) -> Result<(), BusFault> {
        if self.control != 2 || access.size != 4 {
            return Err(BusFault);
        }
        let mut cells = [0; 4];
        chip.peek(access.address.into(), &mut cells)?;
        if !self.is_lenient && cells != [0xFF; 4] {
            return Ok(());
        }
        chip.program(access.address.into(), &value.to_le_bytes())
    }

    fn ap_read(&mut self, _: &mut dyn Chip, _: u8, _: u8) -> Option<u32> {
        None
    }

    fn ap_write(&mut self, _: &mut dyn Chip, _: u8, _: u8, _: u32) -> Option<()> {
        None
    }

    fn save(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn load(&mut self, _: &[u8]) -> bool {
        true
    }
}
