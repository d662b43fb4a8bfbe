/* Descriptors without FD_CLOEXEC, offsets, pid, parent, timers of setitimer and umask survive an
 * exec; mappings, timers of timer_create and the name do not: execve(2). */
#include "check.h"

#include <sys/prctl.h>
#include <sys/time.h>

static int after_exec(void)
{
    struct itimerval timer;
    char name[16];
    CHECK(fcntl(70, F_GETFD) == 0 && fcntl(71, F_GETFD) == -1);
    CHECK(lseek(70, 0, SEEK_CUR) == 8);
    uint64_t word;
    CHECK(pread(70, &word, sizeof word, 0) == sizeof word);
    CHECK(getitimer(ITIMER_REAL, &timer) == 0 && timer.it_value.tv_sec > 900);
    CHECK(prctl(PR_GET_NAME, name) == 0 && strncmp(name, "renamed", 7) != 0);
    sleep_ms(450);
    CHECK(umask(0) == 0137);
    CHECK(getenv("WORD") != NULL && strtoull(getenv("WORD"), NULL, 16) == word);
    say("%d after %d still has %016lx, %s\n", (int)getpid(), (int)getppid(), (long)word, name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return after_exec();
    int fd = scratch_file();
    uint64_t word = random_word();
    char text[32];
    write_all(fd, &word, sizeof word);
    CHECK(dup2(fd, 70) == 70 && dup3(fd, 71, O_CLOEXEC) == 71);
    struct itimerval timer = {.it_value = {1000, 0}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    timer_t posix;
    CHECK(timer_create(CLOCK_MONOTONIC, NULL, &posix) == 0);
    struct itimerspec on = {.it_value = {0, 400000000}}; /* would kill by SIGALRM */
    CHECK(timer_settime(posix, 0, &on, NULL) == 0);
    CHECK(prctl(PR_SET_NAME, "renamed") == 0);
    umask(0137);
    snprintf(text, sizeof text, "%016lx", (long)word);
    CHECK(setenv("WORD", text, 1) == 0);
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    CHECK(!"exec returned");
}
