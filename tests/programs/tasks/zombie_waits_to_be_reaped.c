/* A child that has ended can still be signalled and looked at until it is waited for; wait4 tells
 * what it used: wait4(2). */
#include "check.h"

#include <sys/resource.h>

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char *memory = malloc(20 << 20);
        memset(memory, (int)random_word(), 20 << 20);
        __asm__ volatile("" : : "r"(memory) : "memory");
        _exit(33);
    }
    siginfo_t info;
    CHECK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
    CHECK(info.si_pid == child && info.si_status == 33);
    CHECK(kill(child, SIGTERM) == 0);
    char path[64], state[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && read(fd, state, sizeof state - 1) > 0);
    say("state %c\n", strrchr(state, ')')[2]);
    CHECK(strrchr(state, ')')[2] == 'Z');
    struct rusage usage;
    int status;
    CHECK(wait4(child, &status, 0, &usage) == child && WEXITSTATUS(status) == 33);
    CHECK(usage.ru_maxrss > 20000);
    say("%d used %ld KiB, %ld us\n", (int)child, usage.ru_maxrss, (long)usage.ru_utime.tv_usec);
    CHECK(kill(child, 0) == -1 && errno == ESRCH);
    return 0;
}
