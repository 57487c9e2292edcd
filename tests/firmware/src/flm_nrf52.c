/*
 * A flash algorithm for the NVMC of the nRF52, as a CMSIS-Pack has one: functions that a programmer calls in RAM.
 * It exists so that the import of packs is tried with one that is our own.
 *
 * Registers: nRF52832 product specification 1.4, section 11. Interface: CMSIS-Pack specification, "Flash programming".
 */
#include <stdint.h>

#define NVMC_READY (*(volatile uint32_t *)0x4001E400u)
#define NVMC_CONFIG (*(volatile uint32_t *)0x4001E504u)
#define NVMC_ERASEPAGE (*(volatile uint32_t *)0x4001E508u)
#define NVMC_ERASEALL (*(volatile uint32_t *)0x4001E50Cu)

enum { READ_ONLY, WRITE, ERASE };

struct sectors {
    uint32_t len;
    uint32_t offset;
};

/* FlashOS.h */
struct flash_device {
    uint16_t version;
    char name[128];
    uint16_t type;
    uint32_t address;
    uint32_t len;
    uint32_t page_len;
    uint32_t reserved;
    uint8_t erased;
    uint32_t program_timeout_ms;
    uint32_t erase_timeout_ms;
    struct sectors sectors[512];
};

__attribute__((section("DevDscr"), used)) const struct flash_device FlashDevice = {
    .version = 0x0101,
    .name = "nRF52 of Imprint's tests",
    .type = 1,
    .address = 0,
    .len = 0x80000,
    .page_len = 1024,
    .erased = 0xFF,
    .program_timeout_ms = 500,
    .erase_timeout_ms = 1000,
    .sectors = { { 0x1000, 0 }, { 0xFFFFFFFF, 0xFFFFFFFF } },
};

#define CODE __attribute__((section("PrgCode"), used))

/*
 * One word of data, so that the data section is tried too: who did not initialise it gets no further. The programmer puts
 * the address of the section into R9, whose use GCC has no option for without a table of fixed addresses.
 */
__attribute__((section("PrgData"), used)) static uint32_t data[1];

static inline uint32_t *is_open(void)
{
    uint32_t *base;

    __asm__("mov %0, r9" : "=r"(base));
    return base;
}

CODE static void wait(void)
{
    while (NVMC_READY == 0)
        ;
}

CODE int Init(uint32_t address, uint32_t clock, uint32_t function)
{
    (void)address, (void)clock, (void)function;
    *is_open() = 0x600D;
    return 0;
}

CODE int UnInit(uint32_t function)
{
    (void)function;
    *is_open() = 0;
    NVMC_CONFIG = READ_ONLY;
    return 0;
}

CODE int EraseChip(void)
{
    if (*is_open() != 0x600D)
        return 1;
    NVMC_CONFIG = ERASE;
    NVMC_ERASEALL = 1;
    wait();
    NVMC_CONFIG = READ_ONLY;
    return 0;
}

CODE int EraseSector(uint32_t address)
{
    if (*is_open() != 0x600D)
        return 1;
    NVMC_CONFIG = ERASE;
    NVMC_ERASEPAGE = address;
    wait();
    NVMC_CONFIG = READ_ONLY;
    return 0;
}

CODE int ProgramPage(uint32_t address, uint32_t len, const uint32_t *words)
{
    volatile uint32_t *flash = (volatile uint32_t *)address;

    if (*is_open() != 0x600D)
        return 1;
    NVMC_CONFIG = WRITE;
    for (uint32_t word = 0; word < (len + 3) / 4; word++) {
        flash[word] = words[word];
        wait();
    }
    NVMC_CONFIG = READ_ONLY;
    return 0;
}
