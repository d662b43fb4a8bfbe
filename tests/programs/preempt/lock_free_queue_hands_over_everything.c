/* Two producers, two consumers, one bounded queue of cells with sequence numbers; nobody makes a
 * call. All that goes in comes out once; who got what differs from run to run. */
#include "preempt.h"

enum { CELLS = 256, EACH = 20000, PRODUCERS = 2, CONSUMERS = 2 };

static struct {
    _Atomic uint64_t sequence;
    uint64_t value;
} cells[CELLS];
static _Atomic uint64_t head, tail, taken;

static void push(uint64_t value)
{
    for (uint64_t at = atomic_load(&head);;) {
        uint64_t sequence = atomic_load(&cells[at % CELLS].sequence);
        if (sequence == at && atomic_compare_exchange_weak(&head, &at, at + 1)) {
            cells[at % CELLS].value = value;
            atomic_store(&cells[at % CELLS].sequence, at + 1);
            return;
        }
        if (sequence != at)
            at = atomic_load(&head);
    }
}

static bool pop(uint64_t *ret)
{
    for (uint64_t at = atomic_load(&tail); atomic_load(&taken) < PRODUCERS * EACH;) {
        uint64_t sequence = atomic_load(&cells[at % CELLS].sequence);
        if (sequence == at + 1 && atomic_compare_exchange_weak(&tail, &at, at + 1)) {
            *ret = cells[at % CELLS].value;
            atomic_store(&cells[at % CELLS].sequence, at + CELLS);
            atomic_fetch_add(&taken, 1);
            return true;
        }
        if (sequence != at + 1)
            at = atomic_load(&tail);
    }
    return false;
}

static void *produce(void *arg)
{
    for (uint64_t i = 0; i < EACH; i++)
        push((uint64_t)arg * EACH + i);
    return NULL;
}

static _Atomic uint64_t sum;

static void *consume(void *arg)
{
    uint64_t hash = (uint64_t)arg, value;
    while (pop(&value)) {
        hash = hash * 31 + value;
        atomic_fetch_add(&sum, value);
    }
    return (void *)(uintptr_t)hash;
}

int main(void)
{
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    for (uint64_t i = 0; i < CELLS; i++)
        cells[i].sequence = i;
    for (size_t i = 0; i < CONSUMERS; i++)
        consumers[i] = start(consume, (void *)i);
    for (size_t i = 0; i < PRODUCERS; i++)
        producers[i] = start(produce, (void *)i);
    for (size_t i = 0; i < PRODUCERS; i++)
        end_of(producers[i]);
    for (size_t i = 0; i < CONSUMERS; i++)
        say("consumer %zu: %lx\n", i, (long)end_of(consumers[i]));
    uint64_t n = PRODUCERS * EACH;
    CHECK(taken == n && sum == n * (n - 1) / 2);
    return 0;
}
