/* Threads compute, and save the state of their registers again and again: which components the CPU
 * takes for used depends on when a thread was switched. All of each image counts. */
#include "check.h"

#include <cpuid.h>
#include <pthread.h>

#define THREADS 3
#define ROUNDS  8
#define COMPUTE 25000000 /* more than a slice */

static bool has_xsave, has_xsavec, has_xsaveopt;

static void ask(void)
{
    uint32_t a, b, c, d;
    __cpuid(1, a, b, c, d);
    has_xsave = (c & bit_OSXSAVE) != 0;
    __cpuid_count(0xd, 1, a, b, c, d);
    has_xsavec = has_xsave && (a & 2) != 0;
    has_xsaveopt = has_xsave && (a & 1) != 0;
}

/* Zeros that come from memory count as used, those that the CPU made itself do not. */
static void clear_registers(bool from_memory)
{
    static const uint8_t zeros[16];
#define CLEAR(n)                                                                                   \
    if (from_memory)                                                                               \
        __asm__ volatile("movups %0, %%xmm" #n : : "m"(zeros) : "xmm" #n);                         \
    else                                                                                           \
        __asm__ volatile("pxor %%xmm" #n ", %%xmm" #n : : : "xmm" #n);
    /* clang-format off */
    CLEAR(0) CLEAR(1) CLEAR(2) CLEAR(3) CLEAR(4) CLEAR(5) CLEAR(6) CLEAR(7)
    CLEAR(8) CLEAR(9) CLEAR(10) CLEAR(11) CLEAR(12) CLEAR(13) CLEAR(14) CLEAR(15)
    /* clang-format on */
}

#define WITH(insn, p)                                                                              \
    __asm__ volatile(insn " (%0)" : : "r"(p), "a"(UINT32_MAX), "d"(UINT32_MAX) : "memory")

static void save(uint64_t round, uint8_t *area)
{
    if (round % 4 == 1 && has_xsave)
        WITH("xsave", area);
    else if (round % 4 == 2 && has_xsavec)
        WITH("xsavec", area);
    else if (round % 4 == 3 && has_xsaveopt)
        WITH("xsaveopt", area);
    else
        WITH("fxsave", area);
}

static uint64_t compute(uint64_t x)
{
    volatile double y = 1;
    for (int i = 0; i < COMPUTE; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        if (i % 64 == 0)
            y = y * 1.0001;
    }
    return x + (uint64_t)y;
}

static void *work(void *arg)
{
    static __thread uint8_t area[4096] __attribute__((aligned(64)));
    uint64_t sum = (uintptr_t)arg;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        clear_registers(round % 3 == 0);
        sum = compute(sum);
        save(round, area);
        sum ^= hash_of(area, sizeof area);
        if (round % 8 == 5 && has_xsave) {
            WITH("xsave", area);
            WITH("xrstor", area);
        }
    }
    return (void *)sum;
}

int main(void)
{
    pthread_t threads[THREADS];
    ask();
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *sum;
        CHECK(pthread_join(threads[i], &sum) == 0);
        say("%lx\n", (long)(uintptr_t)sum);
    }
    return 0;
}
