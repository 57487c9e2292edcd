/* Arm semihosting: BKPT 0xAB with the operation in r0 and its parameter in r1. */
#include "semihosting.h"

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };
enum { ADP_STOPPED_APPLICATION_EXIT = 0x20026 };

static uint32_t call(uint32_t operation, const void *parameter)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void say(const char *text)
{
    call(SYS_WRITE0, text);
}

/* One call a line, so that a debugger that stops at every call sees whole lines. */
void say_text(const char *name, const char *value)
{
    char line[48];
    uint32_t len = 0;
    while (*name && len < sizeof line - 3)
        line[len++] = *name++;
    line[len++] = '=';
    while (*value && len < sizeof line - 2)
        line[len++] = *value++;
    line[len++] = '\n';
    line[len] = '\0';
    say(line);
}

void say_hex(const char *name, uint32_t value)
{
    char text[11];
    text[0] = '0';
    text[1] = 'x';
    for (int digit = 0; digit < 8; digit++)
        text[2 + digit] = "0123456789abcdef"[(value >> (28 - 4 * digit)) & 0xF];
    text[10] = '\0';
    say_text(name, text);
}

void leave(uint32_t code)
{
    const uint32_t parameter[2] = {ADP_STOPPED_APPLICATION_EXIT, code};
    for (;;)
        call(SYS_EXIT_EXTENDED, parameter);
}
