/* A writer changes several words under a sequence lock, readers try again until they saw all of one
 * value. No call anywhere. */
#include "preempt.h"

enum { WORDS = 8, ROUNDS = 3000000, READERS = 2 };

static atomic_uint sequence;
static _Atomic uint64_t words[WORDS];
static atomic_int done;

static void *write_words(void *arg)
{
    for (uint64_t i = 1; i <= ROUNDS; i++) {
        atomic_fetch_add(&sequence, 1);
        for (size_t k = 0; k < WORDS; k++)
            atomic_store_explicit(&words[k], i * (k + 1), memory_order_relaxed);
        atomic_fetch_add(&sequence, 1);
    }
    atomic_store(&done, 1);
    return arg;
}

static void *read_words(void *arg)
{
    uint64_t seen = 0, tries = 0, value[WORDS];
    while (!atomic_load(&done)) {
        unsigned before = atomic_load(&sequence);
        for (size_t k = 0; k < WORDS; k++)
            value[k] = atomic_load_explicit(&words[k], memory_order_relaxed);
        tries++;
        if (before % 2 != 0 || atomic_load(&sequence) != before)
            continue;
        for (size_t k = 0; k < WORDS; k++)
            CHECK(value[k] == value[0] * (k + 1));
        seen += value[0];
    }
    (void)arg;
    return (void *)(uintptr_t)(seen ^ tries << 32);
}

int main(void)
{
    pthread_t readers[READERS], writer;
    for (size_t i = 0; i < READERS; i++)
        readers[i] = start(read_words, NULL);
    writer = start(write_words, NULL);
    end_of(writer);
    for (size_t i = 0; i < READERS; i++)
        say("reader %zu: %lx\n", i, (long)end_of(readers[i]));
    return 0;
}
