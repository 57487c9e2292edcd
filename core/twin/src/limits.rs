//! The bounds of the twin, each with its reason.

/// Longest memory of a chip: the code region and the SRAM region of the architecture are 512 MiB, no
/// microcontroller this twin serves has more than a few MiB, and cells are kept in host memory.
pub const MEMORY_LEN_MAX: u64 = 64 << 20;

/// External interrupts of the largest NVIC (ARMv7-M, B3.4.1: 240 lines for a Cortex-M core).
pub const INTERRUPT_COUNT_MAX: u32 = 240;

/// Comparators for code addresses that FP_CTRL of revision 1 can name (ARMv7-M, C1.11.3: 7 bits).
pub const BREAKPOINT_COUNT_MAX: u32 = 127;

/// How often the probe repeats a transfer that is answered with WAIT before it gives up.
/// probe-rs configures CMSIS-DAP probes so (`wait_retry`).
pub const WAIT_RETRY_COUNT: u64 = 0xFFFF;

/// Most WAIT answers in a row of a random fault: a bus that is busy for a moment, well within the probe's retries.
pub const RANDOM_WAIT_COUNT_MAX: u64 = 8;

/// Smallest USB packet: full speed with one CMSIS-DAP v2 bulk endpoint.
pub const PACKET_LEN_MIN: usize = 64;

/// Largest USB packet: high speed with room for what probes report.
pub const PACKET_LEN_MAX: usize = 1024;

/// Faults one board can have: a person writes them; more is a mistake.
pub const FAULT_COUNT_MAX: usize = 64;

/// Longest loop that is recognised as waiting, in instructions. Polling loops of flash algorithms have 3 to 12.
pub const IDLE_LOOP_LEN_MAX: u64 = 32;

/// Instructions between two looks for a waiting loop: rare enough to cost nothing, often enough that a wait of
/// milliseconds costs microseconds.
pub const IDLE_LOOK_INTERVAL: u64 = 4096;

/// The same while the flash is busy. Programming a word takes some 1000 instructions of polling, so the loop must be
/// found within a few.
pub const BUSY_LOOK_INTERVAL: u64 = 16;

/// Longest latency of a link, in nanoseconds: beyond a second it is no link to a probe.
pub const LATENCY_NS_MAX: u64 = 1_000_000_000;

/// Clock of the wire, in kHz: slower than any probe, to the fastest that a Cortex-M debug port takes.
pub const CLOCK_KHZ_MIN: u32 = 1;
/// Upper end of the clock of the wire, in kHz.
pub const CLOCK_KHZ_MAX: u32 = 50_000;

/// Longest unique identifier, in bytes: no vendor has more than 16.
pub const UID_LEN_MAX: usize = 64;

/// Longest message of a foreign client, in bytes: a Glasgow frame or a line of pyOCD. Both send a block of at most 4 KiB
/// of memory at a time, which takes them less than 16 KiB.
pub const SERVE_MESSAGE_LEN_MAX: usize = 256 << 10;

/// Most words that a foreign client reads with one request: 64 KiB, more than an access port counts up by itself.
pub const SERVE_BLOCK_LEN_MAX: usize = 16 << 10;

/// Test access ports of a chip beside the debug port's: real ones have one or two.
pub const TEST_ACCESS_PORT_COUNT_MAX: usize = 8;

/// Longest instruction register of a test access port, in bits: real ones have 4 to 8.
pub const INSTRUCTION_LEN_MAX: u32 = 32;

/// Most time that passes on a served board between two messages of its clients, in nanoseconds. A chip runs while a
/// debugger pauses; one that nobody has spoken to for an hour need not be computed for an hour.
pub const SERVE_IDLE_NS_MAX: u64 = 100_000_000;

/// Slowest wire of a served board, in kHz. The core runs on during each transfer, which nobody could end on a slower one.
pub const SERVE_CLOCK_KHZ_MIN: u32 = 100;
