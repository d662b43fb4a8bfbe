/* Two processes map one file, each by itself, at different addresses; one of them also writes by
 * system call: mmap(2), MAP_SHARED. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = scratch_file(), to[2], back[2];
    CHECK(ftruncate(fd, 8192) == 0 && pipe(to) == 0 && pipe(back) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    char byte = 'x';
    if (child == 0) {
        uint64_t *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        CHECK(map != MAP_FAILED);
        for (int i = 0; i < 10; i++) {
            read_all(to[0], &byte, 1);
            map[i + 512] = ~map[i];
            write_all(back[1], &byte, 1);
        }
        _exit(0);
    }
    CHECK(mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    uint64_t *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    for (int i = 0; i < 10; i++) {
        uint64_t word = random_word();
        if (i % 2)
            map[i] = word;
        else
            CHECK(pwrite(fd, &word, 8, i * 8) == 8);
        write_all(to[1], &byte, 1);
        read_all(back[0], &byte, 1);
        CHECK(map[i + 512] == ~word);
        say("%016lx\n", (long)map[i + 512]);
    }
    wait_for_success(child);
    return 0;
}
