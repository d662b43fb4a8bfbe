/* clone3(2) with a pidfd, the tid written in both places, another exit signal; and refusals. */
#include "check.h"

#include <linux/sched.h>
#include <poll.h>

int main(void)
{
    int pidfd = -1;
    volatile pid_t parent_tid = 0, child_tid = 0;
    struct clone_args args = {
        .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
        .pidfd = (uintptr_t)&pidfd,
        .parent_tid = (uintptr_t)&parent_tid,
        .child_tid = (uintptr_t)&child_tid,
        .exit_signal = SIGCHLD,
    };
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child < 0 && errno == ENOSYS)
        SKIP("no clone3 here");
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(child_tid == getpid());
        sleep_ms(10);
        _exit(3);
    }
    CHECK(parent_tid == child && child_tid == 0 && pidfd >= 0);
    CHECK(fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
    struct pollfd p = {pidfd, POLLIN, 0};
    CHECK(poll(&p, 1, -1) == 1);
    CHECK(WEXITSTATUS(wait_for((pid_t)child)) == 3);
    say("child %ld by descriptor %d\n", child, pidfd);

    args.flags = CLONE_THREAD;
    CHECK(syscall(SYS_clone3, &args, sizeof args) == -1 && errno == EINVAL);
    CHECK(syscall(SYS_clone3, &args, 8) == -1 && errno == EINVAL);
    args = (struct clone_args){.exit_signal = 0};
    child = syscall(SYS_clone3, &args, sizeof args);
    CHECK(child >= 0);
    if (child == 0)
        _exit(4);
    int status;
    CHECK(waitpid((pid_t)child, &status, 0) == -1 && errno == ECHILD);
    CHECK(waitpid((pid_t)child, &status, __WCLONE) == child && WEXITSTATUS(status) == 4);
    return 0;
}
