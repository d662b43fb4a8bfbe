/* A recorder keeps a small area at 0x70000000 in every task. A program that wants these addresses
 * must get what it would get unrecorded, or an error that the kernel could give too. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    char *area = (char *)0x70000000;
    char *p = mmap(area, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    memset(p, 'h', 1 << 20);
    say("a hint gave %s address\n", p == area ? "the same" : "another");
    CHECK(munmap(p, 1 << 20) == 0);
    int fd = scratch_file();
    CHECK(ftruncate(fd, 1 << 20) == 0);
    uint64_t word = random_word();
    CHECK(pwrite(fd, &word, 8, 4096) == 8);
    p = mmap(area, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
    if (p == MAP_FAILED) {
        say("refused with errno %d\n", errno);
        CHECK(errno == ENOMEM || errno == EPERM || errno == EINVAL);
        return 0;
    }
    CHECK(p == area && memcmp(p + 4096, &word, 8) == 0);
    memset(p, 'x', 1 << 20);
    sleep_ms(1);
    CHECK(getpid() > 0);
    for (int i = 0; i < 1 << 20; i++)
        CHECK(p[i] == 'x');
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(p[12345] == 'x' ? 0 : 1);
    wait_for_success(child);
    CHECK(munmap(p, 1 << 20) == 0);
    say("used it: %016lx\n", (long)word);
    return 0;
}
