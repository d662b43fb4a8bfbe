/* A function that tells of the machine by two instructions, cpuid and rdtsc: as bytes to be put
 * anywhere. Leaf 7 is not the same for a recorded program as for others, where the recording hides
 * features: so an answer that is not the recorder's is seen at once, and a time that is not is seen
 * when it is replayed. */
#ifndef REPRISE_TESTS_TELLING_H
#define REPRISE_TESTS_TELLING_H

#include "check.h"

#include <cpuid.h>
#include <sys/mman.h>

#define PAGE 4096ul

struct told {
    uint64_t tsc, ebx;
};
typedef struct told telling(uint32_t leaf);

enum { TELLING_CPUID_AT = 5, TELLING_RDTSC_AT = 10 };
static const uint8_t telling_code[] = {
    0x53,                   /* push %rbx */
    0x89, 0xf8,             /* mov %edi, %eax */
    0x31, 0xc9,             /* xor %ecx, %ecx */
    0x0f, 0xa2,             /* cpuid */
    0x89, 0xde,             /* mov %ebx, %esi */
    0x5b,                   /* pop %rbx */
    0x0f, 0x31,             /* rdtsc */
    0x48, 0xc1, 0xe2, 0x20, /* shl $32, %rdx */
    0x48, 0x09, 0xd0,       /* or %rdx, %rax */
    0x89, 0xf2,             /* mov %esi, %edx */
    0xc3,                   /* ret */
};

/* mov $value, %eax; ret */
static inline void put_constant(uint8_t *at, uint32_t value)
{
    at[0] = 0xb8;
    memcpy(at + 1, &value, 4);
    at[5] = 0xc3;
}

static inline uint32_t constant_of(const void *code)
{
    uint32_t (*f)(void) = (uint32_t(*)(void))(uintptr_t)code;
    return f();
}

static inline uint8_t *pages(size_t n, int prot)
{
    uint8_t *p = mmap(NULL, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        SKIP("memory with this permission is refused here");
    return p;
}

static inline void allow(void *at, size_t n, int prot)
{
    CHECK(mprotect(at, n * PAGE, prot) == 0);
}

/* A page that holds the function and was never executed. */
static inline uint8_t *telling_page(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    memcpy(p, telling_code, sizeof telling_code);
    allow(p, 1, PROT_READ | PROT_EXEC);
    return p;
}

/* Of the vendor, which is the same when a recording has ended meanwhile. */
static inline struct told tell(const void *code)
{
    return ((telling *)(uintptr_t)code)(0);
}

/* The same function amid other code, at its middle, so that it can be told from data before anybody
 * executes it. */
static inline uint8_t *telling_page_of_code(void)
{
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE), *middle = p + PAGE / 2;
    memset(p, 0x90, PAGE); /* nop */
    memcpy(middle, telling_code, sizeof telling_code);
    allow(p, 1, PROT_READ | PROT_EXEC);
    return middle;
}

/* That it works, and what it tells. */
static inline void check_tells(const void *code)
{
    uint32_t a, b, c, d;
    struct told told = tell(code);
    __cpuid(0, a, b, c, d);
    CHECK(told.ebx == b);
    say("%lx\n", (long)told.tsc);
}

#endif
