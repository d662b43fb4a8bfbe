/* A library whose code tells of the machine; with data beside it, so that it is a whole one. */
#include <stdint.h>

struct told {
    uint64_t tsc, ebx;
};

struct told library_tells(uint32_t leaf);
struct told library_tells(uint32_t leaf)
{
    uint32_t a = leaf, b, c = 0, d, low, high;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (struct told){(uint64_t)high << 32 | low, b};
}

int library_counter;
int *library_counts(void);
int *library_counts(void)
{
    library_counter++;
    return &library_counter;
}
