/* Private mappings of parts of a larger file, with holes, beyond the first pages, and a rest of a
 * page behind its end. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file();
    uint64_t words[64];
    for (int i = 0; i < 64; i++) {
        words[i] = random_word();
        CHECK(pwrite(fd, &words[i], 8, i * 65536l) == 8);
    }
    for (int i = 1; i < 63; i += 9) {
        const char *p = mmap(NULL, 65536 * 2, PROT_READ, MAP_PRIVATE, fd, i * 65536l - 4096);
        CHECK(p != MAP_FAILED);
        CHECK(memcmp(p + 4096, &words[i], 8) == 0 && p[4095] == 0);
        if (i < 62)
            CHECK(memcmp(p + 4096 + 65536, &words[i + 1], 8) == 0);
        say("%p: %016lx\n", (const void *)p, (long)hash_of(p, 65536));
    }
    const char *tail = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 63 * 65536l);
    CHECK(tail != MAP_FAILED && memcmp(tail, &words[63], 8) == 0 && tail[8] == 0 &&
          tail[4095] == 0);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 9999, 0) == MAP_FAILED && errno == EBADF);
    return 0;
}
