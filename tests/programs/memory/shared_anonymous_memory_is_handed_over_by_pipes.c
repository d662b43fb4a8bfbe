/* Parent and child share anonymous memory and take turns, told by pipes: each sees what the other
 * has written: mmap(2), MAP_SHARED. */
#include "check.h"

#include <sys/mman.h>

enum { WORDS = 1024 };

static void take_turns(uint64_t *shared, int in, int out, bool first)
{
    char byte = 'x';
    for (int round = 0; round < 20; round++) {
        if (!first || round > 0)
            read_all(in, &byte, 1);
        for (int i = 0; i < WORDS; i++)
            shared[i] = shared[i] * 6364136223846793005u + (uint64_t)i;
        shared[round] ^= random_word();
        write_all(out, &byte, 1);
    }
    if (first)
        read_all(in, &byte, 1);
}

int main(void)
{
    int to[2], back[2];
    CHECK(pipe(to) == 0 && pipe(back) == 0);
    uint64_t *shared =
        mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        take_turns(shared, to[0], back[1], false);
        say("child sees %016lx\n", (long)hash_of(shared, WORDS * 8));
        _exit(0);
    }
    take_turns(shared, back[0], to[1], true);
    wait_for_success(child);
    say("parent sees %016lx\n", (long)hash_of(shared, WORDS * 8));
    return 0;
}
