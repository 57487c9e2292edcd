/*
 * The oracle: an independent emulator, as a process of its own, that says what an instruction does.
 *
 * It runs libunicorn (QEMU's TCG; GPL-2), which is why it is a program apart: a test tool, never linked into the
 * product. It answers batches on standard input with batches on standard output, in 32-bit little-endian words, and
 * ends at end of file.
 *
 *   batch  = magic, model (0: Cortex-M0, 3: Cortex-M3, 4: Cortex-M4), number of cases, RAM contents, cases
 *   case   = number of code bytes, code (CODE_LEN bytes), registers
 *   answer = magic, version of libunicorn, then for each case:
 *            outcome, detail, registers, address of the first data access (0: none), number of changed words, and for
 *            each: address, new value
 *
 * The RAM is at 0x20000000 and, as the memory a chip boots from, at 0. A batch is read whole before an answer is written, so that neither side waits for the other for ever. RAM is as
 * the batch says before each case. Code is put where R15 points, and runs once: until an instruction outside of it, or
 * one that is not after the last one, would begin.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#define MAGIC 0x4C43524Fu /* "ORCL" */
#define RAM_START 0x20000000u
#define RAM_LEN 0x10000u
#define CODE_LEN 32u

/* In the order of the protocol. */
enum { SP = 13, PC = 15, XPSR, MSP, PSP, PRIMASK, BASEPRI, FAULTMASK, CONTROL, REGISTER_COUNT };

enum outcome {
    DONE = 0,       /* All instructions ran. */
    UNDEFINED = 1,  /* An instruction that the core does not have. */
    BAD_ACCESS = 2, /* A data access that no memory answers or that is not aligned as it must be. */
    EXCEPTION = 3,  /* Another exception; the detail is QEMU's number of it. */
};

/* QEMU's numbers of exceptions, target/arm/cpu.h. */
enum { EXCP_PREFETCH_ABORT = 3, EXCP_DATA_ABORT = 4, NO_EXCEPTION = -1 };

struct test_case {
    uint32_t code_len;
    uint8_t code[CODE_LEN];
    uint32_t registers[REGISTER_COUNT];
};

struct core {
    uc_engine *engine;
    uc_context *fresh;
    uint32_t start, end;   /* Of the code. */
    uint32_t current;      /* Address of the last instruction that began, or 0. */
    int exception;         /* What stopped it. */
    uint32_t first_access; /* Address of the first data access, or 0. */
};

/* `ram` is what the emulator works on; `batch_ram` is what it was before the case. */
static uint8_t ram[RAM_LEN], batch_ram[RAM_LEN];

static void die(const char *what)
{
    fprintf(stderr, "oracle: %s\n", what);
    exit(1);
}

static void check(uc_err error, const char *what)
{
    if (error != UC_ERR_OK) {
        fprintf(stderr, "oracle: %s: %s\n", what, uc_strerror(error));
        exit(1);
    }
}

/*
 * Called before each instruction but those that an IT block skips. libunicorn cannot stop inside of an IT block, which
 * is why the code has an end, not a number of instructions.
 */
static void on_instruction(uc_engine *engine, uint64_t address, uint32_t size, void *data)
{
    struct core *core = data;
    (void)size;
    if (address < core->start || address >= core->end || address <= core->current)
        uc_emu_stop(engine);
    else
        core->current = (uint32_t)address;
}

static void on_exception(uc_engine *engine, uint32_t number, void *data)
{
    struct core *core = data;
    core->exception = (int)number;
    uc_emu_stop(engine);
}

static void on_access(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value, void *data)
{
    struct core *core = data;
    (void)engine;
    (void)type;
    (void)size;
    (void)value;
    if (core->first_access == 0)
        core->first_access = (uint32_t)address;
}

static void hook(struct core *core, int type, void *callback)
{
    uc_hook handle;
    check(uc_hook_add(core->engine, &handle, type, callback, core, 1, 0), "hook");
}

static void open_core(struct core *core, int model)
{
    /* Not UC_MODE_MCLASS: with it, this version takes a Cortex-M33 whatever is chosen. */
    check(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &core->engine), "open");
    check(uc_ctl_set_cpu_model(core->engine, model), "choose the core");
    check(uc_mem_map_ptr(core->engine, RAM_START, RAM_LEN, UC_PROT_ALL, ram), "map RAM");
    check(uc_mem_map_ptr(core->engine, 0, RAM_LEN, UC_PROT_ALL, ram), "map RAM");
    hook(core, UC_HOOK_CODE, (void *)on_instruction);
    hook(core, UC_HOOK_INTR, (void *)on_exception);
    hook(core, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, (void *)on_access);
    check(uc_context_alloc(core->engine, &core->fresh), "context");
    check(uc_context_save(core->engine, core->fresh), "context");
}

static struct core *core_of(uint32_t model)
{
    static struct core cores[3];
    static const uint32_t models[3] = {0, 3, 4};
    static const int unicorn_models[3] = {UC_CPU_ARM_CORTEX_M0, UC_CPU_ARM_CORTEX_M3, UC_CPU_ARM_CORTEX_M4};
    for (int i = 0; i < 3; i++) {
        if (models[i] != model)
            continue;
        if (cores[i].engine == NULL)
            open_core(&cores[i], unicorn_models[i]);
        return &cores[i];
    }
    die("unknown core");
    return NULL;
}

static void set(uc_engine *engine, int id, uint32_t value)
{
    check(uc_reg_write(engine, id, &value), "write a register");
}

static uint32_t get(uc_engine *engine, int id)
{
    uint32_t value = 0;
    check(uc_reg_read(engine, id, &value), "read a register");
    return value;
}

/* R0 to R12, R14. */
static int general(int index)
{
    return index == 14 ? UC_ARM_REG_LR : UC_ARM_REG_R0 + index;
}

/*
 * The order matters: QEMU writes as an MSR instruction does, so privilege goes last, and what is written as MSP is R13
 * until CONTROL chooses the other stack. The write to APSR_NZCV is the only one on a Cortex-M after which this version
 * works out again what its translated code may assume (privilege, handler mode).
 */
static void load(struct core *core, const uint32_t *registers)
{
    uc_engine *engine = core->engine;
    check(uc_context_restore(engine, core->fresh), "restore");
    for (int i = 0; i < PC; i++)
        if (i != SP)
            set(engine, general(i), registers[i]);
    set(engine, UC_ARM_REG_MSP, registers[MSP]);
    set(engine, UC_ARM_REG_PSP, registers[PSP]);
    set(engine, UC_ARM_REG_PRIMASK, registers[PRIMASK]);
    set(engine, UC_ARM_REG_BASEPRI, registers[BASEPRI]);
    set(engine, UC_ARM_REG_FAULTMASK, registers[FAULTMASK]);
    set(engine, UC_ARM_REG_CONTROL, registers[CONTROL]);
    set(engine, UC_ARM_REG_XPSR_NZCVQG, registers[XPSR]);
    set(engine, UC_ARM_REG_SP, registers[SP]);
    set(engine, UC_ARM_REG_APSR_NZCV, registers[XPSR]);
}

/* Exception mode comes in between, because QEMU shows the stack pointers and masks to privileged code only. */
static void store(struct core *core, uint32_t *registers)
{
    uc_engine *engine = core->engine;
    for (int i = 0; i < PC; i++)
        registers[i] = get(engine, i == SP ? UC_ARM_REG_SP : general(i));
    registers[PC] = get(engine, UC_ARM_REG_PC);
    registers[XPSR] = get(engine, UC_ARM_REG_XPSR);
    registers[CONTROL] = get(engine, UC_ARM_REG_CONTROL);
    set(engine, UC_ARM_REG_IPSR, 3);
    registers[MSP] = get(engine, UC_ARM_REG_MSP);
    registers[PSP] = get(engine, UC_ARM_REG_PSP);
    registers[PRIMASK] = get(engine, UC_ARM_REG_PRIMASK);
    registers[BASEPRI] = get(engine, UC_ARM_REG_BASEPRI);
    registers[FAULTMASK] = get(engine, UC_ARM_REG_FAULTMASK);
}

/*
 * What stopped the core is about the instruction that PC still points to. A branch to where no code is, or to an even
 * address, is done when PC has moved: it is the next instruction that cannot run. So are WFE and YIELD, which this
 * version reports as invalid instructions after it ran them.
 */
static enum outcome outcome_of(struct core *core, uc_err error)
{
    uint32_t pc = get(core->engine, UC_ARM_REG_PC);
    bool has_moved = pc != core->current;
    if (core->exception == EXCP_DATA_ABORT)
        return BAD_ACCESS;
    if (core->exception == EXCP_PREFETCH_ABORT && has_moved)
        return DONE;
    if (core->exception != NO_EXCEPTION)
        return EXCEPTION;
    switch (error) {
    case UC_ERR_OK:
    case UC_ERR_FETCH_UNMAPPED:
        return DONE;
    case UC_ERR_INSN_INVALID:
        return has_moved ? DONE : UNDEFINED;
    case UC_ERR_READ_UNMAPPED:
    case UC_ERR_WRITE_UNMAPPED:
        return BAD_ACCESS;
    default:
        check(error, "run");
        return DONE;
    }
}

static enum outcome run(struct core *core, const struct test_case *test)
{
    core->start = test->registers[PC];
    core->end = core->start + test->code_len;
    core->current = 0;
    core->exception = NO_EXCEPTION;
    core->first_access = 0;
    uint64_t from = core->start, to = from + CODE_LEN;
    check(uc_ctl_remove_cache(core->engine, from, to), "forget old code");
    return outcome_of(core, uc_emu_start(core->engine, from | 1, UINT64_MAX, 0, 0));
}

static void put(uint32_t word)
{
    if (fwrite(&word, sizeof word, 1, stdout) != 1)
        die("cannot write");
}

static void put_changes(void)
{
    uint32_t count = 0, before, after;
    if (memcmp(ram, batch_ram, RAM_LEN) == 0) {
        put(0);
        return;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t at = 0; at < RAM_LEN; at += 4) {
            memcpy(&before, batch_ram + at, 4);
            memcpy(&after, ram + at, 4);
            if (before == after)
                continue;
            if (pass == 0) {
                count++;
            } else {
                put(RAM_START + at);
                put(after);
            }
        }
        if (pass == 0)
            put(count);
    }
}

static void answer(struct core *core, const struct test_case *test)
{
    uint32_t registers[REGISTER_COUNT];
    uint32_t code = test->registers[PC] - RAM_START;
    uint8_t covered[CODE_LEN];
    if (code > RAM_LEN - CODE_LEN || test->code_len == 0 || test->code_len > CODE_LEN)
        die("code outside RAM");
    memcpy(covered, batch_ram + code, CODE_LEN);
    memcpy(batch_ram + code, test->code, CODE_LEN);
    memcpy(ram, batch_ram, RAM_LEN);

    load(core, test->registers);
    enum outcome outcome = run(core, test);
    store(core, registers);

    put(outcome);
    put((uint32_t)core->exception);
    for (int i = 0; i < REGISTER_COUNT; i++)
        put(registers[i]);
    put(core->first_access);
    put_changes();
    memcpy(batch_ram + code, covered, CODE_LEN);
}

static void read_exactly(void *data, size_t len)
{
    if (fread(data, 1, len, stdin) != len)
        die("a batch is cut short");
}

int main(void)
{
    uint32_t head[3];
    static char out[1 << 16];
    setvbuf(stdout, out, _IOFBF, sizeof out);
    while (fread(head, sizeof head, 1, stdin) == 1) {
        if (head[0] != MAGIC)
            die("not a batch");
        read_exactly(batch_ram, RAM_LEN);
        struct test_case *tests = calloc(head[2] + 1, sizeof *tests);
        if (tests == NULL)
            die("out of memory");
        read_exactly(tests, head[2] * sizeof *tests);
        put(MAGIC);
        put(uc_version(NULL, NULL));
        for (uint32_t i = 0; i < head[2]; i++)
            answer(core_of(head[1]), &tests[i]);
        free(tests);
        if (fflush(stdout) != 0)
            die("cannot write");
    }
    return 0;
}
