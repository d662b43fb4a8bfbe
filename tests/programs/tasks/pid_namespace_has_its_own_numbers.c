/* In a new pid namespace the first child is 1, while its parent knows it by another number; when 1
 * ends all others there are killed: pid_namespaces(7). */
#include "check.h"

#include <sched.h>

int main(void)
{
    if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
        SKIP("no pid namespaces here (errno %d)", errno);
    int fds[2];
    CHECK(pipe(fds) == 0);
    pid_t init = fork();
    CHECK(init > 0 || getpid() == 1);
    if (init == 0) {
        CHECK(getppid() == 0);
        pid_t second = fork();
        CHECK(second == 2 || second == 0);
        if (second == 0) {
            CHECK(getpid() == 2 && getppid() == 1);
            pid_t third = fork();
            if (third == 0)
                for (;;)
                    pause();
            CHECK(third == 3);
            _exit(5);
        }
        CHECK(WEXITSTATUS(wait_for(second)) == 5);
        CHECK(kill(3, 0) == 0);
        raise(SIGTERM); /* ignored: the first process has no default actions */
        _exit(6);
    }
    CHECK(WEXITSTATUS(wait_for(init)) == 6);
    say("1 inside was %d outside\n", (int)init);
    CHECK(fork() == -1 && errno == ENOMEM);
    return 0;
}
