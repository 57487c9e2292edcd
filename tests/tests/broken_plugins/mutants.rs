//! The template in C, broken in one place at a time: about one mistake for each case of the kit.

/// One broken plugin.
pub struct Mutant {
    /// What is wrong with it.
    pub name: &'static str,
    /// The cases that fail, and no other.
    pub cases: &'static [&'static str],
    /// What the finding says, among other things.
    pub found: &'static str,
    /// File, what it has, and what it has instead.
    pub changes: &'static [(&'static str, &'static str, &'static str)],
}

/// Makes the list from what differs.
macro_rules! mutants {
    ($($name:literal => $($case:literal)+, $found:literal; $($file:literal: $old:literal => $new:literal),+;)+) => {
        pub const MUTANTS: &[Mutant] = &[$(Mutant {
            name: $name,
            cases: &[$($case),+],
            found: $found,
            changes: &[$(($file, $old, $new)),+],
        }),+];
    };
}

mutants! {
    "the entry gives a copy each time" => "entry-is-pure", "and 0x";
        "plugin.c": "    return &plugin;" =>
        "    struct imprint_plugin *copy = malloc(sizeof *copy);\n    *copy = plugin;\n    return copy;";
    "a thread is started at load" => "entry-is-pure", "threads before";
        "plugin.c": "const struct imprint_plugin *imprint_plugin_entry_v1(void)" =>
        "#include <pthread.h>\n#include <unistd.h>\nstatic void *idle(void *x) { for (;;) pause(); return x; }\n\
         __attribute__((constructor)) static void start(void) { pthread_t t; pthread_create(&t, NULL, idle, NULL); }\n\
         const struct imprint_plugin *imprint_plugin_entry_v1(void)";
    "a second symbol is exported" => "symbols", "imprint_more";
        "exports.map": "imprint_plugin_entry_v1;" => "imprint_plugin_entry_v1; imprint_more;",
        "text.c": "int text_is(" => "int imprint_more;\nint text_is(";
    "the entry is of another ABI" => "symbols", "imprint_plugin_entry_v2";
        "exports.map": "imprint_plugin_entry_v1" => "imprint_plugin_entry_v2",
        "plugin.c": "const struct imprint_plugin *imprint_plugin_entry_v1(void)\n{" =>
        "const struct imprint_plugin *imprint_plugin_entry_v2(void);\nconst struct imprint_plugin *imprint_plugin_entry_v2(void)\n{";
    "the magic number is another" => "abi-version", "0x";
        "plugin.c": ".magic = IMPRINT_PLUGIN_MAGIC" => ".magic = 0x12345678";
    "the entry gives null" => "abi-version", "null";
        "plugin.c": "    return &plugin;" => "    (void)plugin;\n    return NULL;";
    "it is of the next major ABI" => "abi-version", "2";
        "plugin.c": ".abi_major = IMPRINT_ABI_MAJOR" => ".abi_major = 2";
    "it wants a host that does not exist" => "abi-version", "7";
        "plugin.c": ".host_minor_min = 0" => ".host_minor_min = 7";
    "the family's size is missing" => "struct-size", "0";
        "plugin.c": ".struct_size = sizeof(struct imprint_family)," => ".struct_size = 0,";
    "the board's size is missing" => "struct-size", "0";
        "board.c": ".struct_size = sizeof(struct imprint_board)," => ".struct_size = 0,";
    "a reserved field is used" => "reserved-is-zero", "3";
        "plugin.c": "    .id = TEXT(\"template.c\")," => "    .reserved = 3,\n    .id = TEXT(\"template.c\"),";
    "the id is a path" => "ids", "../template";
        "plugin.c": ".id = TEXT(\"org.example.template-c\")" => ".id = TEXT(\"../template\")";
    "the version is no version" => "ids", "one";
        "plugin.c": ".version = TEXT(\"0.1.0\")" => ".version = TEXT(\"one\")";
    "an option is there twice" => "ids", "`USER` twice";
        "plugin.c": "    { TEXT(\"USER\"), TEXT(\"A word for free use, written once\") }," =>
        "    { TEXT(\"USER\"), TEXT(\"A word\") }, { TEXT(\"USER\"), TEXT(\"A word\") },";
    "a summary is not UTF-8" => "strings-are-utf8", "\\\\xff";
        "plugin.c": ".summary = TEXT(\"A1 of ACME, an example\")" => ".summary = TEXT(\"A1 \\xff\")";
    "a summary moves the cursor" => "strings-are-utf8", "[2J";
        "plugin.c": ".summary = TEXT(\"A1 of ACME, an example\")" => ".summary = TEXT(\"A1 \\033[2J\")";
    "close is missing" => "required-functions", "null";
        "plugin.c": "    .close = family_close," => "    .close = NULL,";
    "any extension is a board" => "extensions", "0x";
        "plugin.c": "return text_is(id, IMPRINT_EXT_BOARD) ? &a1_board : NULL;" =>
        "(void)id;\n    return &a1_board;";
    "open fails" => "opens", "IMPRINT_E_UNSUPPORTED";
        "plugin.c": "    made = calloc(1, sizeof *made);" =>
        "    if (part != 0)\n        return fail(error, IMPRINT_E_UNSUPPORTED, IMPRINT_NO_ADDRESS, \"not today\");\n    made = calloc(1, sizeof *made);";
    "open reads the chip" => "open-does-not-touch-the-target", "mem_read at 0x1ff00000";
        "plugin.c": "    made->part = (uint32_t)part;" =>
        "    { uint8_t b[4]; (void)host->mem_read(host, PART, b, sizeof b, NULL); }\n    made->part = (uint32_t)part;";
    "close uses the host of open" => "close-does-not-touch-the-target", "calls of a host";
        "plugin.c": "    uint64_t flash_end;\n};" => "    uint64_t flash_end;\n    const struct imprint_host *kept;\n};",
        "plugin.c": "    made->part = (uint32_t)part;" => "    made->kept = host;\n    made->part = (uint32_t)part;",
        "plugin.c": "    free(session);" =>
        "    const struct imprint_host *host = ((struct session *)session)->kept;\n    host->is_cancelled(host);\n    free(session);";
    "a null session is not looked for" => "null-arguments", "SIGSEGV";
        "plugin.c": "    if (self == NULL || host == NULL || text == NULL || len == NULL)" =>
        "    if (host == NULL || text == NULL || len == NULL || self->part == 0)";
    "a null error is written to" => "null-arguments" "board-opens", "SIGSEGV";
        "text.c": "    if (error != NULL && error->struct_size" => "    if (error->struct_size";
    "null is taken for success" => "null-arguments", "IMPRINT_OK";
        "plugin.c": "    if (session == NULL || host == NULL || uid == NULL || len == NULL)\n        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, \"null pointer\");" =>
        "    if (session == NULL || host == NULL || uid == NULL || len == NULL)\n        return IMPRINT_OK;";
    "message_len is what was written" => "short-message-buffer", "0";
        "text.c": "error->message_len = len;" => "error->message_len = cut;";
    "the message goes beyond its buffer" => "short-message-buffer", "after the buffer";
        "text.c": "memcpy(error->message, sentence, cut);" => "memcpy(error->message, sentence, len);";
    "the message is cut within a character" => "short-message-buffer", "\\\\xe2";
        "plugin.c": "\"there is no such option, expected `USER`\"" => "\"no such option \\xe2\\x80\\x93 expected `USER`\"";
    "a short buffer is written anyway" => "short-result-buffer", "after the buffer";
        "plugin.c": "    *len = UID_LEN;\n    if (*len > cap)" => "    *len = UID_LEN;\n    if (cap == 0)";
    "the needed length is not told" => "short-result-buffer", "0";
        "plugin.c": "    *len = UID_LEN;\n    if (*len > cap)" => "    *len = UID_LEN > cap ? 0 : UID_LEN;\n    if (*len == 0)";
    "what lies beyond an old host's table is called" => "old-host", "calls of what lies there";
        "plugin.c": "    if (session == NULL || host == NULL || uid == NULL || len == NULL)" =>
        "    if (host != NULL) { void (*const *next)(void) = (void (*const *)(void))(host + 1); if (*next != NULL) (*next)(); }\n\
         \x20   if (session == NULL || host == NULL || uid == NULL || len == NULL)";
    "a missing property is not named" => "unknown-part", "something is wrong";
        "plugin.c": "    if (status == IMPRINT_E_UNSUPPORTED)\n        return IMPRINT_E_INVALID_ARGUMENT;" =>
        "    if (status == IMPRINT_E_UNSUPPORTED)\n        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, \"something is wrong\");";
    "an odd property ends the process" => "odd-properties", "SIGABRT";
        "plugin.c": "    if (!parse_number(text, len, number))\n" => "    if (!parse_number(text, len, number))\n        abort();\n    if (len == 0)\n";
    "any chip will do" => "identify", "IMPRINT_OK";
        "plugin.c": "    if (part != self->part) {" => "    if (part == 1) {";
    "the identifier is turned around" => "uid", "[18, 17";
        "plugin.c": "    return host->mem_read(host, UID, uid, UID_LEN, error);" =>
        "    for (unsigned i = 0; i < UID_LEN; i++) {\n\
         \x20       status = host->mem_read(host, UID + UID_LEN - 1 - i, uid + i, 1, error);\n\
         \x20       if (status != IMPRINT_OK) return fail(error, status, UID + UID_LEN - 1 - i, \"no answer\");\n    }\n    return IMPRINT_OK;",
        "plugin.c": "static imprint_status family_read_uid(void *session, const struct imprint_host *host, uint8_t *uid,\n                                      size_t cap, size_t *len, struct imprint_error *error)\n{" =>
        "static imprint_status family_read_uid(void *session, const struct imprint_host *host, uint8_t *uid,\n                                      size_t cap, size_t *len, struct imprint_error *error)\n{\n    imprint_status status;";
    "an option is not written" => "options", "0xffffffff";
        "plugin.c": "    return write_cells(host, USER, bytes, sizeof bytes, error);" => "    (void)bytes;\n    return IMPRINT_OK;";
    "an unknown command succeeds" => "commands", "IMPRINT_OK";
        "plugin.c": "static const void *family_extension(" =>
        "static imprint_status family_command(void *session, const struct imprint_host *host, struct imprint_str name,\n\
         \x20   const uint8_t *input, size_t input_len, uint8_t *output, size_t cap, size_t *len, struct imprint_error *error)\n\
         {\n    (void)output, (void)cap;\n\
         \x20   if (session == NULL || host == NULL || name.data == NULL || len == NULL || (input == NULL && input_len != 0))\n\
         \x20       return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, \"null pointer\");\n\
         \x20   *len = 0;\n    return IMPRINT_OK;\n}\n\
         static const struct imprint_named commands[] = { { TEXT(\"blink\"), TEXT(\"Blinks\") } };\n\n\
         static const void *family_extension(",
        "plugin.c": "    .extension = family_extension," =>
        "    .extension = family_extension,\n    .command = family_command,\n    .command_count = 1,\n    .commands = commands,";
    "protect does nothing" => "protection", "false";
        "plugin.c": "    return write_cells(host, LOCK, locked, sizeof locked, error);" => "    (void)locked;\n    return IMPRINT_OK;";
    "erase takes the sector before along" => "erase-and-program", "changed from";
        "plugin.c": "    status = write_word(host, CONTROL, CONTROL_ERASE, error);" =>
        "    if (address + len == self->flash_end && len == SECTOR_LEN) {\n        address -= SECTOR_LEN;\n        len += SECTOR_LEN;\n    }\n\
         \x20   status = write_word(host, CONTROL, CONTROL_ERASE, error);";
    "nobody looks whether it was programmed" => "program-needs-erase", "because it succeeded";
        "plugin.c": "    if (status == IMPRINT_OK && (flags & STATUS_FAILED) != 0)" => "    if (status == IMPRINT_OK && address == 1)";
    "a part of a sector is a sector" => "unaligned-range", "changed from";
        "plugin.c": "    if (address % SECTOR_LEN != 0 || len % SECTOR_LEN != 0)" => "    if (address % SECTOR_LEN != 0)";
    "a range is cut at the end of the flash" => "range-end", "IMPRINT_OK";
        "plugin.c": "    if (address <= self->flash_end && len <= self->flash_end - address)" =>
        "    if (address < self->flash_end)\n        return IMPRINT_OK;\n    if (address == self->flash_end && len == 0)",
        "plugin.c": "    status = write_word(host, CONTROL, CONTROL_ERASE, error);" =>
        "    if (len > self->flash_end - address)\n        len = self->flash_end - address;\n    status = write_word(host, CONTROL, CONTROL_ERASE, error);";
    "nothing is one sector" => "zero-length", "changed from";
        "plugin.c": "    status = write_word(host, CONTROL, CONTROL_ERASE, error);" =>
        "    if (len == 0 && address < self->flash_end)\n        len = SECTOR_LEN;\n    status = write_word(host, CONTROL, CONTROL_ERASE, error);";
    "the end of a range wraps around" => "len-overflow", "IMPRINT_OK";
        "plugin.c": "    if (address <= self->flash_end && len <= self->flash_end - address)" => "    if (address + len <= self->flash_end)";
    "a cancel is waited out" => "cancel-at-every-callback", "further callbacks";
        "plugin.c": "        status = host->delay_us(host, 1000, error);\n        if (status != IMPRINT_OK)\n            return status;\n    }\n    return fail(error, IMPRINT_E_DEVICE, STATUS" =>
        "        status = host->delay_us(host, 1000, error);\n        for (int i = 0; status == IMPRINT_E_CANCELLED && i < 20; i++)\n            status = host->delay_us(host, 1000, error);\n\
         \x20       if (status != IMPRINT_OK)\n            return status;\n    }\n    return fail(error, IMPRINT_E_DEVICE, STATUS";
    "a failure becomes another one" => "fail-at-every-callback", "IMPRINT_E_DEVICE";
        "plugin.c": "    imprint_status status = host->mem_read(host, address, bytes, sizeof bytes, error);" =>
        "    imprint_status status = host->mem_read(host, address, bytes, sizeof bytes, error);\n\n    if (status == IMPRINT_E_TARGET)\n        status = IMPRINT_E_DEVICE;";
    "the address of a failure is lost" => "fail-at-every-callback", "IMPRINT_E_TARGET";
        "plugin.c": "    imprint_status status = host->mem_read(host, address, bytes, sizeof bytes, error);" =>
        "    imprint_status status = host->mem_read(host, address, bytes, sizeof bytes, error);\n\n    if (status == IMPRINT_E_TARGET)\n        return fail(error, status, IMPRINT_NO_ADDRESS, \"no answer\");";
    "a word that was half written stays so" => "power-cut", "IMPRINT_E_DEVICE";
        "plugin.c": "    return write_cells(host, USER, bytes, sizeof bytes, error);" =>
        "    {\n        uint32_t now = 0;\n        status = read_word(host, USER, &now, error);\n\
         \x20       if (status == IMPRINT_OK && now != 0xFFFFFFFFu)\n            status = fail(error, IMPRINT_E_DEVICE, USER, \"it was written before\");\n\
         \x20       if (status != IMPRINT_OK)\n            return status;\n    }\n    return write_cells(host, USER, bytes, sizeof bytes, error);";
    "only the session opened last works" => "two-sessions-in-parallel", "IMPRINT_E_INVALID_ARGUMENT";
        "plugin.c": "static void family_close(" => "static void *last;\nstatic void family_close(",
        "plugin.c": "static imprint_status family_open(" => "static void *last;\nstatic imprint_status family_open(",
        "plugin.c": "    *session = made;" => "    *session = made;\n    last = made;",
        "plugin.c": "    if (session == NULL || host == NULL || uid == NULL || len == NULL)" =>
        "    if (session == NULL || host == NULL || uid == NULL || len == NULL || session != last)";
    "a session belongs to its thread" => "session-moves-between-threads", "IMPRINT_E_INVALID_ARGUMENT";
        "plugin.c": "static imprint_status family_open(" => "static _Thread_local void *mine;\nstatic imprint_status family_open(",
        "plugin.c": "    *session = made;" => "    *session = made;\n    mine = made;",
        "plugin.c": "    if (session == NULL || host == NULL || uid == NULL || len == NULL)" =>
        "    if (session == NULL || host == NULL || uid == NULL || len == NULL || mine == NULL)";
    "it sleeps" => "no-sleep", "it slept";
        "plugin.c": "    return host->mem_read(host, UID, uid, UID_LEN, error);" =>
        "    nanosleep(&(struct timespec){ 0, 2000000 }, NULL);\n    return host->mem_read(host, UID, uid, UID_LEN, error);",
        "plugin.c": "#include \"a1.h\"" => "#define _POSIX_C_SOURCE 199309L\n#include <time.h>\n#include \"a1.h\"";
    "the board takes null for a chip" => "board-opens", "SIGSEGV";
        "board.c": "    if (self == NULL || host == NULL || value == NULL)\n        return IMPRINT_E_INVALID_ARGUMENT;\n    if ((address & ~3u) == CONTROL)" =>
        "    if ((address & ~3u) == CONTROL || self->is_locked)";
    "windows overlap" => "board-windows", "and 0x40001000";
        "board.c": "static const struct imprint_window controller = { CONTROL, STATUS + 4 - CONTROL };" =>
        "static const struct imprint_window controller[] = { { CONTROL, STATUS + 4 - CONTROL }, { CONTROL, 4 } };",
        "board.c": "*windows = &controller;\n    *count = 1;" => "*windows = controller;\n    *count = 2;";
    "a register survives the reset" => "board-reset", "0x00000003";
        "board.c": "    self->control = CONTROL_READ;\n    self->has_failed = 0;\n    self->is_locked" => "    self->has_failed = 0;\n    self->is_locked";
    "each save is another" => "board-keeps-its-state", "other bytes";
        "board.c": "const struct imprint_board a1_board = {" =>
        "static imprint_status board_save(void *session, uint8_t *buffer, size_t cap, size_t *len)\n{\n    static uint8_t count;\n\
         \x20   if (session == NULL || len == NULL)\n        return IMPRINT_E_INVALID_ARGUMENT;\n    *len = 1;\n    if (cap < 1 || buffer == NULL)\n\
         \x20       return IMPRINT_E_INVALID_ARGUMENT;\n    buffer[0] = count++;\n    return IMPRINT_OK;\n}\n\
         static imprint_status board_load(void *session, const uint8_t *data, size_t len)\n{\n\
         \x20   return session == NULL || (data == NULL && len != 0) ? IMPRINT_E_INVALID_ARGUMENT : IMPRINT_OK;\n}\n\
         const struct imprint_board a1_board = {\n    .save = board_save,\n    .load = board_load,";
    "a register counts while the flash is busy" => "board-holds-still", "0x";
        "board.c": "        word = (host->is_busy(host) ? STATUS_BUSY : 0) | (self->has_failed ? STATUS_FAILED : 0);" =>
        "        word = (host->is_busy(host) ? STATUS_BUSY | (uint32_t)(host->now_ns(host) << 2) : 0) | (self->has_failed ? STATUS_FAILED : 0);";
}
