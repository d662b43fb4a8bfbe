/* Without CLONE_VM the child's tid is written in the child's copy only, the parent's in the
 * parent's only, and CLEARTID has no one to tell: clone(2), set_tid_address(2). */
#include "check.h"

#include <sched.h>

int main(void)
{
    volatile pid_t parent_tid = 1, child_tid = 2;
    long child = syscall(SYS_clone,
                         CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
                         NULL, &parent_tid, &child_tid, 0);
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(child_tid == getpid());
        CHECK(parent_tid == 1 || parent_tid == getpid()); /* the copy may be older or newer */
        say("child: %d\n", (int)child_tid);
        _exit(0);
    }
    CHECK(parent_tid == child && child_tid == 2);
    say("parent: %d\n", (int)parent_tid);
    wait_for_success((pid_t)child);
    CHECK(child_tid == 2);
    static int mine;
    CHECK(syscall(SYS_set_tid_address, &mine) == getpid());
    return 0;
}
