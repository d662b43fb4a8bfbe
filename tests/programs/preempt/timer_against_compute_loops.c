/* A timer's handler interrupts loops that make no call, with state in general registers, in SSE,
 * AVX and AVX-512 registers and on the x87 stack; the handler uses them all as well. */
#include "preempt.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile double scratch;

static void on_tick(int sig)
{
    (void)sig;
    double d = ticks;
    for (int i = 0; i < 100; i++)
        d = d * 1.5 - i;
    long double l = d;
    for (int i = 0; i < 10; i++)
        l = l * 3 / 2 + i;
    scratch = (double)l;
    ticks++;
}

static uint64_t in_registers(void)
{
    uint64_t a = 1, b = 2, c = 3, d = 4;
    for (int start_ticks = ticks; ticks < start_ticks + 3;) {
        a += b ^ c;
        b = b * 5 + d;
        c ^= a >> 3;
        d += a & b;
    }
    return a ^ b ^ c ^ d;
}

static uint64_t in_sse(void)
{
    double v[4] = {1, 2, 3, 4};
    for (int start_ticks = ticks; ticks < start_ticks + 3;)
        for (int i = 0; i < 4; i++)
            v[i] = v[i] * 1.000000001 + 0.25;
    uint64_t x = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        x = x * 31 + bits;
    }
    return x;
}

__attribute__((target("avx2"))) static uint64_t in_avx(void)
{
    typedef uint64_t v4 __attribute__((vector_size(32)));
    v4 v = {1, 2, 3, 4}, w = {5, 6, 7, 8};
    for (int start_ticks = ticks; ticks < start_ticks + 3;) {
        v = v * 3 + w;
        w ^= v >> 7;
    }
    v ^= w;
    return v[0] ^ v[1] * 3 ^ v[2] * 5 ^ v[3] * 7;
}

__attribute__((target("avx512f"))) static uint64_t in_avx512(void)
{
    typedef uint64_t v8 __attribute__((vector_size(64)));
    v8 v = {1, 2, 3, 4, 5, 6, 7, 8}, w = {5, 6, 7, 8, 9, 10, 11, 12};
    for (int start_ticks = ticks; ticks < start_ticks + 3;) {
        v += w;
        w ^= v >> 7;
    }
    v ^= w;
    return v[0] ^ v[1] * 3 ^ v[5] * 5 ^ v[7] * 7;
}

static uint64_t in_x87(void)
{
    long double x = 1, y = 2;
    for (int start_ticks = ticks; ticks < start_ticks + 3;) {
        x = x * 1.0000001L + y;
        y = y - 0.5L / x;
    }
    double d = (double)(x * y);
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval often = {{0, 7000}, {0, 7000}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    say("registers %lx\n", (long)in_registers());
    say("SSE %lx\n", (long)in_sse());
    if (__builtin_cpu_supports("avx2"))
        say("AVX %lx\n", (long)in_avx());
    if (__builtin_cpu_supports("avx512f"))
        say("AVX-512 %lx\n", (long)in_avx512());
    say("x87 %lx\n", (long)in_x87());
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    say("%d ticks\n", (int)ticks);
    return 0;
}
