/* What a vfork child may do while its parent stands still: fork itself, wait, receive a signal
 * whose handler runs in the shared memory; a signal for the parent waits: vfork(2). */
#include "check.h"

static volatile sig_atomic_t in_child, in_parent;
static volatile pid_t child_pid;

static void handler(int sig)
{
    (void)sig;
    if (child_pid == getpid())
        in_child++;
    else
        in_parent++;
}

int main(void)
{
    signal(SIGUSR1, handler);
    pid_t parent = getpid(), child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        child_pid = getpid();
        kill(getpid(), SIGUSR1);
        kill(parent, SIGUSR1);
        if (in_child != 1 || in_parent != 0)
            _exit(1);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            in_child = 100; /* in a copy */
            _exit(9);
        }
        int status;
        waitpid(grandchild, &status, 0);
        if (in_child != 1 || WEXITSTATUS(status) != 9)
            _exit(2);
        pid_t nested = vfork();
        if (nested == 0) {
            in_child = 2;
            _exit(0);
        }
        if (in_child != 2)
            _exit(3);
        waitpid(nested, NULL, 0);
        _exit(0);
    }
    CHECK(in_parent == 1);
    wait_for_success(child);
    CHECK(in_child == 2);
    say("%d and %d\n", (int)parent, (int)child);

    /* Killed by a signal instead of an exit: the parent goes on as well. */
    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        kill(getpid(), SIGKILL);
        _exit(0);
    }
    CHECK(WTERMSIG(wait_for(child)) == SIGKILL);
    return 0;
}
