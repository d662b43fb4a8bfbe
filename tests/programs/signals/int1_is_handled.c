/* int1 raises SIGTRAP and leaves the place behind the instruction: Intel SDM vol. 2A, sigaction(2).
 * Some hypervisors execute it for ever: a child finds out. */
#include "check.h"

#include <ucontext.h>

static volatile sig_atomic_t last_signal, last_code;
static volatile uintptr_t last_place;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    last_signal = sig;
    last_code = info->si_code;
    last_place = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];
}

static void run_int1(void)
{
    uint64_t place;
    __asm__ volatile("lea 1f(%%rip), %0\n1:\t.byte 0xf1" : "=&r"(place) : : "memory");
    CHECK(last_signal == SIGTRAP && last_place == place + 1);
}

int main(void)
{
    handle(SIGTRAP, handler, 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(3);
        run_int1();
        _exit(0);
    }
    int status = wait_for(child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        SKIP("int1 never ends on this machine");
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    run_int1();
    say("code of int1 %d\n", (int)last_code);
    return 0;
}
