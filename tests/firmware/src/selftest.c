/*
 * Test code for production: runs from RAM, measures the chip it runs on, and prints what it found.
 *
 * Arguments, in r0 to r3: first address and length in bytes of the flash range whose CRC-32 is wanted, first address
 * and length in bytes of the RAM to test. A length of 0 leaves a test out. The RAM under test loses its contents.
 *
 * Lines: core=CPUID, crc=CRC-32 of the flash range, and one of ram=ok, ram=bad with bad_address, expected and found,
 * ram=untestable for a range that is not aligned to words or holds the test itself.
 * Exit code: 0 all good, 1 bad RAM, 2 arguments that cannot be tested.
 *
 * Built for ARMv6-M, whose code runs on every Cortex-M.
 */
#include "core.h"
#include "crc32.h"
#include "semihosting.h"

enum { PASS = 0, BAD_RAM = 1, BAD_ARGUMENT = 2 };

/* Where this program, its data and its stack lie; from the linker script. */
extern uint32_t image_start[], stack_top[];

struct cell {
    uint32_t address, expected, found;
};

/* Every word in turn: its address, the complement, and the two chequered patterns. */
static uint32_t pattern(uint32_t pass, uint32_t address)
{
    switch (pass) {
    case 0: return address;
    case 1: return ~address;
    case 2: return 0x55555555u;
    default: return 0xAAAAAAAAu;
    }
}

/* Writes the whole range before it reads, so that two addresses that share a cell are seen. */
static int ram_is_good(uint32_t start, uint32_t len, struct cell *bad)
{
    for (uint32_t pass = 0; pass < 4; pass++) {
        for (uint32_t address = start; address < start + len; address += 4)
            REGISTER(address) = pattern(pass, address);
        for (uint32_t address = start; address < start + len; address += 4) {
            *bad = (struct cell){address, pattern(pass, address), REGISTER(address)};
            if (bad->found != bad->expected)
                return 0;
        }
    }
    return 1;
}

static int can_test_ram(uint32_t start, uint32_t len)
{
    uint32_t end = start + len;
    if (((start | len) & 3) != 0 || end < start)
        return 0;
    return end <= (uint32_t)image_start || start >= (uint32_t)stack_top;
}

static uint32_t test_ram(uint32_t start, uint32_t len)
{
    struct cell bad;
    if (!can_test_ram(start, len)) {
        say_text("ram", "untestable");
        return BAD_ARGUMENT;
    }
    if (!ram_is_good(start, len, &bad)) {
        say_text("ram", "bad");
        say_hex("bad_address", bad.address);
        say_hex("expected", bad.expected);
        say_hex("found", bad.found);
        return BAD_RAM;
    }
    say_text("ram", "ok");
    return PASS;
}

__attribute__((noreturn, used)) void
selftest_main(uint32_t flash_start, uint32_t flash_len, uint32_t ram_start, uint32_t ram_len)
{
    uint32_t code = PASS;
    say_hex("core", CPUID);
    if (flash_len != 0)
        say_hex("crc", crc32((const uint8_t *)flash_start, flash_len));
    if (ram_len != 0)
        code = test_ram(ram_start, ram_len);
    leave(code);
}

/* The arguments stay where they are; the stack is the program's own, whatever the debugger left in SP. */
__attribute__((naked, noreturn, used)) void selftest_start(void)
{
    __asm__("ldr r4, =stack_top\n"
            "mov sp, r4\n"
            "bl selftest_main\n"
            ".ltorg\n");
}

/* The image begins as a vector table does, so that a loader without ELF knows stack and entry, too. */
__attribute__((section(".vectors"), used)) static void *const vectors[2] = {stack_top, selftest_start};
