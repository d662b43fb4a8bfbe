/* The classic server loop: SIGCHLD interrupts pause, the handler reaps all that ended; the siginfo
 * tells who and how: sigaction(2). */
#include "check.h"

static volatile sig_atomic_t reaped, sum;

static void on_child(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    int saved = errno, status;
    CHECK(info->si_code == CLD_EXITED);
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        say("%d exited with %d\n", (int)pid, WEXITSTATUS(status));
        sum += WEXITSTATUS(status);
        reaped++;
    }
    errno = saved;
}

int main(void)
{
    handle(SIGCHLD, on_child, SA_NOCLDSTOP);
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
    for (int i = 1; i <= 10; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            sleep_ms((long)(random_word() % 20));
            _exit(i);
        }
    }
    while (reaped < 10)
        CHECK(sigsuspend(&old) == -1 && errno == EINTR);
    CHECK(sum == 55);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    return 0;
}
