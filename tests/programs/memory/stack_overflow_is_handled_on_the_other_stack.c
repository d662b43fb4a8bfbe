/* Endless recursion ends in SIGSEGV, whose handler needs a stack of its own: sigaltstack(2). */
#include "check.h"

#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf back;
static volatile int depth;
static void *volatile address;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    address = info->si_addr;
    siglongjmp(back, 1);
}

__attribute__((noinline)) static int recurse(volatile char *outer)
{
    volatile char frame[1000];
    depth = depth + 1;
    frame[0] = *outer;
    int r = depth < 1 << 20 ? recurse(frame) : 0;
    return r + frame[0];
}

int main(void)
{
    static char other[1 << 16];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
    CHECK(sigaltstack(&stack, NULL) == 0);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
    limit.rlim_cur = 1 << 20;
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
    handle(SIGSEGV, handler, SA_ONSTACK);
    for (volatile int i = 0; i < 2; i++) {
        depth = 0;
        volatile char start = 1;
        if (sigsetjmp(back, 1) == 0)
            recurse(&start);
        CHECK(depth > 500 && depth < 1100);
        say("depth %d, fault at %p\n", depth, address);
    }
    return 0;
}
