/* A program that changes its own code in and around instructions that tell of the machine, after
 * they were executed: with permission to write in turns, and in pages that may always be written.
 */
#include "telling.h"

static const uint8_t nop2[] = {0x66, 0x90};
/* mov $0x12345678, %ebx would not fit: xor %ebx, %ebx */
static const uint8_t zero_ebx[] = {0x31, 0xdb};

static void check_quiet(const uint8_t *code, uint64_t ebx)
{
    CHECK(tell(code).ebx == ebx);
}

static void in_turns(void)
{
    uint8_t *p = telling_page();
    check_tells(p);
    for (int i = 0; i < 3; i++) {
        allow(p, 1, PROT_READ | PROT_WRITE);
        CHECK(memcmp(p, telling_code, sizeof telling_code) == 0);
        memcpy(p + TELLING_CPUID_AT, zero_ebx, 2);
        allow(p, 1, PROT_READ | PROT_EXEC);
        CHECK(memcmp(p + TELLING_CPUID_AT, zero_ebx, 2) == 0);
        check_quiet(p, 0);
        allow(p, 1, PROT_READ | PROT_WRITE);
        memcpy(p, telling_code, sizeof telling_code);
        allow(p, 1, PROT_READ | PROT_EXEC);
        check_tells(p);
    }
    allow(p, 1, PROT_READ | PROT_WRITE | PROT_EXEC);
    check_tells(p);
    allow(p, 1, PROT_NONE);
    allow(p, 1, PROT_EXEC);
    check_tells(p);
    allow(p, 1, PROT_READ | PROT_EXEC);
    CHECK(memcmp(p, telling_code, sizeof telling_code) == 0);
    check_tells(p);
}

/* Another function at the same place, with the instruction at another offset. */
static void shifted(void)
{
    uint8_t *p = telling_page();
    check_tells(p);
    for (size_t shift = 1; shift < 9; shift++) {
        allow(p, 1, PROT_READ | PROT_WRITE);
        memset(p, 0x90, PAGE);
        memcpy(p + shift, telling_code, sizeof telling_code);
        allow(p, 1, PROT_READ | PROT_EXEC);
        check_tells(p);
    }
}

/* No call tells of what is written: what was rewritten is gone, and comes back. */
static void always_writable(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    memcpy(p, telling_code, sizeof telling_code);
    check_tells(p);
    for (int i = 0; i < 3; i++) {
        memcpy(p + TELLING_CPUID_AT, zero_ebx, 2);
        memcpy(p + TELLING_RDTSC_AT, nop2, 2);
        check_quiet(p, 0);
        put_constant(p, (uint32_t)i + 5);
        CHECK(constant_of(p) == (uint32_t)i + 5);
        memcpy(p, telling_code, sizeof telling_code);
        say("changed\n");
        check_tells(p);
    }
}

/* A page that was executed, and then gets more code behind what is there. */
static void page_that_fills(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    put_constant(p, 77);
    CHECK(constant_of(p) == 77);
    for (size_t at = 64; at < 1024; at += 64) {
        memcpy(p + at, telling_code, sizeof telling_code);
        say("changed\n");
        check_tells(p + at);
        CHECK(constant_of(p) == 77);
    }
    uint8_t *q = pages(1, PROT_READ | PROT_WRITE);
    put_constant(q, 78);
    allow(q, 1, PROT_READ | PROT_EXEC);
    CHECK(constant_of(q) == 78);
    for (size_t at = 64; at < 1024; at += 64) {
        allow(q, 1, PROT_READ | PROT_WRITE);
        memcpy(q + at, telling_code, sizeof telling_code);
        allow(q, 1, PROT_READ | PROT_EXEC);
        check_tells(q + at);
        CHECK(constant_of(q) == 78);
    }
}

/* Written by the kernel: read(2) and pwrite to /proc/self/mem over what is rewritten. */
static void by_the_kernel(void)
{
    uint8_t changed[sizeof telling_code], *p = telling_page();
    memcpy(changed, telling_code, sizeof changed);
    memcpy(changed + TELLING_CPUID_AT, zero_ebx, 2);
    check_tells(p);
    int mem = open("/proc/self/mem", O_RDWR);
    CHECK(mem >= 0);
    for (int i = 0; i < 3; i++) {
        CHECK(pwrite(mem, changed, sizeof changed, (off_t)(uintptr_t)p) == sizeof changed);
        check_quiet(p, 0);
        CHECK(pwrite(mem, telling_code, sizeof changed, (off_t)(uintptr_t)p) == sizeof changed);
        check_tells(p);
    }
    close(mem);
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    allow(p, 1, PROT_READ | PROT_WRITE | PROT_EXEC);
    check_tells(p);
    for (int i = 0; i < 3; i++) {
        write_all(pipes[1], changed, sizeof changed);
        read_all(pipes[0], p, sizeof changed);
        check_quiet(p, 0);
        write_all(pipes[1], telling_code, sizeof changed);
        read_all(pipes[0], p, sizeof changed);
        say("changed\n");
        check_tells(p);
    }
}

int main(void)
{
    in_turns();
    shifted();
    always_writable();
    page_that_fills();
    by_the_kernel();
    return 0;
}
