/* getppid, /proc/self/comm, /proc/self/exe and the process group belong to the program, not to a
 * recorder. RECORDER_PARENT cannot be known here, so the parent's name is shown only. */
#include "check.h"

int main(void)
{
    char name[64] = "", exe[PATH_MAX] = "";
    int fd = open("/proc/self/comm", O_RDONLY);
    CHECK(fd >= 0 && read(fd, name, sizeof name - 1) > 0);
    CHECK(strncmp(name, program_invocation_short_name, strlen(name) - 1) == 0);
    CHECK(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
    CHECK(strcmp(strrchr(exe, '/') + 1, program_invocation_short_name) == 0);
    say("pid %d, parent %d, group %d, session %d, name %s", (int)getpid(), (int)getppid(),
        (int)getpgrp(), (int)getsid(0), name);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "echo $$ $PPID; cat /proc/$$/comm; readlink /proc/$$/exe",
              (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    return 0;
}
