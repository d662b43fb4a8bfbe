/* Owns the filter by which calls stop. */
#include "task/call_filter.h"

#include "vdso/clock_ring.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORD(member)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define HIGH(member)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member) + 4)
#define UNLESS(k, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (skip))
#define IF(k, skip)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (skip), 0)

int call_filter_install(const uint64_t silent[2])
{
    struct sock_filter code[] = {
        HIGH(instruction_pointer),
        UNLESS(CLOCK_SILENT_IP >> 32, 9),
        WORD(instruction_pointer),
        IF((uint32_t)silent[0], 4),
        IF((uint32_t)silent[1], 3),
        UNLESS((uint32_t)CLOCK_SILENT_IP, 5),
        WORD(nr),
        UNLESS(SYS_clock_gettime, 3),
        WORD(arch),
        UNLESS(AUDIT_ARCH_X86_64, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | CALL_FILTER_DATA),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
        return 0;
    if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : -errno;
}
