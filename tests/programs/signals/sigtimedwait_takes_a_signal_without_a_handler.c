/* sigwaitinfo and sigtimedwait return the signal number and write its siginfo, time out with
 * EAGAIN: sigtimedwait(2). */
#include "check.h"

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGCHLD);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    siginfo_t info;
    memset(&info, 0xaa, sizeof info);
    struct timespec brief = {0, 10000000};
    int64_t start = now_ns();
    CHECK(sigtimedwait(&set, &info, &brief) == -1 && errno == EAGAIN &&
          info.si_signo == (int)0xaaaaaaaa);
    say("timed out after %ld ns\n", (long)(now_ns() - start));

    CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_ptr = &set}) == 0);
    CHECK(sigwaitinfo(&set, &info) == SIGRTMIN);
    CHECK(info.si_value.sival_ptr == &set && info.si_pid == getpid() && info.si_code == SI_QUEUE);

    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        kill(parent, SIGUSR1);
        _exit(4);
    }
    int first = sigwaitinfo(&set, &info);
    CHECK(first == SIGUSR1 && info.si_pid == child);
    int sig;
    CHECK(sigwait(&set, &sig) == 0 && sig == SIGCHLD);
    CHECK(WEXITSTATUS(wait_for(child)) == 4);
    say("signals of %d\n", (int)child);
    return 0;
}
