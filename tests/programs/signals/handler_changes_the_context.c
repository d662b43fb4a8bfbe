/* What the handler writes into its ucontext is what the program goes on with: registers, the place,
 * the mask: sigreturn(2). */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t runs;

static void skip_instruction(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    CHECK(info->si_code == ILL_ILLOPN || info->si_code == ILL_ILLOPC || info->si_code > 0);
    c->uc_mcontext.gregs[REG_RIP] += 2;
    c->uc_mcontext.gregs[REG_RBX] = (greg_t)random_word();
    sigaddset(&c->uc_sigmask, SIGUSR1);
    runs++;
}

int main(void)
{
    handle(SIGILL, skip_instruction, 0);
    uint64_t word = 0;
    for (int i = 0; i < 3; i++) {
        __asm__ volatile("ud2" : "+b"(word) : : "memory");
        CHECK(word != 0);
        say("%016lx\n", (long)word);
    }
    CHECK(runs == 3);
    sigset_t mask;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    CHECK(sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGILL));
    return 0;
}
