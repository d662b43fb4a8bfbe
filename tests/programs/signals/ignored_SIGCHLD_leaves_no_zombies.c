/* With SIGCHLD ignored, or SA_NOCLDWAIT, children vanish at once and wait blocks until the last is
 * gone, then fails with ECHILD: waitpid(2), NOTES. */
#include "check.h"

static volatile sig_atomic_t told;

static void on_child(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    told++;
}

int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (int round = 0; round < 2; round++) {
        pid_t last = 0;
        for (int i = 0; i < 3; i++) {
            last = fork();
            CHECK(last >= 0);
            if (last == 0) {
                sleep_ms(10 * i);
                _exit(1);
            }
        }
        int status = -1, r;
        while ((r = wait(&status)) == -1 && errno == EINTR)
            ;
        CHECK(r == -1 && errno == ECHILD && status == -1);
        CHECK(kill(last, 0) == -1 && errno == ESRCH);
        say("%d has left no trace\n", (int)last);
        handle(SIGCHLD, on_child, SA_NOCLDWAIT);
    }
    CHECK(told >= 1);
    return 0;
}
