/* A device-family plugin in C: what a programmer does to an A1, and the table that the library exports.
 *
 * Four rules, of which the header says more: the host table is an argument of each call and is not kept; who allocates
 * frees; a null function says "not offered"; each table begins with the size it was compiled with.
 *
 * Build with `make`, check with `imprint plugin check`.
 */
#include "a1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest erase in the datasheet: 40 ms, with room. */
#define ERASE_TIMEOUT_MS 200u
/* Bytes that go over the wire between two signs of progress. */
#define PIECE_LEN 1024u
/* The longest time that the debug domain takes to power up. */
#define POWER_UP_TIMEOUT_MS 100u

/* Debug port: CTRL/STAT, its two requests, their two acknowledgements (ADIv5.2, B2.2.2). */
#define DP_CTRL_STAT 0x4u
#define POWER_UP_REQUEST 0x50000000u
#define POWER_UP_ACK 0xA0000000u

/* What a session pointer points to: what the device file says. The host table is not kept. */
struct session {
    uint32_t part;
    uint64_t flash_end;
};

/* ---- words of the target ---- */

static imprint_status read_word(const struct imprint_host *host, uint64_t address, uint32_t *value,
                                struct imprint_error *error)
{
    uint8_t bytes[4];
    imprint_status status = host->mem_read(host, address, bytes, sizeof bytes, error);

    if (status == IMPRINT_OK)
        *value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                 (uint32_t)bytes[3] << 24;
    return status;
}

static imprint_status write_word(const struct imprint_host *host, uint64_t address, uint32_t value,
                                 struct imprint_error *error)
{
    const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                               (uint8_t)(value >> 24) };

    return host->mem_write(host, address, bytes, sizeof bytes, error);
}

static imprint_status wait_until_ready(const struct imprint_host *host, struct imprint_error *error)
{
    for (uint32_t ms = 0; ms <= ERASE_TIMEOUT_MS; ms++) {
        uint32_t flags = 0;
        imprint_status status = read_word(host, STATUS, &flags, error);
        if (status != IMPRINT_OK || (flags & STATUS_BUSY) == 0)
            return status;
        status = host->delay_us(host, 1000, error);
        if (status != IMPRINT_OK)
            return status;
    }
    return fail(error, IMPRINT_E_DEVICE, STATUS, "the flash is still busy");
}

/* ---- open and close ---- */

static imprint_status number_property(const struct imprint_host *host, struct imprint_str name,
                                      uint64_t *number, struct imprint_error *error)
{
    char text[NUMBER_CAP];
    size_t len = 0;
    imprint_status status =
        host->property(host, name, (uint8_t *)text, sizeof text - 1, &len, error);

    /* The host has named the property that is not there. */
    if (status == IMPRINT_E_UNSUPPORTED)
        return IMPRINT_E_INVALID_ARGUMENT;
    if (status != IMPRINT_OK)
        return status;
    if (!parse_number(text, len, number))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "a property of the device's description is not a number");
    return IMPRINT_OK;
}

static imprint_status family_open(const struct imprint_host *host, struct imprint_str device,
                                  void **session, struct imprint_error *error)
{
    static const struct imprint_str part_name = PROPERTY_PART;
    static const struct imprint_str flash_end_name = PROPERTY_FLASH_END;
    uint64_t part = 0;
    uint64_t flash_end = 0;
    imprint_status status;
    struct session *made;

    if (host == NULL || session == NULL || device.data == NULL || host->struct_size < sizeof *host)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    *session = NULL;
    status = number_property(host, part_name, &part, error);
    if (status == IMPRINT_OK)
        status = number_property(host, flash_end_name, &flash_end, error);
    if (status != IMPRINT_OK)
        return status;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, IMPRINT_E_DEVICE, IMPRINT_NO_ADDRESS, "out of memory");
    made->part = (uint32_t)part;
    made->flash_end = flash_end;
    *session = made;
    return IMPRINT_OK;
}

static void family_close(void *session)
{
    free(session);
}

/* ---- identity ---- */

static imprint_status family_identify(void *session, const struct imprint_host *host, uint8_t *text,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    const struct session *self = session;
    char found[32];
    uint32_t part = 0;
    imprint_status status;

    if (self == NULL || host == NULL || text == NULL || len == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    status = read_word(host, PART, &part, error);
    if (status != IMPRINT_OK)
        return status;
    if (part != self->part) {
        char sentence[80];
        snprintf(sentence, sizeof sentence, "the part number is 0x%08x, expected 0x%08x",
                 (unsigned)part, (unsigned)self->part);
        return fail(error, IMPRINT_E_MISMATCH, PART, sentence);
    }
    *len = (size_t)snprintf(found, sizeof found, "A1, part 0x%08x", (unsigned)part);
    if (*len > cap)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "the buffer is too small");
    memcpy(text, found, *len);
    return IMPRINT_OK;
}

static imprint_status family_read_uid(void *session, const struct imprint_host *host, uint8_t *uid,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    if (session == NULL || host == NULL || uid == NULL || len == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    *len = UID_LEN;
    if (*len > cap)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "the buffer is too small");
    return host->mem_read(host, UID, uid, UID_LEN, error);
}

/* ---- flash ---- */

/* Refuses what does not lie in the flash altogether; also a range that wraps around the end of the address space. */
static imprint_status within_flash(const struct session *self, uint64_t address, uint64_t len,
                                   struct imprint_error *error)
{
    if (address <= self->flash_end && len <= self->flash_end - address)
        return IMPRINT_OK;
    return fail(error, IMPRINT_E_INVALID_ARGUMENT, address, "the range does not lie in the flash");
}

static imprint_status family_erase(void *session, const struct imprint_host *host, uint64_t address,
                                   uint64_t len, struct imprint_error *error)
{
    const struct session *self = session;
    imprint_status status;

    if (self == NULL || host == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    status = within_flash(self, address, len, error);
    if (status != IMPRINT_OK)
        return status;
    if (address % SECTOR_LEN != 0 || len % SECTOR_LEN != 0)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, address, "these are not whole sectors");
    status = write_word(host, CONTROL, CONTROL_ERASE, error);
    for (uint64_t done = 0; status == IMPRINT_OK && done < len; done += SECTOR_LEN) {
        status = write_word(host, ERASE, (uint32_t)(address + done), error);
        if (status == IMPRINT_OK)
            status = wait_until_ready(host, error);
        if (status == IMPRINT_OK)
            host->progress(host, done + SECTOR_LEN, len);
    }
    if (status != IMPRINT_OK)
        return status;
    return write_word(host, CONTROL, CONTROL_READ, error);
}

static imprint_status check_programmed(const struct imprint_host *host, uint64_t address,
                                       struct imprint_error *error)
{
    uint32_t flags = 0;
    imprint_status status = read_word(host, STATUS, &flags, error);

    if (status == IMPRINT_OK && (flags & STATUS_FAILED) != 0)
        return fail(error, IMPRINT_E_DEVICE, address, "a word from here on is not erased");
    return status;
}

/* Programs erased cells, whole words: what lies before and behind the data in them is left as it is by ones. The bus of
 * this chip stalls while a word is programmed, so there is nothing to poll; whether it was done, the chip says. */
static imprint_status write_cells(const struct imprint_host *host, uint64_t address,
                                  const uint8_t *data, size_t len, struct imprint_error *error)
{
    uint64_t first = address - address % 4;
    uint64_t end = (address + len + 3) / 4 * 4;
    imprint_status status = write_word(host, CONTROL, CONTROL_PROGRAM, error);

    for (uint64_t at = first; status == IMPRINT_OK && at < end; at += PIECE_LEN) {
        uint8_t piece[PIECE_LEN];
        size_t piece_len = end - at < PIECE_LEN ? (size_t)(end - at) : PIECE_LEN;
        for (size_t i = 0; i < piece_len; i++) {
            int is_data = at + i >= address && at + i - address < len;
            piece[i] = is_data ? data[at + i - address] : 0xFF;
        }
        status = host->mem_write(host, at, piece, piece_len, error);
        if (status == IMPRINT_OK)
            status = check_programmed(host, at, error);
        if (status == IMPRINT_OK)
            host->progress(host, at + piece_len - first, end - first);
    }
    if (status != IMPRINT_OK)
        return status;
    return write_word(host, CONTROL, CONTROL_READ, error);
}

static imprint_status family_program(void *session, const struct imprint_host *host,
                                     uint64_t address, const uint8_t *data, size_t len,
                                     struct imprint_error *error)
{
    imprint_status status;

    if (session == NULL || host == NULL || (data == NULL && len != 0))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    status = within_flash(session, address, len, error);
    return status == IMPRINT_OK ? write_cells(host, address, data, len, error) : status;
}

/* ---- protection ---- */

/* The debug port, powered up. It is what is left of a locked chip. */
static imprint_status debug_port(const struct imprint_host *host,
                                 const struct imprint_debug_port **port,
                                 struct imprint_error *error)
{
    static const struct imprint_str id = TEXT(IMPRINT_EXT_DEBUG_PORT);
    imprint_status status;
    uint32_t value = 0;

    *port = host->extension(host, id);
    if (*port == NULL)
        return fail(error, IMPRINT_E_UNSUPPORTED, IMPRINT_NO_ADDRESS,
                    "this probe gives no access to the debug port");
    status = (*port)->dp_read(host, DP_CTRL_STAT, &value, error);
    if (status != IMPRINT_OK || (value & POWER_UP_ACK) == POWER_UP_ACK)
        return status;
    status = (*port)->dp_write(host, DP_CTRL_STAT, POWER_UP_REQUEST, error);
    for (uint32_t ms = 0; status == IMPRINT_OK && ms < POWER_UP_TIMEOUT_MS; ms++) {
        status = (*port)->dp_read(host, DP_CTRL_STAT, &value, error);
        if (status != IMPRINT_OK || (value & POWER_UP_ACK) == POWER_UP_ACK)
            return status;
        status = host->delay_us(host, 1000, error);
    }
    if (status != IMPRINT_OK)
        return status;
    return fail(error, IMPRINT_E_TARGET, IMPRINT_NO_ADDRESS,
                "the debug domain of the target does not power up");
}

static imprint_status family_protect(void *session, const struct imprint_host *host,
                                     struct imprint_error *error)
{
    static const uint8_t locked[4] = { 0, 0, 0, 0 };

    if (session == NULL || host == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    return write_cells(host, LOCK, locked, sizeof locked, error);
}

static imprint_status family_is_protected(void *session, const struct imprint_host *host,
                                          uint8_t *is_protected, struct imprint_error *error)
{
    const struct imprint_debug_port *port;
    imprint_status status;
    uint32_t flags = 0;

    if (session == NULL || host == NULL || is_protected == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    status = debug_port(host, &port, error);
    if (status == IMPRINT_OK)
        status = port->ap_read(host, PORT, PORT_STATUS, &flags, error);
    if (status == IMPRINT_OK)
        *is_protected = (flags & PORT_LOCKED) != 0;
    return status;
}

static imprint_status family_unlock(void *session, const struct imprint_host *host,
                                    struct imprint_error *error)
{
    const struct imprint_debug_port *port;
    uint8_t is_protected = 0;
    imprint_status status = family_is_protected(session, host, &is_protected, error);

    /* A chip that is not locked is not erased. */
    if (status != IMPRINT_OK || !is_protected)
        return status;
    status = debug_port(host, &port, error);
    if (status == IMPRINT_OK)
        status = port->ap_write(host, PORT, PORT_ERASE, 1, error);
    for (uint32_t ms = 0; status == IMPRINT_OK && ms < ERASE_TIMEOUT_MS; ms++) {
        uint32_t flags = 0;
        status = port->ap_read(host, PORT, PORT_STATUS, &flags, error);
        /* Neither busy nor locked. */
        if (status != IMPRINT_OK || flags == 0)
            return status;
        status = host->delay_us(host, 1000, error);
    }
    if (status != IMPRINT_OK)
        return status;
    return fail(error, IMPRINT_E_DEVICE, IMPRINT_NO_ADDRESS,
                "the chip is still busy or locked after it was told to erase itself");
}

/* ---- the option USER ---- */

static imprint_status is_user(void *session, const struct imprint_host *host,
                              struct imprint_str name, struct imprint_error *error)
{
    if (session == NULL || host == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    if (!text_is(name, "USER"))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "there is no such option, expected `USER`");
    return IMPRINT_OK;
}

static imprint_status family_option_read(void *session, const struct imprint_host *host,
                                         struct imprint_str name, uint64_t *value,
                                         struct imprint_error *error)
{
    uint32_t user = 0;
    imprint_status status = is_user(session, host, name, error);

    if (status == IMPRINT_OK && value == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    if (status == IMPRINT_OK)
        status = read_word(host, USER, &user, error);
    if (status == IMPRINT_OK)
        *value = user;
    return status;
}

static imprint_status family_option_write(void *session, const struct imprint_host *host,
                                          struct imprint_str name, uint64_t value,
                                          struct imprint_error *error)
{
    const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                               (uint8_t)(value >> 24) };
    imprint_status status = is_user(session, host, name, error);

    if (status != IMPRINT_OK)
        return status;
    if (value > UINT32_MAX)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "the user word has 32 bits");
    return write_cells(host, USER, bytes, sizeof bytes, error);
}

/* ---- what the library exports ---- */

static const void *family_extension(struct imprint_str id)
{
    return text_is(id, IMPRINT_EXT_BOARD) ? &a1_board : NULL;
}

static const struct imprint_named options[] = {
    { TEXT("USER"), TEXT("A word for free use, written once") },
};

static const struct imprint_family family = {
    .struct_size = sizeof(struct imprint_family),
    .id = TEXT("template.c"),
    .summary = TEXT("A1 of ACME, an example"),
    .option_count = sizeof options / sizeof options[0],
    .options = options,
    .open = family_open,
    .close = family_close,
    .identify = family_identify,
    .unlock = family_unlock,
    .read_uid = family_read_uid,
    .erase = family_erase,
    .program = family_program,
    .protect = family_protect,
    .is_protected = family_is_protected,
    .option_read = family_option_read,
    .option_write = family_option_write,
    .extension = family_extension,
};

static const struct imprint_family *const families[] = { &family };

static const struct imprint_plugin plugin = {
    .magic = IMPRINT_PLUGIN_MAGIC,
    .struct_size = sizeof(struct imprint_plugin),
    .abi_major = IMPRINT_ABI_MAJOR,
    .abi_minor = IMPRINT_ABI_MINOR,
    .host_minor_min = 0,
    .id = TEXT("org.example.template-c"),
    .version = TEXT("0.1.0"),
    .family_count = sizeof families / sizeof families[0],
    .families = families,
};

const struct imprint_plugin *imprint_plugin_entry_v1(void)
{
    return &plugin;
}
