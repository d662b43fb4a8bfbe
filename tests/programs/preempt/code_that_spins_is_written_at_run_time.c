/* Loops in memory that the program wrote: in pages that stay writable, in pages that do not, in a
 * page that is mapped twice, and code that changes itself while it spins. */
#include "preempt.h"

#include <sys/mman.h>

static volatile int flag;

static void *setter(void *arg)
{
    (void)arg;
    uint64_t x = burn(30);
    flag = 1;
    return (void *)(uintptr_t)x;
}

/* uint64_t f(volatile int *flag): counts until the flag is set. */
static const uint8_t counts[] = {
    0x31, 0xc0,                   /* xor %eax, %eax */
    0x48, 0x83, 0xc0, 0x01,       /* 1: add $1, %rax */
    0x81, 0x3f, 0,    0,    0, 0, /* cmpl $0, (%rdi) */
    0x74, 0xf4,                   /* je 1b */
    0xc3,                         /* ret */
};

/* uint64_t f(volatile int *flag, uint8_t *self): each round adds the operand of an instruction that
 * it changes itself, and waits a little. */
static const uint8_t changes_itself[] = {
    0x31, 0xc0,                      /* xor %eax, %eax */
    0x48, 0x05, 1,    0,    0,    0, /* 1: add $imm, %rax */
    0x80, 0x46, 4,    1,             /* addb $1, 4(%rsi): that imm */
    0xb9, 0x00, 0x2d, 0x31, 0x01,    /* mov $20000000, %ecx */
    0x83, 0xe9, 0x01,                /* 2: sub $1, %ecx */
    0x75, 0xfb,                      /* jne 2b */
    0x81, 0x3f, 0,    0,    0,    0, /* cmpl $0, (%rdi) */
    0x74, 0xe4,                      /* je 1b */
    0xc3,                            /* ret */
};

typedef uint64_t function(volatile int *flag, uint8_t *self);

static void try(const char *name, void *code, void *self)
{
    function *f;
    memcpy(&f, &code, sizeof f);
    {
        flag = 0;
        pthread_t thread = start(setter, NULL);
        uint64_t n = f(&flag, self);
        void *x = end_of(thread);
        say("%s: %lx %lx\n", name, (long)n, (long)x);
    }
}

static void *map(int prot, int flags, int fd)
{
    void *p = mmap(NULL, 4096, prot, flags, fd, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

int main(void)
{
    uint8_t *writable = map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    memcpy(writable, counts, sizeof counts);
    try("writable", writable, NULL);
    memcpy(writable, changes_itself, sizeof changes_itself);
    try("changes itself", writable, writable);

    uint8_t *fixed = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    memcpy(fixed, counts, sizeof counts);
    CHECK(mprotect(fixed, 4096, PROT_READ | PROT_EXEC) == 0);
    try("no longer writable", fixed, NULL);

    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
    uint8_t *alias = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    uint8_t *twice = map(PROT_READ | PROT_EXEC, MAP_SHARED, fd);
    memcpy(alias, counts, sizeof counts);
    try("mapped twice", twice, NULL);
    memcpy(alias, changes_itself, sizeof changes_itself);
    try("mapped twice, changes itself", twice, alias);
    return 0;
}
