/* Pages of a mapping behind the end of its file give SIGBUS; the rest of the last page is zeros;
 * when the file grows again the pages work again: mmap(2), NOTES. */
#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile sig_atomic_t faults;
static char *volatile fault_address;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    CHECK(sig == SIGBUS && info->si_code == BUS_ADRERR);
    fault_address = info->si_addr;
    faults++;
    siglongjmp(back, 1);
}

static int byte_at(const char *p)
{
    return sigsetjmp(back, 1) == 0 ? *(const volatile char *)p : -1000;
}

int main(void)
{
    handle(SIGBUS, handler, 0);
    int fd = scratch_file();
    char block[4096];
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 4; i++)
        write_all(fd, block, sizeof block);
    char *map = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    CHECK(byte_at(map + 3 * 4096) == 'a' && byte_at(map + 4 * 4096) == -1000);
    CHECK(faults == 1 && fault_address == map + 4 * 4096);
    CHECK(ftruncate(fd, 4096 + 100) == 0);
    CHECK(byte_at(map + 2 * 4096) == -1000 && byte_at(map + 4096 + 99) == 'a');
    CHECK(byte_at(map + 4096 + 100) == 0);
    CHECK(ftruncate(fd, 3 * 4096) == 0);
    CHECK(byte_at(map + 2 * 4096 + 5) == 0 && byte_at(map + 3 * 4096) == -1000);
    uint64_t word = random_word();
    CHECK(pwrite(fd, &word, 8, 2 * 4096) == 8 && memcmp(map + 2 * 4096, &word, 8) == 0);
    CHECK(faults == 3);
    say("%016lx mapped at %p\n", (long)word, (void *)map);
    /* A call that is handed such a page fails instead. */
    CHECK(write(scratch_file(), map + 3 * 4096, 1) == -1 && errno == EFAULT);
    return 0;
}
