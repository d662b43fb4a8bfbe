/* A mapping longer than its file shows what is appended later: mmap(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file();
    write_all(fd, "x", 1);
    const uint64_t *map = mmap(NULL, 64 * 4096, PROT_READ, MAP_SHARED, fd, 0);
    const uint64_t *private = mmap(NULL, 64 * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED && private != MAP_FAILED);
    CHECK(ftruncate(fd, 0) == 0);
    for (int i = 0; i < 64; i++) {
        uint64_t page[512];
        for (int k = 0; k < 512; k++)
            page[k] = (uint64_t)k;
        page[17] = random_word();
        CHECK(pwrite(fd, page, sizeof page, i * 4096) == sizeof page);
        CHECK(map[i * 512 + 17] == page[17]);
        CHECK(private[i * 512 + 17] == page[17]);
    }
    say("%016lx\n", (long)hash_of(map, 64 * 4096));
    return 0;
}
