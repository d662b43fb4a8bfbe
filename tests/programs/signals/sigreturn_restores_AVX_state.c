/* The upper halves of the vector registers survive a handler that clears them: the frame's XSAVE
 * area, arch/x86/kernel/fpu/signal.c. With AVX-512, so do zmm registers and masks. */
#include "check.h"

#include <cpuid.h>

static volatile sig_atomic_t avx512;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    __asm__ volatile("vzeroall" : : : "memory");
    if (avx512)
        __asm__ volatile(".byte 0x62,0xe1,0xfd,0x40,0xef,0xc0" /* vpxorq zmm16,zmm16,zmm16 */
                         :
                         :
                         : "memory");
}

static bool has(unsigned leaf, unsigned reg, unsigned bit)
{
    unsigned r[4];
    return __get_cpuid_count(leaf, 0, &r[0], &r[1], &r[2], &r[3]) && (r[reg] >> bit & 1);
}

static unsigned enabled_state(void)
{
    unsigned lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return lo;
}

int main(void)
{
    if (!has(1, 2, 27) || !has(1, 2, 28) || (enabled_state() & 6) != 6)
        SKIP("no AVX here");
    handle(SIGTRAP, handler, 0);
    uint64_t in[8], out[8];
    for (int i = 0; i < 8; i++)
        in[i] = random_word();
    __asm__ volatile("vmovdqu (%0), %%ymm3\n\tvmovdqu 32(%0), %%ymm14\n\tint3\n\t"
                     "vmovdqu %%ymm3, (%1)\n\tvmovdqu %%ymm14, 32(%1)\n\tvzeroupper"
                     :
                     : "r"(in), "r"(out)
                     : "memory", "xmm3", "xmm14");
    CHECK(memcmp(in, out, sizeof in) == 0);
    say("ymm %016lx\n", (long)hash_of(out, sizeof out));

    avx512 = has(7, 1, 16) && (enabled_state() & 0xe0) == 0xe0;
    if (avx512) {
        memset(out, 0, sizeof out);
        /* vmovdqu64 (rax),zmm16 ; int3 ; vmovdqu64 zmm16,(rdx) */
        __asm__ volatile(".byte 0x62,0xe1,0xfe,0x48,0x6f,0x00\n\tint3\n\t"
                         ".byte 0x62,0xe1,0xfe,0x48,0x7f,0x02\n\tvzeroupper"
                         :
                         : "a"(in), "d"(out)
                         : "memory");
        CHECK(memcmp(in, out, sizeof in) == 0);
        say("zmm %016lx\n", (long)hash_of(out, sizeof out));
    }
    return 0;
}
