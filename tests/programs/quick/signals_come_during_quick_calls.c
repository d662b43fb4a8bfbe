/* Calls that are recorded without a stop are interrupted anywhere by a timer, whose handler makes
 * such calls itself; a signal that a call raises is taken right behind it. */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile long in_handler;

static void tick(int signo)
{
    struct stat st;
    (void)signo;
    ticks++;
    in_handler += fstat(0, &st) == 0 ? (long)st.st_nlink : 0;
}

static volatile sig_atomic_t raised;
static void note(int signo)
{
    raised = signo;
}

int main(void)
{
    struct sigaction on_tick = {.sa_handler = tick, .sa_flags = SA_RESTART};
    struct sigaction on_usr1 = {.sa_handler = note};
    struct itimerval every = {{0, 1000}, {0, 1000}};
    CHECK(sigaction(SIGALRM, &on_tick, NULL) == 0 && sigaction(SIGUSR1, &on_usr1, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
    CHECK(null >= 0 && zero >= 0);
    char bytes[100];
    unsigned long rounds = 0;
    while (ticks < 100) {
        CHECK(read(zero, bytes, sizeof bytes) == sizeof bytes);
        CHECK(write(null, bytes, sizeof bytes) == sizeof bytes);
        CHECK(lseek(null, 0, SEEK_CUR) == 0);
        rounds++;
    }
    every = (struct itimerval){{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    sigset_t usr1, old;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    for (int i = 0; i < 50; i++) {
        raised = 0;
        CHECK(sigprocmask(SIG_BLOCK, &usr1, &old) == 0);
        CHECK(kill(getpid(), SIGUSR1) == 0 && raised == 0);
        CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
        CHECK(raised == SIGUSR1);
    }
    say("%d ticks, %lu rounds, %ld\n", (int)ticks, rounds, in_handler);
    return 0;
}
