/* After fork both processes have the same memory and go different ways; neither sees what the
 * other writes: fork(2). */
#include "check.h"

static uint64_t global;

int main(void)
{
    global = random_word();
    uint64_t before = global;
    pid_t parent = getpid();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(getppid() == parent && getpid() != parent);
        CHECK(global == before);
        global = 1;
        say("child %d sees %016lx\n", (int)getpid(), (long)before);
        _exit(7);
    }
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(global == before);
    say("parent %d had child %d and sees %016lx\n", (int)parent, (int)child, (long)global);
    CHECK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
    return 0;
}
