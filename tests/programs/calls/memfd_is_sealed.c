/* A file without a name that can be sealed: memfd_create(2), F_ADD_SEALS in fcntl(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = memfd_create("reprise", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(fd >= 0);
    uint64_t word = random_word();
    write_all(fd, &word, sizeof word);
    CHECK(fcntl(fd, F_GET_SEALS) == 0);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK) == 0);
    CHECK(write(fd, "x", 1) == -1 && errno == EPERM);
    CHECK(ftruncate(fd, 0) == -1 && errno == EPERM);
    CHECK(ftruncate(fd, 100) == 0);
    CHECK(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
    const uint64_t *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED && *map == word);
    char link[64], target[64] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    CHECK(readlink(link, target, sizeof target - 1) > 0);
    say("%s holds %016lx at %p\n", target, (long)*map, (const void *)map);
    return 0;
}
