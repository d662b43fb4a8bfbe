/* Owns the filters that tell whose a call is, and the lists of calls that a replay needs. */
#include "watch_calls.h"

#include "replayer/reserved.h"
#include "task/vsyscall.h"

#include <asm/prctl.h>
#include <assert.h>
#include <errno.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSNS_MAX  400
#define RANGES_MAX 32
#define COUNT(v)   (sizeof(v) / sizeof(v)[0])
#define UPPER      4u /* of the two halves of a number; the lower one comes first */

/* What tasks are made to run. The first argument matters where it is told. */
static const struct {
    unsigned nr;
    size_t n_first;
    uint32_t first[3];
} of_tasks[] = {
    {SYS_mmap, 0, {0}},
    {SYS_munmap, 0, {0}},
    {SYS_mprotect, 0, {0}},
    {SYS_pkey_mprotect, 0, {0}},
    {SYS_pkey_alloc, 0, {0}},
    {SYS_pkey_free, 0, {0}},
    {SYS_mremap, 0, {0}},
    {SYS_madvise, 0, {0}},
    {SYS_userfaultfd, 0, {0}},
    {SYS_close, 0, {0}},
    {SYS_recvmsg, 1, {0}},
    {SYS_clone,
     2,
     {CLONE_PARENT | CLONE_FILES | SIGCHLD, CLONE_PARENT | CLONE_FILES | CLONE_VM | SIGCHLD}},
    /* before the sandbox is closed */
    {SYS_prctl, 3, {PR_SET_TSC, PR_SET_NO_NEW_PRIVS, PR_GET_DUMPABLE}},
    {SYS_arch_prctl, 1, {ARCH_SET_CPUID}},
    {SYS_seccomp, 1, {SECCOMP_SET_MODE_FILTER}},
};

/* What a replayer does, and the zygote before it is seized: no program is executed, nothing is
 * opened by writing or made in a file system, nobody is talked to. */
static const unsigned of_replayer[] = {SYS_ptrace,
                                       SYS_wait4,
                                       SYS_process_vm_readv,
                                       SYS_process_vm_writev,
                                       SYS_read,
                                       SYS_pread64,
                                       SYS_write,
                                       SYS_pwrite64,
                                       SYS_openat,
                                       SYS_close,
                                       SYS_lseek,
                                       SYS_fstat,
                                       SYS_newfstatat,
                                       SYS_access,
                                       SYS_ftruncate,
                                       SYS_fcntl,
                                       SYS_ioctl,
                                       SYS_mmap,
                                       SYS_munmap,
                                       SYS_mprotect,
                                       SYS_mremap,
                                       SYS_madvise,
                                       SYS_brk,
                                       SYS_futex,
                                       SYS_memfd_create,
                                       SYS_clone,
                                       SYS_clone3,
                                       SYS_set_robust_list,
                                       SYS_kill,
                                       SYS_tgkill,
                                       SYS_getpid,
                                       SYS_gettid,
                                       SYS_getuid,
                                       SYS_prctl,
                                       SYS_arch_prctl,
                                       SYS_seccomp,
                                       SYS_setsid,
                                       SYS_pause,
                                       SYS_exit_group,
                                       SYS_exit,
                                       SYS_rt_sigaction,
                                       SYS_rt_sigprocmask,
                                       SYS_rt_sigreturn,
                                       SYS_rt_sigtimedwait,
                                       SYS_timer_create,
                                       SYS_timer_settime,
                                       SYS_timer_delete,
                                       SYS_clock_gettime,
                                       SYS_clock_getres,
                                       SYS_clock_nanosleep,
                                       SYS_sched_setaffinity,
                                       SYS_sched_getaffinity,
                                       SYS_sched_yield,
                                       SYS_getcpu,
                                       SYS_prlimit64,
                                       SYS_getrlimit,
                                       SYS_setrlimit,
                                       SYS_pipe2,
                                       SYS_dup2,
                                       SYS_socketpair,
                                       SYS_sendmsg,
                                       SYS_rseq,
                                       SYS_close_range,
                                       SYS_pidfd_open,
                                       SYS_pidfd_getfd,
                                       SYS_userfaultfd,
                                       SYS_poll,
                                       SYS_restart_syscall,
                                       SYS_getrandom,
                                       SYS_sysinfo,
                                       SYS_uname,
                                       SYS_getdents64,
                                       SYS_readlink,
                                       SYS_getppid,
                                       SYS_setpgid,
                                       SYS_recvfrom,
                                       SYS_recvmsg,
                                       SYS_capget,
                                       SYS_capset,
                                       444 /* landlock_create_ruleset */,
                                       445 /* landlock_add_rule */,
                                       446 /* landlock_restrict_self */};

/* ---- programs for the kernel ---- */

struct program {
    struct sock_filter code[INSNS_MAX];
    size_t n;
};

static void put(struct program *p, struct sock_filter insn)
{
    assert(p->n < INSNS_MAX);
    p->code[p->n++] = insn;
}

static void load(struct program *p, size_t offset)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void jump(struct program *p, unsigned how, uint32_t value, unsigned yes, unsigned no)
{
    put(p, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | how | BPF_K), value, (uint8_t)yes,
                                        (uint8_t)no));
}

static void end(struct program *p, uint32_t verdict)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* The verdict for calls of another kind of program than this. */
static void put_begin(struct program *p, uint32_t otherwise)
{
    load(p, offsetof(struct seccomp_data, arch));
    jump(p, BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
    end(p, otherwise);
}

#define IP offsetof(struct seccomp_data, instruction_pointer)

/* The verdict for calls from [start, end), both of which have the same upper half. */
static void put_range(struct program *p, uint64_t start, uint64_t behind, uint32_t verdict)
{
    load(p, IP + UPPER);
    jump(p, BPF_JEQ, (uint32_t)(start >> 32), 0, 4);
    load(p, IP);
    jump(p, BPF_JGE, (uint32_t)start, 0, 2);
    jump(p, BPF_JGT, (uint32_t)(behind - 1), 1, 0);
    end(p, verdict);
}

/* ---- where the code of this program lies ---- */

struct ranges {
    struct {
        uint64_t start, end;
    } v[RANGES_MAX];
    size_t n;
    bool is_odd;
};

static int note(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct ranges *r = ctx;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || (h->p_flags & PF_X) == 0)
            continue;
        uint64_t start = info->dlpi_addr + h->p_vaddr, behind = start + h->p_memsz;
        if (r->n == RANGES_MAX || start >> 32 != (behind - 1) >> 32 || start >> 32 == 0) {
            r->is_odd = true;
            continue;
        }
        r->v[r->n].start = start;
        r->v[r->n++].end = behind;
    }
    return 0;
}

/* ---- the filters ---- */

static void put_call_of_tasks(struct program *p, size_t i)
{
    size_t n = of_tasks[i].n_first;
    jump(p, BPF_JEQ, of_tasks[i].nr, 0, (unsigned)(n > 0 ? n + 3 : 1));
    if (n == 0) {
        end(p, SECCOMP_RET_ALLOW);
        return;
    }
    load(p, offsetof(struct seccomp_data, args));
    for (size_t k = 0; k < n; k++)
        jump(p, BPF_JEQ, of_tasks[i].first[k], (unsigned)(n - k), 0);
    end(p, SECCOMP_RET_USER_NOTIF);
    end(p, SECCOMP_RET_ALLOW);
}

static void make_for_tasks(struct program *p, const struct ranges *ours)
{
    put_begin(p, SECCOMP_RET_USER_NOTIF);
    for (size_t i = 0; i < ours->n; i++)
        put_range(p, ours->v[i].start, ours->v[i].end, SECCOMP_RET_ALLOW);
    /* These are not calls, and the sandbox stops them. */
    put_range(p, VSYSCALL_PAGE, VSYSCALL_PAGE + 4096, SECCOMP_RET_ALLOW);
    load(p, IP + UPPER);
    jump(p, BPF_JEQ, (uint32_t)(STUB_BEHIND_CALL >> 32), 1, 0);
    end(p, SECCOMP_RET_USER_NOTIF);
    load(p, IP);
    jump(p, BPF_JEQ, (uint32_t)STUB_BEHIND_CALL, 1, 0);
    end(p, SECCOMP_RET_USER_NOTIF);
    load(p, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT(of_tasks); i++)
        put_call_of_tasks(p, i);
    end(p, SECCOMP_RET_USER_NOTIF);
}

static void make_for_replayer(struct program *p, const struct ranges *ours)
{
    put_begin(p, SECCOMP_RET_ALLOW); /* what is not ours is for the other filter */
    size_t first = p->n;
    for (size_t i = 0; i < ours->n; i++)
        put_range(p, ours->v[i].start, ours->v[i].end, 0);
    size_t last = p->n;
    end(p, SECCOMP_RET_ALLOW);
    for (size_t i = first; i < last; i++) /* instead of a verdict: on to the list */
        if (p->code[i].code == (BPF_RET | BPF_K))
            p->code[i] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(last - i));
    load(p, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT(of_replayer); i++) {
        jump(p, BPF_JEQ, of_replayer[i], 0, 1);
        end(p, SECCOMP_RET_ALLOW);
    }
    end(p, SECCOMP_RET_KILL_PROCESS);
}

static int install(const struct program *p, unsigned flags)
{
    const struct sock_fprog prog = {.len = (unsigned short)p->n,
                                    .filter = (struct sock_filter *)p->code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static bool find_ranges(struct ranges *ours)
{
    *ours = (struct ranges){0};
    dl_iterate_phdr(note, ours);
    return !ours->is_odd && ours->n > 0;
}

int watch_calls_begin(const char **ret_why)
{
    struct ranges ours;
    struct program p = {.n = 0};
    if (!find_ranges(&ours)) {
        *ret_why = "this program does not lie at a random address";
        return -1;
    }
    make_for_tasks(&p, &ours);
    int fd = install(&p, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (fd < 0)
        *ret_why = strerror(errno);
    return fd;
}

bool watch_calls_of_replayer(void)
{
    struct ranges ours;
    struct program p = {.n = 0};
    if (!find_ranges(&ours))
        return false;
    make_for_replayer(&p, &ours);
    return install(&p, 0) == 0;
}

/* ---- what they see ---- */

bool watch_calls_next(int listener, int timeout_ms, char *what, size_t size)
{
    struct pollfd poller = {.fd = listener, .events = POLLIN};
    struct seccomp_notif seen;
    memset(&seen, 0, sizeof seen);
    if (poll(&poller, 1, timeout_ms) <= 0 || (poller.revents & POLLIN) == 0 ||
        ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &seen) < 0)
        return false; /* whoever made the call may be dead */
    snprintf(what, size, "call %d (%#llx, %#llx, %#llx, %#llx) of %s at %#llx, process %u",
             seen.data.nr, seen.data.args[0], seen.data.args[1], seen.data.args[2],
             seen.data.args[3], seen.data.arch == AUDIT_ARCH_X86_64 ? "64 bits" : "32 bits",
             seen.data.instruction_pointer, seen.pid);
    struct seccomp_notif_resp answer = {.id = seen.id, .error = -EPERM};
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return true;
}
