/* A signal that a process sends to itself is delivered before kill() returns: kill(2), NOTES.
 * The same holds for raise, tgkill and sigqueue. */
#include "check.h"

static volatile sig_atomic_t runs;
static volatile siginfo_t last;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    last = *info;
    runs++;
}

int main(void)
{
    handle(SIGUSR1, handler, 0);
    handle(SIGRTMIN + 3, handler, 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(runs == 1 && last.si_code == SI_USER && last.si_pid == getpid());
    CHECK(raise(SIGUSR1) == 0);
    CHECK(runs == 2 && last.si_code == SI_TKILL);
    CHECK(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) == 0);
    CHECK(runs == 3 && last.si_code == SI_TKILL);
    CHECK(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 4711}) == 0);
    CHECK(runs == 4 && last.si_code == SI_QUEUE && last.si_value.sival_int == 4711);
    CHECK(kill(getpid(), 0) == 0 && runs == 4);
    CHECK(kill(getpid(), 1000) == -1 && errno == EINVAL);
    say("signals from pid %d, uid %d\n", (int)last.si_pid, (int)last.si_uid);
    return 0;
}
