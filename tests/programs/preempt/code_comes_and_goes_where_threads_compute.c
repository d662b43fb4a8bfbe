/* Signals come while code computes that was not there yet when it began, that comes and goes, that
 * is mapped at more places than one can keep an eye on, that lies on one page with its data, and at
 * an instruction with a lock prefix behind which other code jumps. */
#include "preempt.h"

#include <sys/mman.h>

#define ALIASES 12
#define TICKS   2

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

/* Two loops take turns at one place, so many times without a call in between. */
static void try(const char *name, uint64_t n, uint64_t at_once)
{
    uint64_t sum = 0, i = 0;
    for (int end = ticks + TICKS; ticks < end; i++) {
        if (i % at_once == 0)
            breathe();
        memcpy(writer, i % 2 == 0 ? adds : mixes, i % 2 == 0 ? sizeof adds : sizeof mixes);
        sum = sum * 31 + call(n + i % 100, NULL);
    }
    say("%s: %lx in %ld rounds\n", name, (long)sum, (long)i);
}

static void data_in_the_page_of_code(void)
{
    memcpy(writer, writes, sizeof writes);
    uint64_t *word = (uint64_t *)(void *)(place + 1024);
    *word = 0;
    for (int end = ticks + TICKS; ticks < end; breathe())
        call(1000, word);
    say("data in the page of code: %lx\n", (long)*word);
}

/* Half of the rounds jump behind the lock prefix, as C libraries do without threads. */
static void behind_a_lock_prefix(void)
{
    uint64_t word = 0, rounds = 0;
    for (int end = ticks + 3 * TICKS; ticks < end; rounds++) {
        uint64_t n = 20000;
        __asm__ volatile("1: mov %0, %%rcx\n\t"
                         "test $1, %%cl\n\t"
                         "jne 2f\n\t"
                         ".byte 0xf0\n" /* lock */
                         "2: xadd %%rcx, (%1)\n\t"
                         "jrcxz 3f\n"
                         "3: dec %0\n\t"
                         "jne 1b\n"
                         : "+r"(n)
                         : "r"(&word)
                         : "rcx", "memory", "cc");
        breathe();
    }
    say("behind a lock prefix: %lx in %ld rounds\n", (long)word, (long)rounds);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE, all = rw | PROT_EXEC;
    tick_often();
    place = writer = map(4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    try("writable, seldom", 10000, 2);
    try("writable, often", 100, 40);
    data_in_the_page_of_code();

    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, 8192) == 0);
    writer = map(8192, rw, MAP_SHARED, fd);
    place = map(8192, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
    try("mapped twice, seldom", 10000, 2);
    try("mapped twice, often", 100, 40);
    for (int i = 0; i < ALIASES; i++)
        writer = map(4096, rw, MAP_SHARED, fd);
    try("mapped too often, seldom", 10000, 2);
    try("mapped too often, often", 100, 40);
    behind_a_lock_prefix();
    return 0;
}
