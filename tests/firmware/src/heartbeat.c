/*
 * A small application: a tick interrupt, a supervisor call, and a heartbeat in RAM.
 *
 * CORE_CLOCK_HZ is the clock after reset. Without SysTick (nRF51 has none) the main loop pends PendSV itself.
 */
#include "heartbeat.h"
#include "core.h"
#include "crc32.h"

__attribute__((section(".heartbeat"))) volatile struct heartbeat heartbeat;

extern const uint8_t flash_start[], flash_end[];

/* A debugger may change it while the application runs. */
static volatile uint32_t ticks_a_beat = 10;

void tick(void)
{
    heartbeat.ticks++;
}

static uint32_t twice(uint32_t value)
{
    register uint32_t r0 __asm__("r0") = value;
    __asm__ volatile("svc 1" : "+r"(r0) : : "memory");
    return r0;
}

#ifdef HAS_SYSTICK

static void start_tick(void)
{
    SYST_RVR = CORE_CLOCK_HZ / 1000 - 1; /* 1 ms */
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_CLKSOURCE_CORE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

static void wait_for_tick(void)
{
    __asm__ volatile("wfi");
}

#else

static void start_tick(void)
{
}

static void wait_for_tick(void)
{
    ICSR = ICSR_PENDSVSET;
    __asm__ volatile("dsb\n isb");
}

#endif

__attribute__((noreturn)) void application_main(void)
{
    heartbeat.image_crc = crc32(flash_start, (uint32_t)(flash_end - flash_start));
    heartbeat.magic = HEARTBEAT_MAGIC;
    start_tick();
    for (;;) {
        uint32_t next = heartbeat.ticks + ticks_a_beat;
        while ((int32_t)(heartbeat.ticks - next) < 0)
            wait_for_tick();
        heartbeat.beats++;
        heartbeat.answer = twice(heartbeat.beats);
    }
}
