/* Threads add to a counter without any lock: updates get lost, each time others. */
#include "preempt.h"

enum { THREADS = 4, ROUNDS = 12000000 };

static volatile uint64_t counter, last_writer;

static void *run(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        counter = counter + 1;
        last_writer = (uint64_t)arg;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        threads[i] = start(run, (void *)i);
    for (size_t i = 0; i < THREADS; i++)
        end_of(threads[i]);
    /* a late store of a small number may undo nearly all: two are the least */
    CHECK(counter >= 2 && counter <= (uint64_t)THREADS * ROUNDS);
    say("%lu of %lu, last by %lu\n", (long)counter, (long)THREADS * ROUNDS, (long)last_writer);
    return 0;
}
