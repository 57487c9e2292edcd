/* A device-family plugin in C: a starting point.
 *
 * The family knows nothing about any chip by itself. The device's description tells it where the chip has its
 * identification and its unique identifier, by four properties:
 *     id.address, id.value     a word that tells the chip
 *     uid.address, uid.len     the unique identifier
 * Everything else a null pointer says: the host erases and programs with the algorithm that the description names.
 *
 * Build with `make`, sign with `imprint plugin sign`.
 */
#include <imprint_plugin.h>

#include <stdlib.h>
#include <string.h>

/* Static text of the ABI. */
#define TEXT(literal) { literal, sizeof(literal) - 1 }

/* What a session pointer points to. It holds what does not change while the session lasts; the host table is not kept. */
struct session {
    uint64_t id_address;
    uint32_t id_value;
    uint64_t uid_address;
    size_t uid_len;
};

/* Explains a failure to the caller, who owns `error` and may not want it. */
static imprint_status fail(struct imprint_error *error, imprint_status status, uint64_t address,
                           const char *sentence)
{
    if (error != NULL && error->struct_size >= sizeof *error) {
        size_t len = strlen(sentence);
        size_t cut = len < error->message_cap ? len : error->message_cap;
        error->detail = 0;
        error->address = address;
        error->message_len = len;
        if (error->message != NULL)
            memcpy(error->message, sentence, cut);
    }
    return status;
}

/* A number from the device's description, decimal or with 0x. */
static imprint_status number_property(const struct imprint_host *host, struct imprint_str name,
                                      uint64_t *number, struct imprint_error *error)
{
    char text[32];
    char *end;
    size_t len = 0;
    imprint_status status =
        host->property(host, name, (uint8_t *)text, sizeof text - 1, &len, error);
    if (status != IMPRINT_OK)
        return status;
    if (len == 0 || len >= sizeof text)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "a property of the device's description is not a number");
    text[len] = '\0';
    *number = strtoull(text, &end, 0);
    if (*end != '\0')
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS,
                    "a property of the device's description is not a number");
    return IMPRINT_OK;
}

static imprint_status family_open(const struct imprint_host *host, struct imprint_str device,
                                  void **session, struct imprint_error *error)
{
    static const struct imprint_str id_address = TEXT("id.address");
    static const struct imprint_str id_value = TEXT("id.value");
    static const struct imprint_str uid_address = TEXT("uid.address");
    static const struct imprint_str uid_len = TEXT("uid.len");
    uint64_t value = 0;
    uint64_t len = 0;
    imprint_status status;
    struct session *made;

    (void)device;
    if (host == NULL || session == NULL || host->struct_size < sizeof *host)
        return IMPRINT_E_INVALID_ARGUMENT;
    *session = NULL;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, IMPRINT_E_DEVICE, IMPRINT_NO_ADDRESS, "out of memory");
    status = number_property(host, id_address, &made->id_address, error);
    if (status == IMPRINT_OK)
        status = number_property(host, id_value, &value, error);
    if (status == IMPRINT_OK)
        status = number_property(host, uid_address, &made->uid_address, error);
    if (status == IMPRINT_OK)
        status = number_property(host, uid_len, &len, error);
    if (status != IMPRINT_OK) {
        free(made);
        return status;
    }
    made->id_value = (uint32_t)value;
    made->uid_len = (size_t)len;
    *session = made;
    return IMPRINT_OK;
}

static void family_close(void *session)
{
    free(session);
}

static imprint_status family_identify(void *session, const struct imprint_host *host, uint8_t *text,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    static const char found[] = "the chip of the description";
    const struct session *self = session;
    uint8_t bytes[4];
    uint32_t value;
    imprint_status status;

    if (self == NULL || host == NULL || text == NULL || len == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    status = host->mem_read(host, self->id_address, bytes, sizeof bytes, error);
    if (status != IMPRINT_OK)
        return status;
    value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
            (uint32_t)bytes[3] << 24;
    if (value != self->id_value)
        return fail(error, IMPRINT_E_MISMATCH, self->id_address, "this is another chip");
    *len = sizeof found - 1;
    if (*len > cap)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "the buffer is too small");
    memcpy(text, found, *len);
    return IMPRINT_OK;
}

static imprint_status family_read_uid(void *session, const struct imprint_host *host, uint8_t *uid,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    const struct session *self = session;

    if (self == NULL || host == NULL || uid == NULL || len == NULL)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "null pointer");
    *len = self->uid_len;
    if (*len > cap)
        return fail(error, IMPRINT_E_INVALID_ARGUMENT, IMPRINT_NO_ADDRESS, "the buffer is too small");
    return host->mem_read(host, self->uid_address, uid, *len, error);
}

static const struct imprint_family family = {
    .struct_size = sizeof(struct imprint_family),
    .id = TEXT("template.generic"),
    .summary = TEXT("A chip that its description tells all about"),
    .open = family_open,
    .close = family_close,
    .identify = family_identify,
    .read_uid = family_read_uid,
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
