/* zmm16 to zmm31 and the mask registers across system calls, a signal and a fork. */
#include "check.h"

#include <cpuid.h>

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    __asm__ volatile("vzeroall\n\tvpxorq %%zmm20, %%zmm20, %%zmm20\n\tkxorw %%k3, %%k3, %%k3"
                     :
                     :
                     : "memory");
}

int main(void)
{
    unsigned a, b, c, d, lo, hi;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 16 & 1))
        SKIP("no AVX-512 here");
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    if ((lo & 0xe6) != 0xe6)
        SKIP("AVX-512 is not enabled here");
    handle(SIGUSR1, handler, 0);
    uint64_t words[8], out[8];
    for (int i = 0; i < 8; i++)
        words[i] = random_word();
    unsigned mask_in = (unsigned)random_word() & 0xffff, mask_out;
    long child;
    __asm__ volatile("vmovdqu64 (%[in]), %%zmm20\n\tkmovw %[mi], %%k3\n\t"
                     "mov %[kill], %%eax\n\tmov %[pid], %%edi\n\tmov %[usr1], %%esi\n\tsyscall\n\t"
                     "mov %[fork], %%eax\n\tsyscall\n\tmov %%rax, %[child]\n\t"
                     "mov %[yield], %%eax\n\tsyscall\n\t"
                     "vmovdqu64 %%zmm20, (%[out])\n\tkmovw %%k3, %[mo]\n\tvzeroupper"
                     : [child] "=&r"(child), [mo] "=&r"(mask_out)
                     : [in] "r"(words), [out] "r"(out), [mi] "r"(mask_in), [pid] "r"(getpid()),
                       [kill] "i"(SYS_kill), [fork] "i"(SYS_fork), [yield] "i"(SYS_sched_yield),
                       [usr1] "i"(SIGUSR1)
                     : "rax", "rdi", "rsi", "rcx", "r11", "memory");
    CHECK(memcmp(words, out, sizeof words) == 0);
    CHECK(mask_in == mask_out);
    say("%s: %016lx mask %04x\n", child == 0 ? "child" : "parent", (long)hash_of(out, sizeof out),
        mask_out);
    if (child == 0)
        _exit(0);
    wait_for_success((pid_t)child);
    return 0;
}
