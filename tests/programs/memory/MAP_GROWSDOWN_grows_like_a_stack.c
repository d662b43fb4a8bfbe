/* A mapping with MAP_GROWSDOWN extends when the page below it is touched: mmap(2). */
#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    siglongjmp(back, sig);
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    char *room =
        mmap(NULL, 4096 * 4096l, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(room != MAP_FAILED);
    CHECK(munmap(room, 4096 * 4096l) == 0);
    char *top = room + 4095 * 4096l;
    CHECK(mmap(top, 4096, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0) == top);
    volatile int pages = 0;
    if (sigsetjmp(back, 1) == 0)
        for (char *p = top; pages < 64; p -= 4096) {
            *(volatile char *)(p - 1) = (char)pages;
            pages = pages + 1;
        }
    say("grew by %d pages below %p\n", pages, (void *)top);
    CHECK(pages > 0);
    for (int i = 0; i < pages; i++)
        CHECK(*(top - i * 4096 - 1) == (char)i);
    return 0;
}
