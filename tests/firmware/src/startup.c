/* Vector table and start-up of the application: copies .data, clears .bss, runs main on the process stack. */
#include "heartbeat.h"
#include <stdint.h>

extern uint32_t data_start[], data_end[], data_source[], bss_start[], bss_end[];
extern uint32_t main_stack_top[], process_stack_top[];

__attribute__((noreturn)) void application_main(void);
void tick(void);

__attribute__((noreturn)) static void unexpected(void)
{
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    heartbeat.fault = exception;
    for (;;)
        __asm__ volatile("wfi");
}

__attribute__((noreturn)) void reset(void)
{
    const uint32_t *source = data_source;
    for (uint32_t *word = data_start; word < data_end; word++)
        *word = *source++;
    for (uint32_t *word = bss_start; word < bss_end; word++)
        *word = 0;
    /* Interrupts on the main stack, the program on the process stack, as under an operating system. */
    __asm__ volatile("msr psp, %0\n"
                     "msr control, %1\n"
                     "isb\n"
                     :
                     : "r"(process_stack_top), "r"(2));
    application_main();
}

/* Supervisor call: the argument is in the r0 that the exception stored; the answer goes back the same way. */
__attribute__((used)) void supervisor_call(uint32_t *frame)
{
    frame[0] = 2 * frame[0];
}

__attribute__((naked)) static void svc(void)
{
    __asm__("mrs r0, psp\n"
            "ldr r1, =supervisor_call\n"
            "bx r1\n"
            ".ltorg\n");
}

typedef void (*handler)(void);

__attribute__((section(".vectors"), used)) static const handler vectors[16 + 32] = {
    [0] = (handler)main_stack_top,
    [1] = reset,
    [2 ... 10] = unexpected,
    [11] = svc,
    [12 ... 13] = unexpected,
    [14] = tick, /* PendSV */
    [15] = tick, /* SysTick */
    [16 ... 16 + 31] = unexpected,
};
