/* exit cuts to eight bits, exit_group and exit of the only thread are the same, atexit handlers run
 * in reverse order: exit(3), _exit(2). */
#include "check.h"

static void last(void)
{
    say("atexit handler of %d\n", (int)getpid());
}

static void before(void)
{
    say("runs first\n");
}

static int status_of(int how)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        switch (how) {
        case 0:
            exit(256 + 7);
        case 1:
            _exit(-1);
        case 2:
            syscall(SYS_exit, 8);
            break;
        case 3:
            syscall(SYS_exit_group, 0x1234);
            break;
        case 4:
            quick_exit(9);
        }
    }
    int status = wait_for(child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int main(void)
{
    CHECK(atexit(last) == 0 && atexit(before) == 0);
    CHECK(status_of(0) == 7);
    CHECK(status_of(1) == 255);
    CHECK(status_of(2) == 8);
    CHECK(status_of(3) == 0x34);
    CHECK(status_of(4) == 9);
    return 0;
}
