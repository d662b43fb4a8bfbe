/* What the programs about preemption share: two threads, and time that passes by computing. */
#ifndef REPRISE_TESTS_PREEMPT_H
#define REPRISE_TESTS_PREEMPT_H

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>

#define PAUSE() __asm__ volatile("pause")

/* Computes for about so many ms on a common machine, without any call; returns what came out. */
__attribute__((noinline, unused)) static uint64_t burn(unsigned ms)
{
    uint64_t x = 88172645463325252u;
    for (uint64_t i = (uint64_t)ms * 500000; i > 0; i--) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x;
}

__attribute__((unused)) static pthread_t start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, run, arg);
    CHECK(errno == 0);
    return thread;
}

__attribute__((unused)) static void *end_of(pthread_t thread)
{
    void *result = NULL;
    errno = pthread_join(thread, &result);
    CHECK(errno == 0);
    return result;
}

/* Signals in the midst of computing, far enough apart that each of them gets a point of its own. */
static volatile sig_atomic_t ticks;

__attribute__((unused)) static void count_tick(int sig)
{
    (void)sig;
    ticks++;
}

__attribute__((unused)) static void tick_often(void)
{
    const struct itimerval often = {{0, 70000}, {0, 70000}};
    struct sigaction action = {.sa_handler = count_tick, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

/* A call that replay finds, and that nobody waits for: to be made now and then where each round of
 * a loop may be a stop of the replay. */
__attribute__((unused)) static void breathe(void)
{
    syscall(SYS_brk, NULL);
}

#endif
