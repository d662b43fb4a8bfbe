/* forbid CALL PROGRAM ARGS...: runs a program under a seccomp filter that refuses a call with
 * EPERM, as containers do, or leaves it to a tracer ("getppid-traced"), which fails with ENOSYS
 * without one. Exit status 77: no filter can be set here. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLOSE_RANGE 436 /* sys/syscall.h has them since Linux 5.9 */
#define PIDFD_GETFD 438
#define LANDLOCK    444 /* landlock_create_ruleset */

static const struct {
    const char *name;
    unsigned nr, action;
} calls[] = {{"ptrace", SYS_ptrace, SECCOMP_RET_ERRNO | EPERM},
             {"seccomp", SYS_seccomp, SECCOMP_RET_ERRNO | EPERM},
             {"close_range", CLOSE_RANGE, SECCOMP_RET_ERRNO | EPERM},
             {"landlock", LANDLOCK, SECCOMP_RET_ERRNO | EPERM},
             {"capset", SYS_capset, SECCOMP_RET_ERRNO | EPERM},
             {"pidfd_getfd", PIDFD_GETFD, SECCOMP_RET_ERRNO | EPERM},
             {"getppid", SYS_getppid, SECCOMP_RET_ERRNO | EPERM},
             {"getppid-traced", SYS_getppid, SECCOMP_RET_TRACE}};

int main(int argc, char **argv)
{
    unsigned nr = ~0u, action = 0;
    for (size_t i = 0; argc > 2 && i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].name, argv[1]) == 0)
            nr = calls[i].nr, action = calls[i].action;
    if (nr == ~0u)
        return 2;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        fprintf(stderr, "forbid: %s\n", strerror(errno));
        return 77;
    }
    execvp(argv[2], &argv[2]);
    fprintf(stderr, "forbid: %s: %s\n", argv[2], strerror(errno));
    return 127;
}
