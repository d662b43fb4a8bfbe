/* A program that jumps to what it may not execute gets its SIGSEGV, with the address, and its own
 * int3 gets a SIGTRAP; where it may execute it just goes on. Pages that were never executed are no
 * different. */
#include "telling.h"

#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf out;
static volatile sig_atomic_t got, code;
static volatile uintptr_t address, ip;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    got = sig;
    code = info->si_code;
    address = (uintptr_t)info->si_addr;
    ip = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
    siglongjmp(out, 1);
}

/* The signal that executing there raises, or 0. */
static int raised_at(const uint8_t *p)
{
    got = 0;
    if (sigsetjmp(out, 1) == 0)
        tell(p);
    return got;
}

static void check_refused(const uint8_t *p, int wanted_code)
{
    CHECK(raised_at(p) == SIGSEGV && code == wanted_code);
    CHECK(address == (uintptr_t)p && ip == (uintptr_t)p);
}

static void permissions(void)
{
    uint8_t *p = telling_page();
    for (int i = 0; i < 3; i++) {
        allow(p, 1, PROT_READ);
        check_refused(p, SEGV_ACCERR);
        allow(p, 1, PROT_READ | PROT_EXEC);
        CHECK(raised_at(p) == 0);
        check_tells(p);
        allow(p, 1, PROT_NONE);
        check_refused(p, SEGV_ACCERR);
        allow(p, 1, PROT_READ | PROT_EXEC);
    }
    CHECK(munmap(p, PAGE) == 0);
    check_refused(p, SEGV_MAPERR);
}

/* Writing where one may only execute, and reading what may not be read. */
static void other_faults(void)
{
    uint8_t *p = telling_page();
    for (int i = 0; i < 2; i++) {
        got = 0;
        if (sigsetjmp(out, 1) == 0)
            *(volatile uint8_t *)(p + 5) = 1;
        CHECK(got == SIGSEGV && code == SEGV_ACCERR && address == (uintptr_t)p + 5);
        check_tells(p);
    }
}

/* The instruction begins in a page that may be executed, and ends in one that may not. */
static void across_pages(void)
{
    uint8_t *p = pages(2, PROT_READ | PROT_WRITE), *start = p + PAGE - TELLING_CPUID_AT - 1;
    memcpy(start, telling_code, sizeof telling_code);
    allow(p, 2, PROT_READ | PROT_EXEC);
    allow(p + PAGE, 1, PROT_READ);
    CHECK(raised_at(start) == SIGSEGV && code == SEGV_ACCERR);
    CHECK(address == (uintptr_t)p + PAGE && ip == (uintptr_t)p + PAGE - 1);
    allow(p + PAGE, 1, PROT_READ | PROT_EXEC);
    check_tells(start);
    allow(p, 2, PROT_READ);
    CHECK(memcmp(start, telling_code, sizeof telling_code) == 0);
    allow(p, 2, PROT_READ | PROT_EXEC);
    check_tells(start);
}

static void own_int3(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    memcpy(p, telling_code, sizeof telling_code);
    p[TELLING_RDTSC_AT] = 0xcc; /* in front of what was the second byte of one */
    p[TELLING_RDTSC_AT + 1] = 0x90;
    allow(p, 1, PROT_READ | PROT_EXEC);
    for (int i = 0; i < 3; i++) {
        CHECK(raised_at(p) == SIGTRAP && code == SI_KERNEL);
        CHECK(ip == (uintptr_t)p + TELLING_RDTSC_AT + 1);
    }
    allow(p, 1, PROT_READ | PROT_WRITE);
    memcpy(p, telling_code, sizeof telling_code);
    allow(p, 1, PROT_READ | PROT_EXEC);
    check_tells(p);
    allow(p, 1, PROT_READ | PROT_WRITE);
    p[TELLING_CPUID_AT] = 0xcc; /* its own, where the recorder's was */
    allow(p, 1, PROT_READ | PROT_EXEC);
    CHECK(p[TELLING_CPUID_AT] == 0xcc);
    CHECK(raised_at(p) == SIGTRAP && ip == (uintptr_t)p + TELLING_CPUID_AT + 1);
}

/* In memory that may be written, its own takes the place of the recorder's without a call. */
static void own_int3_over_another(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(p, telling_code, sizeof telling_code);
    check_tells(p);
    memset(p + TELLING_CPUID_AT, 0xcc, 2);
    say("changed\n");
    CHECK(raised_at(p) == SIGTRAP && ip == (uintptr_t)p + TELLING_CPUID_AT + 1);
    memcpy(p, telling_code, sizeof telling_code);
    say("changed\n");
    check_tells(p);
}

/* A jump into the middle of an instruction that tells of the machine. */
static void into_the_middle(void)
{
    uint8_t *p = telling_page();
    check_tells(p);
    static const uint8_t hidden[] = {0xb8, 0x0f, 0xa2, 0x90, 0x90, 0xc3}; /* mov $..., %eax; ret */
    uint8_t *q = pages(1, PROT_READ | PROT_WRITE);
    memcpy(q, hidden, sizeof hidden);
    allow(q, 1, PROT_READ | PROT_EXEC);
    CHECK(constant_of(q) == 0x9090a20f);
    CHECK(memcmp(q, hidden, sizeof hidden) == 0);
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    handle(SIGTRAP, handler, 0);
    permissions();
    other_faults();
    across_pages();
    own_int3();
    own_int3_over_another();
    into_the_middle();
    return 0;
}
