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

/// Most memories of one device; the largest have some twenty.
pub const MEMORIES_MAX: usize = 64;

/// Most algorithms of one device; the largest have some twenty.
pub const ALGORITHMS_MAX: usize = 64;

/// Most bytes of all algorithms of one device: some hundred kilobytes each.
pub const ALGORITHMS_LEN_MAX: usize = 16 << 20;

/// Most memories and algorithms of all devices of a pack together: what a family has, each of its devices inherits.
pub const INHERITED_MAX: usize = 200_000;

/// Longest tag of a package description, in bytes: a parser compares each attribute with all before it.
pub const TAG_LEN_MAX: usize = 16 << 10;

/// Most lines of a target description: the largest of probe-rs has a hundred thousand.
pub const LINES_MAX: usize = 250_000;

/// Deepest nesting of brackets in a target description: it has none beyond one or two.
pub const BRACKETS_MAX: usize = 32;

/// Longest name of a device or an algorithm, in letters: it becomes the name of a file.
pub const NAME_LEN_MAX: usize = 100;
