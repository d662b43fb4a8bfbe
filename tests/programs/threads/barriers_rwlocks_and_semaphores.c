/* Who comes first at a barrier, through a lock for readers and writers, past a semaphore, by a spin
 * lock: pthread_barrier_wait(3), pthread_rwlock_wrlock(3), sem_wait(3), pthread_spin_lock(3). */
#include "threads.h"

#include <semaphore.h>

enum { THREADS = 5, ROUNDS = 60 };

static pthread_barrier_t barrier;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore;
static uint64_t sum, readers;
static int serial;

static void *run(void *arg)
{
    uint64_t me = (uint64_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
            note(&sum, me);
            serial++;
        }
        if ((me + (uint64_t)i) % 3 == 0) {
            CHECK(pthread_rwlock_wrlock(&lock) == 0);
            note(&sum, me + 100);
            work(sum);
        } else {
            CHECK(pthread_rwlock_rdlock(&lock) == 0);
            __atomic_add_fetch(&readers, sum % 1000, __ATOMIC_SEQ_CST);
            sched_yield();
        }
        CHECK(pthread_rwlock_unlock(&lock) == 0);
        CHECK(sem_wait(&semaphore) == 0);
        CHECK(pthread_spin_lock(&spin) == 0);
        note(&sum, me + 200);
        CHECK(pthread_spin_unlock(&spin) == 0);
        CHECK(sem_post(&semaphore) == 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    CHECK(pthread_spin_init(&spin, 0) == 0 && sem_init(&semaphore, 0, 2) == 0);
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = start(run, (void *)(i + 1));
    join_all(threads, THREADS);
    CHECK(serial == ROUNDS);
    say("%016lx %lu\n", (long)sum, (long)readers);
    return 0;
}
