@ A flash algorithm for the test chip (tests/common/chip.rs), and functions that go wrong.
@
@ Assemble:
@   arm-none-eabi-as -mcpu=cortex-m0 -o algorithm.o algorithm.s
@   arm-none-eabi-objcopy -O binary algorithm.o algorithm.bin

        .syntax unified
        .thumb
        .text

@ 0x00: Init(address, clock, function). The controller's base comes through R9, so a wrong static base is found.
init:
        mov     r3, r9
        ldr     r3, [r3]
        str     r2, [r3]                @ CONTROL = function
        movs    r0, #0
        bx      lr

@ 0x0a: UnInit(function). It must be the one that Init got.
uninit:
        mov     r3, r9
        ldr     r3, [r3]
        ldr     r2, [r3]
        subs    r0, r2, r0
        movs    r2, #0
        str     r2, [r3]
        bx      lr

@ 0x18: EraseSector(address)
erase_sector:
        mov     r3, r9
        ldr     r3, [r3]
        str     r0, [r3, #4]            @ ERASE = address
erase_wait:
        ldr     r0, [r3, #12]           @ BUSY
        cmp     r0, #0
        bne     erase_wait
        bx      lr

@ 0x26: EraseChip()
erase_all:
        mov     r3, r9
        ldr     r3, [r3]
        str     r0, [r3, #8]            @ ERASE_ALL
        b       erase_wait

@ 0x2e: ProgramPage(address, len, data) -> 0, 1 when a word does not read back, 2 when len is not a number of words
program_page:
        push    {r4-r6, lr}
        movs    r4, #3
        tst     r1, r4
        bne     program_odd
        cmp     r1, #0
        beq     program_odd
        mov     r3, r9
        ldr     r3, [r3]
        adds    r1, r1, r2              @ r1 = end of the data
program_word:
        ldmia   r2!, {r4}
        str     r4, [r0]
program_wait:
        ldr     r5, [r3, #12]           @ BUSY
        cmp     r5, #0
        bne     program_wait
        ldr     r5, [r0]
        cmp     r4, r5
        bne     program_failed
        adds    r0, #4
        cmp     r1, r2
        bne     program_word
        movs    r0, #0
        pop     {r4-r6, pc}
program_failed:
        movs    r0, #1
        pop     {r4-r6, pc}
program_odd:
        movs    r0, #2
        pop     {r4-r6, pc}

@ 0x62: never returns
hang:
        b       hang

@ 0x64: takes a HardFault: no one answers at 0xf0000000
fault:
        movs    r0, #0xf
        lsls    r0, r0, #28
        ldr     r0, [r0]
        bx      lr

@ 0x6c: halts where it should not
stray:
        bkpt    #7
        bx      lr

        .align  2
@ 0x70: the data section
data:
        .word   0x40000000
