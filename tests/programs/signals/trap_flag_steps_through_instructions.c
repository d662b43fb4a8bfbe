/* A program that sets the trap flag gets SIGTRAP after each instruction until a handler clears it:
 * popf, arch/x86/kernel/traps.c, exc_debug_user(). */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t steps;
static volatile uintptr_t places[64];

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    CHECK(sig == SIGTRAP && info->si_code == TRAP_TRACE);
    if (steps < 64)
        places[steps] = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
    steps++;
}

int main(void)
{
    handle(SIGTRAP, handler, 0);
    uint64_t value = random_word(), before = value;
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
                     "nop\n\tadd $1, %0\n\tadd $2, %0\n\txor %%ecx, %%ecx\n\t"
                     "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop"
                     : "+r"(value)
                     :
                     : "rcx", "memory", "cc");
    CHECK(value == before + 3);
    say("%d steps from %lx on\n", (int)steps, (long)places[0]);
    CHECK(steps == 7);

    /* A system call returns by iret and is not reported itself, only what follows it. */
    steps = 0;
    long pid = SYS_getpid;
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
                     "syscall\n\t"
                     "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\tnop"
                     : "+a"(pid)
                     :
                     : "rcx", "r11", "memory", "cc");
    CHECK(pid == getpid());
    say("%d steps over getpid of %ld\n", (int)steps, pid);
    CHECK(steps == 3);
    return 0;
}
