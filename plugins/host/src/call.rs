//! What every call into a plugin needs: an error struct to fill, and text.

use crate::{
    error::{FamilyError, FamilyStatus},
    limits::MESSAGE_LEN_MAX,
};
use imprint_plugin_abi::{
    IMPRINT_NO_ADDRESS, IMPRINT_OK, imprint_error, imprint_status, imprint_str,
};
use std::mem::size_of;

/// Why a call failed, before it is known whose call it was.
pub(crate) struct Failure {
    pub status: FamilyStatus,
    pub detail: u32,
    pub address: Option<u64>,
    pub message: String,
}

impl Failure {
    pub fn misbehaved(message: String) -> Self {
        Self {
            status: FamilyStatus::Misbehaved,
            detail: 0,
            address: None,
            message,
        }
    }

    pub fn of(self, family: &str, operation: &'static str) -> FamilyError {
        FamilyError {
            family: family.into(),
            operation,
            status: self.status,
            detail: self.detail,
            address: self.address,
            message: self.message,
        }
    }
}

/// Calls a function that explains its failure in an error struct, which is fresh for each call.
pub(crate) fn plugin_call(
    call: impl FnOnce(*mut imprint_error) -> imprint_status,
) -> Result<(), Failure> {
    let mut message = [0_u8; MESSAGE_LEN_MAX];
    let mut error = imprint_error {
        struct_size: size_of::<imprint_error>() as u32,
        detail: 0,
        address: IMPRINT_NO_ADDRESS,
        message: message.as_mut_ptr().cast(),
        message_cap: message.len(),
        message_len: 0,
    };
    let status = call(&raw mut error);
    if status == IMPRINT_OK {
        return Ok(());
    }
    let len = error.message_len.min(message.len());
    let text = String::from_utf8_lossy(&message[..len]);
    Err(Failure {
        status: FamilyStatus::of(status),
        detail: error.detail,
        address: (error.address != IMPRINT_NO_ADDRESS).then_some(error.address),
        message: if text.is_empty() {
            "the plugin gives no reason".into()
        } else {
            printable(&text)
        },
    })
}

/// A plugin's text as one line: control characters would move the cursor of a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Text of the ABI for the length of one call.
pub(crate) fn borrow(text: &str) -> imprint_str {
    imprint_str {
        data: text.as_ptr().cast(),
        len: text.len(),
    }
}
