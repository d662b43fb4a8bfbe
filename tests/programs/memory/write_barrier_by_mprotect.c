/* What garbage collectors do: pages protected, a handler notes the page and opens it, the store
 * happens then: mprotect(2). */
#include "check.h"

#include <sys/mman.h>

enum { PAGES = 128 };

static char *heap;
static volatile int dirty[PAGES], count;

static void barrier(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    long page = ((char *)info->si_addr - heap) / 4096;
    CHECK(page >= 0 && page < PAGES && !dirty[page]);
    dirty[page] = 1;
    count = count + 1;
    CHECK(mprotect(heap + page * 4096, 4096, PROT_READ | PROT_WRITE) == 0);
}

int main(void)
{
    handle(SIGSEGV, barrier, 0);
    heap = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(heap != MAP_FAILED);
    for (int round = 0; round < 3; round++) {
        CHECK(mprotect(heap, PAGES * 4096, PROT_READ) == 0);
        memset((void *)dirty, 0, sizeof dirty);
        count = 0;
        for (int i = 0; i < 200; i++)
            heap[random_word() % (PAGES * 4096)] = (char)i;
        int pages = 0;
        for (int i = 0; i < PAGES; i++)
            pages += dirty[i];
        CHECK(pages == count && count > 10);
        say("%d pages written, %016lx\n", pages, (long)hash_of(heap, PAGES * 4096));
    }
    /* A page that may not be read, written by a call: no signal, but EFAULT. */
    CHECK(mprotect(heap, 4096, PROT_NONE) == 0);
    CHECK(read(open("/dev/zero", O_RDONLY), heap, 10) == -1 && errno == EFAULT);
    return 0;
}
