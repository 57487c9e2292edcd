/* The chip's own part of a virtual A1: factory data, flash controller, lock, access port 1.
 *
 * Written from the datasheet and not from plugin.c, or both would share one mistake.
 */
#include "a1.h"

#include <stdlib.h>
#include <string.h>

/* What is not in cells. */
struct board {
    uint32_t flash_len;
    uint32_t control;
    int has_failed;
    /* The lock as it was at the last reset: only a reset arms it. */
    int is_locked;
};

static imprint_status number_property(const struct imprint_board_host *host,
                                      struct imprint_str name, uint64_t *number,
                                      struct imprint_error *error)
{
    char text[NUMBER_CAP];
    size_t len = 0;
    imprint_status status = host->property(host, name, (uint8_t *)text, sizeof text - 1, &len);

    if (status != IMPRINT_OK || !parse_number(text, len, number))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "`part` or `flash.end` of the device's description is missing or not a number");
    return IMPRINT_OK;
}

static imprint_status board_open(const struct imprint_board_host *host, struct imprint_str device,
                                 const uint8_t *uid, size_t uid_len, void **session,
                                 struct imprint_error *error)
{
    static const struct imprint_str part_name = PROPERTY_PART;
    static const struct imprint_str flash_end_name = PROPERTY_FLASH_END;
    uint64_t part = 0;
    uint64_t flash_end = 0;
    uint8_t bytes[4];
    imprint_status status;
    struct board *made;

    (void)device;
    if (host == NULL || session == NULL || (uid == NULL && uid_len != 0))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    *session = NULL;
    status = number_property(host, part_name, &part, error);
    if (status == IMPRINT_OK)
        status = number_property(host, flash_end_name, &flash_end, error);
    if (status != IMPRINT_OK)
        return status;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(part >> (8 * i));
    if (host->poke(host, PART, bytes, sizeof bytes) != IMPRINT_OK ||
        (uid_len != 0 && host->poke(host, UID, uid, uid_len) != IMPRINT_OK))
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "the device file has no memory for the factory data");
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, IMPRINT_E_DEVICE, IMPRINT_NO_ADDRESS, "out of memory");
    made->flash_len = (uint32_t)flash_end;
    *session = made;
    return IMPRINT_OK;
}

static void board_close(void *session)
{
    free(session);
}

static imprint_status board_windows(void *session, const struct imprint_window **windows,
                                    size_t *count)
{
    static const struct imprint_window controller = { CONTROL, STATUS + 4 - CONTROL };

    if (session == NULL || windows == NULL || count == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    *windows = &controller;
    *count = 1;
    return IMPRINT_OK;
}

static imprint_status board_reset(void *session, const struct imprint_board_host *host,
                                  uint32_t kind)
{
    struct board *self = session;
    uint8_t lock[4] = { 0xFF, 0xFF, 0xFF, 0xFF };

    (void)kind;
    if (self == NULL || host == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    if (host->peek(host, LOCK, lock, sizeof lock) != IMPRINT_OK)
        return IMPRINT_E_TARGET;
    self->control = CONTROL_READ;
    self->has_failed = 0;
    self->is_locked = (lock[0] & lock[1] & lock[2] & lock[3]) != 0xFF;
    host->set_debug_access(host, self->is_locked ? IMPRINT_DEBUG_CLOSED : IMPRINT_DEBUG_OPEN);
    return IMPRINT_OK;
}

static imprint_status board_read(void *session, const struct imprint_board_host *host,
                                 uint32_t master, uint32_t address, uint32_t size, uint32_t *value)
{
    const struct board *self = session;
    uint32_t word = 0;

    (void)master;
    if (self == NULL || host == NULL || value == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    if ((address & ~3u) == CONTROL)
        word = self->control;
    if ((address & ~3u) == STATUS)
        word = (host->is_busy(host) ? STATUS_BUSY : 0) | (self->has_failed ? STATUS_FAILED : 0);
    word >>= 8 * (address & 3u);
    *value = size >= 4 ? word : word & ((1u << (8 * size)) - 1);
    return IMPRINT_OK;
}

static imprint_status board_write(void *session, const struct imprint_board_host *host,
                                  uint32_t master, uint32_t address, uint32_t size, uint32_t value)
{
    struct board *self = session;

    (void)master, (void)size;
    if (self == NULL || host == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    if ((address & ~3u) == CONTROL) {
        self->control = value & 3u;
        self->has_failed = 0;
    }
    if ((address & ~3u) == ERASE && self->control == CONTROL_ERASE)
        return host->erase(host, value / SECTOR_LEN * SECTOR_LEN, SECTOR_LEN, IMPRINT_ERASE_SECTOR);
    return IMPRINT_OK;
}

static imprint_status board_cell_write(void *session, const struct imprint_board_host *host,
                                       uint32_t master, uint32_t address, uint32_t size,
                                       uint32_t value)
{
    struct board *self = session;
    const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                               (uint8_t)(value >> 24) };
    static const uint8_t erased[4] = { 0xFF, 0xFF, 0xFF, 0xFF };
    uint8_t cells[4];

    (void)master;
    if (self == NULL || host == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    /* Strict on purpose: a board that forgives hides a mistake that a chip punishes. */
    if (self->control != CONTROL_PROGRAM || size != 4)
        return IMPRINT_E_TARGET;
    if (host->peek(host, address, cells, sizeof cells) != IMPRINT_OK)
        return IMPRINT_E_TARGET;
    if (memcmp(cells, erased, 4) != 0 && memcmp(cells, bytes, 4) != 0 && value != 0xFFFFFFFFu) {
        self->has_failed = 1;
        return IMPRINT_OK;
    }
    return host->program(host, address, bytes, sizeof bytes);
}

static imprint_status board_ap_read(void *session, const struct imprint_board_host *host,
                                    uint32_t ap, uint32_t number, uint32_t *value)
{
    const struct board *self = session;

    if (self == NULL || host == NULL || value == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    if (ap != PORT)
        return IMPRINT_E_UNSUPPORTED;
    *value = 0;
    if (number == PORT_STATUS)
        *value = (host->is_busy(host) ? PORT_BUSY : 0) | (self->is_locked ? PORT_LOCKED : 0);
    return IMPRINT_OK;
}

static imprint_status board_ap_write(void *session, const struct imprint_board_host *host,
                                     uint32_t ap, uint32_t number, uint32_t value)
{
    struct board *self = session;

    if (self == NULL || host == NULL)
        return IMPRINT_E_INVALID_ARGUMENT;
    if (ap != PORT)
        return IMPRINT_E_UNSUPPORTED;
    if (number == PORT_ERASE && (value & 1u) != 0) {
        /* The lock word and the flash are erased together, in the time of one erase. */
        host->erase(host, LOCK, SECTOR_LEN, IMPRINT_ERASE_FREE);
        host->erase(host, 0, self->flash_len, IMPRINT_ERASE_ALL);
        self->is_locked = 0;
        host->set_debug_access(host, IMPRINT_DEBUG_OPEN);
    }
    return IMPRINT_OK;
}

const struct imprint_board a1_board = {
    .struct_size = sizeof(struct imprint_board),
    .open = board_open,
    .close = board_close,
    .windows = board_windows,
    .reset = board_reset,
    .read = board_read,
    .write = board_write,
    .cell_write = board_cell_write,
    .ap_read = board_ap_read,
    .ap_write = board_ap_write,
};
