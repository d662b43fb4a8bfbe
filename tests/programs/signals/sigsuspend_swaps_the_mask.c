/* sigsuspend installs a mask, waits for a handler and puts the old mask back: sigsuspend(2). */
#include "check.h"

static volatile sig_atomic_t got;
static volatile pid_t from;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    got = sig;
    from = info->si_pid;
}

int main(void)
{
    sigset_t blocked, all_but, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, &old) == 0);
    handle(SIGUSR1, handler, 0);
    handle(SIGUSR2, handler, 0);
    raise(SIGUSR1);
    CHECK(got == 0);
    CHECK(sigsuspend(&old) == -1 && errno == EINTR && got == SIGUSR1);

    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        kill(parent, SIGUSR1);
        sleep_ms(20);
        kill(parent, SIGUSR2);
        _exit(0);
    }
    sigfillset(&all_but);
    sigdelset(&all_but, SIGUSR2);
    CHECK(sigsuspend(&all_but) == -1 && errno == EINTR);
    CHECK(got == SIGUSR2 && from == child);
    sigset_t now, pending;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR2));
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) &&
          !sigismember(&pending, SIGUSR2));
    say("SIGUSR2 came from %d\n", (int)from);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0 && got == SIGUSR1);
    wait_for_success(child);
    return 0;
}
