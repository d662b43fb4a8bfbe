/* /dev/zero mapped private and shared: shared, it is memory that a child shares: mem(4). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = open("/dev/zero", O_RDWR);
    CHECK(fd >= 0);
    char *private = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    uint64_t *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(private != MAP_FAILED && shared != MAP_FAILED);
    CHECK(private[5000] == 0 && shared[700] == 0);
    private[5000] = 1;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        private[5000] = 2;
        shared[700] = random_word();
        _exit(0);
    }
    wait_for_success(child);
    CHECK(private[5000] == 1 && shared[700] != 0);
    say("%016lx\n", (long)shared[700]);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open("/dev/null", O_RDWR), 0) == MAP_FAILED &&
          errno == ENODEV);
    return 0;
}
