/* A write to a pipe that is interrupted after a part returns the count of that part, not EINTR,
 * even with SA_RESTART: signal(7), write(2). */
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
    static char block[300000];
    memset(block, (int)random_word(), sizeof block);
    handle(SIGALRM, tick, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 20000}, .it_interval = {0, 20000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    ssize_t n = write(fds[1], block, sizeof block);
    CHECK(n > 0 && n < (ssize_t)sizeof block && ticks >= 1);
    say("%zd bytes went into the pipe, %02x\n", n, (unsigned char)block[0]);
    handle(SIGALRM, tick, 0);
    int before = ticks;
    CHECK(write(fds[1], block, 10) == -1 && errno == EINTR && ticks > before);
    return 0;
}
