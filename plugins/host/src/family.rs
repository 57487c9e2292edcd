//! A family of a loaded plugin, and a session with one device, as safe calls.

use crate::{
    board::BoardFactory,
    call::{Failure, borrow, plugin_call, printable},
    error::{FamilyError, FamilyStatus},
    host::HostTarget,
    host_table::with_host,
    limits::{COMMAND_OUTPUT_LEN_MAX, IDENTITY_LEN_MAX, UID_LEN_MAX},
    tables::{FamilyTable, NamedItem},
};
use imprint_plugin_abi::{imprint_error, imprint_family, imprint_host, imprint_status};
use std::{ffi::c_void, ptr};

/// A family of a loaded plugin.
#[derive(Clone)]
pub struct Family {
    table: FamilyTable,
    plugin_id: String,
    plugin_version: String,
}

impl Family {
    pub(crate) fn new(table: FamilyTable, plugin_id: String, plugin_version: String) -> Self {
        Self {
            table,
            plugin_id,
            plugin_version,
        }
    }

    /// The id that devices name.
    pub fn id(&self) -> &str {
        &self.table.id
    }

    /// One sentence about it.
    pub fn summary(&self) -> &str {
        &self.table.summary
    }

    /// Id of its plugin.
    pub fn plugin_id(&self) -> &str {
        &self.plugin_id
    }

    /// Version of its plugin.
    pub fn plugin_version(&self) -> &str {
        &self.plugin_version
    }

    /// What `option_read` and `option_write` know.
    pub fn options(&self) -> &[NamedItem] {
        &self.table.options
    }

    /// What `command` knows.
    pub fn commands(&self) -> &[NamedItem] {
        &self.table.commands
    }

    /// It erases by itself; otherwise the host does, with the device's algorithm.
    pub fn has_erase(&self) -> bool {
        self.table.functions.erase.is_some()
    }

    /// It programs by itself; otherwise the host does, with the device's algorithm.
    pub fn has_program(&self) -> bool {
        self.table.functions.program.is_some()
    }

    /// The peripherals of its chips, for the twin.
    pub fn board(&self) -> Option<BoardFactory> {
        self.table
            .board
            .map(|table| BoardFactory::new(&self.table.id, table))
    }

    /// The family's own table, checked.
    pub fn functions(&self) -> &'static imprint_family {
        self.table.functions
    }

    /// Opens a session for `device`. Does not touch the target.
    pub fn open(
        &self,
        target: &mut dyn HostTarget,
        device: &str,
    ) -> Result<FamilySession, FamilyError> {
        let mut session: *mut c_void = ptr::null_mut();
        let result = with_host(target, |host| {
            let open = self.table.functions.open.ok_or_else(|| absent("open"))?;
            // SAFETY: the family's function with arguments that outlive the call.
            plugin_call(|error| unsafe { open(host, borrow(device), &raw mut session, error) })
        });
        result.map_err(|failure| failure.of(&self.table.id, "open"))?;
        Ok(FamilySession {
            table: self.table.clone(),
            session,
        })
    }
}

impl std::fmt::Debug for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Family({} of {} {})",
            self.table.id, self.plugin_id, self.plugin_version
        )
    }
}

fn absent(operation: &str) -> Failure {
    Failure {
        status: FamilyStatus::Unsupported,
        detail: 0,
        address: None,
        message: format!("the family does not offer `{operation}`"),
    }
}

/// A session with one device. Ends when it is dropped.
pub struct FamilySession {
    table: FamilyTable,
    session: *mut c_void,
}

// SAFETY: calls on one session may come from different threads as long as they do not overlap (ABI, ownership rule 5), and
// every method takes `&mut self`.
unsafe impl Send for FamilySession {}

impl Drop for FamilySession {
    fn drop(&mut self) {
        if let Some(close) = self.table.functions.close {
            // SAFETY: made by `open` of this family, and closed once.
            unsafe { close(self.session) };
        }
    }
}

/// Calls `$function` of the family with the session, the host and these arguments.
macro_rules! call {
    ($self:ident, $target:ident, $function:ident $(, $argument:expr)*) => {
        $self.call($target, stringify!($function), |family| family.$function, |function, session, host, error| {
            // SAFETY: the family's function, its own session, and arguments that outlive the call.
            unsafe { function(session, host $(, $argument)*, error) }
        })
    };
}

impl FamilySession {
    /// Tells what chip is there; a mismatch when it is another device than the session's.
    pub fn identify(&mut self, target: &mut dyn HostTarget) -> Result<String, FamilyError> {
        let (mut text, mut len) = (vec![0; IDENTITY_LEN_MAX], 0);
        call!(
            self,
            target,
            identify,
            text.as_mut_ptr(),
            text.len(),
            &raw mut len
        )?;
        let text = self.output("identify", text, len)?;
        Ok(printable(&String::from_utf8_lossy(&text)))
    }

    /// Opens a locked target by erasing it. `target` needs to offer only the debug port.
    pub fn unlock(&mut self, target: &mut dyn HostTarget) -> Result<(), FamilyError> {
        call!(self, target, unlock)
    }

    /// Reads the unique identifier, in the order the chip's memory has it.
    pub fn read_uid(&mut self, target: &mut dyn HostTarget) -> Result<Vec<u8>, FamilyError> {
        let (mut uid, mut len) = (vec![0; UID_LEN_MAX], 0);
        call!(
            self,
            target,
            read_uid,
            uid.as_mut_ptr(),
            uid.len(),
            &raw mut len
        )?;
        self.output("read_uid", uid, len)
    }

    /// Erases `len` bytes from `address`, whole sectors.
    pub fn erase(
        &mut self,
        target: &mut dyn HostTarget,
        address: u64,
        len: u64,
    ) -> Result<(), FamilyError> {
        call!(self, target, erase, address, len)
    }

    /// Programs erased memory.
    pub fn program(
        &mut self,
        target: &mut dyn HostTarget,
        address: u64,
        data: &[u8],
    ) -> Result<(), FamilyError> {
        call!(self, target, program, address, data.as_ptr(), data.len())
    }

    /// Writes what protects the target against readout. It holds from the next reset on.
    pub fn protect(&mut self, target: &mut dyn HostTarget) -> Result<(), FamilyError> {
        call!(self, target, protect)
    }

    /// Tells whether the target is protected. `target` needs to offer only the debug port.
    pub fn is_protected(&mut self, target: &mut dyn HostTarget) -> Result<bool, FamilyError> {
        let mut is_protected = 0;
        call!(self, target, is_protected, &raw mut is_protected)?;
        Ok(is_protected != 0)
    }

    /// Reads an option by name.
    pub fn option_read(
        &mut self,
        target: &mut dyn HostTarget,
        name: &str,
    ) -> Result<u64, FamilyError> {
        let mut value = 0;
        call!(self, target, option_read, borrow(name), &raw mut value)?;
        Ok(value)
    }

    /// Writes an option by name.
    pub fn option_write(
        &mut self,
        target: &mut dyn HostTarget,
        name: &str,
        value: u64,
    ) -> Result<(), FamilyError> {
        call!(self, target, option_write, borrow(name), value)
    }

    /// Runs one of the family's own commands.
    pub fn command(
        &mut self,
        target: &mut dyn HostTarget,
        name: &str,
        input: &[u8],
    ) -> Result<Vec<u8>, FamilyError> {
        let (mut output, mut len) = (vec![0; COMMAND_OUTPUT_LEN_MAX], 0);
        let (buffer, cap) = (output.as_mut_ptr(), output.len());
        call!(
            self,
            target,
            command,
            borrow(name),
            input.as_ptr(),
            input.len(),
            buffer,
            cap,
            &raw mut len
        )?;
        self.output("command", output, len)
    }

    /// Runs the function that `select` finds in the table.
    fn call<F>(
        &mut self,
        target: &mut dyn HostTarget,
        operation: &'static str,
        select: impl FnOnce(&'static imprint_family) -> Option<F>,
        run: impl FnOnce(F, *mut c_void, *const imprint_host, *mut imprint_error) -> imprint_status,
    ) -> Result<(), FamilyError> {
        let result = select(self.table.functions)
            .ok_or_else(|| absent(operation))
            .and_then(|function| {
                with_host(target, |host| {
                    plugin_call(|error| run(function, self.session, host, error))
                })
            });
        result.map_err(|failure| failure.of(&self.table.id, operation))
    }

    /// The part of a buffer that a call says it filled.
    fn output(
        &self,
        operation: &'static str,
        mut buffer: Vec<u8>,
        len: usize,
    ) -> Result<Vec<u8>, FamilyError> {
        if len > buffer.len() {
            let message = format!("it gives {len} bytes, at most {} are taken", buffer.len());
            return Err(Failure::misbehaved(message).of(&self.table.id, operation));
        }
        buffer.truncate(len);
        Ok(buffer)
    }
}
