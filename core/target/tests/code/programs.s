@ Small programs for the tests of calls and of running test code. Position independent.
@
@ Assemble:
@   arm-none-eabi-as -mcpu=cortex-m0 -o programs.o programs.s
@   arm-none-eabi-objcopy -O binary programs.o programs.bin

        .syntax unified
        .thumb
        .text

@ 0x00: add(a, b, c, d) -> a + b + c + d
add:
        adds    r0, r0, r1
        adds    r0, r0, r2
        adds    r0, r0, r3
        bx      lr

@ 0x08: static_base() -> R9
static_base:
        mov     r0, r9
        bx      lr

@ 0x0c: semihosting: SYS_WRITE0, SYS_WRITEC, SYS_WRITE, then SYS_EXIT_EXTENDED with code 7
print:
        movs    r0, #4
        adr     r1, text
        bkpt    #0xab
        movs    r0, #3
        adr     r1, mark
        bkpt    #0xab
        sub     sp, #12
        movs    r0, #1
        str     r0, [sp]
        adr     r1, text
        str     r1, [sp, #4]
        movs    r0, #4
        str     r0, [sp, #8]
        movs    r0, #5
        mov     r1, sp
        bkpt    #0xab
        ldr     r1, application_exit
        str     r1, [sp]
        movs    r1, #7
        str     r1, [sp, #4]
        mov     r1, sp
        movs    r0, #0x20
        bkpt    #0xab

@ 0x3a: SYS_EXIT with reason R1 = R0
exit:
        mov     r1, r0
        movs    r0, #0x18
        bkpt    #0xab

@ 0x40: what the start-up code of a C library does: opens ":tt" (mode R0) and returns the handle
open:
        sub     sp, #12
        str     r0, [sp, #4]
        adr     r1, console
        str     r1, [sp]
        movs    r0, #3
        str     r0, [sp, #8]
        movs    r0, #1
        mov     r1, sp
        bkpt    #0xab
        add     sp, #12
        bx      lr
        .align  2

@ 0x58: SYS_SYSTEM: a command for the host
system:
        movs    r0, #0x12
        bkpt    #0xab
        bx      lr
@ 0x5e: a BKPT of its own, with R0
stop:
        bkpt    #0x2a
        bx      lr
@ 0x62: never ends
hang:
        b       hang
@ 0x64: a fault
fault:
        movs    r1, #0xf
        lsls    r1, r1, #28
        ldr     r1, [r1]
        bx      lr
@ 0x6c: locks up: a fault with a stack and a vector table that fault, too
lockup:
        mov     sp, r0
        udf     #0

        .align  2
text:   .asciz  "hello, world\n"
        .align  2
mark:   .asciz  "!"
        .align  2
console: .asciz ":tt"
        .align  2
application_exit:
        .word   0x20026
