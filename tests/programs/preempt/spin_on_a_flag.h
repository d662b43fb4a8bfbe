/* A thread spins until another one, which computes for a while, sets a flag: in all the ways in
 * which such a loop can count its rounds. Built with different optimisation, as programs of their
 * own. */
#include "preempt.h"

#define ROUNDS 1

static volatile int flag;
static volatile uint64_t global_count;

static void *setter(void *arg)
{
    uint64_t x = burn(30);
    flag = 1;
    (void)arg;
    return (void *)(uintptr_t)x;
}

static uint64_t spin_purely(void)
{
    while (!flag)
        ;
    return 0;
}

static uint64_t spin_with_pause(void)
{
    while (!flag)
        PAUSE();
    return 0;
}

static uint64_t spin_and_count_in_a_register(void)
{
    register uint64_t n = 0;
    while (!flag)
        n++;
    return n;
}

static uint64_t spin_and_count_with_pause(void)
{
    register uint64_t n = 0;
    while (!flag) {
        PAUSE();
        n++;
    }
    return n;
}

static uint64_t spin_and_count_in_a_local(void)
{
    volatile uint64_t n = 0;
    while (!flag)
        n++;
    return n;
}

static uint64_t spin_and_count_in_a_global(void)
{
    global_count = 0;
    while (!flag)
        global_count++;
    return global_count;
}

static uint64_t spin_through_a_pointer(void)
{
    volatile int *p = &flag;
    __asm__("" : "+r"(p)); /* short instructions */
    uint64_t n = 0;
    while (*p == 0)
        n += 3;
    return n;
}

__attribute__((noinline)) static int is_set(void)
{
    __asm__("");
    return flag;
}

static uint64_t spin_with_a_call(void)
{
    uint64_t n = 0;
    while (!is_set())
        n++;
    return n;
}

static uint64_t spin_with_vectors_and_floats(void)
{
    double d = 1;
    while (!flag)
        d = d * 1.0000001 + 0.5;
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

int main(void)
{
    static const struct {
        const char *name;
        uint64_t (*spin)(void);
    } kinds[] = {
        {"purely", spin_purely},
        {"with pause", spin_with_pause},
        {"count in a register", spin_and_count_in_a_register},
        {"count with pause", spin_and_count_with_pause},
        {"count in a local", spin_and_count_in_a_local},
        {"count in a global", spin_and_count_in_a_global},
        {"through a pointer", spin_through_a_pointer},
        {"with a call", spin_with_a_call},
        {"with floats", spin_with_vectors_and_floats},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (int k = 0; k < ROUNDS; k++) {
            flag = 0;
            pthread_t thread = start(setter, NULL);
            uint64_t n = kinds[i].spin();
            void *x = end_of(thread);
            say("%s: %lx, %lx\n", kinds[i].name, (long)n, (long)x);
        }
    return 0;
}
