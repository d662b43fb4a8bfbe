/* Synchronous exceptions with their si_code and si_addr; int3 leaves the place behind the
 * instruction, faults leave it at the instruction: sigaction(2). */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t last_signal, last_code;
static volatile uintptr_t last_address, last_place;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    last_signal = sig;
    last_code = info->si_code;
    last_address = (uintptr_t)info->si_addr;
    last_place = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
    if (sig == SIGFPE)
        c->uc_mcontext.gregs[REG_RIP] += 3; /* div %r8 */
    if (sig == SIGILL)
        c->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
}

int main(void)
{
    handle(SIGFPE, handler, 0);
    handle(SIGILL, handler, 0);
    handle(SIGTRAP, handler, 0);
    uint64_t place;
    __asm__ volatile("lea 1f(%%rip), %0\n\txor %%edx, %%edx\n\tmov $5, %%eax\n\txor %%r8d, %%r8d\n"
                     "1:\tdiv %%r8"
                     : "=&r"(place)
                     :
                     : "rax", "rdx", "r8", "memory");
    CHECK(last_signal == SIGFPE && last_code == FPE_INTDIV);
    CHECK(last_place == place && last_address == place);
    __asm__ volatile("lea 1f(%%rip), %0\n1:\tud2" : "=&r"(place) : : "memory");
    CHECK(last_signal == SIGILL && last_code == ILL_ILLOPN && last_address == place);
    __asm__ volatile("lea 1f(%%rip), %0\n1:\tint3" : "=&r"(place) : : "memory");
    CHECK(last_signal == SIGTRAP && last_place == place + 1);
    say("code of int3 %d, address %lx\n", (int)last_code, (long)last_address);
    return 0;
}
