/* The stack grows page by page down to its limit, also by a jump over many pages: getrlimit(2),
 * RLIMIT_STACK. */
#include "check.h"

static uint64_t deep(int depth, uint64_t x)
{
    volatile uint64_t frame[512];
    for (int i = 0; i < 512; i++)
        frame[i] = x + (uint64_t)i;
    if (depth == 0)
        return frame[7];
    uint64_t r = deep(depth - 1, x * 6364136223846793005u + 1);
    return r ^ frame[depth % 512];
}

static uint64_t jump(uint64_t x)
{
    volatile uint64_t frame[1 << 18];
    frame[3] = x;
    frame[(1 << 18) - 1] = x;
    return frame[3];
}

int main(void)
{
    uint64_t word = random_word();
    say("%016lx\n", (long)deep(1200, word));
    CHECK(jump(word) == word);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        say("child: %016lx\n", (long)deep(1300, word));
        _exit(0);
    }
    wait_for_success(child);
    return 0;
}
