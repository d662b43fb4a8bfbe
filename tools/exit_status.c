/* Owns how reprise ends as the program that it ran. */
#include "tools/exit_status.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void raise_again(int signo)
{
    /* core(5): the limit does not hold where cores go to a pipe, not being dumpable does. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    signal(signo, SIG_DFL);
    kill(getpid(), signo);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int exit_status_as(int wait_status)
{
    if (WIFSIGNALED(wait_status)) {
        raise_again(WTERMSIG(wait_status));
        return 128 + WTERMSIG(wait_status); /* a signal that did not kill us, as shells tell it */
    }
    return WEXITSTATUS(wait_status);
}
