/* A mailbox in RAM, where a programmer reads what test code found. */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <stdint.h>

#define MAILBOX_MAGIC 0x54504D49u /* "IMPT" */
#define MAILBOX_RESULTS_LEN 1024u

struct mailbox {
    uint32_t magic;     /* MAILBOX_MAGIC once the code runs. */
    uint32_t state;     /* 0 running, 1 done: the last thing that is written. */
    uint32_t exit_code; /* 0 for success. */
    uint32_t len;       /* Bytes of results. */
    char results[MAILBOX_RESULTS_LEN];
};

extern volatile struct mailbox mailbox;

/* Says that the code runs. */
void mailbox_begin(void);

/* Adds the line `name=0x????????`. */
void mailbox_hex(const char *name, uint32_t value);

/* Says that all is written. */
void mailbox_end(uint32_t state);

#endif
