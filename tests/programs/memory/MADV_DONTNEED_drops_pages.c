/* After MADV_DONTNEED private anonymous memory reads as zeros, and a private file mapping shows the
 * file again; shared memory keeps its content: madvise(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    uint64_t word = random_word();
    char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    memset(p, 'x', 8 * 4096);
    CHECK(madvise(p + 4096, 3 * 4096, MADV_DONTNEED) == 0);
    CHECK(p[0] == 'x' && p[4096] == 0 && p[3 * 4096 + 4095] == 0 && p[4 * 4096] == 'x');

    int fd = scratch_file();
    char block[8192];
    memset(block, 'f', sizeof block);
    memcpy(block + 100, &word, 8);
    write_all(fd, block, sizeof block);
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(file != MAP_FAILED);
    memset(file, 'y', 8192);
    CHECK(madvise(file, 4096, MADV_DONTNEED) == 0);
    CHECK(memcmp(file + 100, &word, 8) == 0 && file[0] == 'f' && file[4096] == 'y');
    say("%016lx\n", (long)hash_of(file, 8192));

    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    memcpy(shared, &word, 8);
    CHECK(madvise(shared, 4096, MADV_DONTNEED) == 0 && memcmp(shared, &word, 8) == 0);
    CHECK(madvise(shared, 4096, MADV_REMOVE) == 0 && shared[0] == 0);
    CHECK(madvise(p, 8 * 4096, 9999) == -1 && errno == EINVAL);
    CHECK(madvise(p + 1, 4096, MADV_DONTNEED) == -1 && errno == EINVAL);
    /* With a hole the part before and after is dropped, and the call still fails. */
    memset(p, 'z', 8 * 4096);
    CHECK(munmap(p + 2 * 4096, 4096) == 0);
    CHECK(madvise(p, 8 * 4096, MADV_DONTNEED) == -1 && errno == ENOMEM);
    CHECK(p[0] == 0 && p[3 * 4096] == 0);
    return 0;
}
