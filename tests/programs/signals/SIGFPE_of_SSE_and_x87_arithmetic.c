/* Unmasked floating point exceptions: SSE reports at the instruction, x87 at the next one that
 * waits: fenv(3), feenableexcept. */
#include "check.h"

#include <fenv.h>
#include <setjmp.h>

static sigjmp_buf back;
static volatile sig_atomic_t code;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    code = info->si_code;
    siglongjmp(back, 1);
}

/* Anew each time: a handler starts with all of them masked, and siglongjmp leaves it so. */
static void enable_exceptions(void)
{
    feenableexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW);
}

int main(void)
{
    handle(SIGFPE, handler, 0);
    volatile double zero = 0, big = 1e308, x = (double)getpid();
    if (sigsetjmp(back, 1) == 0) {
        enable_exceptions();
        x = x / zero;
        CHECK(!"no SIGFPE");
    }
    CHECK(code == FPE_FLTDIV);
    if (sigsetjmp(back, 1) == 0) {
        enable_exceptions();
        x = big * 1e10;
        CHECK(!"no SIGFPE");
    }
    CHECK(code == FPE_FLTOVF);
    volatile long double lzero = 0, lx = 7;
    if (sigsetjmp(back, 1) == 0) {
        enable_exceptions();
        lx = lzero / lzero;
        CHECK(!"no SIGFPE");
    }
    CHECK(code == FPE_FLTINV);
    say("three exceptions, x is %.1f, %.1Lf, pid %d\n", x, lx, (int)getpid());
    return 0;
}
