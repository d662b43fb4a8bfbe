/* System calls keep all vector registers, their upper halves included; the values come from random
 * bytes and are computed on between calls. */
#include "check.h"

#include <cpuid.h>
#include <immintrin.h>

int main(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 5 & 1))
        SKIP("no AVX2 here");
    uint64_t words[4] = {random_word(), random_word(), random_word(), random_word()}, out[4];
    uint64_t expected[4];
    memcpy(expected, words, sizeof words);
    int pid = getpid();
    /* ymm1 holds the state over 200 calls; nothing of libc runs in between. */
    long n = 200;
    __asm__ volatile("vmovdqu (%[in]), %%ymm1\n\tvmovdqa %%ymm1, %%ymm9\n"
                     "1:\tmov $39, %%eax\n\tsyscall\n\t"
                     "vmovq %%rax, %%xmm2\n\tvpbroadcastq %%xmm2, %%ymm2\n\t"
                     "vpaddq %%ymm2, %%ymm1, %%ymm1\n\tvpxor %%ymm9, %%ymm1, %%ymm1\n\t"
                     "dec %[n]\n\tjnz 1b\n\t"
                     "vmovdqu %%ymm1, (%[out])\n\tvzeroupper"
                     : [n] "+r"(n)
                     : [in] "r"(words), [out] "r"(out)
                     : "rax", "rcx", "r11", "memory", "cc", "xmm1", "xmm2", "xmm9");
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 200; k++)
            expected[i] = (expected[i] + (uint64_t)pid) ^ words[i];
        CHECK(out[i] == expected[i]);
    }
    say("%016lx %016lx\n", (long)out[0], (long)out[3]);
    return 0;
}
