/* The mailbox, at the address that the linker script gives it. */
#include "mailbox.h"

__attribute__((section(".mailbox"))) volatile struct mailbox mailbox;

static void put(char character)
{
    if (mailbox.len < MAILBOX_RESULTS_LEN)
        mailbox.results[mailbox.len++] = character;
}

void mailbox_begin(void)
{
    mailbox.magic = MAILBOX_MAGIC;
}

void mailbox_hex(const char *name, uint32_t value)
{
    while (*name)
        put(*name++);
    put('=');
    put('0');
    put('x');
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
    put('\n');
}

void mailbox_end(uint32_t state)
{
    __asm__ volatile("dmb" ::: "memory");
    mailbox.state = state;
}
