/* rdrand, rdseed and rdpid into each register in each width, and their flags; xgetbv of registers
 * that are there and not there. */
#include "telling.h"

#include <setjmp.h>

struct result {
    uint64_t value, flags;
};

enum kind { RDRAND, RDSEED, RDPID, KINDS };

#define SENTINEL   0x1122334455667788ull
#define ARITHMETIC 0x8d5u
#define CARRY      1u

static uint8_t *put(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

#define PUT(at, ...) put(at, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* A function that sets all flags, puts the sentinel into the register, executes the instruction,
 * and returns register and flags. Its stack pointer may be the register, too. */
static void assemble(uint8_t *at, enum kind kind, unsigned reg, unsigned size)
{
    uint64_t sentinel = SENTINEL;
    uint8_t high = reg >> 3, low = reg & 7;
    at = PUT(at, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41,
             0x57);                                              /* push rbx, rbp, r12-15 */
    at = PUT(at, 0x68, 0xd7, 0x08, 0, 0, 0x9d);                  /* push $0x8d7; popf */
    at = PUT(at, 0x66, 0x48, 0x0f, 0x6e, 0xc4);                  /* movq %rsp, %xmm0 */
    at = PUT(at, (uint8_t)(0x48 | high), (uint8_t)(0xb8 | low)); /* movabs */
    at = put(at, &sentinel, 8);
    if (size == 2)
        at = PUT(at, 0x66);
    if (kind == RDPID)
        at = PUT(at, 0xf3);
    uint8_t rex = (uint8_t)(0x40 | high | (size == 8 && kind != RDPID ? 8 : 0));
    if (rex != 0x40)
        at = PUT(at, rex);
    at = PUT(at, 0x0f, 0xc7, (uint8_t)(0xc0 | (kind == RDRAND ? 6 : 7) << 3 | low));
    at = PUT(at, (uint8_t)(0x48 | high << 2), 0x89, (uint8_t)(0xc0 | low << 3)); /* mov REG, %rax */
    at = PUT(at, 0x66, 0x48, 0x0f, 0x7e, 0xc4); /* movq %xmm0, %rsp */
    at = PUT(at, 0x9c, 0x5a);                   /* pushf; pop %rdx */
    PUT(at, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);
}

static sigjmp_buf out;
static volatile sig_atomic_t signo, sicode;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    signo = sig;
    sicode = info->si_code;
    siglongjmp(out, 1);
}

static void check_one(enum kind kind, const struct result *r, unsigned size)
{
    uint64_t mask = size == 8 ? UINT64_MAX : (1ull << size * 8) - 1;
    unsigned flags = (unsigned)r->flags & ARITHMETIC;
    if (kind == RDPID)
        CHECK(r->value < 1u << 31 && flags == ARITHMETIC);
    else
        CHECK(flags == CARRY || (flags == 0 && (r->value & mask) == 0));
    if (size == 2)
        CHECK((r->value & ~mask) == (SENTINEL & ~mask));
    else
        CHECK((r->value & ~mask) == 0);
}

typedef struct result producer(void);

/* False: it raised a signal. */
static bool execute(const uint8_t *code, struct result *ret)
{
    producer *f = (producer *)(uintptr_t)code;
    if (sigsetjmp(out, 1) != 0)
        return false;
    *ret = f();
    return true;
}

static void all_registers(enum kind kind)
{
    static const uint8_t sizes[] = {2, 4, 8};
    uint64_t sum = 0;
    for (unsigned s = kind == RDPID ? 2 : 0; s < 3; s++) {
        uint8_t *p = pages(16, PROT_READ | PROT_WRITE);
        for (unsigned reg = 0; reg < 16; reg++)
            assemble(p + reg * PAGE, kind, reg, sizes[s]);
        allow(p, 16, PROT_READ | PROT_EXEC);
        for (unsigned reg = 0; reg < 16; reg++) {
            for (int i = 0; i < 3; i++) {
                struct result r;
                if (!execute(p + reg * PAGE, &r)) {
                    CHECK(signo == SIGILL && reg == 0 && i == 0);
                    say("kind %d is not there\n", (int)kind);
                    return;
                }
                check_one(kind, &r, sizes[s]);
                sum = sum * 31 + r.value;
            }
        }
    }
    say("kind %d: %016lx\n", (int)kind, (long)sum);
}

/* xor %eax, %eax; mov %edi, %ecx; xgetbv; shl; or; ret */
static const uint8_t xgetbv_code[] = {0x31, 0xc0, 0x89, 0xf9, 0x0f, 0x01, 0xd0, 0x48, 0xc1,
                                      0xe2, 0x20, 0x48, 0x09, 0xd0, 0x89, 0xca, 0xc3};

static void xgetbv(void)
{
    uint32_t a, b, c, d;
    __cpuid(1, a, b, c, d);
    if ((c & bit_OSXSAVE) == 0)
        return;
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    memcpy(p, xgetbv_code, sizeof xgetbv_code);
    allow(p, 1, PROT_READ | PROT_EXEC);
    telling *f = (telling *)(uintptr_t)p;
    __cpuid_count(0xd, 0, a, b, c, d);
    CHECK(f(0).tsc == ((uint64_t)d << 32 | a) && f(0).ebx == 0);
    __cpuid_count(0xd, 1, a, b, c, d);
    if ((a & 4) != 0) { /* what is in use: no more than what is there */
        CHECK((f(1).tsc & ~f(0).tsc) == 0);
        say("in use: %lx\n", (long)f(1).tsc);
    }
    for (uint32_t reg = (a & 4) != 0 ? 2 : 1; reg < 6; reg++) {
        signo = 0;
        if (sigsetjmp(out, 1) == 0)
            f(reg);
        CHECK(signo == SIGSEGV && sicode == SI_KERNEL);
    }
}

int main(void)
{
    handle(SIGILL, handler, 0);
    handle(SIGSEGV, handler, 0);
    for (enum kind kind = 0; kind < KINDS; kind++)
        all_registers(kind);
    xgetbv();
    return 0;
}
