/* Dekker's handshake with the barrier on one side only: the light side stores and loads, the heavy
 * side calls membarrier between the two. Not both may miss the other: membarrier(2). */
#include "check.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>

enum { ROUNDS = 200 };

static atomic_int light, heavy, seen_by_light, round_light, round_heavy;

static int membarrier(int command)
{
    return (int)syscall(SYS_membarrier, command, 0, 0);
}

static void *run_light(void *arg)
{
    for (int i = 1; i <= ROUNDS; i++) {
        while (atomic_load(&round_heavy) < i)
            sched_yield();
        atomic_store_explicit(&light, 1, memory_order_relaxed);
        atomic_signal_fence(memory_order_seq_cst); /* for the compiler alone */
        seen_by_light = atomic_load_explicit(&heavy, memory_order_relaxed);
        atomic_store(&round_light, i);
    }
    return arg;
}

int main(void)
{
    int commands = membarrier(MEMBARRIER_CMD_QUERY);
    if (commands < 0 || (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
        SKIP("no membarrier");
    say("commands %x\n", commands);
    CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == -1 && errno == EPERM);
    CHECK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0);
    CHECK(membarrier(0x40000000) == -1 && errno == EINVAL);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run_light, NULL) == 0);
    int first = 0, second = 0;
    for (int i = 1; i <= ROUNDS; i++) {
        light = heavy = 0;
        atomic_store(&round_heavy, i);
        atomic_store_explicit(&heavy, 1, memory_order_relaxed);
        CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
        int seen_by_heavy = atomic_load_explicit(&light, memory_order_relaxed);
        while (atomic_load(&round_light) < i)
            sched_yield();
        CHECK(seen_by_heavy || seen_by_light);
        first += seen_by_heavy;
        second += seen_by_light;
    }
    CHECK(pthread_join(thread, NULL) == 0);
    say("the heavy side was second %d times, the light side %d times\n", first, second);
    return 0;
}
