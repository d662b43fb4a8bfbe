/* A seccomp filter that treats one system call apart and allows all others. */
#ifndef REPRISE_TESTS_SECCOMP_FILTER_H
#define REPRISE_TESTS_SECCOMP_FILTER_H

#include "check.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static inline int seccomp_treat(unsigned number, unsigned action)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#define SECCOMP_TREAT(number, action)                                                              \
    do {                                                                                           \
        if (seccomp_treat(number, action) < 0)                                                     \
            SKIP("no seccomp filters here (errno %d)", errno);                                     \
    } while (0)

#endif
