//! The host's tables as safe calls.

use crate::{
    error::{Error, Result},
    glue::host_call,
    target::Call,
};
use imprint_plugin_abi::{
    IMPRINT_E_UNSUPPORTED, IMPRINT_EXT_CORE, IMPRINT_EXT_DEBUG_PORT, imprint_call, imprint_core,
    imprint_debug_port, imprint_host, imprint_str,
};
use std::{cell::RefCell, marker::PhantomData, mem::size_of};

/// Longest property, in bytes: they are names and numbers.
const PROPERTY_LEN_MAX: usize = 4096;

/// Calls `$table.$function`, or fails because the host does not offer it.
macro_rules! offered {
    ($table:expr, $function:ident) => {
        $table.$function.ok_or_else(|| {
            Error::unsupported(concat!("the host does not offer ", stringify!($function)))
        })
    };
}

/// The host table, valid for the call that received it.
pub(crate) struct HostCalls<'a> {
    table: &'a imprint_host,
    /// Calls belong to the thread that is inside the call: neither `Send` nor `Sync`.
    thread: PhantomData<*const ()>,
    /// The first failure of what is put back when a value is dropped, which has nobody to hand it to.
    late: RefCell<Option<Error>>,
}

impl<'a> HostCalls<'a> {
    /// # Safety
    /// `host` is null, or a host table that is valid for `'a`.
    pub(crate) unsafe fn new(host: *const imprint_host) -> Result<Self> {
        // SAFETY: as this function's caller promises.
        let table = unsafe { host.as_ref() }
            .ok_or_else(|| Error::invalid_argument("null pointer for the host table"))?;
        if (table.struct_size as usize) < size_of::<imprint_host>() {
            return Err(Error::invalid_argument(format!(
                "the host table has {} bytes, expected at least {}",
                table.struct_size,
                size_of::<imprint_host>()
            )));
        }
        Ok(Self {
            table,
            thread: PhantomData,
            late: RefCell::default(),
        })
    }

    /// Keeps a failure for the end of the call.
    fn keep_late(&self, error: Error) {
        self.late.borrow_mut().get_or_insert(error);
    }

    /// The failure that was kept.
    pub(crate) fn late(&self) -> Result<()> {
        self.late.take().map_or(Ok(()), Err)
    }

    pub(crate) fn mem_read(&self, address: u64, buffer: &mut [u8]) -> Result<()> {
        let function = offered!(self.table, mem_read)?;
        // SAFETY: the host's function with its own table; the buffer is valid for its length.
        host_call(|error| unsafe {
            function(
                self.table,
                address,
                buffer.as_mut_ptr(),
                buffer.len(),
                error,
            )
        })
    }

    pub(crate) fn mem_write(&self, address: u64, data: &[u8]) -> Result<()> {
        let function = offered!(self.table, mem_write)?;
        // SAFETY: the host's function with its own table; the data is valid for its length.
        host_call(|error| unsafe {
            function(self.table, address, data.as_ptr(), data.len(), error)
        })
    }

    pub(crate) fn call(&self, call: &Call) -> Result<u64> {
        let function = offered!(self.table, call)?;
        let call = imprint_call {
            struct_size: size_of::<imprint_call>() as u32,
            timeout_ms: call.timeout_ms,
            entry: call.entry,
            stack: call.stack,
            static_base: call.static_base,
            args: call.args,
        };
        let mut result = 0;
        // SAFETY: the host's function with its own table; arguments outlive the call.
        host_call(|error| unsafe {
            function(self.table, &raw const call, &raw mut result, error)
        })?;
        Ok(result)
    }

    pub(crate) fn delay_us(&self, us: u64) -> Result<()> {
        let function = offered!(self.table, delay_us)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.table, us, error) })
    }

    pub(crate) fn progress(&self, done: u64, total: u64) {
        if let Some(function) = self.table.progress {
            // SAFETY: the host's function with its own table.
            unsafe { function(self.table, done, total) };
        }
    }

    pub(crate) fn log(&self, level: u32, message: &str) {
        if let Some(function) = self.table.log {
            // SAFETY: the host's function with its own table; the text outlives the call.
            unsafe { function(self.table, level, borrow(message)) };
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        // SAFETY: the host's function with its own table.
        self.table
            .is_cancelled
            .is_some_and(|function| unsafe { function(self.table) } != 0)
    }

    pub(crate) fn property(&self, name: &str) -> Result<Option<String>> {
        let function = offered!(self.table, property)?;
        let mut buffer = vec![0_u8; PROPERTY_LEN_MAX];
        let mut len = 0;
        // SAFETY: the host's function with its own table; buffer and text outlive the call.
        let result = host_call(|error| unsafe {
            let (buffer, cap) = (buffer.as_mut_ptr(), buffer.len());
            function(self.table, borrow(name), buffer, cap, &raw mut len, error)
        });
        match result {
            Err(error) if error.status() == IMPRINT_E_UNSUPPORTED => return Ok(None),
            result => result?,
        }
        if len > buffer.len() {
            return Err(Error::invalid_argument(format!(
                "the property `{name}` has {len} bytes, at most {PROPERTY_LEN_MAX} are read"
            )));
        }
        buffer.truncate(len);
        String::from_utf8(buffer)
            .map(Some)
            .map_err(|_| Error::invalid_argument(format!("the property `{name}` is not UTF-8")))
    }

    pub(crate) fn debug_port(&self) -> Option<DebugPortCalls<'_>> {
        let table: &imprint_debug_port = self.extension(IMPRINT_EXT_DEBUG_PORT)?;
        (table.struct_size as usize >= size_of::<imprint_debug_port>())
            .then_some(DebugPortCalls { host: self, table })
    }

    pub(crate) fn core(&self) -> Option<CoreCalls<'_>> {
        let table: &imprint_core = self.extension(IMPRINT_EXT_CORE)?;
        (table.struct_size as usize >= size_of::<imprint_core>())
            .then_some(CoreCalls { host: self, table })
    }

    /// The extension table `id`, whose type is `T`.
    fn extension<T>(&self, id: &str) -> Option<&T> {
        let function = self.table.extension?;
        // SAFETY: the host's function with its own table; what it returns for this id is null or such a table, valid
        // until the call returns, which `self` does not outlive.
        unsafe { function(self.table, borrow(id)).cast::<T>().as_ref() }
    }
}

/// The debug port's table with the host it belongs to.
pub(crate) struct DebugPortCalls<'a> {
    host: &'a HostCalls<'a>,
    table: &'a imprint_debug_port,
}

impl DebugPortCalls<'_> {
    pub(crate) fn dp_read(&self, register: u32) -> Result<u32> {
        let function = offered!(self.table, dp_read)?;
        let mut value = 0;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, register, &raw mut value, error) })?;
        Ok(value)
    }

    pub(crate) fn dp_write(&self, register: u32, value: u32) -> Result<()> {
        let function = offered!(self.table, dp_write)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, register, value, error) })
    }

    pub(crate) fn ap_read(&self, ap: u32, register: u32) -> Result<u32> {
        let function = offered!(self.table, ap_read)?;
        let mut value = 0;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe {
            function(self.host.table, ap, register, &raw mut value, error)
        })?;
        Ok(value)
    }

    pub(crate) fn ap_write(&self, ap: u32, register: u32, value: u32) -> Result<()> {
        let function = offered!(self.table, ap_write)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, ap, register, value, error) })
    }

    pub(crate) fn reset_line(&self, asserted: bool) -> Result<()> {
        let function = offered!(self.table, reset_line)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, asserted.into(), error) })
    }

    pub(crate) fn delay_us(&self, us: u64) -> Result<()> {
        self.host.delay_us(us)
    }

    pub(crate) fn keep_late(&self, error: Error) {
        self.host.keep_late(error);
    }
}

/// The core's table with the host it belongs to.
pub(crate) struct CoreCalls<'a> {
    host: &'a HostCalls<'a>,
    table: &'a imprint_core,
}

impl CoreCalls<'_> {
    pub(crate) fn halt(&self) -> Result<()> {
        let function = offered!(self.table, halt)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, error) })
    }

    pub(crate) fn run(&self) -> Result<()> {
        let function = offered!(self.table, run)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, error) })
    }

    pub(crate) fn step(&self) -> Result<()> {
        let function = offered!(self.table, step)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, error) })
    }

    pub(crate) fn reset(&self, halt: bool) -> Result<()> {
        let function = offered!(self.table, reset)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, halt.into(), error) })
    }

    pub(crate) fn register_read(&self, number: u32) -> Result<u32> {
        let function = offered!(self.table, register_read)?;
        let mut value = 0;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, number, &raw mut value, error) })?;
        Ok(value)
    }

    pub(crate) fn register_write(&self, number: u32, value: u32) -> Result<()> {
        let function = offered!(self.table, register_write)?;
        // SAFETY: the host's function with its own table.
        host_call(|error| unsafe { function(self.host.table, number, value, error) })
    }
}

/// Text of the ABI for the length of one call.
fn borrow(text: &str) -> imprint_str {
    imprint_str {
        data: text.as_ptr().cast(),
        len: text.len(),
    }
}
