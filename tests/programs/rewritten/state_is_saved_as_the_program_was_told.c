/* fxsave, xsave, xsaveopt, xsavec and xrstor with all bits of their masks: nothing but what the
 * program was told of is saved, in the places that it was told, and it comes back; through operands
 * of all kinds; on a stack that has to grow; and where there is no memory they fault. */
#include "telling.h"

#include <setjmp.h>

#define AREA 16384
#define XMM  160
#define BV   512
#define COMP 520

static uint8_t area[AREA] __attribute__((aligned(64)));
static __thread uint8_t area_of_thread[AREA] __attribute__((aligned(64)));
static uint64_t told = 3;
static uint32_t told_size = 576, avx_offset;
static bool has_xsave, has_avx, has_xsaveopt, has_xsavec;

static void ask(void)
{
    uint32_t a, b, c, d;
    __cpuid(1, a, b, c, d);
    has_xsave = (c & bit_OSXSAVE) != 0;
    if (!has_xsave)
        return;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    told = (uint64_t)d << 32 | a;
    __cpuid_count(0xd, 0, a, told_size, c, d);
    __cpuid_count(0xd, 2, a, avx_offset, c, d);
    has_avx = (told & 4) != 0;
    __cpuid_count(0xd, 1, a, b, c, d);
    has_xsaveopt = (a & 1) != 0;
    has_xsavec = (a & 2) != 0;
}

/* ---- registers ---- */

struct vectors {
    uint8_t xmm[16][16];
    uint8_t ymm_high[16][16];
};

static void load(const struct vectors *v)
{
#define LOAD(n) __asm__ volatile("movups %0, %%xmm" #n : : "m"(v->xmm[n]) : "xmm" #n);
    /* clang-format off */
    LOAD(0) LOAD(1) LOAD(2) LOAD(3) LOAD(4) LOAD(5) LOAD(6) LOAD(7)
    LOAD(8) LOAD(9) LOAD(10) LOAD(11) LOAD(12) LOAD(13) LOAD(14) LOAD(15)
    if (!has_avx)
        return;
#define LOAD_HIGH(n)                                                                               \
    __asm__ volatile("vinsertf128 $1, %0, %%ymm" #n ", %%ymm" #n : : "m"(v->ymm_high[n]) : "xmm" #n);
    LOAD_HIGH(0) LOAD_HIGH(1) LOAD_HIGH(2) LOAD_HIGH(3) LOAD_HIGH(4) LOAD_HIGH(5) LOAD_HIGH(6)
    LOAD_HIGH(7) LOAD_HIGH(8) LOAD_HIGH(9) LOAD_HIGH(10) LOAD_HIGH(11) LOAD_HIGH(12) LOAD_HIGH(13)
    LOAD_HIGH(14) LOAD_HIGH(15)
    /* clang-format on */
}

static void store(struct vectors *v)
{
#define STORE(n) __asm__ volatile("movups %%xmm" #n ", %0" : "=m"(v->xmm[n]));
    /* clang-format off */
    STORE(0) STORE(1) STORE(2) STORE(3) STORE(4) STORE(5) STORE(6) STORE(7)
    STORE(8) STORE(9) STORE(10) STORE(11) STORE(12) STORE(13) STORE(14) STORE(15)
    memset(v->ymm_high, 0, sizeof v->ymm_high);
    if (!has_avx)
        return;
#define STORE_HIGH(n) __asm__ volatile("vextractf128 $1, %%ymm" #n ", %0" : "=m"(v->ymm_high[n]));
    STORE_HIGH(0) STORE_HIGH(1) STORE_HIGH(2) STORE_HIGH(3) STORE_HIGH(4) STORE_HIGH(5)
    STORE_HIGH(6) STORE_HIGH(7) STORE_HIGH(8) STORE_HIGH(9) STORE_HIGH(10) STORE_HIGH(11)
    STORE_HIGH(12) STORE_HIGH(13) STORE_HIGH(14) STORE_HIGH(15)
    /* clang-format on */
}

static struct vectors pattern(uint8_t seed)
{
    struct vectors v = {0};
    for (size_t i = 0; i < sizeof v; i++)
        ((uint8_t *)&v)[i] = (uint8_t)(i * 7 + seed);
    if (!has_avx)
        memset(v.ymm_high, 0, sizeof v.ymm_high);
    return v;
}

static void push_x87(double x)
{
    __asm__ volatile("fninit; fldl %0" : : "m"(x));
}

static double pop_x87(void)
{
    double x;
    __asm__ volatile("fstpl %0; fninit" : "=m"(x));
    return x;
}

/* ---- instructions ---- */

enum kind { FXSAVE, XSAVE, XSAVEOPT, XSAVEC, KINDS };
static const char *const names[] = {"fxsave", "xsave", "xsaveopt", "xsavec"};

#define WITH(insn, p)                                                                              \
    __asm__ volatile(insn " (%0)" : : "r"(p), "a"(UINT32_MAX), "d"(UINT32_MAX) : "memory")

static __attribute__((noinline)) void save(enum kind kind, void *p)
{
    switch (kind) {
    case FXSAVE:
        WITH("fxsave64", p);
        break;
    case XSAVE:
        WITH("xsave64", p);
        break;
    case XSAVEOPT:
        WITH("xsaveopt", p);
        break;
    case XSAVEC:
        WITH("xsavec64", p);
        break;
    case KINDS:
        break;
    }
}

static __attribute__((noinline)) void restore(const void *p)
{
    WITH("xrstor64", p);
}

static bool is_there(enum kind kind)
{
    return kind == FXSAVE || (kind == XSAVE && has_xsave) || (kind == XSAVEOPT && has_xsaveopt) ||
           (kind == XSAVEC && has_xsavec);
}

/* ---- what they save ---- */

static uint64_t word_at(const uint8_t *p, size_t offset)
{
    uint64_t v;
    memcpy(&v, p + offset, sizeof v);
    return v;
}

static void prepare(uint8_t *p)
{
    memset(p, 0xee, AREA);
    memset(p + BV, 0, 64);
}

/* The end of an image; a header is prepared for all. */
static size_t size_of(enum kind kind)
{
    return kind == FXSAVE ? BV + 64 : told_size;
}

static void check_untouched(const uint8_t *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        CHECK(p[i] == 0xee);
}

static void everything_comes_back(enum kind kind)
{
    struct vectors v = pattern((uint8_t)(kind * 16 + 3)), none = {0}, back;
    prepare(area);
    push_x87(1.5);
    load(&v);
    save(kind, area);
    store(&back);
    CHECK(memcmp(&back, &v, sizeof v) == 0 && pop_x87() == 1.5);
    CHECK(memcmp(area + XMM, v.xmm, sizeof v.xmm) == 0);
    check_untouched(area, size_of(kind), AREA);
    say("%s: %016lx\n", names[kind], (long)hash_of(area, AREA));
    if (kind == FXSAVE)
        return;
    CHECK((word_at(area, BV) & 7) == (told & 7) && (word_at(area, BV) & ~told) == 0);
    CHECK(word_at(area, COMP) == (kind == XSAVEC ? told | 1ull << 63 : 0));
    if (has_avx)
        CHECK(memcmp(area + (kind == XSAVEC ? 576 : avx_offset), v.ymm_high, 256) == 0);
    load(&none);
    restore(area);
    store(&back);
    CHECK(memcmp(&back, &v, sizeof v) == 0 && pop_x87() == 1.5);
}

/* A register of zeros is not in use, whoever put them there and however often the task was switched
 * since: so it is for recorded programs, left alone CPUs see that in their own way. xsave saves it,
 * the others leave it out. */
static void zeros_are_not_in_use(enum kind kind)
{
    struct vectors v = pattern(9), none = {0}, back;
    for (int i = 0; i < 8; i++) {
        prepare(area);
        __asm__ volatile("fninit");
        load(&none);
        if (i % 2 != 0)
            sleep_ms(1);
        load(&none);
        save(kind, area);
        CHECK((word_at(area, BV) & 6) == 0); /* fninit leaves values behind */
        if (has_avx)
            CHECK(area[avx_offset] == (kind == XSAVE ? 0 : 0xee));
    }
    say("%s of zeros: %016lx\n", names[kind], (long)hash_of(area, AREA));
    load(&v);
    restore(area);
    store(&back);
    CHECK(memcmp(&back, &none, sizeof back) == 0);
}

/* ---- operands ---- */

#define AT(operand, ...)                                                                           \
    do {                                                                                           \
        memset(at, 0xee, 512);                                                                     \
        load(&v); /* memset uses registers */                                                      \
        __asm__ volatile("fxsave " operand : : __VA_ARGS__ : "memory");                            \
        CHECK(memcmp(at + XMM, v.xmm, sizeof v.xmm) == 0);                                         \
    } while (0)

static void operands_of_all_kinds(void)
{
    struct vectors v = pattern(77);
    uint8_t *at = area + 512;
    uint64_t base;
    AT("0x200(%0)", "r"(area));
    AT("-0x40(%0)", "r"(area + 576));
    AT("(%0,%1,8)", "r"(area), "r"(64ul));
    AT("0x100(%0,%1,1)", "r"(area), "r"(256ul));
    AT("512+%a0", "i"(area));
    {
        register uint8_t *base_in_r13 __asm__("r13") = at;
        register unsigned long index_in_r12 __asm__("r12") = 128;
        AT("(%0)", "r"(base_in_r13));
        AT("-0x200(%0,%1,4)", "r"(base_in_r13), "r"(index_in_r12));
    }
    at = area_of_thread;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(base));
    AT("%%fs:(%0)", "r"(at - base));
    AT("%%fs:0x40(%0)", "r"(at - base - 64));
    /* an address of 32 bits */
    uint8_t *low = mmap((void *)0x10000000, PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (low == (void *)0x10000000) {
        at = low;
        AT("(%k0)", "r"(0xabcdef0010000000ul));
    }
    /* by the stack pointer, with a red zone around */
    uint8_t on_stack[1024] __attribute__((aligned(64)));
    load(&v);
    __asm__ volatile("xchg %0, %%rsp; fxsave 0x40(%%rsp); xchg %0, %%rsp"
                     :
                     : "r"(on_stack)
                     : "memory");
    CHECK(memcmp(on_stack + 64 + XMM, v.xmm, sizeof v.xmm) == 0);
}

static void stack_grows(void)
{
    struct vectors v = pattern(42);
    uint8_t *below = (uint8_t *)(((uintptr_t)__builtin_frame_address(0) - (1 << 20)) & ~63ul);
    load(&v);
    save(FXSAVE, below);
    CHECK(memcmp(below + XMM, v.xmm, sizeof v.xmm) == 0);
    if (!has_xsave)
        return;
    below -= 1 << 20;
    load(&v); /* memcmp uses registers */
    save(XSAVE, below);
    CHECK(memcmp(below + XMM, v.xmm, sizeof v.xmm) == 0);
}

/* ---- faults ---- */

static sigjmp_buf out;
static volatile sig_atomic_t signo, sicode;
static uint8_t *volatile siaddr;
static uint8_t *volatile to_allow;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    signo = sig;
    sicode = info->si_code;
    siaddr = info->si_addr;
    if (to_allow == NULL)
        siglongjmp(out, 1);
    allow(to_allow, 1, PROT_READ | PROT_WRITE);
    to_allow = NULL;
}

static void check_fault(enum kind kind, uint8_t *p, int sig, int code, const uint8_t *page)
{
    signo = 0;
    if (sigsetjmp(out, 1) == 0)
        save(kind, p);
    CHECK(signo == sig && sicode == code);
    CHECK(page == NULL || (siaddr >= page && siaddr < page + PAGE));
}

static void faults(enum kind kind)
{
    uint8_t *p = pages(3, PROT_READ | PROT_WRITE), *edge = p + PAGE - 128;
    check_fault(kind, p + 8, SIGSEGV, SI_KERNEL, NULL);
    check_fault(kind, (uint8_t *)0x8000000000000000, SIGSEGV, SI_KERNEL, NULL);
    allow(p + PAGE, 1, PROT_READ);
    memset(edge, 0xee, 128);
    check_fault(kind, p + PAGE, SIGSEGV, SEGV_ACCERR, p + PAGE);
    check_fault(kind, edge, SIGSEGV, SEGV_ACCERR, p + PAGE);
    allow(p + PAGE, 1, PROT_NONE);
    check_fault(kind, edge, SIGSEGV, SEGV_ACCERR, p + PAGE);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    check_fault(kind, edge, SIGSEGV, SEGV_MAPERR, p + PAGE);
    int fd = scratch_file();
    CHECK(ftruncate(fd, 100) == 0);
    uint8_t *file = mmap(p, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    CHECK(file == p);
    check_fault(kind, edge, SIGBUS, BUS_ADRERR, p + PAGE);
    CHECK(close(fd) == 0 && munmap(p, 3 * PAGE) == 0);
}

static void handler_makes_the_memory_accessible(enum kind kind)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    struct vectors v = pattern(5), back;
    allow(p, 1, PROT_NONE);
    to_allow = p;
    load(&v);
    save(kind, p);
    store(&back);
    CHECK(to_allow == NULL && memcmp(p + XMM, v.xmm, sizeof v.xmm) == 0);
    CHECK(memcmp(&back, &v, sizeof v) == 0);
    CHECK(munmap(p, PAGE) == 0);
}

static void check_bad_image(size_t offset, uint8_t byte, int code)
{
    struct vectors v = pattern(21), back;
    prepare(area);
    load(&v);
    save(XSAVE, area);
    area[offset] = byte;
    signo = 0;
    if (sigsetjmp(out, 1) == 0)
        restore(area);
    store(&back);
    CHECK(signo == (code != 0 ? SIGSEGV : 0) && (code == 0 || sicode == code));
    CHECK(signo != 0 || memcmp(back.xmm, v.xmm, sizeof v.xmm) == 0); /* handlers have new ones */
}

static void images_that_are_none(void)
{
    check_bad_image(BV + 7, 0x80, SI_KERNEL);
    check_bad_image(BV + 8, 1, SI_KERNEL);
    check_bad_image(BV + 16, 1, SI_KERNEL);
    check_bad_image(24 + 3, 1, SI_KERNEL); /* MXCSR */
    check_bad_image(24, 0xa0, 0);          /* another, which is none */
    __asm__ volatile("ldmxcsr %0" : : "m"((const uint32_t){0x1f80}));
    signo = 0;
    if (sigsetjmp(out, 1) == 0)
        restore((void *)0x40000);
    CHECK(signo == SIGSEGV && sicode == SEGV_MAPERR);
}

int main(void)
{
    ask();
    handle(SIGSEGV, handler, 0);
    handle(SIGBUS, handler, 0);
    for (enum kind kind = 0; kind < KINDS; kind++) {
        if (!is_there(kind))
            continue;
        everything_comes_back(kind);
        if (kind != FXSAVE)
            zeros_are_not_in_use(kind);
        faults(kind);
        handler_makes_the_memory_accessible(kind);
    }
    operands_of_all_kinds();
    stack_grows();
    if (has_xsave)
        images_that_are_none();
    say("%lx, %u bytes\n", (long)told, told_size);
    return 0;
}
