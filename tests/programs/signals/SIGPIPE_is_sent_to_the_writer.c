/* Writing to a pipe without readers: SIGPIPE first, then EPIPE; the default action ends the
 * process: pipe(7). */
#include "check.h"

static volatile sig_atomic_t runs;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    CHECK(info->si_pid == getpid());
    runs++;
}

int main(void)
{
    int fds[2];
    CHECK(pipe(fds) == 0 && close(fds[0]) == 0);
    handle(SIGPIPE, handler, SA_RESTART);
    CHECK(write(fds[1], "x", 1) == -1 && errno == EPIPE && runs == 1);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        write(fds[1], "x", 1);
        _exit(0);
    }
    int status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
    say("%d died of a broken pipe\n", (int)child);
    return 0;
}
