/* A file is written and mapped again and again, its size and mtime kept the same; ctime moves only
 * with the clock's tick on older kernels. A recorder that takes equal times for equal content shows
 * what is no longer there. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file();
    CHECK(ftruncate(fd, 8192) == 0);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
    for (int i = 0; i < 40; i++) {
        uint64_t word = random_word();
        CHECK(pwrite(fd, &word, sizeof word, 4096) == sizeof word);
        CHECK(futimens(fd, times) == 0);
        const uint64_t *map = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
        CHECK(map != MAP_FAILED);
        CHECK(map[512] == word && map[0] == 0);
        say("%016lx\n", (long)map[512]);
        CHECK(munmap((void *)(uintptr_t)map, 8192) == 0);
    }
    return 0;
}
