/* With SA_ONSTACK the kernel builds the frame on the alternate stack, and SS_ONSTACK shows while
 * the handler runs: sigaltstack(2). */
#include "check.h"

static char other[1 << 16];
static volatile sig_atomic_t runs;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    char local;
    CHECK(&local >= other && &local < other + sizeof other);
    stack_t now;
    CHECK(sigaltstack(NULL, &now) == 0);
    CHECK(now.ss_flags & SS_ONSTACK);
    stack_t change = {.ss_sp = other, .ss_size = sizeof other};
    CHECK(sigaltstack(&change, NULL) == -1 && errno == EPERM);
    say("signal %d on the other stack, %p\n", sig, (void *)&local);
    if (++runs == 1)
        raise(SIGUSR2); /* nested: goes on where the first one stands */
}

static void on_main_stack(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    char local;
    CHECK(&local < other || &local >= other + sizeof other);
    runs++;
}

int main(void)
{
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other}, old;
    CHECK(sigaltstack(&stack, &old) == 0);
    CHECK(old.ss_flags & SS_DISABLE);
    handle(SIGUSR1, handler, SA_ONSTACK);
    handle(SIGUSR2, handler, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK(runs == 2);
    handle(SIGUSR1, on_main_stack, 0);
    raise(SIGUSR1);
    CHECK(runs == 3);
    CHECK(sigaltstack(NULL, &old) == 0);
    CHECK(old.ss_sp == other && old.ss_size == sizeof other && old.ss_flags == 0);
    return 0;
}
