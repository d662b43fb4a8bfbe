/* Coroutines by makecontext and swapcontext: stacks and signal masks change without any signal:
 * makecontext(3). */
#include "check.h"

#include <ucontext.h>

static ucontext_t main_context, other;
static uint64_t value;

static void producer(void)
{
    for (int i = 0; i < 10; i++) {
        value = random_word();
        CHECK(swapcontext(&other, &main_context) == 0);
    }
    value = 0;
}

int main(void)
{
    static char stack[1 << 16];
    CHECK(getcontext(&other) == 0);
    other.uc_stack.ss_sp = stack;
    other.uc_stack.ss_size = sizeof stack;
    other.uc_link = &main_context;
    sigaddset(&other.uc_sigmask, SIGUSR1);
    makecontext(&other, producer, 0);
    for (;;) {
        CHECK(swapcontext(&main_context, &other) == 0);
        if (value == 0)
            break;
        say("%016lx\n", (long)value);
    }
    sigset_t now;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && !sigismember(&now, SIGUSR1));
    return 0;
}
