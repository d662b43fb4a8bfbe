/* A thread that ends is held at PTRACE_EVENT_EXIT for a while. Until its tracer lets it go the
 * kernel does not clear its tid, for which another thread looks all the time: ptrace(2),
 * set_tid_address(2). */
#include "check.h"

#include <pthread.h>
#include <sys/ptrace.h>

static void *nothing(void *arg)
{
    return arg;
}

static void child(void)
{
    CHECK(raise(SIGSTOP) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        long looks = 0;
        CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0);
        for (; pthread_tryjoin_np(thread, NULL) == EBUSY; looks++)
            usleep(100);
        say("joined after %ld looks\n", looks);
    }
    _exit(6);
}

int main(void)
{
    int status, n_held = 0;
    pid_t pid = fork(), tid;
    CHECK(pid >= 0);
    if (pid == 0)
        child();
    CHECK(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT) == 0);
    while ((tid = waitpid(-1, &status, __WALL)) > 0) {
        if (tid == pid && !WIFSTOPPED(status))
            break;
        if (!WIFSTOPPED(status))
            continue;
        int event = status >> 16, signo = event != 0 ? 0 : WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXIT && tid != pid) {
            usleep(5000);
            n_held++;
        }
        if (event == PTRACE_EVENT_STOP && WSTOPSIG(status) == SIGSTOP)
            kill(pid, SIGCONT);
        CHECK(ptrace(PTRACE_CONT, tid, 0, signo) == 0 || errno == ESRCH);
    }
    CHECK(tid == pid && WIFEXITED(status) && WEXITSTATUS(status) == 6 && n_held == 4);
    return 0;
}
