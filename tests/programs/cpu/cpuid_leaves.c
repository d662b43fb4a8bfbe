/* cpuid with varied leaves: what is recorded comes again, on any machine; the features that cannot
 * be recorded (rdrand, rdseed, TSX) are absent or work. */
#include "check.h"

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(sub));
}

int main(void)
{
    uint32_t r[4];
    static const uint32_t leaves[] = {0,          1,          2,          4,          7,
                                      0xb,        0xd,        0x14,       0x15,       0x16,
                                      0x1f,       0x40000000, 0x80000000, 0x80000001, 0x80000002,
                                      0x80000003, 0x80000004, 0x80000007, 0x80000008, 0xdeadbeef};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
        for (uint32_t sub = 0; sub < 3; sub++) {
            cpuid(leaves[i], sub, r);
            say("%08x.%u: %08x %08x %08x %08x\n", leaves[i], sub, r[0], r[1], r[2], r[3]);
        }
    /* The upper halves of all four registers become zero. */
    uint64_t a = ~0xfffffffful | 1, b = ~0ul, c = ~0xfffffffful, d = ~0ul;
    __asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
    CHECK((a | b | c | d) >> 32 == 0);
    return 0;
}
