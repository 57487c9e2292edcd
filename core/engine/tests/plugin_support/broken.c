/* A plugin that is wrong in one way, chosen by a macro. */
#include <imprint_plugin.h>

#include <string.h>

#ifndef MAGIC
#define MAGIC IMPRINT_PLUGIN_MAGIC
#endif
#ifndef MAJOR
#define MAJOR IMPRINT_ABI_MAJOR
#endif
#ifndef HOST_MINOR
#define HOST_MINOR 0
#endif
#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(struct imprint_plugin)
#endif
#ifndef FAMILY_SIZE
#define FAMILY_SIZE sizeof(struct imprint_family)
#endif
#ifndef FAMILY_COUNT
#define FAMILY_COUNT 1
#endif
#ifndef PLUGIN_ID
#define PLUGIN_ID "org.example.broken"
#endif
#ifndef OPEN
#define OPEN family_open
#endif
#ifndef ENTRY
#define ENTRY imprint_plugin_entry_v1
#endif

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static imprint_status family_open(const struct imprint_host *host, struct imprint_str device,
                                  void **session, struct imprint_error *error)
{
    (void)host, (void)device, (void)error;
    *session = NULL;
    return IMPRINT_OK;
}

static void family_close(void *session)
{
    (void)session;
}

/* A status that this host does not know, and a sentence that is longer than the caller's buffer. */
static imprint_status family_identify(void *session, const struct imprint_host *host, uint8_t *text,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    (void)session, (void)host, (void)text, (void)cap, (void)len;
    memset(error->message, 'x', error->message_cap);
    error->message_len = error->message_cap + 1000;
    error->detail = 0x42;
    return 77;
}

/* More bytes than there is room for. */
static imprint_status family_read_uid(void *session, const struct imprint_host *host, uint8_t *uid,
                                      size_t cap, size_t *len, struct imprint_error *error)
{
    (void)session, (void)host, (void)uid, (void)error;
    *len = cap + 1;
    return IMPRINT_OK;
}

/* Text that is not UTF-8, and characters that would move a cursor. */
static imprint_status family_protect(void *session, const struct imprint_host *host,
                                     struct imprint_error *error)
{
    static const char sentence[] = "\x1b[2J\xff";
    (void)session, (void)host;
    memcpy(error->message, sentence, sizeof sentence - 1);
    error->message_len = sizeof sentence - 1;
    return IMPRINT_E_DEVICE;
}

/* A null pointer into the host, which is to survive it, and its answer. */
static imprint_status family_unlock(void *session, const struct imprint_host *host,
                                    struct imprint_error *error)
{
    (void)session;
    return host->mem_read(host, 0, NULL, 16, error);
}

static const struct imprint_family family = {
    .struct_size = FAMILY_SIZE,
    .id = TEXT("test.broken"),
    .summary = TEXT("Wrong in one way"),
    .open = OPEN,
    .close = family_close,
    .identify = family_identify,
    .unlock = family_unlock,
    .read_uid = family_read_uid,
    .protect = family_protect,
};

static const struct imprint_family *const families[] = { &family, &family };

static const struct imprint_plugin plugin = {
    .magic = MAGIC,
    .struct_size = PLUGIN_SIZE,
    .abi_major = MAJOR,
    .abi_minor = 0,
    .host_minor_min = HOST_MINOR,
    .id = TEXT(PLUGIN_ID),
    .version = TEXT("1.0.0"),
    .family_count = FAMILY_COUNT,
    .families = families,
};

const struct imprint_plugin *ENTRY(void)
{
#ifdef NULL_TABLE
    (void)plugin;
    return NULL;
#else
    return &plugin;
#endif
}
