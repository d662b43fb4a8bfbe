/* 64 GiB of address space of which a few pages are used, as runtimes do. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    size_t size = 64ul << 30;
    char *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        SKIP("64 GiB cannot be reserved here");
    CHECK(mprotect(p + size / 2, 1ul << 30, PROT_READ | PROT_WRITE) == 0);
    char *q = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (q == MAP_FAILED)
        q = p + size / 2 + 4096;
    uint64_t sum = 0;
    for (int i = 0; i < 50; i++) {
        uint64_t word = random_word();
        memcpy(p + size / 2 + (size_t)i * (10 << 20), &word, 8);
        memcpy(q + (size_t)i * (17 << 20), &word, 8);
        sum += word;
    }
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 50; i++) {
            uint64_t word;
            memcpy(&word, p + size / 2 + (size_t)i * (10 << 20), 8);
            sum -= word;
        }
        _exit(sum == 0 ? 0 : 1);
    }
    wait_for_success(child);
    CHECK(munmap(p, size) == 0);
    say("%p and %p: %016lx\n", (void *)p, (void *)q, (long)sum);
    return 0;
}
