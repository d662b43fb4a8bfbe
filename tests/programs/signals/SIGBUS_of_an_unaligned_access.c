/* With the flag AC set an access that is not aligned gives SIGBUS with BUS_ADRALN; the handler
 * starts with AC clear or set, but must be able to clear it: sigaction(2). */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t count, code;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    __asm__ volatile("pushfq\n\tandq $~0x40000, (%%rsp)\n\tpopfq" : : : "memory", "cc");
    code = info->si_code;
    c->uc_mcontext.gregs[REG_EFL] &= ~0x40000;
    count++;
}

int main(void)
{
    handle(SIGBUS, handler, 0);
    _Alignas(16) char bytes[16] = {0};
    uint64_t word = random_word();
    memcpy(bytes + 1, &word, 8);
    uint64_t got;
    __asm__ volatile("pushfq\n\torq $0x40000, (%%rsp)\n\tpopfq\n\tmov (%1), %0\n\t"
                     "pushfq\n\tandq $~0x40000, (%%rsp)\n\tpopfq"
                     : "=&r"(got)
                     : "r"(bytes + 1)
                     : "memory", "cc");
    CHECK(got == word);
    CHECK(count <= 1 && (count == 0 || code == BUS_ADRALN));
    say("%d SIGBUS, read %016lx\n", (int)count, (long)got);
    return 0;
}
