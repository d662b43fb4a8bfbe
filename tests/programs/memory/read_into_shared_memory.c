/* A call that writes into memory shared with another process: what read stores shows in the child's
 * mapping as well. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    uint64_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    int random = open("/dev/urandom", O_RDONLY), to[2], back[2];
    char byte = 'x';
    CHECK(random >= 0 && pipe(to) == 0 && pipe(back) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 5; i++) {
            read_all(to[0], &byte, 1);
            say("child: %016lx\n", (long)hash_of(shared, 4096));
            read_all(random, shared + 256, 1024);
            write_all(back[1], &byte, 1);
        }
        _exit(0);
    }
    for (int i = 0; i < 5; i++) {
        read_all(random, shared, 1024);
        write_all(to[1], &byte, 1);
        read_all(back[0], &byte, 1);
        say("parent: %016lx\n", (long)hash_of(shared, 4096));
    }
    wait_for_success(child);
    return 0;
}
