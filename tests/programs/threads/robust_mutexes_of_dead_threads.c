/* Threads die with robust mutexes, plain and priority-inheriting, while others wait for them and
 * one looks at the words all the time: get_robust_list(2), pthread_mutexattr_setrobust(3). */
#include "threads.h"

enum { WAITERS = 3, ROUNDS = 12 };

static pthread_mutex_t mutex;
static volatile bool stop;
static uint64_t sum, seen;

static void *die_with_it(void *arg)
{
    int err = pthread_mutex_lock(&mutex);
    if (err == EOWNERDEAD)
        pthread_mutex_consistent(&mutex);
    sleep_ms((long)arg);
    return NULL;
}

static void *inherit(void *arg)
{
    int err = pthread_mutex_lock(&mutex);
    CHECK(err == 0 || err == EOWNERDEAD);
    if (err == EOWNERDEAD)
        CHECK(pthread_mutex_consistent(&mutex) == 0);
    note(&sum, (uint64_t)arg * 3 + (uint64_t)err);
    if ((uint64_t)arg % 2 == 1)
        return NULL; /* and dies with it, in its turn */
    CHECK(pthread_mutex_unlock(&mutex) == 0);
    return NULL;
}

static void *look(void *arg)
{
    volatile int *word = &mutex.__data.__lock;
    int last = 0;
    while (!stop) {
        int now = *word;
        if (now != last)
            note(&seen, (uint64_t)(now != 0) | ((unsigned)now & 0xc0000000u));
        last = now;
        getppid();
        for (int i = 0; i < 300 && *word == last; i++)
            ;
    }
    return arg;
}

static void play(int protocol)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    CHECK(pthread_mutexattr_setprotocol(&attr, protocol) == 0);
    CHECK(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(&mutex, &attr) == 0);
    stop = false;
    pthread_t looker = start(look, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t first = start(die_with_it, (void *)2l), waiters[WAITERS];
        sleep_ms(1);
        for (uint64_t k = 0; k < WAITERS; k++)
            waiters[k] = start(inherit, (void *)(k + 1));
        CHECK(pthread_join(first, NULL) == 0);
        join_all(waiters, WAITERS);
    }
    stop = true;
    CHECK(pthread_join(looker, NULL) == 0);
    say("protocol %d: %016lx, seen %016lx, word %x\n", protocol, (long)sum, (long)seen,
        (unsigned)mutex.__data.__lock & 0xc0000000u);
}

int main(void)
{
    play(PTHREAD_PRIO_NONE);
    play(PTHREAD_PRIO_INHERIT);
    return 0;
}
