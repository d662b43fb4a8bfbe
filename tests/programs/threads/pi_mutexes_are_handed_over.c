/* Priority-inheriting mutexes under contention: the kernel marks the word when somebody waits, and
 * hands it on to the next owner: futex(2), "Priority-inheritance futexes". */
#include "threads.h"

enum { THREADS = 6, ROUNDS = 150 };

static pthread_mutex_t mutex;
static uint64_t sum;
static int timeouts, busy;

static void *run(void *arg)
{
    uint64_t me = (uint64_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        int err;
        if (i % 5 == 4) {
            struct timespec t;
            clock_gettime(CLOCK_REALTIME, &t);
            t.tv_nsec += 20000;
            if (t.tv_nsec >= 1000000000) {
                t.tv_sec++;
                t.tv_nsec -= 1000000000;
            }
            err = pthread_mutex_timedlock(&mutex, &t);
        } else if (i % 7 == 3) {
            err = pthread_mutex_trylock(&mutex);
        } else {
            err = pthread_mutex_lock(&mutex);
        }
        if (err == ETIMEDOUT || err == EBUSY) {
            __atomic_add_fetch(err == EBUSY ? &busy : &timeouts, 1, __ATOMIC_SEQ_CST);
            continue;
        }
        CHECK(err == 0);
        note(&sum, me);
        if (i % 3 == 0)
            sched_yield();
        if (i % 40 == 0)
            sleep_ms(1);
        note(&sum, work(sum) + (uint64_t)(mutex.__data.__lock != (int)gettid()));
        CHECK(pthread_mutex_unlock(&mutex) == 0);
    }
    return NULL;
}

int main(void)
{
    pthread_mutexattr_t attr;
    pthread_t threads[THREADS];
    pthread_mutexattr_init(&attr);
    CHECK(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) == 0);
    CHECK(pthread_mutex_init(&mutex, &attr) == 0);
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = start(run, (void *)(i + 1));
    join_all(threads, THREADS);
    say("%016lx, %d timeouts, %d times busy, word %x\n", (long)sum, timeouts, busy,
        (unsigned)mutex.__data.__lock);
    return 0;
}
