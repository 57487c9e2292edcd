//! Size and offset of every field on 64-bit hosts: a change here breaks every plugin that exists.
#![cfg(target_pointer_width = "64")]

use imprint_plugin_abi::*;
use std::mem::{offset_of, size_of};

/// Checks the size of a struct and the offset of each of its fields. The closure is never called: its pattern has no
/// `..`, so a field that is missing from the list does not compile.
macro_rules! layout {
    ($type:ident, $size:literal, { $($field:ident: $offset:literal),+ $(,)? }) => {
        assert_eq!(size_of::<$type>(), $size, "size of {}", stringify!($type));
        $(assert_eq!(
            offset_of!($type, $field),
            $offset,
            "offset of {}.{}",
            stringify!($type),
            stringify!($field)
        );)+
        let _ = |value: $type| { let $type { $($field: _),+ } = value; };
    };
}

#[test]
fn basic_types() {
    layout!(imprint_str, 16, { data: 0, len: 8 });
    layout!(imprint_error, 40, {
        struct_size: 0, detail: 4, address: 8, message: 16, message_cap: 24, message_len: 32,
    });
}

#[test]
fn plugin() {
    layout!(imprint_plugin, 64, {
        magic: 0, struct_size: 4, abi_major: 8, abi_minor: 10, host_minor_min: 12, reserved: 14,
        id: 16, version: 32, family_count: 48, families: 56,
    });
}

#[test]
fn family() {
    layout!(imprint_named, 32, { name: 0, summary: 16 });
    layout!(imprint_family, 176, {
        struct_size: 0, reserved: 4, id: 8, summary: 24,
        option_count: 40, options: 48, command_count: 56, commands: 64,
        open: 72, close: 80, identify: 88, unlock: 96, read_uid: 104, erase: 112, program: 120,
        protect: 128, is_protected: 136, option_read: 144, option_write: 152, command: 160,
        extension: 168,
    });
}

#[test]
fn host() {
    layout!(imprint_call, 64, {
        struct_size: 0, timeout_ms: 4, entry: 8, stack: 16, static_base: 24, args: 32,
    });
    layout!(imprint_host, 88, {
        struct_size: 0, abi_major: 4, abi_minor: 6, ctx: 8,
        mem_read: 16, mem_write: 24, call: 32, delay_us: 40, progress: 48, log: 56,
        is_cancelled: 64, property: 72, extension: 80,
    });
}

#[test]
fn host_extensions() {
    layout!(imprint_debug_port, 48, {
        struct_size: 0, reserved: 4, dp_read: 8, dp_write: 16, ap_read: 24, ap_write: 32, reset_line: 40,
    });
    layout!(imprint_core, 56, {
        struct_size: 0, reserved: 4, halt: 8, run: 16, step: 24, reset: 32,
        register_read: 40, register_write: 48,
    });
}

#[test]
fn board() {
    layout!(imprint_window, 16, { start: 0, len: 8 });
    layout!(imprint_board_host, 104, {
        struct_size: 0, reserved: 4, ctx: 8, now_ns: 16, is_busy: 24, peek: 32, poke: 40, program: 48,
        erase: 56, set_debug_access: 64, set_core_clock: 72, set_interrupt: 80, request_reset: 88,
        property: 96,
    });
    layout!(imprint_board, 96, {
        struct_size: 0, reserved: 4, open: 8, close: 16, windows: 24, reset: 32, read: 40, write: 48,
        cell_write: 56, ap_read: 64, ap_write: 72, save: 80, load: 88,
    });
}
