/* One large read, and a large file mapped and computed on. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    size_t size = 8 << 20;
    int fd = scratch_file();
    uint64_t *data = malloc(size), x = random_word();
    CHECK(data != NULL);
    for (size_t i = 0; i < size / 8; i++)
        data[i] = x = x * 6364136223846793005u + 1;
    write_all(fd, data, size);
    uint64_t *back = malloc(size);
    CHECK(back != NULL && pread(fd, back, size, 0) == (ssize_t)size);
    CHECK(memcmp(back, data, size) == 0);
    const uint64_t *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED && memcmp(map, data, size) == 0);
    say("%016lx at %p\n", (long)hash_of(map, size), (const void *)map);
    int random = open("/dev/urandom", O_RDONLY);
    read_all(random, back, size / 2);
    say("%016lx\n", (long)hash_of(back, size / 2));
    return 0;
}
