//! Every bound on foreign data, in one place.
//!
//! All of them hold before memory is allocated: a reader takes from the file what is there, never what a length field
//! promises.

/// Largest firmware file, in bytes. The largest parts programmed over a debug port hold 16 MiB, which is 45 MiB of
/// Intel HEX; the rest is room.
pub const PAYLOAD_FILE_LEN_MAX: u64 = 64 << 20;

/// Most pieces a firmware file may consist of before neighbours are joined: one for each block of the largest UF2.
pub const PIECE_COUNT_MAX: usize = 131_072;

/// Most separate segments of one payload. Linkers make a handful; each costs at least one sector on the target.
pub const SEGMENT_COUNT_MAX: usize = 4096;

/// Most entries of each table of an ELF file. Linked firmware has some dozens; the tables are walked crosswise.
pub const ELF_TABLE_COUNT_MAX: usize = 4096;

/// One past the last address of a payload: cores with a debug port address 32 bits.
pub const ADDRESS_END: u64 = 1 << 32;

/// Longest line of a text format, in bytes: 255 data bytes are 524 characters, in Intel HEX and S-record alike.
pub const TEXT_LINE_LEN_MAX: usize = 1024;

/// Largest recipe, in bytes: some pages of text.
pub const RECIPE_LEN_MAX: usize = 1 << 20;

/// Largest script or module, in bytes: a script is control, data belongs in payloads.
pub const SCRIPT_LEN_MAX: u64 = 1 << 20;

/// Longest name of an image, payload or setting, in bytes: fits a label and a file name.
pub const NAME_LEN_MAX: usize = 64;

/// Longest relative path in a recipe, in bytes.
pub const PATH_LEN_MAX: usize = 255;

/// Longest value of a setting, in bytes.
pub const SETTING_LEN_MAX: usize = 4096;

/// Most payloads, modules, settings, serial numbers or data windows of one recipe, each.
pub const ENTRY_COUNT_MAX: usize = 256;

/// Longest time a recipe may give one unit, in milliseconds: a day.
pub const UNIT_TIME_MAX_MS: u64 = 24 * 3600 * 1000;

/// Longest time a recipe may give the script itself, in milliseconds: an hour.
pub const SCRIPT_TIME_MAX_MS: u64 = 3600 * 1000;

/// Largest serial number definition, in bytes: one screen of text.
pub const DEFINITION_LEN_MAX: u64 = 64 << 10;

/// Most positions of a serial number or a barcode: the longest one-dimensional codes in use have 48 characters.
pub const POSITION_COUNT_MAX: usize = 64;

/// Most values of one serial definition that one unit takes: a gateway has some dozens of addresses.
pub const PER_UNIT_MAX: u32 = 64;

/// Most values a counter can give. Half of what a 64-bit integer holds, so that sums of them cannot wrap.
pub const COUNTER_COUNT_MAX: u64 = 1 << 63;

/// Most values of a list of serial numbers: a year's production of one product, at some 4000 a day.
pub const LIST_COUNT_MAX: usize = 1_000_000;

/// Largest list of serial numbers, as a file and as a section, in bytes: 64 a value.
pub const LIST_LEN_MAX: u64 = 64 << 20;

/// Longest serial number, also of a list, in bytes: what one placed text may have.
pub const SERIAL_TEXT_LEN_MAX: usize = 255;

/// Longest integer that is programmed, in bytes: what scripts count with.
pub const INTEGER_LEN_MAX: u32 = 8;

/// Largest window for data, in bytes: more is a payload.
pub const WINDOW_LEN_MAX: u32 = 64 << 10;

/// Longest format of a date, in bytes: no place on a label is longer.
pub const DATE_FORMAT_LEN_MAX: usize = 64;

/// Most numeric ranges of a barcode: a lot often spans the end of one numbering and the start of the next.
pub const RANGE_COUNT_MAX: usize = 2;

/// Most digits of a numeric range of a barcode: all numbers of 18 digits fit 64 bits.
pub const RANGE_DIGIT_COUNT_MAX: u32 = 18;

/// Most run tests of one recipe: each costs a load of RAM on every unit.
pub const TEST_COUNT_MAX: usize = 32;

/// Most arguments of a run test: those a function on the target gets in registers (AAPCS32, 6.4).
pub const TEST_ARG_COUNT_MAX: usize = 4;

/// Fastest debug clock a recipe may ask for, in kHz: probes end at 50 MHz.
pub const CLOCK_MAX_KHZ: u32 = 50_000;

/// Lowest and highest supply of a target that a recipe may ask for, in millivolts: from the lowest core with a debug
/// port to 5 V and its tolerance.
pub const VOLTAGE_MV: std::ops::RangeInclusive<u32> = 1_000..=5_500;

/// Longest time a recipe may leave a target's supply off or wait for it to settle, in milliseconds: a minute empties
/// every capacitor on a board that is meant to be switched.
pub const POWER_TIME_MAX_MS: u32 = 60_000;

/// Largest plan, in bytes: the blocks of 2 GiB of payload are 12 MiB.
pub const PLAN_LEN_MAX: u64 = 16 << 20;

/// Largest directory of an object, in bytes: 256 payloads of 4096 segments would be more, and are no firmware.
pub const DIRECTORY_LEN_MAX: u64 = 1 << 20;

/// Most sections of an object: script, device, plan, and all modules, payloads and lists a recipe may have.
pub const SECTION_COUNT_MAX: usize = 3 + 3 * ENTRY_COUNT_MAX;

/// Largest frozen device, in bytes: its text and the code of its algorithms.
pub const DEVICE_SECTION_LEN_MAX: u64 = 1 << 20;

/// Largest object that is held in memory, in bytes.
pub const OBJECT_LEN_MAX: u64 = 1 << 30;

/// Largest manifest, in bytes.
pub const MANIFEST_LEN_MAX: u64 = 1 << 20;

/// Most signatures of an image.
pub const SIGNATURE_COUNT_MAX: usize = 8;

/// Most distributors a manifest names: whoever has more uses a root document.
pub const DISTRIBUTOR_COUNT_MAX: usize = 8;

/// Most stations an image may be restricted to: an eighth of the largest manifest.
pub const RESTRICTED_STATION_COUNT_MAX: usize = 4096;

/// Most ignorable manifest entries.
pub const EXTENSION_COUNT_MAX: usize = 64;

/// Largest payload of an image, in bytes: 2^20 chunks, three levels of index tiles.
pub const IMAGE_PAYLOAD_LEN_MAX: u64 = 64 << 30;

/// Most grants after an image or in one file. Ten thousand stations are 2.7 MiB.
pub const GRANT_COUNT_MAX: u64 = 65_536;

/// Largest key file or share, in bytes: one line.
pub const KEY_FILE_LEN_MAX: usize = 512;

/// Largest body of a root document, in bytes: five roles of 16 keys are 3 KiB.
pub const ROOT_BODY_LEN_MAX: u64 = 64 << 10;

/// Most keys of one role.
pub const ROLE_KEY_COUNT_MAX: usize = 16;

/// Most signatures of a root document: all keys of an old and of a new role root.
pub const ROOT_SIGNATURE_COUNT_MAX: usize = 2 * ROLE_KEY_COUNT_MAX;

/// Largest root document, in bytes: header, body and signatures of 96 bytes.
pub const ROOT_FILE_LEN_MAX: u64 = 16 + ROOT_BODY_LEN_MAX + 96 * ROOT_SIGNATURE_COUNT_MAX as u64;

/// Most memory a key file may ask for to try one passphrase, in KiB: 1 GiB, what a small station can spare.
pub const LOCK_MEMORY_MAX_KIB: u32 = 1 << 20;

/// Most passes over that memory: with all of it some ten seconds.
pub const LOCK_PASSES_MAX: u32 = 16;

/// Most lanes of that memory, which are computed one after the other.
pub const LOCK_LANES_MAX: u32 = 4;

/// Most files of a key ring: a station has a few keys and a few owners.
pub const RING_FILE_COUNT_MAX: usize = 1024;

/// Largest policy, in bytes: 4096 stations by their key ids are a third of it.
pub const POLICY_LEN_MAX: usize = 1 << 20;

/// Most ranges of differing bytes of one payload that a comparison lists; the others are counted.
pub const DIFFERENCE_RANGE_COUNT_MAX: usize = 64;
