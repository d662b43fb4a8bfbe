/* Code of loops that is not there yet when a thread begins to compute, that comes and goes, that is
 * mapped at more places than one can keep an eye on, that lies on one page with its data, and an
 * instruction with a lock prefix behind which other code jumps. */
#include "preempt.h"

#include <sys/mman.h>

#define ALIASES 12

/* uint64_t f(uint64_t n): xor %eax, %eax; mov %rdi, %rcx; 1: pause; add %ecx, %eax; loop 1b; ret */
static const uint8_t adds[] = {0x31, 0xc0, 0x48, 0x89, 0xf9, 0xf3,
                               0x90, 0x01, 0xc8, 0xe2, 0xfa, 0xc3};
/* The same with xor, and a plain jump: there is room for another one. */
static const uint8_t mixes[] = {0x31, 0xc0, 0x48, 0x89, 0xf9, 0xf3, 0x90,
                                0x31, 0xc8, 0xff, 0xc9, 0x75, 0xf8, 0xc3};
/* uint64_t f(uint64_t n, uint64_t *word): 1: incq (%rsi); pause, eight times; dec %rdi; jne 1b;
 * mov (%rsi), %rax; ret */
static const uint8_t writes[] = {0x48, 0xff, 0x06, 0xf3, 0x90, 0xf3, 0x90, 0xf3, 0x90, 0xf3,
                                 0x90, 0xf3, 0x90, 0xf3, 0x90, 0xf3, 0x90, 0xf3, 0x90, 0x48,
                                 0xff, 0xcf, 0x75, 0xe8, 0x48, 0x8b, 0x06, 0xc3};
typedef uint64_t function(uint64_t n, uint64_t *word);

static uint8_t *place, *writer; /* the same memory */

static void *map(size_t len, int prot, int flags, int fd)
{
    void *p = mmap(NULL, len, prot, flags, fd, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static uint64_t call(uint64_t n, uint64_t *word)
{
    function *f;
    memcpy(&f, &place, sizeof f);
    return f(n, word);
}

/* Two loops take turns at one place, without a call in between. */
static uint64_t change_often(uint64_t times, uint64_t n)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < times; i++) {
        memcpy(writer, i % 2 == 0 ? adds : mixes, i % 2 == 0 ? sizeof adds : sizeof mixes);
        sum = sum * 31 + call(n + i, NULL);
    }
    return sum;
}

static void *compute(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)burn(60);
}

static void try(const char *name, uint64_t times, uint64_t n)
{
    pthread_t thread = start(compute, NULL);
    uint64_t sum = change_often(times, n);
    void *other = end_of(thread);
    say("%s: %lx %lx\n", name, (long)sum, (long)other);
}

static void data_in_the_page_of_code(void)
{
    pthread_t thread = start(compute, NULL);
    memcpy(writer, writes, sizeof writes);
    uint64_t *word = (uint64_t *)(void *)(place + 1024);
    *word = 0;
    uint64_t sum = call(150000, word);
    say("data in the page of code: %lx\n", (long)sum);
    end_of(thread);
}

/* Half of the rounds jump behind the lock prefix, as C libraries do without threads. */
static void behind_a_lock_prefix(void)
{
    pthread_t thread = start(compute, NULL);
    uint64_t word = 0, n = 200000;
    __asm__ volatile("1: pause\n\t"
                     "test $1, %%cl\n\t"
                     "jne 2f\n\t"
                     "lock\n"
                     "2: xadd %%rcx, (%1)\n\t"
                     "mov %0, %%rcx\n\t"
                     "jrcxz 3f\n"
                     "3: dec %0\n\t"
                     "jne 1b\n"
                     : "+r"(n)
                     : "r"(&word)
                     : "rcx", "memory", "cc");
    say("behind a lock prefix: %lx\n", (long)(word != 0));
    end_of(thread);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE, all = rw | PROT_EXEC;
    place = writer = map(4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    try("writable, seldom", 20, 60000);
    try("writable, often", 3000, 300);
    data_in_the_page_of_code();

    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, 8192) == 0);
    writer = map(8192, rw, MAP_SHARED, fd);
    place = map(8192, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
    try("mapped twice, seldom", 20, 60000);
    for (int i = 0; i < ALIASES; i++)
        writer = map(4096, rw, MAP_SHARED, fd);
    place += 100;
    writer += 100;
    try("mapped too often, seldom", 6, 4000);
    behind_a_lock_prefix();
    return 0;
}
