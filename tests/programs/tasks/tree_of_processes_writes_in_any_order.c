/* A tree of processes that all write to stdout without waiting for each other: the order differs
 * from run to run, and a replay must show the recorded one. */
#include "check.h"

static void grow(int depth, int number)
{
    say("%d at depth %d is %d\n", number, depth, (int)getpid());
    if (depth == 4)
        return;
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            grow(depth + 1, number * 2 + i);
            _exit(0);
        }
    }
    for (int i = 0; i < 2; i++)
        wait_for_success(children[i]);
}

int main(void)
{
    grow(0, 1);
    return 0;
}
