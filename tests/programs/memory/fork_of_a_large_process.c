/* A child of a process with much memory sees all of it, also after the parent has changed it. */
#include "check.h"

int main(void)
{
    size_t size = 24 << 20;
    uint64_t *p = malloc(size);
    CHECK(p != NULL);
    uint64_t x = random_word();
    for (size_t i = 0; i < size / 8; i += 64)
        p[i] = x = x * 6364136223846793005u + 1;
    int go[2];
    CHECK(pipe(go) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char byte;
        read_all(go[0], &byte, 1);
        uint64_t sum = 0;
        for (size_t i = 0; i < size / 8; i += 64)
            sum = sum * 31 + p[i];
        say("child: %016lx\n", (long)sum);
        _exit(0);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < size / 8; i += 64) {
        sum = sum * 31 + p[i];
        p[i] = 0;
    }
    write_all(go[1], "x", 1);
    say("parent: %016lx\n", (long)sum);
    wait_for_success(child);
    return 0;
}
