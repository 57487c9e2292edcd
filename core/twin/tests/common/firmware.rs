//! Firmware of the tests, as words. Made with `arm-none-eabi-as` from the instructions beside them, linked at
//! 0x0800_0000.

/// Counts five SysTick exceptions asleep, calls SVC 7, pends PendSV, takes interrupt 0, stops. ARMv6-M.
pub const TICKS: &[u16] = &[
    0x1000, 0x2000, // word
    0x0045, 0x0800, // word
    0x0000, 0x0000, // word
    0x00B5, 0x0800, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x0087, 0x0800, // word
    0x0000, 0x0000, // word
    0x0000, 0x0000, // word
    0x009B, 0x0800, // word
    0x007D, 0x0800, // word
    0x00A3, 0x0800, // word
    0x481C, // start: ldr r0, [pc, #112]
    0x491D, // ldr r1, [pc, #116]
    0x6041, // str r1, [r0, #4]
    0x2100, // movs r1, #0
    0x6081, // str r1, [r0, #8]
    0x2107, // movs r1, #7
    0x6001, // str r1, [r0, #0]
    0x4C1B, // ldr r4, [pc, #108]
    0xBF30, // wait: wfi
    0x6821, // ldr r1, [r4, #0]
    0x2905, // cmp r1, #5
    0xD1FB, // bne.n 8000054 <wait>
    0x2028, // movs r0, #40
    0x2102, // movs r1, #2
    0xDF07, // svc 7
    0x6060, // str r0, [r4, #4]
    0x4817, // ldr r0, [pc, #92]
    0x4918, // ldr r1, [pc, #96]
    0x6001, // str r1, [r0, #0]
    0x46C0, // nop
    0x4817, // ldr r0, [pc, #92]
    0x2101, // movs r1, #1
    0x6001, // str r1, [r0, #0]
    0x4817, // ldr r0, [pc, #92]
    0x4917, // ldr r1, [pc, #92]
    0x6001, // str r1, [r0, #0]
    0x46C0, // nop
    0xBE01, // bkpt 0x0001
    0x4810, // tick: ldr r0, [pc, #64]
    0x6801, // ldr r1, [r0, #0]
    0x3101, // adds r1, #1
    0x6001, // str r1, [r0, #0]
    0x4770, // bx lr
    0x4668, // svc: mov r0, sp
    0x6801, // ldr r1, [r0, #0]
    0x6842, // ldr r2, [r0, #4]
    0x1889, // adds r1, r1, r2
    0x6983, // ldr r3, [r0, #24]
    0x3B02, // subs r3, #2
    0x781B, // ldrb r3, [r3, #0]
    0x18C9, // adds r1, r1, r3
    0x6001, // str r1, [r0, #0]
    0x4770, // bx lr
    0x480F, // pendsv: ldr r0, [pc, #60]
    0x490F, // ldr r1, [pc, #60]
    0x6001, // str r1, [r0, #0]
    0x4770, // bx lr
    0xB510, // irq0: push {r4, lr}
    0x480A, // ldr r0, [pc, #40]
    0x2100, // movs r1, #0
    0x6001, // str r1, [r0, #0]
    0x480D, // ldr r0, [pc, #52]
    0xF3EF, 0x8105, // mrs r1, IPSR
    0x6001, // str r1, [r0, #0]
    0xBD10, // pop {r4, pc}
    0xE7FE, // hard: b.n 80000b4 <hard>
    0x0000, // word
    0xE010, 0xE000, // word
    0x03E7, 0x0000, // word
    0x0000, 0x2000, // word
    0xED04, 0xE000, // word
    0x0000, 0x1000, // word
    0xE100, 0xE000, // word
    0x0010, 0x4000, // word
    0x0100, 0x0000, // word
    0x0008, 0x2000, // word
    0x1234, 0x0000, // word
    0x000C, 0x2000, // word
];

/// Raises a bus fault, an undefined instruction, a division by zero, a floating-point instruction, and an undefined
/// instruction with the fault handlers off; the handlers note CFSR and IPSR and skip the instruction. ARMv7-M.
pub const FAULTS: &[u16] = &[
    0x1000, 0x2000, // word
    0x001D, 0x0800, // word
    0x0000, 0x0000, // word
    0x006F, 0x0800, // word
    0x004B, 0x0800, // word
    0x004B, 0x0800, // word
    0x004B, 0x0800, // word
    0x4816, // start: ldr r0, [pc, #88]
    0xF44F, 0x21E0, // mov.w r1, #458752
    0x6001, // str r1, [r0, #0]
    0x4D15, // ldr r5, [pc, #84]
    0xF04F, 0x46C0, // mov.w r6, #1610612736
    0x6837, // ldr r7, [r6, #0]
    0xDE01, // udf #1
    0x4814, // ldr r0, [pc, #80]
    0xF44F, 0x7104, // mov.w r1, #528
    0x6001, // str r1, [r0, #0]
    0x2200, // movs r2, #0
    0xFBB3, 0xF3F2, // udiv r3, r3, r2
    0xEE00, 0x0A10, // vmov s0, r0
    0x480D, // ldr r0, [pc, #52]
    0x2100, // movs r1, #0
    0x6001, // str r1, [r0, #0]
    0xDE02, // udf #2
    0xBE02, // bkpt 0x0002
    0x480E, // bus: ldr r0, [pc, #56]
    0x6801, // ldr r1, [r0, #0]
    0xF845, 0x1B04, // str.w r1, [r5], #4
    0x6001, // str r1, [r0, #0]
    0xF3EF, 0x8105, // mrs r1, IPSR
    0xF845, 0x1B04, // str.w r1, [r5], #4
    0x9A06, // ldr r2, [sp, #24]
    0x8813, // ldrh r3, [r2, #0]
    0x0ADB, // lsrs r3, r3, #11
    0x2B1D, // cmp r3, #29
    0xBF2C, // ite cs
    0x3204, // addcs r2, #4
    0x3202, // addcc r2, #2
    0x9206, // str r2, [sp, #24]
    0x4770, // bx lr
    0x4806, // hard: ldr r0, [pc, #24]
    0x6801, // ldr r1, [r0, #0]
    0xF845, 0x1B04, // str.w r1, [r5], #4
    0xE7E8, // b.n 800004a <bus>
    0xED24, 0xE000, // word
    0x0100, 0x2000, // word
    0xED14, 0xE000, // word
    0xED28, 0xE000, // word
    0xED2C, 0xE000, // word
];

/// Erases a sector of its own flash and programs four words, polling busy. ARMv6-M.
pub const PROGRAMMER: &[u16] = &[
    0x1000, 0x2000, // word
    0x0009, 0x0800, // word
    0x4808, // start: ldr r0, [pc, #32]
    0x2101, // movs r1, #1
    0x6001, // str r1, [r0, #0]
    0x4A08, // ldr r2, [pc, #32]
    0x6082, // str r2, [r0, #8]
    0x6843, // p1: ldr r3, [r0, #4]
    0x2B00, // cmp r3, #0
    0xD1FC, // bne.n 8000012 <p1>
    0x2404, // movs r4, #4
    0x2511, // movs r5, #17
    0x6015, // next: str r5, [r2, #0]
    0x6843, // p2: ldr r3, [r0, #4]
    0x2B00, // cmp r3, #0
    0xD1FC, // bne.n 800001e <p2>
    0x3204, // adds r2, #4
    0x3C01, // subs r4, #1
    0xD1F8, // bne.n 800001c <next>
    0xBE00, // bkpt 0x0000
    0x0000, 0x4000, // word
    0x1000, 0x0800, // word
];

/// Waits until a word in RAM is not zero, and answers. ARMv6-M.
pub const SPIN: &[u16] = &[
    0x1000, 0x2000, // word
    0x0009, 0x0800, // word
    0x4803, // start: ldr r0, [pc, #12]
    0x6801, // wait: ldr r1, [r0, #0]
    0x2900, // cmp r1, #0
    0xD0FC, // beq.n 800000a <wait>
    0x3101, // adds r1, #1
    0x6041, // str r1, [r0, #4]
    0xBE00, // bkpt 0x0000
    0x0000, // word
    0x0000, 0x2000, // word
];
