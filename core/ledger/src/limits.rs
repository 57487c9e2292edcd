//! Every bound on foreign data, in one place.
//!
//! All of them hold before memory is allocated: a reader takes from the file what is there, never what a length field
//! promises.

/// Longest unique id of a target, in bytes. Chips have 8 to 16, certified secure elements up to 32; the rest is room.
pub const UID_LEN_MAX: usize = 64;

/// Most serial numbers, and most lists of values, that one unit may draw from: as many as a recipe may name.
pub const SERIAL_COUNT_MAX: usize = 256;

/// Most indices that one unit may draw of all its serial numbers together. A unit with a number for each of its network
/// interfaces has some dozens.
pub const INDEX_COUNT_MAX: usize = 1024;

/// Most attempts that are open at once: more than one machine has slots.
pub const OPEN_COUNT_MAX: usize = 1024;

/// Most targets of one deployment that failed or were left in the middle and are remembered by their UID. Beyond that a
/// station is not producing, and its state would grow without end.
pub const BOUND_COUNT_MAX: usize = 65_536;

/// How far a clock may step back and still be believed, in seconds. Two slots that read it at the same time may be heard in
/// either order. Nothing is gained by it: a window is held against the latest time seen, never an earlier one.
pub const CLOCK_STEP_BACK_MAX_S: u64 = 2;

/// Largest body of a journal frame, in bytes: the records of one unit at their largest are a tenth of it.
pub const FRAME_BODY_LEN_MAX: usize = 1 << 20;

/// Most bytes that are hashed to see whether a later frame lies behind a spoilt one. Of what a crash leaves, next to nothing
/// looks like a frame; bytes that are made to look like one everywhere are damage.
pub const TAIL_HASHED_LEN_MAX: usize = 16 << 20;

/// Most records in one frame: more than slots could have waiting for one write.
pub const FRAME_RECORD_COUNT_MAX: usize = 1024;

/// Largest count, ordinal or sequence number that is believed of a snapshot: more than could be made in the age of the world,
/// and sums of them do not overflow.
pub const COUNT_MAX: u64 = 1 << 56;

/// Most items of a list in a message of the permit protocol: permits of a lease, outcomes of a batch, entries of the log. A
/// station at one unit a second is offline for more than an hour before it has to send in pieces.
pub const LIST_COUNT_MAX: usize = 4096;

/// Largest message of the permit protocol, in bytes: the longest list at its largest items, which is the limit of a frame.
pub const MESSAGE_LEN_MAX: usize = FRAME_BODY_LEN_MAX;

/// Requests of one station whose hashes the cloud keeps, to tell a message that came late from a station that lives twice.
/// A network that holds a message back while 64 others pass is not known.
pub const REQUEST_HASH_COUNT_MAX: usize = 64;
