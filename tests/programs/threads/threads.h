/* What programs with threads share: starting and joining, and a hash of who came when. */
#ifndef REPRISE_TESTS_THREADS_H
#define REPRISE_TESTS_THREADS_H

#include "check.h"

#include <pthread.h>

static inline pthread_t start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    int err = pthread_create(&thread, NULL, run, arg);
    errno = err;
    CHECK(err == 0);
    return thread;
}

static inline void join_all(const pthread_t *threads, int n)
{
    for (int i = 0; i < n; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Takes note of an event: the sum at the end tells the order in which all came. Under a lock, or by
 * one thread at a time. */
static inline void note(uint64_t *sum, uint64_t who)
{
    *sum = (*sum ^ who) * 0x100000001b3 + (*sum >> 29);
}

/* A little work without calls, as long as the seed says. */
static inline uint64_t work(uint64_t seed)
{
    volatile uint64_t v = seed;
    for (uint64_t i = 0; i < seed % 2000; i++)
        v = v * 6364136223846793005 + 1442695040888963407;
    return v;
}

#endif
