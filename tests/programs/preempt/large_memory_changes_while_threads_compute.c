/* Much memory, of which little changes from one preemption point to the next, in all ways that it
 * can: stores, the kernel, mappings that come, go, move and close, a child that writes to its copy,
 * memory that processes share. The recorder hashes only what was written. */
#include "preempt.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul

enum { PAGES = 6000, SHARED = 64, ROUNDS = 48 };

static unsigned char *memory, *shared;
static _Atomic bool over;
static volatile uint64_t result; /* or the compiler would not compute */

static uint64_t below(uint64_t *x, uint64_t n)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x % n;
}

static void *must_map(void *at, size_t pages, int flags)
{
    void *p = mmap(at, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void move_a_part(uint64_t *x)
{
    unsigned char *from = memory + below(x, PAGES / 2 - 64) * PAGE;
    unsigned char *to = memory + (PAGES / 2 + below(x, PAGES / 2 - 64)) * PAGE;
    CHECK(mremap(from, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    must_map(from, 64, MAP_PRIVATE | MAP_FIXED);
}

/* A range that the program knows as one mapping is one to the kernel, too. */
static void map_beside(void)
{
    unsigned char *hole = must_map(NULL, 128, MAP_PRIVATE);
    munmap(hole, 64 * PAGE);
    result = burn(25);
    must_map(hole, 64, MAP_PRIVATE | MAP_FIXED);
    unsigned char *moved = mremap(hole, 128 * PAGE, 256 * PAGE, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED);
    moved[255 * PAGE] = 1;
    CHECK(munmap(moved, 256 * PAGE) == 0);
}

static void let_a_child_write(uint64_t *x)
{
    uint64_t at = below(x, PAGES);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        memory[at * PAGE] ^= 0xff;
        shared[below(x, SHARED) * PAGE] += 3;
        _exit(0);
    }
    memory[at * PAGE + 1] += 1;
    CHECK(waitpid(child, NULL, 0) == child);
}

static void let_the_kernel_write(uint64_t *x)
{
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    CHECK(zero >= 0);
    CHECK(read(zero, memory + below(x, PAGES) * PAGE, 2000) == 2000);
    close(zero);
}

static void close_and_open(uint64_t *x)
{
    unsigned char *at = memory + (PAGES - 32) * PAGE;
    CHECK(mprotect(at, 32 * PAGE, PROT_NONE) == 0);
    result = burn(25);
    CHECK(mprotect(at, 32 * PAGE, PROT_READ | PROT_WRITE) == 0);
    at[below(x, 32) * PAGE] += 1;
}

static void *change(void *arg)
{
    uint64_t x = 0x9e3779b97f4a7c15;
    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t n = below(&x, 30); n > 0; n--)
            memory[below(&x, PAGES - 32) * PAGE + below(&x, PAGE)] += 7;
        shared[below(&x, SHARED) * PAGE] += 1;
        switch (round % 12) {
        case 1:
            CHECK(madvise(memory + below(&x, PAGES - 32) * PAGE, 16 * PAGE, MADV_DONTNEED) == 0);
            break;
        case 3:
            must_map(memory + below(&x, PAGES - 32) * PAGE, 32, MAP_PRIVATE | MAP_FIXED);
            break;
        case 5:
            let_a_child_write(&x);
            break;
        case 7:
            let_the_kernel_write(&x);
            break;
        case 9:
            close_and_open(&x);
            break;
        case 11:
            if (round % 24 == 11)
                map_beside();
            else
                move_a_part(&x);
            break;
        default:
            break;
        }
        result = burn(10);
    }
    over = true;
    return arg;
}

static void *count(void *arg)
{
    static uint64_t counts[512];
    for (uint64_t i = 0; !over; i++)
        counts[i % 512] += i;
    return arg;
}

int main(void)
{
    memory = must_map(NULL, PAGES, MAP_PRIVATE);
    shared = must_map(NULL, SHARED, MAP_SHARED);
    for (size_t i = 0; i < PAGES * PAGE; i += 64)
        memory[i] = (unsigned char)(i >> 10 | 1);
    pthread_t threads[] = {start(count, NULL), start(change, NULL)};
    end_of(threads[1]);
    end_of(threads[0]);
    uint64_t sum = 0;
    for (size_t i = 0; i < PAGES * PAGE; i++)
        sum = sum * 31 + memory[i];
    for (size_t i = 0; i < SHARED * PAGE; i++)
        sum = sum * 31 + shared[i];
    say("%#llx\n", (unsigned long long)sum);
    return 0;
}
