/* Owns the table of calls that a reader may make. */
#include "confine/reader_filter.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILS (SECCOMP_RET_ERRNO | ENOENT)

/* A call of which the bits of one argument, its lower half, must have a value. */
static const struct rule {
    int nr;
    uint32_t verdict;
    uint8_t arg;
    uint32_t bits, value;
} rules[] = {
    {SYS_recvmsg, SECCOMP_RET_ALLOW, 0, ~0u, READER_CHANNEL},
    {SYS_write, SECCOMP_RET_ALLOW, 0, ~0u, READER_CHANNEL},
    {SYS_close, SECCOMP_RET_ALLOW, 0, 0, 0},
    {SYS_brk, SECCOMP_RET_ALLOW, 0, 0, 0},
    {SYS_mmap, SECCOMP_RET_ALLOW, 2, PROT_EXEC, 0},
    {SYS_mprotect, SECCOMP_RET_ALLOW, 2, PROT_EXEC, 0},
    {SYS_munmap, SECCOMP_RET_ALLOW, 0, 0, 0},
    {SYS_mremap, SECCOMP_RET_ALLOW, 0, 0, 0},
    {SYS_madvise, SECCOMP_RET_ALLOW, 0, 0, 0},
    {SYS_sysinfo, SECCOMP_RET_ALLOW, 0, 0, 0}, /* qsort(3) asks how much memory there is */
    {SYS_exit_group, SECCOMP_RET_ALLOW, 0, 0, 0},
    /* libdw looks for files that the one it reads may name, as it finds them (realpath(3)) */
    {SYS_open, FAILS, 0, 0, 0},
    {SYS_openat, FAILS, 0, 0, 0},
    {SYS_stat, FAILS, 0, 0, 0},
    {SYS_lstat, FAILS, 0, 0, 0},
    {SYS_newfstatat, FAILS, 0, 0, 0},
    {SYS_readlink, FAILS, 0, 0, 0},
    {SYS_readlinkat, FAILS, 0, 0, 0},
};

#define N_RULES  (sizeof rules / sizeof rules[0])
#define OF_RULE  6
#define OUTSIDE  5
#define CODE_MAX (N_RULES * OF_RULE + OUTSIDE)

#define LOAD(field)                                                                                \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define END(verdict) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, (verdict))
#define SKIP(value, if_equal, if_not)                                                              \
    (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (if_equal), (if_not))

/* The number is what was loaded, and is so again behind it if the rule is of another call. */
static size_t put_rule(struct sock_filter *to, const struct rule *rule)
{
    size_t n = 0;
    to[n++] = SKIP((uint32_t)rule->nr, 0, OF_RULE - 1);
    to[n] = LOAD(args[0]);
    to[n++].k += rule->arg * (uint32_t)sizeof(uint64_t);
    to[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->bits);
    to[n++] = SKIP(rule->value, 0, 1);
    to[n++] = END(rule->verdict);
    to[n++] = END(SECCOMP_RET_KILL_PROCESS);
    assert(n == OF_RULE);
    return n;
}

int reader_filter_set(void)
{
    struct sock_filter code[CODE_MAX];
    size_t n = 0;
    code[n++] = LOAD(arch);
    code[n++] = SKIP(AUDIT_ARCH_X86_64, 1, 0);
    code[n++] = END(SECCOMP_RET_KILL_PROCESS);
    code[n++] = LOAD(nr);
    for (size_t i = 0; i < N_RULES; i++)
        n += put_rule(code + n, &rules[i]);
    code[n++] = END(SECCOMP_RET_KILL_PROCESS);
    assert(n == CODE_MAX);
    const struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        return -errno;
    return 0;
}
