/* What write(2) puts into a file shows at once in a shared mapping of it, and what the program
 * stores into the mapping shows in read(2): mmap(2), MAP_SHARED. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file();
    CHECK(ftruncate(fd, 16384) == 0);
    uint64_t *map = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    uint64_t *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 8192);
    CHECK(second != MAP_FAILED);
    for (int i = 0; i < 20; i++) {
        uint64_t word = random_word();
        CHECK(pwrite(fd, &word, sizeof word, 8192 + i * 8) == sizeof word);
        CHECK(map[1024 + i] == word && second[i] == word);
        map[1024 + i] = ~word;
        uint64_t back;
        CHECK(pread(fd, &back, sizeof back, 8192 + i * 8) == sizeof back);
        CHECK(back == ~word && second[i] == back);
        say("%016lx\n", (long)back);
    }
    CHECK(pwrite(fd, "hello", 5, 0) == 5);
    CHECK(memcmp(map, "hello", 5) == 0);
    return 0;
}
