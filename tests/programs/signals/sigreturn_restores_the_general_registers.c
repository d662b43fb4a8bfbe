/* When a handler returns, every register and every flag is as it was at the interrupted
 * instruction: arch/x86/kernel/signal_64.c, restore_sigcontext(). */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t runs;
static volatile uint64_t sink;

/* Spoils what it can. */
static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    uint64_t r = random_word();
    __asm__ volatile(
        "mov %0, %%rbx\n\tmov %0, %%r12\n\tmov %0, %%r13\n\tmov %0, %%r14\n\t"
        "mov %0, %%r15\n\tmov %0, %%r8\n\tmov %0, %%r9\n\tmov %0, %%r10\n\tstc\n\tstd\n\tcld"
        :
        : "a"(r)
        : "rbx", "r8", "r9", "r10", "r12", "r13", "r14", "r15", "cc");
    sink = r;
    runs++;
}

int main(void)
{
    handle(SIGUSR1, handler, 0);
    handle(SIGTRAP, handler, 0);
    uint64_t in[10], out[10], flags_in, flags_out;
    for (int i = 0; i < 10; i++)
        in[i] = random_word();
    /* int3 delivers SIGTRAP between two instructions; no call touches a register here. */
    __asm__ volatile("push %%rbp\n\t"
                     "mov 0(%[in]), %%rax\n\tmov 8(%[in]), %%rbx\n\tmov 16(%[in]), %%rcx\n\t"
                     "mov 24(%[in]), %%rdx\n\tmov 32(%[in]), %%rbp\n\tmov 40(%[in]), %%r8\n\t"
                     "mov 48(%[in]), %%r9\n\tmov 56(%[in]), %%r10\n\tmov 64(%[in]), %%r11\n\t"
                     "mov 72(%[in]), %%r12\n\t"
                     "stc\n\tpushfq\n\tpop %%r14\n\tint3\n\tpushfq\n\tpop %%r15\n\t"
                     "mov %%rax, 0(%[out])\n\tmov %%rbx, 8(%[out])\n\tmov %%rcx, 16(%[out])\n\t"
                     "mov %%rdx, 24(%[out])\n\tmov %%rbp, 32(%[out])\n\tmov %%r8, 40(%[out])\n\t"
                     "mov %%r9, 48(%[out])\n\tmov %%r10, 56(%[out])\n\tmov %%r11, 64(%[out])\n\t"
                     "mov %%r12, 72(%[out])\n\tpop %%rbp\n\t"
                     "mov %%r14, %[fi]\n\tmov %%r15, %[fo]"
                     : [fi] "=m"(flags_in), [fo] "=m"(flags_out)
                     : [in] "S"(in), [out] "D"(out)
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r14", "r15",
                       "cc", "memory");
    CHECK(runs == 1);
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK((flags_in & 0xcd5) == (flags_out & 0xcd5) && (flags_out & 1));

    /* At a system call only rcx, r11 and rax change. */
    uint64_t rbx = random_word(), r12 = random_word(), rax = SYS_tgkill;
    uint64_t got_rbx, got_r12;
    __asm__ volatile("mov %[rbx], %%rbx\n\tmov %[r12], %%r12\n\tsyscall\n\t"
                     "mov %%rbx, %[gb]\n\tmov %%r12, %[g12]"
                     : "+a"(rax), [gb] "=&r"(got_rbx), [g12] "=&r"(got_r12)
                     : "D"(getpid()), "S"(getpid()), "d"(SIGUSR1), [rbx] "r"(rbx), [r12] "r"(r12)
                     : "rbx", "rcx", "r11", "r12", "memory");
    CHECK(rax == 0 && runs == 2 && got_rbx == rbx && got_r12 == r12);
    say("%016lx kept through a handler that left %016lx\n", (long)hash_of(in, sizeof in),
        (long)sink);
    return 0;
}
