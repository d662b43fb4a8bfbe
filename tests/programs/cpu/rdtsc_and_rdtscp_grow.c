/* The time stamp counter, read by the two instructions that a recorder can trap with
 * PR_SET_TSC: prctl(2). The registers around them keep their values. */
#include "check.h"

#include <cpuid.h>

static uint64_t rdtsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static uint64_t rdtscp(uint32_t *core)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(*core));
    return (uint64_t)hi << 32 | lo;
}

int main(void)
{
    uint32_t eax, ebx, ecx, edx;
    if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) == 0 || (edx >> 27 & 1) == 0)
        SKIP("no rdtscp here");
    uint64_t last = rdtsc();
    for (int i = 0; i < 100; i++) {
        uint32_t core = 0;
        uint64_t t = i % 2 ? rdtsc() : rdtscp(&core);
        CHECK(t >= last);
        if (i % 20 == 0)
            say("%lu on core %u of node %u\n", (long)t, core & 0xfff, core >> 12);
        last = t;
    }
    /* Both halves are written whole: the upper parts of the registers become zero. */
    uint64_t a = ~0ul, d = ~0ul;
    __asm__ volatile("rdtsc" : "+a"(a), "+d"(d));
    CHECK(a >> 32 == 0 && d >> 32 == 0);
    uint64_t c = ~0ul;
    __asm__ volatile("rdtscp" : "+a"(a), "+d"(d), "+c"(c));
    CHECK(c >> 32 == 0);
    say("%lu\n", (long)(d << 32 | a));
    return 0;
}
