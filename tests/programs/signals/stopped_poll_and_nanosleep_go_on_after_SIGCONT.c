/* A poll, nanosleep or futex wait interrupted by a stop goes on with the time that is left, unseen
 * by the program, except that nanosleep has written its remainder: restart_syscall(2),
 * -ERESTART_RESTARTBLOCK; kernel/time/hrtimer.c, do_nanosleep(). */
#include "check.h"

#include <linux/futex.h>
#include <poll.h>

/* Returns the wait status of a child that has ended meanwhile, else that of its continuation. */
static int stop_for_a_while(pid_t child)
{
    int status;
    sleep_ms(30);
    CHECK(kill(child, SIGSTOP) == 0);
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    CHECK(WSTOPSIG(status) == SIGSTOP);
    sleep_ms(20);
    CHECK(kill(child, SIGCONT) == 0);
    CHECK(waitpid(child, &status, WCONTINUED) == child);
    return status;
}

static void sleeper(int which)
{
    int64_t start = now_ns();
    struct timespec t = {0, 150000000};
    uint32_t word = 5;
    struct pollfd p = {-1, 0, 0};
    struct timespec left = {77, 77};
    if (which == 0)
        CHECK(nanosleep(&t, &left) == 0 && left.tv_sec != 77);
    else if (which == 1)
        CHECK(poll(&p, 1, 150) == 0);
    else if (which == 2)
        CHECK(syscall(SYS_futex, &word, FUTEX_WAIT, 5, &t, NULL, 0) == -1 && errno == ETIMEDOUT);
    else
        CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL) == 0);
    int64_t took = now_ns() - start;
    CHECK(took >= 149000000);
    say("%d slept %ld ns, %ld.%09ld\n", which, (long)took, (long)left.tv_sec, left.tv_nsec);
    _exit(0);
}

int main(void)
{
    for (int which = 0; which < 4; which++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            sleeper(which);
        int status = stop_for_a_while(child);
        if (WIFCONTINUED(status))
            status = wait_for(child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return 0;
}
