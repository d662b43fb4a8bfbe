/* A child made with CLONE_PARENT belongs to the parent of the one who made it: clone(2). */
#include "check.h"

#include <sched.h>

int main(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    pid_t top = getpid(), middle = fork();
    CHECK(middle >= 0);
    if (middle == 0) {
        long last = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0);
        CHECK(last >= 0);
        if (last == 0) {
            CHECK(getppid() == top);
            _exit(21);
        }
        CHECK(waitpid((pid_t)last, NULL, 0) == -1 && errno == ECHILD);
        write_all(fds[1], &last, sizeof last);
        _exit(20);
    }
    long last;
    read_all(fds[0], &last, sizeof last);
    CHECK(WEXITSTATUS(wait_for((pid_t)last)) == 21);
    CHECK(WEXITSTATUS(wait_for(middle)) == 20);
    say("%d waited for %d and for %ld\n", (int)top, (int)middle, last);
    return 0;
}
