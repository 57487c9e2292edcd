/* The C ABI between Imprint (the host) and a device-family plugin.
 *
 * Generated from plugins/abi. Do not edit: change the Rust files there, then run
 *     IMPRINT_WRITE_HEADER=1 cargo test -p imprint-plugin-abi header
 *
 * A plugin is a shared library that exports one function:
 *     const struct imprint_plugin *imprint_plugin_entry_v1(void);
 * It returns the address of a static, immutable table and does nothing else.
 *
 * Ownership
 * 1. Who allocates frees. No memory changes owner across the boundary.
 * 2. Every pointer argument is valid until the call returns, not longer. That holds for the host table too: it is an
 *    argument of every call and must not be kept.
 * 3. Plugin, family and extension tables and their strings are static and immutable for the life of the process. A
 *    plugin is never unloaded.
 * 4. A session is made by `open` and ended by `close` exactly once. `close` cannot fail and does not touch the target.
 * 5. Calls on one session never overlap and may come from different threads; different sessions run in parallel.
 *
 * Failing
 * Every function that can fail returns `imprint_status` and explains itself in `error`, which may be null. No exception
 * and no panic crosses the boundary: a C++ plugin catches everything in each of its functions.
 *
 * Threads
 * `[session]` functions may be called only by the thread that is inside a call on that session. `[any]` functions may
 * be called by any thread until that call returns. The host's `delay_us` is the only way to wait.
 *
 * Growth
 * Tables grow at the end only. Every table begins with the size its writer compiled it with; a reader asks before it
 * touches a field added after 1.0. A null function pointer means "not offered".
 */

#ifndef IMPRINT_PLUGIN_H
#define IMPRINT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

// A reset that also loads what is loaded at power-on.
#define IMPRINT_RESET_POWER_ON 0

// A reset by the reset line or by the core (AIRCR.SYSRESETREQ).
#define IMPRINT_RESET_SYSTEM 1

// An erase that takes no time of its own, because another one covers it.
#define IMPRINT_ERASE_FREE 0

// Takes the memory's time for one sector.
#define IMPRINT_ERASE_SECTOR 1

// Takes the memory's time for a whole erase.
#define IMPRINT_ERASE_ALL 2

// The debugger reaches everything.
#define IMPRINT_DEBUG_OPEN 0

// The debugger reaches RAM and peripherals; non-volatile memory answers it with a bus fault.
#define IMPRINT_DEBUG_NO_FLASH 1

// The memory access port answers every transfer with a fault.
#define IMPRINT_DEBUG_CLOSED 2

// The transfer comes from the core.
#define IMPRINT_MASTER_CORE 0

// The transfer comes from the debugger, over the memory access port.
#define IMPRINT_MASTER_DEBUGGER 1

// Levels of `imprint_host::log`.
#define IMPRINT_LOG_ERROR 1

// Something a person should look at.
#define IMPRINT_LOG_WARN 2

// What is being done.
#define IMPRINT_LOG_INFO 3

// Detail for who debugs the plugin.
#define IMPRINT_LOG_DEBUG 4

// `imprint_plugin::magic`: the bytes `IMP1` read as a little-endian number.
#define IMPRINT_PLUGIN_MAGIC 827346249

// The major number of this ABI.
#define IMPRINT_ABI_MAJOR 1

// The newest minor number this file describes.
#define IMPRINT_ABI_MINOR 0

// `imprint_error::address` when the failure has no address.
#define IMPRINT_NO_ADDRESS UINT64_MAX

// 0 for success, else one of `IMPRINT_E_*`. An unknown code from a newer side is an ordinary failure.
typedef int32_t imprint_status;

// UTF-8 text: pointer and length, no terminating zero. 16 bytes on 64-bit hosts, passed by value.
struct imprint_str {
  // First byte; may be null when `len` is 0.
  const char *data;
  // Length in bytes.
  size_t len;
};

// Where a callee explains a failure. Owned by the caller, who resets it before the call and reads it only after a
// status other than `IMPRINT_OK`.
struct imprint_error {
  // Size of this struct as the caller compiled it.
  uint32_t struct_size;
  // The callee's own code, for the log; 0 for none.
  uint32_t detail;
  // Target address of the failure, or `IMPRINT_NO_ADDRESS`.
  uint64_t address;
  // The caller's buffer for a sentence in UTF-8, without terminating zero.
  char *message;
  // Capacity of `message` in bytes.
  size_t message_cap;
  // Bytes the whole sentence needs, which may be more than `message_cap`; the text is cut at a character.
  size_t message_len;
};

// A call of code that lies in the target's memory.
struct imprint_call {
  // Size of this struct as the caller compiled it.
  uint32_t struct_size;
  // Longest time to wait for the return, in milliseconds of target time.
  uint32_t timeout_ms;
  // Address of the function; bit 0 is ignored.
  uint64_t entry;
  // Initial stack pointer.
  uint64_t stack;
  // Value of R9, the static base of position-independent code.
  uint64_t static_base;
  // R0 to R3.
  uint64_t args[4];
};

// The host's functions. Every failing function explains itself in `error`, which may be null.
struct imprint_host {
  // Size of this struct as the host compiled it.
  uint32_t struct_size;
  // `IMPRINT_ABI_MAJOR` of the host.
  uint16_t abi_major;
  // `IMPRINT_ABI_MINOR` of the host.
  uint16_t abi_minor;
  // The host's own.
  void *ctx;
  // `[session]` Reads `len` bytes of the target's memory.
  imprint_status (*mem_read)(const struct imprint_host *host,
                             uint64_t address,
                             uint8_t *buffer,
                             size_t len,
                             struct imprint_error *error);
  // `[session]` Writes `len` bytes to the target's memory. Aligned words are written as words; 2 aligned bytes are
  // one transfer of 16 bits, because some flash controllers take nothing else.
  imprint_status (*mem_write)(const struct imprint_host *host,
                              uint64_t address,
                              const uint8_t *buffer,
                              size_t len,
                              struct imprint_error *error);
  // `[session]` Calls code on the target; `result` receives R0.
  imprint_status (*call)(const struct imprint_host *host,
                         const struct imprint_call *call,
                         uint64_t *result,
                         struct imprint_error *error);
  // `[session]` Waits; wakes early with `IMPRINT_E_CANCELLED`. The only way to wait.
  imprint_status (*delay_us)(const struct imprint_host *host,
                             uint64_t us,
                             struct imprint_error *error);
  // `[session]` Reports progress of the current call, in bytes or steps.
  void (*progress)(const struct imprint_host *host, uint64_t done, uint64_t total);
  // `[any]` Writes a line to the log of the unit; `level` is `IMPRINT_LOG_*`.
  void (*log)(const struct imprint_host *host, uint32_t level, struct imprint_str message);
  // `[any]` 1 when the unit is to stop.
  uint8_t (*is_cancelled)(const struct imprint_host *host);
  // `[session]` A property of the device, from `properties` in its description. `len` receives the bytes the
  // value needs; `IMPRINT_E_UNSUPPORTED` when there is none of that name.
  imprint_status (*property)(const struct imprint_host *host,
                             struct imprint_str name,
                             uint8_t *buffer,
                             size_t cap,
                             size_t *len,
                             struct imprint_error *error);
  // `[session]` The table of a host extension (`IMPRINT_EXT_*`), or null. Valid until the call returns.
  const void *(*extension)(const struct imprint_host *host, struct imprint_str id);
};

// Raw access to the debug port and its access ports (ADIv5). Offered in every call that may touch the target, also
// before the target is attached.
struct imprint_debug_port {
  // Size of this struct as the host compiled it.
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // `[session]` Reads debug port register `number` (0x0, 0x4, 0x8, 0xC).
  imprint_status (*dp_read)(const struct imprint_host *host,
                            uint32_t number,
                            uint32_t *value,
                            struct imprint_error *error);
  // `[session]` Writes debug port register `number`.
  imprint_status (*dp_write)(const struct imprint_host *host,
                             uint32_t number,
                             uint32_t value,
                             struct imprint_error *error);
  // `[session]` Reads register `number` (0x00 to 0xFC) of access port `ap`.
  imprint_status (*ap_read)(const struct imprint_host *host,
                            uint32_t ap,
                            uint32_t number,
                            uint32_t *value,
                            struct imprint_error *error);
  // `[session]` Writes register `number` of access port `ap`.
  imprint_status (*ap_write)(const struct imprint_host *host,
                             uint32_t ap,
                             uint32_t number,
                             uint32_t value,
                             struct imprint_error *error);
  // `[session]` Drives the reset line: 1 holds the target in reset, 0 releases it.
  imprint_status (*reset_line)(const struct imprint_host *host,
                               uint8_t asserted,
                               struct imprint_error *error);
};

// Control of the core. Offered once the target is attached.
struct imprint_core {
  // Size of this struct as the host compiled it.
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // `[session]` Halts the core.
  imprint_status (*halt)(const struct imprint_host *host, struct imprint_error *error);
  // `[session]` Lets the core run.
  imprint_status (*run)(const struct imprint_host *host, struct imprint_error *error);
  // `[session]` Executes one instruction.
  imprint_status (*step)(const struct imprint_host *host, struct imprint_error *error);
  // `[session]` Resets the target; `halt` 1 stops it before its first instruction.
  imprint_status (*reset)(const struct imprint_host *host, uint8_t halt, struct imprint_error *error);
  // `[session]` Reads core register `number`, numbered as DCRSR.REGSEL (ARMv7-M Architecture Reference Manual C1.6.3).
  imprint_status (*register_read)(const struct imprint_host *host,
                                  uint32_t number,
                                  uint32_t *value,
                                  struct imprint_error *error);
  // `[session]` Writes core register `number`.
  imprint_status (*register_write)(const struct imprint_host *host,
                                   uint32_t number,
                                   uint32_t value,
                                   struct imprint_error *error);
};

// A name with one sentence about it.
struct imprint_named {
  // The name a script writes.
  struct imprint_str name;
  // One sentence, shown in listings.
  struct imprint_str summary;
};

// One device family.
struct imprint_family {
  // Size of this struct as the plugin compiled it.
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // The id that `family` in a device's description names, for example `nordic.nrf5`.
  struct imprint_str id;
  // One sentence about the family.
  struct imprint_str summary;
  // Number of `options`.
  size_t option_count;
  // Options that `option_read` and `option_write` know.
  const struct imprint_named *options;
  // Number of `commands`.
  size_t command_count;
  // Commands that `command` knows.
  const struct imprint_named *commands;
  // Opens a session for `device`. Does not touch the target. Required.
  imprint_status (*open)(const struct imprint_host *host,
                         struct imprint_str device,
                         void **session,
                         struct imprint_error *error);
  // Ends a session. Required.
  void (*close)(void *session);
  // Reads what chip is there and writes a short description to `text`. `IMPRINT_E_MISMATCH` when it is another
  // device than the session's.
  imprint_status (*identify)(void *session,
                             const struct imprint_host *host,
                             uint8_t *text,
                             size_t cap,
                             size_t *len,
                             struct imprint_error *error);
  // Opens a locked target by erasing it. Only the debug port extension is offered.
  imprint_status (*unlock)(void *session,
                           const struct imprint_host *host,
                           struct imprint_error *error);
  // Reads the unique identifier, in the order the chip's memory has it.
  imprint_status (*read_uid)(void *session,
                             const struct imprint_host *host,
                             uint8_t *uid,
                             size_t cap,
                             size_t *len,
                             struct imprint_error *error);
  // Erases `len` bytes from `address`, whole sectors.
  imprint_status (*erase)(void *session,
                          const struct imprint_host *host,
                          uint64_t address,
                          uint64_t len,
                          struct imprint_error *error);
  // Programs erased memory.
  imprint_status (*program)(void *session,
                            const struct imprint_host *host,
                            uint64_t address,
                            const uint8_t *data,
                            size_t len,
                            struct imprint_error *error);
  // Writes what protects the target against readout. The host resets the target afterwards and proves it.
  imprint_status (*protect)(void *session,
                            const struct imprint_host *host,
                            struct imprint_error *error);
  // Tells whether the target is protected. May be called before the target is attached.
  imprint_status (*is_protected)(void *session,
                                 const struct imprint_host *host,
                                 uint8_t *is_protected,
                                 struct imprint_error *error);
  // Reads an option by name.
  imprint_status (*option_read)(void *session,
                                const struct imprint_host *host,
                                struct imprint_str name,
                                uint64_t *value,
                                struct imprint_error *error);
  // Writes an option by name.
  imprint_status (*option_write)(void *session,
                                 const struct imprint_host *host,
                                 struct imprint_str name,
                                 uint64_t value,
                                 struct imprint_error *error);
  // Runs one of the family's own commands.
  imprint_status (*command)(void *session,
                            const struct imprint_host *host,
                            struct imprint_str name,
                            const uint8_t *input,
                            size_t input_len,
                            uint8_t *output,
                            size_t output_cap,
                            size_t *output_len,
                            struct imprint_error *error);
  // The table of a family extension (`IMPRINT_EXT_BOARD`), or null. Static for the life of the process.
  const void *(*extension)(struct imprint_str id);
};

// A plugin: one or more device families in one shared library.
struct imprint_plugin {
  // `IMPRINT_PLUGIN_MAGIC`.
  uint32_t magic;
  // Size of this struct as the plugin compiled it.
  uint32_t struct_size;
  // `IMPRINT_ABI_MAJOR`.
  uint16_t abi_major;
  // Newest minor the plugin was compiled against.
  uint16_t abi_minor;
  // Oldest host minor the plugin accepts.
  uint16_t host_minor_min;
  // 0.
  uint16_t reserved;
  // Reverse domain name, `^[a-z0-9]+(\.[a-z0-9-]+)+$`, for example `org.imprint.nordic-nrf5`.
  struct imprint_str id;
  // Semantic version of the plugin.
  struct imprint_str version;
  // Number of `families`.
  size_t family_count;
  // The families.
  const struct imprint_family *const *families;
};

// Addresses whose reads and writes the board answers.
struct imprint_window {
  // First address.
  uint64_t start;
  // Length in bytes.
  uint64_t len;
};

// What the twin offers a board during a call. Addresses are the chip's. Cells are the bytes of non-volatile memory.
struct imprint_board_host {
  // Size of this struct as the host compiled it.
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // The host's own.
  void *ctx;
  // Virtual time since power-on, in nanoseconds.
  uint64_t (*now_ns)(const struct imprint_board_host *host);
  // 1 while a flash operation is under way.
  uint8_t (*is_busy)(const struct imprint_board_host *host);
  // Reads cells or RAM, without protection, time or side effects.
  imprint_status (*peek)(const struct imprint_board_host *host,
                         uint64_t address,
                         uint8_t *buffer,
                         size_t len);
  // Sets cells or RAM as the factory does, without time.
  imprint_status (*poke)(const struct imprint_board_host *host,
                         uint64_t address,
                         const uint8_t *data,
                         size_t len);
  // Programs cells: bits go from 1 to 0 only. Takes the memory's time for one programming unit.
  imprint_status (*program)(const struct imprint_board_host *host,
                            uint64_t address,
                            const uint8_t *data,
                            size_t len);
  // Erases cells. `time` is `IMPRINT_ERASE_*`.
  imprint_status (*erase)(const struct imprint_board_host *host,
                          uint64_t address,
                          uint64_t len,
                          uint32_t time);
  // Sets what the debugger reaches, `IMPRINT_DEBUG_*`.
  void (*set_debug_access)(const struct imprint_board_host *host, uint32_t access);
  // Sets the clock of the core in kHz and the wait states of a flash read in core cycles.
  void (*set_core_clock)(const struct imprint_board_host *host,
                         uint32_t khz,
                         uint32_t flash_wait_states);
  // Drives an interrupt line of the NVIC.
  void (*set_interrupt)(const struct imprint_board_host *host, uint32_t line, uint8_t level);
  // Resets the chip after this call, `IMPRINT_RESET_*`.
  void (*request_reset)(const struct imprint_board_host *host, uint32_t kind);
  // A property of the device, as `imprint_host::property`.
  imprint_status (*property)(const struct imprint_board_host *host,
                             struct imprint_str name,
                             uint8_t *buffer,
                             size_t cap,
                             size_t *len);
};

// The extension table. A status other than `IMPRINT_OK` from `read`, `write` or `cell_write` is a bus fault.
struct imprint_board {
  // Size of this struct as the plugin compiled it.
  uint32_t struct_size;
  // 0.
  uint32_t reserved;
  // Makes the peripherals of one chip, with the unique identifier this chip has, and pokes what the factory
  // programs.
  imprint_status (*open)(const struct imprint_board_host *host,
                         struct imprint_str device,
                         const uint8_t *uid,
                         size_t uid_len,
                         void **session,
                         struct imprint_error *error);
  // Ends it.
  void (*close)(void *session);
  // The windows of `read` and `write`; valid until `close`.
  imprint_status (*windows)(void *session, const struct imprint_window **windows, size_t *count);
  // The chip was reset, `IMPRINT_RESET_*`.
  imprint_status (*reset)(void *session, const struct imprint_board_host *host, uint32_t kind);
  // A read of `size` 1, 2 or 4 bytes inside a window. `master` is `IMPRINT_MASTER_*`.
  imprint_status (*read)(void *session,
                         const struct imprint_board_host *host,
                         uint32_t master,
                         uint32_t address,
                         uint32_t size,
                         uint32_t *value);
  // A write inside a window.
  imprint_status (*write)(void *session,
                          const struct imprint_board_host *host,
                          uint32_t master,
                          uint32_t address,
                          uint32_t size,
                          uint32_t value);
  // A write to a non-volatile memory, which the flash controller takes or refuses.
  imprint_status (*cell_write)(void *session,
                               const struct imprint_board_host *host,
                               uint32_t master,
                               uint32_t address,
                               uint32_t size,
                               uint32_t value);
  // Reads register `number` of a further access port; `IMPRINT_E_UNSUPPORTED` where there is none.
  imprint_status (*ap_read)(void *session,
                            const struct imprint_board_host *host,
                            uint32_t ap,
                            uint32_t number,
                            uint32_t *value);
  // Writes register `number` of a further access port.
  imprint_status (*ap_write)(void *session,
                             const struct imprint_board_host *host,
                             uint32_t ap,
                             uint32_t number,
                             uint32_t value);
  // Writes the state that survives a power cycle and is not in cells; `len` receives what is needed.
  imprint_status (*save)(void *session, uint8_t *buffer, size_t cap, size_t *len);
  // Takes back what `save` wrote.
  imprint_status (*load)(void *session, const uint8_t *data, size_t len);
};

// Success.
#define IMPRINT_OK 0

// An argument is null, out of range or not UTF-8.
#define IMPRINT_E_INVALID_ARGUMENT 1

// The callee panicked; the session is poisoned and only `close` is left.
#define IMPRINT_E_PANIC 2

// The callee does not offer this.
#define IMPRINT_E_UNSUPPORTED 3

// The user cancelled, or the deadline of the unit passed.
#define IMPRINT_E_CANCELLED 4

// The probe or the target did not answer.
#define IMPRINT_E_TARGET 5

// The device reported that erase, program or another operation failed.
#define IMPRINT_E_DEVICE 6

// Something was read that is not what was expected; `address` is the first difference.
#define IMPRINT_E_MISMATCH 7

// The target is protected against debug access.
#define IMPRINT_E_LOCKED 8

// Id of an extension table.
#define IMPRINT_EXT_DEBUG_PORT "imprint.debug-port/1"

// Id of an extension table.
#define IMPRINT_EXT_CORE "imprint.core/1"

// Id of an extension table.
#define IMPRINT_EXT_BOARD "imprint.board/1"

// The exported function.
#ifdef __cplusplus
extern "C"
#endif
const struct imprint_plugin *imprint_plugin_entry_v1(void);

#if UINTPTR_MAX == UINT64_MAX && !defined(__cplusplus)
_Static_assert(sizeof(struct imprint_str) == 16, "imprint_str");
_Static_assert(offsetof(struct imprint_str, len) == 8, "imprint_str.len");
_Static_assert(sizeof(struct imprint_error) == 40, "imprint_error");
_Static_assert(offsetof(struct imprint_error, address) == 8, "imprint_error.address");
_Static_assert(offsetof(struct imprint_error, message_len) == 32, "imprint_error.message_len");
_Static_assert(sizeof(struct imprint_call) == 64, "imprint_call");
_Static_assert(offsetof(struct imprint_call, entry) == 8, "imprint_call.entry");
_Static_assert(offsetof(struct imprint_call, args) == 32, "imprint_call.args");
_Static_assert(sizeof(struct imprint_host) == 88, "imprint_host");
_Static_assert(offsetof(struct imprint_host, mem_read) == 16, "imprint_host.mem_read");
_Static_assert(offsetof(struct imprint_host, extension) == 80, "imprint_host.extension");
_Static_assert(sizeof(struct imprint_debug_port) == 48, "imprint_debug_port");
_Static_assert(offsetof(struct imprint_debug_port, dp_read) == 8, "imprint_debug_port.dp_read");
_Static_assert(offsetof(struct imprint_debug_port, reset_line) == 40, "imprint_debug_port.reset_line");
_Static_assert(sizeof(struct imprint_core) == 56, "imprint_core");
_Static_assert(offsetof(struct imprint_core, halt) == 8, "imprint_core.halt");
_Static_assert(offsetof(struct imprint_core, register_write) == 48, "imprint_core.register_write");
_Static_assert(sizeof(struct imprint_named) == 32, "imprint_named");
_Static_assert(offsetof(struct imprint_named, summary) == 16, "imprint_named.summary");
_Static_assert(sizeof(struct imprint_family) == 176, "imprint_family");
_Static_assert(offsetof(struct imprint_family, open) == 72, "imprint_family.open");
_Static_assert(offsetof(struct imprint_family, extension) == 168, "imprint_family.extension");
_Static_assert(sizeof(struct imprint_plugin) == 64, "imprint_plugin");
_Static_assert(offsetof(struct imprint_plugin, id) == 16, "imprint_plugin.id");
_Static_assert(offsetof(struct imprint_plugin, families) == 56, "imprint_plugin.families");
_Static_assert(sizeof(struct imprint_window) == 16, "imprint_window");
_Static_assert(offsetof(struct imprint_window, len) == 8, "imprint_window.len");
_Static_assert(sizeof(struct imprint_board_host) == 104, "imprint_board_host");
_Static_assert(offsetof(struct imprint_board_host, now_ns) == 16, "imprint_board_host.now_ns");
_Static_assert(offsetof(struct imprint_board_host, property) == 96, "imprint_board_host.property");
_Static_assert(sizeof(struct imprint_board) == 96, "imprint_board");
_Static_assert(offsetof(struct imprint_board, open) == 8, "imprint_board.open");
_Static_assert(offsetof(struct imprint_board, load) == 88, "imprint_board.load");
#endif

#endif  /* IMPRINT_PLUGIN_H */
