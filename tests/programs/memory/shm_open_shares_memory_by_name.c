/* POSIX shared memory: a file on tmpfs that parent and executed child map: shm_overview(7). */
#include "check.h"

#include <sys/mman.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        int fd = shm_open(argv[1], O_RDWR, 0);
        CHECK(fd >= 0);
        uint64_t *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        CHECK(map != MAP_FAILED);
        map[1] = map[0] ^ 0x5555;
        map[2] = random_word();
        return 0;
    }
    char name[64];
    snprintf(name, sizeof name, "/reprise-%d-%08x", (int)getpid(), (unsigned)random_word());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        SKIP("no /dev/shm here");
    CHECK(ftruncate(fd, 4096) == 0);
    volatile uint64_t *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    map[0] = random_word();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", argv[0], name, (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    CHECK(shm_unlink(name) == 0);
    CHECK(map[1] == (map[0] ^ 0x5555));
    say("%s: %016lx %016lx\n", name, (long)map[1], (long)map[2]);
    return 0;
}
