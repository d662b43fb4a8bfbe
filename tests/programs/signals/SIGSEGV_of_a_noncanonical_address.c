/* A general protection fault has no address: si_addr is 0 and si_code SI_KERNEL. Privileged
 * instructions give the same: arch/x86/kernel/traps.c, exc_general_protection(). */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t count, code;
static volatile uintptr_t address = 1;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    CHECK(sig == SIGSEGV);
    code = info->si_code;
    address = (uintptr_t)info->si_addr;
    c->uc_mcontext.gregs[REG_RIP] += count == 0 ? 3 : 1;
    count++;
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    uint64_t value = random_word();
    __asm__ volatile("mov (%%rbx), %%rax" : "+a"(value) : "b"(0x8000000000001234ul) : "memory");
    CHECK(count == 1 && code == SI_KERNEL && address == 0);
    __asm__ volatile("hlt" : : : "memory");
    CHECK(count == 2 && code == SI_KERNEL && address == 0);
    __asm__ volatile("cli" : : : "memory");
    CHECK(count == 3);
    say("%016lx kept\n", (long)value);
    return 0;
}
