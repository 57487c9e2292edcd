//! Bounds on foreign descriptions, each with its reason. They hold before memory is allocated.

/// Largest file that is read, in bytes: the largest packs have some hundred megabytes, of documents and examples.
pub const FILE_LEN_MAX: usize = 512 << 20;

/// Largest package description or target description, in bytes: the largest of probe-rs has four megabytes.
pub const TEXT_LEN_MAX: u64 = 8 << 20;

/// Most elements, texts and comments of a package description: each takes some hundred bytes, however short it is. The
/// largest descriptions have a hundred thousand.
pub const XML_NODES_MAX: u32 = 300_000;

/// Largest flash algorithm file, in bytes: with debug information some hundred kilobytes.
pub const FLM_LEN_MAX: u64 = 8 << 20;

/// Largest code of an algorithm, in bytes: it has to fit into the RAM of a microcontroller.
pub const CODE_LEN_MAX: u64 = 1 << 20;

/// Most devices of one description: the largest has a few thousand.
pub const DEVICES_MAX: usize = 16 << 10;

/// Most sectors of one memory: the table of an FLM has room for 512 entries, each of which stands for a run.
pub const SECTOR_RUNS_MAX: usize = 512;
