/* MADV_WIPEONFORK gives the child zeros, MADV_DONTFORK nothing at all: madvise(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    char *wiped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *absent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(wiped != MAP_FAILED && absent != MAP_FAILED);
    uint64_t word = random_word();
    memcpy(wiped, &word, 8);
    memcpy(absent, &word, 8);
    CHECK(madvise(wiped, 4096, MADV_WIPEONFORK) == 0);
    CHECK(madvise(absent, 4096, MADV_DONTFORK) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        uint64_t seen;
        memcpy(&seen, wiped, 8);
        CHECK(seen == 0);
        CHECK(write(1, absent, 1) == -1 && errno == EFAULT);
        wiped[0] = 'c';
        pid_t grandchild = fork();
        if (grandchild == 0)
            _exit(wiped[0] == 0 ? 0 : 1); /* the flag stays */
        wait_for_success(grandchild);
        say("%d sees zeros\n", (int)getpid());
        (void)*(volatile char *)absent;
        _exit(0);
    }
    int status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK(memcmp(wiped, &word, 8) == 0 && memcmp(absent, &word, 8) == 0);
    CHECK(madvise(wiped, 4096, MADV_KEEPONFORK) == 0 && madvise(absent, 4096, MADV_DOFORK) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(memcmp(wiped, &word, 8) == 0 && memcmp(absent, &word, 8) == 0 ? 0 : 1);
    wait_for_success(child);
    say("%016lx\n", (long)word);
    return 0;
}
