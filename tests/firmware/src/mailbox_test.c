/*
 * Test code for production that answers in RAM: nobody halts the core while it measures.
 *
 * Arguments, in r0 and r1: what to do, and a number. 0: pass, with the results below. 1: fail with exit code `number`.
 * 2: never answer. 3: say that the results are longer than they may be. 4: a state that is none. 5: return without an answer.
 * 6: an answer without any result.
 *
 * Lines: core=CPUID, trim=`number`, rounds=how often it went round.
 *
 * Built for ARMv6-M, whose code runs on every Cortex-M.
 */
#include "core.h"
#include "mailbox.h"

enum { PASS, FAIL, SILENT, TOO_LONG, ODD_STATE, RETURN, NO_RESULT };

__attribute__((used)) static void mailbox_start(uint32_t what, uint32_t number)
{
    uint32_t rounds = 0;
    mailbox_begin();
    if (what == SILENT)
        for (;;)
            rounds++;
    if (what == RETURN)
        return;
    while (rounds < 1000)
        rounds++;
    if (what != NO_RESULT) {
        mailbox_hex("core", CPUID);
        mailbox_hex("trim", number);
        mailbox_hex("rounds", rounds);
    }
    if (what == TOO_LONG)
        mailbox.len = 4097;
    mailbox.exit_code = what == FAIL ? number : 0;
    mailbox_end(what == ODD_STATE ? 7 : 1);
    for (;;)
        ;
}

extern uint32_t stack_top[];

/* The image begins as a vector table does, so that a loader without ELF knows stack and entry, too. */
__attribute__((section(".vectors"), used)) static void *const vectors[2] = {stack_top, mailbox_start};
