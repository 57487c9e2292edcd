//! The bus: who answers a transfer. Memories first, then the windows of the family's peripherals; nothing else
//! answers, so a transfer that no one knows is a fault.

use crate::die::{Die, Place, Region};
use crate::peripherals::{Access, BusFault, DebugAccess, Master, Peripherals};
use imprint_device::MemoryKind;
use std::ops::Range;

/// Memories and peripherals of one chip.
pub(crate) struct Bus {
    pub die: Die,
    peripherals: Option<Box<dyn Peripherals>>,
    windows: Vec<Range<u64>>,
    /// The region that code is fetched from, and what a branch in it costs beyond its cycles.
    code: Region,
    pub code_wait: u32,
    /// The region that the core last read or wrote: the next access is most likely there too.
    data: Region,
    /// Cycles of the running instruction.
    pub cycles: u32,
    /// Stores of the core and the last of them, so that a waiting loop can be told: it makes none, or the same one again.
    pub store_count: u64,
    pub last_store: Access,
    pub last_stored: u32,
    /// Reads of peripherals by the core, whose answers may change while nothing else does.
    pub peripheral_read_count: u64,
}

impl Bus {
    /// A bus on which only memories answer.
    pub fn new(die: Die) -> Bus {
        Bus {
            die,
            peripherals: None,
            windows: Vec::new(),
            code: Region::default(),
            code_wait: 0,
            data: Region::default(),
            cycles: 0,
            store_count: 0,
            last_store: Access {
                master: Master::Core,
                address: 0,
                size: 4,
            },
            last_stored: 0,
            peripheral_read_count: 0,
        }
    }

    /// Puts the peripherals on the bus.
    pub fn connect(&mut self, peripherals: Box<dyn Peripherals>) {
        self.windows = peripherals.windows();
        self.peripherals = Some(peripherals);
    }

    /// Calls the peripherals with the die, if there are any.
    pub fn with_peripherals<T>(
        &mut self,
        call: impl FnOnce(&mut dyn Peripherals, &mut Die) -> T,
    ) -> Option<T> {
        let peripherals = self.peripherals.as_mut()?;
        Some(call(peripherals.as_mut(), &mut self.die))
    }

    /// One instruction half-word.
    #[inline(always)]
    pub fn fetch(&mut self, address: u32) -> Result<u32, BusFault> {
        let index = match self.code.index_of(address, 2) {
            Some(index) => index,
            None => match self.enter_code(address) {
                Some(index) => index,
                None => return self.fetch_window(address),
            },
        };
        if self.code.is_non_volatile {
            self.code_wait = self.die.flash_wait_states;
            self.wait_while_busy();
        }
        Ok(self.bytes::<2>(index))
    }

    /// Code goes on in another region.
    #[cold]
    fn enter_code(&mut self, address: u32) -> Option<usize> {
        self.code = self.die.region(address, 2)?;
        self.code_wait = 0;
        self.code.index_of(address, 2)
    }

    #[cold]
    fn fetch_window(&mut self, address: u32) -> Result<u32, BusFault> {
        self.code_wait = 0;
        let access = Access {
            master: Master::Core,
            address,
            size: 2,
        };
        self.window_read(access)
    }

    /// Index of the `N` bytes at an address in a memory.
    #[inline(always)]
    fn data_index<const N: usize>(&mut self, address: u32) -> Option<usize> {
        let index = self.data.index_of(address, N as u32);
        if index.is_some() {
            index
        } else {
            self.enter_data(address, N as u32)
        }
    }

    /// Data comes from another region.
    #[inline(never)]
    fn enter_data(&mut self, address: u32, len: u32) -> Option<usize> {
        self.data = self.die.region(address, len)?;
        self.data.index_of(address, len)
    }

    /// A read by the core of `N` bytes at an address aligned to them.
    #[inline(always)]
    pub fn core_read<const N: usize>(&mut self, address: u32) -> Result<u32, BusFault> {
        let Some(index) = self.data_index::<N>(address) else {
            self.peripheral_read_count += 1;
            return self.window_read(Access {
                master: Master::Core,
                address,
                size: N as u8,
            });
        };
        if self.data.is_non_volatile {
            self.core_flash_read()?;
        }
        self.cycles += u32::from(self.data.memory == self.code.memory);
        Ok(self.bytes::<N>(index))
    }

    #[inline(always)]
    fn core_flash_read(&mut self) -> Result<(), BusFault> {
        self.cycles += self.die.flash_wait_states;
        self.wait_while_busy();
        let locked = self.die.debug_access != DebugAccess::Open && self.die.debugger_seen;
        // Code that runs from RAM may have come over the debug port: what the debugger must not read, it must not.
        if locked && !self.code.is_non_volatile && self.is_protected(self.data.memory) {
            return Err(BusFault);
        }
        Ok(())
    }

    /// A write by the core of `N` bytes at an address aligned to them.
    #[inline(always)]
    pub fn core_write<const N: usize>(&mut self, address: u32, value: u32) -> Result<(), BusFault> {
        let access = Access {
            master: Master::Core,
            address,
            size: N as u8,
        };
        self.store_count += 1;
        (self.last_store, self.last_stored) = (access, value);
        if let Some(index) = self.data_index::<N>(address)
            && !self.data.is_non_volatile
        {
            self.cycles += u32::from(self.data.memory == self.code.memory);
            self.set_bytes::<N>(index, value);
            return Ok(());
        }
        self.write_slowly(access, value)
    }

    /// A read by the debugger.
    pub fn debugger_read(&mut self, access: Access) -> Result<u32, BusFault> {
        let Some(place) = self.die.locate(access.address, u32::from(access.size)) else {
            return self.window_read(access);
        };
        if self.is_closed_to_debugger(place) {
            return Err(BusFault);
        }
        Ok(match access.size {
            1 => self.bytes::<1>(place.index),
            2 => self.bytes::<2>(place.index),
            _ => self.bytes::<4>(place.index),
        })
    }

    /// A write by the debugger.
    pub fn debugger_write(&mut self, access: Access, value: u32) -> Result<(), BusFault> {
        let Some(place) = self.die.locate(access.address, u32::from(access.size)) else {
            return self.write_slowly(access, value);
        };
        if self.is_closed_to_debugger(place) {
            return Err(BusFault);
        }
        if place.is_non_volatile {
            return self.write_slowly(access, value);
        }
        match access.size {
            1 => self.set_bytes::<1>(place.index, value),
            2 => self.set_bytes::<2>(place.index, value),
            _ => self.set_bytes::<4>(place.index, value),
        }
        Ok(())
    }

    /// Is this a place in the cells, which a busy flash cannot answer for?
    pub fn is_flash(&self, address: u32) -> bool {
        self.die
            .locate(address, 1)
            .is_some_and(|place| place.is_non_volatile)
    }

    fn is_closed_to_debugger(&self, place: Place) -> bool {
        match self.die.debug_access {
            DebugAccess::Open => false,
            DebugAccess::NoFlash => self.is_protected(place.memory),
            DebugAccess::Closed => true,
        }
    }

    /// Read protection covers code. Option bytes stay readable, or nobody could take the protection away.
    fn is_protected(&self, memory: usize) -> bool {
        self.die.memories[memory].kind == MemoryKind::Flash
    }

    /// A write to cells, which the flash controller takes or refuses, or to a peripheral.
    #[cold]
    fn write_slowly(&mut self, access: Access, value: u32) -> Result<(), BusFault> {
        if self
            .die
            .locate(access.address, u32::from(access.size))
            .is_some()
        {
            if access.master == Master::Core {
                self.wait_while_busy();
            }
            return self
                .with_peripherals(|peripherals, die| peripherals.cell_write(die, access, value))
                .unwrap_or(Err(BusFault));
        }
        if !self.is_window(access) {
            return Err(BusFault);
        }
        self.with_peripherals(|peripherals, die| peripherals.write(die, access, value))
            .unwrap_or(Err(BusFault))
    }

    fn window_read(&mut self, access: Access) -> Result<u32, BusFault> {
        if !self.is_window(access) {
            return Err(BusFault);
        }
        self.with_peripherals(|peripherals, die| peripherals.read(die, access))
            .unwrap_or(Err(BusFault))
    }

    fn is_window(&self, access: Access) -> bool {
        let first = u64::from(access.address);
        let end = first + u64::from(access.size);
        self.windows
            .iter()
            .any(|window| window.start <= first && end <= window.end)
    }

    /// The core stands still while the flash is busy.
    #[inline(always)]
    fn wait_while_busy(&mut self) {
        if self.die.busy() {
            self.die.now_ps = self.die.busy_until_ps;
        }
    }

    #[inline(always)]
    fn bytes<const N: usize>(&self, index: usize) -> u32 {
        let mut word = [0; 4];
        word[..N].copy_from_slice(&self.die.bytes[index..index + N]);
        u32::from_le_bytes(word)
    }

    #[inline(always)]
    fn set_bytes<const N: usize>(&mut self, index: usize, value: u32) {
        self.die.bytes[index..index + N].copy_from_slice(&value.to_le_bytes()[..N]);
    }
}
