/* PR_SET_TSC makes rdtsc fault with SIGSEGV, PR_GET_TSC tells; a child inherits it: prctl(2). */
#include "check.h"

#include <sys/prctl.h>
#include <ucontext.h>

static volatile sig_atomic_t faults;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    CHECK(info->si_code == SI_KERNEL);
    c->uc_mcontext.gregs[REG_RIP] += 2;
    faults++;
}

static uint64_t rdtsc(void)
{
    uint32_t lo = 7, hi = 7;
    __asm__ volatile("rdtsc" : "+a"(lo), "+d"(hi));
    return (uint64_t)hi << 32 | lo;
}

int main(void)
{
    int mode = -1;
    CHECK(prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_ENABLE);
    uint64_t first = rdtsc();
    handle(SIGSEGV, handler, 0);
    CHECK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0);
    CHECK(prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_SIGSEGV);
    CHECK(rdtsc() == 0x700000007 && faults == 1);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(rdtsc() == 0x700000007 && faults == 2);
        _exit(0);
    }
    wait_for_success(child);
    CHECK(prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0);
    CHECK(prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_ENABLE);
    uint64_t last = rdtsc();
    CHECK(last > first && faults == 1);
    CHECK(prctl(PR_SET_TSC, 77) == -1 && errno == EINVAL);
    say("%lu to %lu\n", (long)first, (long)last);
    return 0;
}
