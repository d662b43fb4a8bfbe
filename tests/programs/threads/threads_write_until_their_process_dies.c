/* Threads write lines to stdout until their process dies: by a signal to it, by abort, by SIGKILL,
 * by exit_group. What they have written last is there, though no thread has come back from it. */
#include "threads.h"

enum { PROCESSES = 16, WRITERS = 3 };

static void *write_lines(void *writer)
{
    char line[64];
    for (int i = 0;; i++) {
        int len = snprintf(line, sizeof line, "%d %d\n", *(int *)writer, i);
        if (write(1, line, (size_t)len) != len)
            return NULL;
    }
}

static void die(int how)
{
    if (how == 0)
        kill(getpid(), SIGTERM);
    else if (how == 1)
        abort();
    else if (how == 2)
        kill(getpid(), SIGKILL);
    _exit(0);
}

static void write_and_die(int n)
{
    int writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = n * 10 + i;
        start(write_lines, &writers[i]);
    }
    usleep(1000 + 137 * (useconds_t)n);
    die(n % 4);
}

int main(void)
{
    for (int n = 0; n < PROCESSES; n++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            write_and_die(n);
        int status;
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(WIFSIGNALED(status) == (n % 4 != 3));
    }
    return 0;
}
