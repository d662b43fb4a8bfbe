/* What the programs about preemption share: two threads, and time that passes by computing. */
#ifndef REPRISE_TESTS_PREEMPT_H
#define REPRISE_TESTS_PREEMPT_H

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

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

#endif
