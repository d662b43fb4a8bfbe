/* Which register state is enabled, where XSAVE puts it, and what XGETBV(1) says is in use. */
#include "check.h"

#include <cpuid.h>

int main(void)
{
    unsigned a, b, c, d;
    CHECK(__get_cpuid(1, &a, &b, &c, &d));
    if (!(c >> 27 & 1))
        SKIP("no xgetbv here");
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    say("enabled %08x%08x\n", hi, lo);
    CHECK((lo & 3) == 3);
    __cpuid_count(0xd, 0, a, b, c, d);
    CHECK(b >= 576 && b <= c);
    say("size %u of %u\n", b, c);
    unsigned size = b;
    for (unsigned i = 2; i < 32; i++)
        if (lo >> i & 1) {
            __cpuid_count(0xd, i, a, b, c, d);
            say("component %u: %u bytes at %u, %x\n", i, a, b, c);
            CHECK(b + a <= size);
        }
    unsigned char *area = aligned_alloc(64, (size + 63) & ~63u);
    CHECK(area != NULL);
    memset(area, 0, size);
    double x = (double)getpid() / 3.0;
    __asm__ volatile("movsd %0, %%xmm5\n\txsave (%1)"
                     :
                     : "m"(x), "r"(area), "a"(7), "d"(0)
                     : "memory", "xmm5");
    double back;
    memcpy(&back, area + 160 + 5 * 16, 8);
    CHECK(back == x);
    say("%.17g in the area\n", back);
    return 0;
}
