/* A handler installed without SA_RESTART ends the blocked call with EINTR: signal(7). */
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
    int fds[2];
    CHECK(pipe(fds) == 0);
    handle(SIGALRM, tick, 0);
    for (int i = 1; i <= 5; i++) {
        int64_t start = now_ns();
        int before = ticks;
        struct itimerval timer = {.it_value = {0, 10000}, .it_interval = {0, 10000}}, off = {0};
        CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
        char byte = 'x';
        CHECK(read(fds[0], &byte, 1) == -1 && errno == EINTR && byte == 'x');
        CHECK(ticks > before);
        CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
        say("EINTR after %ld ns\n", (long)(now_ns() - start));
    }
    return 0;
}
