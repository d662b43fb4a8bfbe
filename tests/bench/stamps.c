/* stamps rdtsc|rdtscp|pair N: reads the time stamp counter N times. For tests/bench/stamps.sh. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

static uint64_t by_rdtsc(long n)
{
    uint64_t last = 0, back = 0;
    for (long i = 0; i < n; i++) {
        uint64_t t = __rdtsc();
        back += t < last;
        last = t;
    }
    return back;
}

static uint64_t by_rdtscp(long n)
{
    uint64_t last = 0, back = 0;
    unsigned aux;
    for (long i = 0; i < n; i++) {
        uint64_t t = __rdtscp(&aux);
        back += t < last;
        last = t;
    }
    return back;
}

/* As programs measure: one before, another behind. */
static uint64_t by_pair(long n)
{
    uint64_t back = 0;
    unsigned aux;
    for (long i = 0; i < n; i += 2) {
        uint64_t before = __rdtsc();
        back += __rdtscp(&aux) < before;
    }
    return back;
}

int main(int argc, char **argv)
{
    long n = argc == 3 ? atol(argv[2]) : 0;
    uint64_t back = argc != 3                        ? 1
                    : strcmp(argv[1], "rdtsc") == 0  ? by_rdtsc(n)
                    : strcmp(argv[1], "rdtscp") == 0 ? by_rdtscp(n)
                                                     : by_pair(n);
    printf("%d\n", (int)back);
    return back != 0;
}
