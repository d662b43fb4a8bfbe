/* Threads that compute while SIGTRAP is handled, blocked, ignored, blocked and pending: what the
 * program set stays as it is, and nobody gets a signal that was not sent. */
#include "preempt.h"

static volatile sig_atomic_t traps;
static volatile uint64_t in_memory;

static void on_trap(int sig)
{
    (void)sig;
    traps++;
}

static void *compute(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)burn(60);
}

static uint64_t count_in_memory(void)
{
    in_memory = 0;
    for (uint64_t i = 0; i < 20000000; i++)
        in_memory += i;
    return in_memory;
}

static uint64_t copy_often(void)
{
    static uint8_t a[1 << 16], b[1 << 16];
    for (int i = 0; i < 3000; i++) {
        a[i] ^= (uint8_t)i;
        const uint8_t *src = a;
        uint8_t *dst = b;
        size_t n = sizeof a;
        __asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
    }
    return hash_of(b, sizeof b);
}

static void check_state(const char *name, void (*handler)(int), bool blocked)
{
    pthread_t thread = start(compute, NULL);
    uint64_t n = count_in_memory(), copied = copy_often();
    void *x = end_of(thread);
    struct sigaction now;
    sigset_t mask;
    CHECK(sigaction(SIGTRAP, NULL, &now) == 0);
    CHECK(now.sa_handler == handler && (now.sa_flags & SA_RESTART) != 0);
    CHECK(sigismember(&now.sa_mask, SIGUSR2) == 1);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
    CHECK(sigismember(&mask, SIGTRAP) == blocked);
    say("%s: %lx %lx %lx, %d traps\n", name, (long)n, (long)copied, (long)x, (int)traps);
}

static void set(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaddset(&action.sa_mask, SIGUSR2);
    CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
}

int main(void)
{
    sigset_t trap, before;
    sigemptyset(&trap);
    sigaddset(&trap, SIGTRAP);
    set(on_trap);
    check_state("handled", on_trap, false);
    set(SIG_DFL);
    check_state("default", SIG_DFL, false);
    set(SIG_IGN);
    check_state("ignored", SIG_IGN, false);
    CHECK(pthread_sigmask(SIG_BLOCK, &trap, &before) == 0);
    check_state("ignored and blocked", SIG_IGN, true);
    set(on_trap);
    check_state("handled and blocked", on_trap, true);
    CHECK(traps == 0);
    CHECK(pthread_kill(pthread_self(), SIGTRAP) == 0);
    check_state("blocked and pending", on_trap, true);
    CHECK(traps == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    CHECK(traps == 1);
    CHECK(kill(getpid(), SIGTRAP) == 0);
    say("%d traps\n", (int)traps);
    CHECK(traps == 2);
    return 0;
}
