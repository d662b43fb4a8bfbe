/* waitpid goes on after a handler with SA_RESTART, futex waits and pauses do what signal(7) says:
 * pause always returns EINTR. */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void tick(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    ticks++;
}

int main(void)
{
    handle(SIGALRM, tick, SA_RESTART);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(150);
        _exit(8);
    }
    struct itimerval timer = {.it_value = {0, 20000}, .it_interval = {0, 20000}}, off = {0};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 8);
    int during = ticks;
    CHECK(during >= 1);
    CHECK(pause() == -1 && errno == EINTR && ticks > during);
    CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
    say("%d ticks while %d was alive\n", during, (int)child);
    return 0;
}
