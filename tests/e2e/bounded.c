/* bounded SECONDS REPORT PROGRAM ARGS...
 *
 * Runs a program in a process group of its own, ends the group when the time is over, and writes to
 * the file REPORT how it went: "exited 3", "killed 11" or "timed out", then peak memory in KiB and
 * seconds of wall time, user and system. Unlike $? of a shell it tells exit(139) from SIGSEGV. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t timed_out;

static void end_group(int sig)
{
    timed_out = sig == SIGALRM;
    kill(-child, SIGKILL);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bounded SECONDS REPORT PROGRAM ARGS...\n");
        return 2;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    child = fork();
    if (child < 0) {
        perror("bounded: fork");
        return 2;
    }
    if (child == 0) {
        setpgid(0, 0);
        for (int fd = 3; fd < 1024; fd++)
            close(fd); /* what the test driver may have left open */
        execvp(argv[3], &argv[3]);
        fprintf(stderr, "bounded: %s: %s\n", argv[3], strerror(errno));
        _exit(127);
    }
    setpgid(child, child);
    signal(SIGALRM, end_group);
    signal(SIGTERM, end_group);
    signal(SIGINT, end_group);
    alarm((unsigned)atoi(argv[1]));

    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return 2;
    clock_gettime(CLOCK_MONOTONIC, &end);

    FILE *report = fopen(argv[2], "we");
    if (report == NULL) {
        perror(argv[2]);
        return 2;
    }
    if (timed_out)
        fprintf(report, "timed out\n");
    else if (WIFSIGNALED(status))
        fprintf(report, "killed %d\n", WTERMSIG(status));
    else
        fprintf(report, "exited %d\n", WEXITSTATUS(status));
    fprintf(report, "%ld\n%.3f\n%.3f\n%.3f\n", usage.ru_maxrss,
            (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
            seconds(usage.ru_utime), seconds(usage.ru_stime));
    return fclose(report) == 0 ? 0 : 2;
}
