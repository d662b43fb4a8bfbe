/* A chain of execs keeps pid and open files and replaces everything else: execve(2). */
#include "check.h"

int main(int argc, char **argv)
{
    int depth = argc > 1 ? atoi(argv[1]) : 0;
    int pid = argc > 2 ? atoi(argv[2]) : (int)getpid();
    CHECK(pid == getpid());
    if (depth == 0) {
        int fd = scratch_file();
        CHECK(dup2(fd, 9) == 9);
        close(fd);
    }
    say("depth %d, pid %d, stack at %p, time %ld\n", depth, pid, (void *)&depth, (long)now_ns());
    CHECK(write(9, &depth, sizeof depth) == sizeof depth);
    if (depth == 10) {
        CHECK(lseek(9, 0, SEEK_CUR) == 11 * sizeof depth);
        return 0;
    }
    char next[16], first[16];
    snprintf(next, sizeof next, "%d", depth + 1);
    snprintf(first, sizeof first, "%d", pid);
    execl("/proc/self/exe", argv[0], next, first, (char *)NULL);
    CHECK(!"exec returned");
}
