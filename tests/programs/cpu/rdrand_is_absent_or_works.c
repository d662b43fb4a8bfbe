/* A program asks cpuid before it uses rdrand and rdseed; if they are offered they must work, and
 * what they give is in the output so that a replay must give it again. */
#include "check.h"

#include <asm/prctl.h>
#include <cpuid.h>

int main(void)
{
    unsigned a, b, c, d;
    CHECK(__get_cpuid(1, &a, &b, &c, &d));
    bool rdrand = c >> 30 & 1;
    CHECK(__get_cpuid_count(7, 0, &a, &b, &c, &d));
    bool rdseed = b >> 18 & 1, rtm = b >> 11 & 1, hle = b >> 4 & 1;
    (void)rtm, (void)hle;
    bool no_traps = syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == -1 && errno == ENODEV;
    if (no_traps && (rdrand || rdseed))
        SKIP("this CPU cannot trap cpuid, so nothing hides rdrand");
    if (rdrand) {
        uint64_t value = 0;
        unsigned char ok = 0;
        for (int i = 0; i < 100 && !ok; i++)
            __asm__ volatile("rdrand %0\n\tsetc %1" : "=r"(value), "=qm"(ok) : : "cc");
        CHECK(ok);
        say("%016lx\n", (long)value);
    }
    if (rdseed) {
        uint64_t value = 0;
        unsigned char ok = 0;
        for (int i = 0; i < 10000 && !ok; i++)
            __asm__ volatile("rdseed %0\n\tsetc %1" : "=r"(value), "=qm"(ok) : : "cc");
        say("%016lx\n", (long)value);
    }
    return 0;
}
