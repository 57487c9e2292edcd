/* What test code tells the debugger: Arm semihosting, "Semihosting for AArch32 and AArch64", release 2.0. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

/* Writes a text (SYS_WRITE0). */
void say(const char *text);

/* Writes the line `name=value`. */
void say_text(const char *name, const char *value);

/* Writes the line `name=0x????????`. */
void say_hex(const char *name, uint32_t value);

/* Ends with an exit code (SYS_EXIT_EXTENDED). */
__attribute__((noreturn)) void leave(uint32_t code);

#endif
