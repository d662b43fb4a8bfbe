/* Locks without any call: test-and-set, with and without pause; tickets; a barrier that spins. What
 * they guard is changed in two steps, so that a lock that fails shows. */
#include "preempt.h"

enum { THREADS = 3, ROUNDS = 30000, WAITS = 40 };

static atomic_int locked;
static atomic_uint next_ticket, now_serving, arrived, generation;
static uint64_t guarded_low, guarded_high, rounds_of[THREADS];

static void lock_plain(void)
{
    while (atomic_exchange_explicit(&locked, 1, memory_order_acquire) != 0)
        ;
}

static void lock_politely(void)
{
    while (atomic_exchange_explicit(&locked, 1, memory_order_acquire) != 0)
        while (atomic_load_explicit(&locked, memory_order_relaxed) != 0)
            PAUSE();
}

static void unlock(void)
{
    atomic_store_explicit(&locked, 0, memory_order_release);
}

static void lock_ticket(void)
{
    unsigned mine = atomic_fetch_add(&next_ticket, 1);
    while (atomic_load_explicit(&now_serving, memory_order_acquire) != mine)
        PAUSE();
}

static void unlock_ticket(void)
{
    atomic_fetch_add_explicit(&now_serving, 1, memory_order_release);
}

static void wait_for_all(void)
{
    unsigned mine = atomic_load(&generation);
    if (atomic_fetch_add(&arrived, 1) == THREADS - 1) {
        atomic_store(&arrived, 0);
        atomic_fetch_add(&generation, 1);
    }
    while (atomic_load(&generation) == mine)
        PAUSE();
}

static const struct {
    const char *name;
    void (*lock)(void);
    void (*unlock)(void);
    int rounds;
} kinds[] = {
    {"plain", lock_plain, unlock, ROUNDS},
    {"polite", lock_politely, unlock, ROUNDS},
    {"ticket", lock_ticket, unlock_ticket, ROUNDS / 100},
};
static size_t kind;

static void *run(void *arg)
{
    size_t me = (size_t)arg;
    uint64_t x = me;
    for (int i = 0; i < kinds[kind].rounds; i++) {
        kinds[kind].lock();
        CHECK(guarded_low == guarded_high);
        guarded_low += me + 1;
        x = x * 6364136223846793005u + guarded_low;
        guarded_high = guarded_low;
        kinds[kind].unlock();
    }
    rounds_of[me] = x;
    return NULL;
}

static void *wait_often(void *arg)
{
    for (int i = 0; i < WAITS; i++)
        wait_for_all();
    return arg;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        guarded_low = guarded_high = 0;
        for (size_t i = 0; i < THREADS; i++)
            threads[i] = start(run, (void *)i);
        for (size_t i = 0; i < THREADS; i++)
            end_of(threads[i]);
        CHECK(guarded_low == (uint64_t)kinds[kind].rounds * (1 + 2 + 3));
        say("%s: %lx %lx %lx\n", kinds[kind].name, (long)rounds_of[0], (long)rounds_of[1],
            (long)rounds_of[2]);
    }
    for (size_t i = 0; i < THREADS; i++)
        threads[i] = start(wait_often, NULL);
    for (size_t i = 0; i < THREADS; i++)
        end_of(threads[i]);
    CHECK(generation == WAITS);
    return 0;
}
