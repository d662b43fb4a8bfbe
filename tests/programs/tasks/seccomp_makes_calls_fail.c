/* The program's own filter returns an error number for a call; the call never runs: seccomp(2),
 * SECCOMP_RET_ERRNO. Filters add up, the strictest wins, children inherit them. */
#include "seccomp_filter.h"

int main(void)
{
    SECCOMP_TREAT(SYS_getppid, SECCOMP_RET_ERRNO | 77);
    CHECK(syscall(SYS_getppid) == -1 && errno == 77);
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    CHECK(prctl(PR_GET_SECCOMP) == 2);
    SECCOMP_TREAT(SYS_uname, SECCOMP_RET_ERRNO | 0);
    char buffer[400];
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(syscall(SYS_uname, buffer) == 0 && (unsigned char)buffer[0] == 0xaa);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(syscall(SYS_getppid) == -1 && errno == 77);
        execl("/bin/sh", "sh", "-c", "echo shell $$ under the filter", (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    say("pid %d\n", (int)getpid());
    return 0;
}
