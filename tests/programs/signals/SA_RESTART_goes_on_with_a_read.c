/* A handler installed with SA_RESTART runs, and the blocked read goes on after it; the program
 * sees no EINTR. signal(7), "Interruption of system calls"; -ERESTARTSYS */
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
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(fds[0]);
        sleep_ms(200);
        uint64_t word = random_word();
        write_all(fds[1], &word, sizeof word);
        _exit(0);
    }
    handle(SIGALRM, tick, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 20000}, .it_interval = {0, 20000}}, off = {0};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    uint64_t word;
    CHECK(read(fds[0], &word, sizeof word) == sizeof word);
    CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
    CHECK(ticks >= 1);
    say("%d ticks during the read of %016lx\n", (int)ticks, (long)word);
    wait_for_success(child);
    return 0;
}
