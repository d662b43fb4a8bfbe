/* PR_SET_CHILD_SUBREAPER: orphaned descendants become children of the subreaper: prctl(2). */
#include "check.h"

#include <sys/prctl.h>

int main(void)
{
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    pid_t self = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pid_t middle = getpid(), grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            while (getppid() == middle)
                sleep_ms(2);
            CHECK(getppid() == self);
            _exit(44);
        }
        _exit(0);
    }
    wait_for_success(child);
    int status;
    pid_t adopted = wait(&status);
    CHECK(adopted > 0 && adopted != child && WEXITSTATUS(status) == 44);
    say("%d adopted %d\n", (int)self, (int)adopted);
    return 0;
}
