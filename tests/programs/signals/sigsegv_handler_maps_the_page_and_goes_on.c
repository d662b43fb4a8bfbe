/* A fault is delivered at the instruction that caused it, which runs again when the handler
 * returns; si_addr and si_code say what was wrong: sigaction(2). */
#include "check.h"

#include <sys/mman.h>

static volatile sig_atomic_t faults;
static char *volatile expected;
static volatile int expected_code;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    CHECK(sig == SIGSEGV && info->si_addr == expected && info->si_code == expected_code);
    CHECK(++faults < 100);
    char *page = (char *)((uintptr_t)info->si_addr & ~4095ul);
    if (info->si_code == SEGV_MAPERR)
        CHECK(mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                   0) == page);
    else
        CHECK(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    char *area = mmap(NULL, 64 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED);
    CHECK(munmap(area + 32 * 4096, 32 * 4096) == 0);
    for (int i = 0; i < 64; i++) {
        expected = area + i * 4096 + i;
        expected_code = i < 32 ? SEGV_ACCERR : SEGV_MAPERR;
        *(volatile char *)expected = (char)i;
        CHECK(faults == i + 1 && *expected == i);
    }
    say("%d faults from %p on\n", (int)faults, (void *)area);
    return 0;
}
