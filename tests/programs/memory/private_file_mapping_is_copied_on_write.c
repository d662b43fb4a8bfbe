/* Stores into a private mapping never reach the file, and writes to the file reach the pages that
 * were not stored to: mmap(2), MAP_PRIVATE leaves it open, Linux does it. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file();
    char block[4096 * 4];
    memset(block, 'f', sizeof block);
    write_all(fd, block, sizeof block);
    char *p = mmap(NULL, sizeof block, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    p[0] = 'm';
    uint64_t word = random_word();
    CHECK(pwrite(fd, &word, 8, 100) == 8 && pwrite(fd, &word, 8, 4096 + 100) == 8);
    CHECK(p[100] == 'f' && memcmp(p + 4096 + 100, &word, 8) == 0);
    char back[8];
    CHECK(pread(fd, back, 1, 0) == 1 && back[0] == 'f');
    CHECK(msync(p, sizeof block, MS_SYNC) == 0);
    CHECK(pread(fd, back, 1, 0) == 1 && back[0] == 'f');
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(p[0] == 'm');
        p[1] = 'c';
        CHECK(pwrite(fd, "zz", 2, 8192) == 2);
        _exit(0);
    }
    wait_for_success(child);
    CHECK(p[1] == 'f' && p[8192] == 'z');
    say("%016lx\n", (long)hash_of(p, sizeof block));
    return 0;
}
