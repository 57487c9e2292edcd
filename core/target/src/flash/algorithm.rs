//! A flash algorithm in the target's RAM, and the calls of its functions (CMSIS-Pack, "Flash programming").

use super::layout::{RETURN_LEN, RamLayout, RamNeeds, main_ram};
use crate::{
    bus::Bus,
    call::{CallTime, Caller, HALT_CODE},
    error::TargetError,
    limits::{ALGORITHM_STACK_LEN, BUSY_FACTOR, INIT_TIMEOUT},
};
use imprint_device::{Algorithm, FrozenDevice, Memory};
use std::time::Duration;

/// What `Init` and `UnInit` are told that comes, or came. They must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Erase = 1,
    Program = 2,
}

/// A loaded algorithm.
pub(super) struct Loaded<'f> {
    algorithm: &'f Algorithm,
    layout: RamLayout,
    caller: Caller,
}

/// A function that is to be called, by what errors say of it.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// From the start of the code.
    pub(super) offset: u64,
    /// The address it works on.
    pub(super) address: u64,
}

/// A word that no algorithm writes by accident.
const STACK_GUARD: u32 = 0x5A5A_C3C3;

impl<'f> Loaded<'f> {
    /// Loads an algorithm into the RAM of a halted core.
    pub(super) fn load(
        bus: &mut Bus<'_>,
        frozen: &FrozenDevice,
        algorithm: &'f Algorithm,
    ) -> Result<Self, TargetError> {
        let stack_len = algorithm.stack_len.unwrap_or(ALGORITHM_STACK_LEN);
        let ram = main_ram(frozen)?;
        check_load_address(algorithm, ram)?;
        let what = format!("algorithm `{}`", algorithm.name);
        let layout = RamLayout::new(
            ram,
            &RamNeeds {
                what: &what,
                code_len: algorithm.code.len() as u64,
                load_address: algorithm.load_address,
                stack_len,
                buffer_len: algorithm.page_len,
            },
        )?;
        bus.write(layout.return_point.into(), &HALT_CODE)?;
        load_code(bus, &what, layout.code, &algorithm.code)?;
        bus.write_word(layout.stack_guard.into(), STACK_GUARD)?;
        // The data section is part of the code; R9 is where it lies.
        let static_base = layout.code.wrapping_add(algorithm.data_section as u32);
        let caller = Caller::prepare(bus, layout.return_point, layout.stack_top, static_base)?;
        Ok(Self {
            algorithm,
            layout,
            caller,
        })
    }

    /// Buffers for one page each; at least one.
    pub(super) fn buffers(&self) -> &[u32] {
        &self.layout.buffers
    }

    /// `Init(address, clock, function)`. The clock is 0: no algorithm in use needs it.
    pub(super) fn init(
        &self,
        bus: &mut Bus<'_>,
        address: u64,
        function: Function,
    ) -> Result<(), TargetError> {
        let Some(offset) = self.algorithm.init else {
            return Ok(());
        };
        let entry = Entry {
            name: "Init",
            offset,
            address,
        };
        self.call(bus, entry, &[address as u32, 0, function as u32], INIT_TIME)
    }

    /// `UnInit(function)`, and the look whether the stack was enough.
    pub(super) fn uninit(
        &self,
        bus: &mut Bus<'_>,
        address: u64,
        function: Function,
    ) -> Result<(), TargetError> {
        if let Some(offset) = self.algorithm.uninit {
            let entry = Entry {
                name: "UnInit",
                offset,
                address,
            };
            self.call(bus, entry, &[function as u32], INIT_TIME)?;
        }
        if bus.read_word(self.layout.stack_guard.into())? != STACK_GUARD {
            return Err(TargetError::StackOverrun {
                algorithm: self.algorithm.name.clone(),
                stack_len: self.layout.stack_top - self.layout.stack_guard,
            });
        }
        Ok(())
    }

    /// Calls a function, which must return 0.
    pub(super) fn call(
        &self,
        bus: &mut Bus<'_>,
        entry: Entry,
        args: &[u32],
        time: CallTime,
    ) -> Result<(), TargetError> {
        self.start(bus, entry, args)?;
        self.finish(bus, entry, time)
    }

    /// Starts a function and leaves it running.
    pub(super) fn start(
        &self,
        bus: &mut Bus<'_>,
        entry: Entry,
        args: &[u32],
    ) -> Result<(), TargetError> {
        self.caller.start(
            bus,
            self.layout.code.wrapping_add(entry.offset as u32),
            args,
        )
    }

    /// Waits for the function that was started, which must return 0.
    pub(super) fn finish(
        &self,
        bus: &mut Bus<'_>,
        entry: Entry,
        time: CallTime,
    ) -> Result<(), TargetError> {
        let Entry {
            name: function,
            address,
            ..
        } = entry;
        let name = &self.algorithm.name;
        let what = || format!("`{function}` of algorithm `{name}` at {address:#010x}");
        match self.caller.finish(bus, time, &what)? {
            0 => Ok(()),
            result => Err(TargetError::Algorithm {
                algorithm: name.clone(),
                function,
                address,
                result,
            }),
        }
    }
}

/// Code that is tied to an address must be so to one behind the return point in RAM.
fn check_load_address(algorithm: &Algorithm, ram: &Memory) -> Result<(), TargetError> {
    match algorithm.load_address {
        Some(address) if !(ram.start + RETURN_LEN..ram.end()).contains(&address) => {
            Err(TargetError::AlgorithmUnusable {
                algorithm: algorithm.name.clone(),
                reason: format!(
                    "it must be loaded at {address:#010x}, outside of `{}`",
                    ram.name
                ),
            })
        }
        _ => Ok(()),
    }
}

/// `Init` and `UnInit` set a few registers.
const INIT_TIME: CallTime = CallTime {
    expected: Duration::ZERO,
    timeout: INIT_TIMEOUT,
};

/// Time of a call that keeps the cells busy for `busy`; the algorithm's own limit if that is longer.
pub(super) fn busy_time(busy: Duration, timeout_ms: u64) -> CallTime {
    let timeout = Duration::from_millis(timeout_ms).max(busy * BUSY_FACTOR);
    CallTime {
        expected: busy,
        timeout,
    }
}

/// Writes code to RAM and reads it back: what does not run right must not run at all.
pub(super) fn load_code(
    bus: &mut Bus<'_>,
    what: &str,
    address: u32,
    code: &[u8],
) -> Result<(), TargetError> {
    let address = u64::from(address);
    bus.write(address, code)?;
    let mut read = vec![0; code.len()];
    bus.read(address, &mut read)?;
    let differs = (address..)
        .zip(code.iter().zip(&read))
        .find(|(_, (written, read))| written != read);
    match differs {
        None => Ok(()),
        Some((address, (expected, found))) => Err(TargetError::RamDefect {
            what: what.into(),
            address,
            expected: *expected,
            found: *found,
        }),
    }
}
