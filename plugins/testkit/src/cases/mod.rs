//! All cases, a file a subject.

mod arguments;
mod board;
mod chip;
mod flash;
mod interrupted;
mod sessions;
mod tables;
mod work;

use crate::case::{
    Case,
    Scope::{Device, Plugin},
};

/// Makes the list from one line a case: name, what it looks at, purpose, rule, function.
macro_rules! cases {
    ($($name:literal $scope:ident $purpose:literal $rule:literal $run:path;)+) => {
        pub const ALL: &[Case] = &[$(Case {
            name: $name,
            purpose: $purpose,
            rule: $rule,
            scope: $scope,
            run: $run,
        }),+];
    };
}

cases! {
    "entry-is-pure" Plugin
        "The entry gives the same table each time, and neither loading nor calling it starts a thread."
        "the entry is pure: nobody counts initialisations"
        tables::entry_is_pure;
    "symbols" Plugin
        "The library exports exactly one symbol that begins with `imprint_`."
        "the one exported function is imprint_plugin_entry_v1"
        tables::symbols;
    "abi-version" Plugin
        "Magic number and ABI version are those of this ABI, and the plugin asks for no newer host than there is."
        "a table begins with IMPRINT_PLUGIN_MAGIC, and abi_major is IMPRINT_ABI_MAJOR"
        tables::abi_version;
    "struct-size" Plugin
        "Each table says its own size, which is at least that of 1.0."
        "every table begins with the size its writer compiled it with"
        tables::struct_size;
    "reserved-is-zero" Plugin
        "Reserved fields are 0, so that a later version may give them a meaning."
        "reserved is 0"
        tables::reserved_is_zero;
    "ids" Plugin
        "Ids are reverse domain names, the version is a semantic version, and no name is there twice."
        "an id matches ^[a-z0-9]+(\\.[a-z0-9-]+)+$, and a name means one thing"
        tables::ids;
    "strings-are-utf8" Plugin
        "Every static text is UTF-8, not empty, without control characters and short."
        "imprint_str is UTF-8 text"
        tables::strings_are_utf8;
    "required-functions" Plugin
        "`open` and `close` are there, of families and of boards; every other function may be null."
        "open and close are required; a null function pointer means \"not offered\""
        tables::required_functions;
    "extensions" Plugin
        "The same extension has the same table each time, and an unknown one has none."
        "extension tables are static; an id that is not known gives null"
        tables::extensions;
    "opens" Device
        "A session opens for the device, with the properties of its description, and closes."
        "open makes a session, close ends it"
        sessions::opens;
    "open-does-not-touch-the-target" Device
        "Opening a session moves nothing on the wire."
        "open does not touch the target"
        sessions::open_does_not_touch_the_target;
    "close-does-not-touch-the-target" Device
        "Closing a session uses no host, and no call uses the host table of an earlier one."
        "the host table is valid until the call returns and must not be kept; close does not touch the target"
        sessions::close_does_not_touch_the_target;
    "null-arguments" Device
        "Null for session, host, result or buffer is answered with IMPRINT_E_INVALID_ARGUMENT; null for the error is allowed."
        "an argument that is null where it must not be gives IMPRINT_E_INVALID_ARGUMENT"
        arguments::null_arguments;
    "short-message-buffer" Device
        "A sentence that does not fit the caller's buffer is cut at a character, and its whole length is told."
        "message_len is what the whole sentence needs; the text is cut at a character"
        arguments::short_message_buffer;
    "short-result-buffer" Device
        "A result that does not fit is refused, its length is told, and nothing is written beyond the buffer."
        "a buffer is the caller's and has cap bytes; len receives what is needed"
        arguments::short_result_buffer;
    "old-host" Device
        "A host of ABI 1.0 without extensions is enough, or is told that it is not; nothing beyond its table is used."
        "a reader asks struct_size before it touches a field added after 1.0"
        arguments::old_host;
    "unknown-part" Device
        "A device that is not known is refused with a sentence that names it, or the property that its description lacks."
        "a failing call explains itself in error"
        arguments::unknown_part;
    "odd-properties" Device
        "A property with an odd value is refused or used, and brings nothing down."
        "an argument out of range gives IMPRINT_E_INVALID_ARGUMENT; a panic does not cross the boundary"
        arguments::odd_properties;
    "identify" Device
        "The chip of the device is recognised, and another chip is refused."
        "identify gives IMPRINT_E_MISMATCH when it is another device than the session's"
        chip::identify;
    "uid" Device
        "Each chip gives its own identifier, in the order its memory has it."
        "read_uid gives the unique identifier, in the order the chip's memory has it"
        chip::uid;
    "options" Device
        "Each option of the list can be read or is refused, one that is written reads back, and an unknown name is refused."
        "options are what option_read and option_write know"
        chip::options;
    "commands" Device
        "Each command of the list answers without a panic, and an unknown name is refused."
        "commands are what command knows"
        chip::commands;
    "protection" Device
        "A chip is open at first, protected after `protect` and a reset, and open and empty after `unlock`."
        "protect holds from the next reset on; unlock opens a locked target by erasing it, over the debug port alone"
        chip::protection;
    "erase-and-program" Device
        "Sectors of each size are erased and programmed, and what lies beside them stays."
        "erase erases len bytes from address, whole sectors; program programs erased memory"
        flash::erase_and_program;
    "program-needs-erase" Device
        "Programming memory that is not erased is refused, or what was asked for is there afterwards."
        "success means that it was done"
        flash::program_needs_erase;
    "unaligned-range" Device
        "A range that does not begin at a sector or a unit is refused, or done exactly: nothing beside it changes."
        "a range is done as it is given, or refused"
        flash::unaligned_range;
    "range-end" Device
        "A range may end where the memory ends; one that goes further is refused and changes nothing outside."
        "an argument out of range gives a failure"
        flash::range_end;
    "zero-length" Device
        "A range without bytes changes nothing and brings nothing down."
        "a range is done as it is given, or refused"
        flash::zero_length;
    "len-overflow" Device
        "A range whose end is beyond the last address is refused before the target is written to."
        "an argument out of range gives a failure"
        flash::len_overflow;
    "cancel-at-every-callback" Device
        "Cancelled at any callback, a call ends with IMPRINT_E_CANCELLED within ten more."
        "every host function fails with IMPRINT_E_CANCELLED once the user has cancelled: hand it on"
        interrupted::cancel;
    "fail-at-every-callback" Device
        "When the target stops answering at any callback, its status and the address come through."
        "a failing call explains itself in error: status, address, sentence"
        interrupted::fail;
    "power-cut" Device
        "After the power failed at any write, or within any flash operation, a new session gets the chip to where it should be."
        "nothing of a session is needed to go on: reopen, erase, program, verify"
        interrupted::power_cut;
    "two-sessions-in-parallel" Device
        "Two sessions with two chips, on two threads, know nothing of each other."
        "different sessions run in parallel"
        sessions::two_in_parallel;
    "session-moves-between-threads" Device
        "A session works the same when each call comes from another thread."
        "calls on one session never overlap and may come from different threads"
        sessions::moves_between_threads;
    "no-sleep" Device
        "No call puts its thread to sleep: waiting is the host's, on the target's clock."
        "delay_us is the only way to wait"
        sessions::no_sleep;
    "board-opens" Device
        "The board opens for the device, refuses a description that says nothing, and survives null arguments."
        "the board's open makes the peripherals of one chip"
        board::opens;
    "board-windows" Device
        "Windows are not empty, below 4 GiB, apart from each other and from the memories of the device."
        "windows are the addresses whose reads and writes the board answers"
        board::windows;
    "board-reset" Device
        "A reset brings every register that can be read back to what it was after power-on."
        "reset: the chip was reset"
        board::reset;
    "board-keeps-its-state" Device
        "A board that was saved and loaded is the same board."
        "load takes back what save wrote"
        board::keeps_its_state;
    "board-holds-still" Device
        "No register changes by itself while the flash is busy."
        "a register that changes by itself must not do so while the flash is busy: loops that poll are jumped over"
        board::holds_still;
}
