@ The resident routines: CRC-32 and blank check, run on the target. ARMv6-M, position independent.
@
@ Assemble:
@   arm-none-eabi-as -mcpu=cortex-m0 -o resident.o resident.s
@   arm-none-eabi-objcopy -O binary resident.o resident.bin
@
@ Offsets of the routines are constants in resident.rs. What they do is tested on a board by tests/flash.rs.

        .syntax unified
        .thumb
        .text

@ 0x00: where every routine returns to.
return_point:
        bkpt    #0
        bkpt    #0

@ 0x04: make_tables(r0 = tables)
@ Four tables of 256 words for the CRC-32 of IEEE 802.3 (reflected, 0xEDB88320), four bytes at a time:
@ entry i of the first is the CRC of byte i; entry i of each next is the one before it, one zero byte further.
make_tables:
        push    {r4-r6, lr}
        ldr     r4, polynomial
        movs    r1, #0
first_table:
        movs    r2, r1
        movs    r3, #8
first_bit:
        lsrs    r2, r2, #1
        bcc     no_carry
        eors    r2, r4
no_carry:
        subs    r3, #1
        bne     first_bit
        lsls    r3, r1, #2
        str     r2, [r0, r3]
        adds    r1, #1
        cmp     r1, #255
        bls     first_table
        movs    r5, #1                  @ r5 = 1024, the length of a table
        lsls    r5, r5, #10
        movs    r6, #3                  @ r6 = 768, the entries still to make
        lsls    r6, r6, #8
        movs    r1, r0
next_entry:
        ldr     r2, [r1]
        uxtb    r3, r2
        lsls    r3, r3, #2
        ldr     r3, [r0, r3]
        lsrs    r2, r2, #8
        eors    r2, r3
        str     r2, [r1, r5]
        adds    r1, #4
        subs    r6, #1
        bne     next_entry
        pop     {r4-r6, pc}

@ crc(r0 = crc so far, r1 = address, r2 = end, r3 = tables) -> r0 = crc. Whole words; at least one.
crc:
        push    {r4-r7, lr}
        mov     r12, r2
        movs    r4, #1
        lsls    r4, r4, #10
        adds    r5, r3, r4              @ r5, r6, r7 = second to fourth table
        adds    r6, r5, r4
        adds    r7, r6, r4
next_word:
        ldmia   r1!, {r4}
        eors    r0, r4
        uxtb    r4, r0
        lsls    r4, r4, #2
        ldr     r2, [r7, r4]
        lsrs    r4, r0, #8
        uxtb    r4, r4
        lsls    r4, r4, #2
        ldr     r4, [r6, r4]
        eors    r2, r4
        lsrs    r4, r0, #16
        uxtb    r4, r4
        lsls    r4, r4, #2
        ldr     r4, [r5, r4]
        eors    r2, r4
        lsrs    r0, r0, #24
        lsls    r0, r0, #2
        ldr     r0, [r3, r0]
        eors    r0, r2
        cmp     r1, r12
        bne     next_word
        pop     {r4-r7, pc}

@ blank(r0 = address, r1 = end, r2 = an erased word) -> r0 = the first word that differs, or end. Whole words.
blank:
        cmp     r0, r1
        beq     blank_end
        ldmia   r0!, {r3}
        cmp     r3, r2
        beq     blank
        subs    r0, #4
blank_end:
        bx      lr

        .align  2
polynomial:
        .word   0xEDB88320
