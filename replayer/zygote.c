/* Owns the making of processes. A clone of the replayer is emptied of all memory but the pages from
 * STUB_ADDR on, of all descriptors but one, and of all rights; replayed tasks are clones of that or
 * of each other. They are all children of the replayer (CLONE_PARENT), so that it alone reaps them,
 * and have one table of descriptors (CLONE_FILES), so that each file is passed to them once. */
#include "replayer/zygote.h"

#include "base/die_with_parent.h"
#include "base/scope.h"
#include "replayer/real_call.h"
#include "replayer/sandbox.h"

#include <asm/prctl.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_O_EXITKILL
#define PTRACE_O_EXITKILL (1 << 20)
#endif

#define FILTER_ADDR (STUB_ADDR + 64ull)

_Static_assert(FILTER_ADDR + sizeof(struct sandbox_program) <= FAST_CODE, "both lie in one page");

#define CODE_SIZE (FAST_QUEUE - STUB_ADDR)

int64_t zygote_call(struct replayer *r, pid_t pid, int64_t nr, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t d, uint64_t e, uint64_t f)
{
    const struct real_call call = {.nr = nr, .args = {a, b, c, d, e, f}};
    int64_t result;
    int err = real_call_make(r, pid, &call, &result, NULL);
    return err < 0 ? err : result;
}

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define FDS_MAX (1u << 20) /* closed one by one, where close_range(2) is missing */

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
    struct rlimit l = {FDS_MAX, FDS_MAX};
    (void)getrlimit(RLIMIT_NOFILE, &l);
    for (unsigned fd = first; fd < FDS_MAX && fd < l.rlim_cur; fd++)
        close((int)fd);
}

/* Of all descriptors only the channel stays. That the pipe's end is gone tells that it is ready. */
static _Noreturn void wait_to_be_seized(int channel)
{
    if (dup2(channel, SANDBOX_CHANNEL) < 0)
        _exit(1);
    close_from(SANDBOX_CHANNEL + 1);
    for (;;)
        syscall(SYS_pause);
}

/* The C library has registered memory that the kernel writes at each return to user mode (rseq(2),
 * sys/rseq.h); it is about to go. The length must be the one registered: 32 bytes or more. */
static void unregister_rseq(void)
{
    extern const ptrdiff_t __rseq_offset __attribute__((weak));
    enum { RSEQ_UNREGISTER = 1 };
    if (&__rseq_offset == NULL)
        return;
    char *area = (char *)__builtin_thread_pointer() + __rseq_offset;
    for (unsigned len = 32; len <= 256; len += 32)
        if (syscall(SYS_rseq, area, len, RSEQ_UNREGISTER, 0x53053053) == 0)
            return;
}

/* The stack may have to grow as it grew when recorded. */
static void lift_limits(void)
{
    static const int limits[] = {RLIMIT_STACK, RLIMIT_AS, RLIMIT_DATA, RLIMIT_CPU};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit l;
        if (getrlimit((__rlimit_resource_t)limits[i], &l) == 0) {
            l.rlim_cur = l.rlim_max;
            (void)setrlimit((__rlimit_resource_t)limits[i], &l);
        }
    }
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

/* Should memory run out all the same, then it is this process, or those made of it, that the kernel
 * kills, and nobody else. */
static void offer_to_oom_killer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) == 4)
        close(fd);
}

static int empty_memory(struct replayer *r, pid_t pid)
{
    int64_t err = zygote_call(r, pid, SYS_munmap, 0, STUB_ADDR, 0, 0, 0, 0);
    if (err >= 0)
        err = zygote_call(r, pid, SYS_munmap, STUB_END, TASK_TOP - STUB_END, 0, 0, 0, 0);
    return (int)err;
}

static int arm_traps(struct replayer *r, pid_t pid)
{
    int64_t err = 0;
    if (replayer_has(r, MACHINE_TSC_TRAP))
        err = zygote_call(r, pid, SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0, 0);
    if (err >= 0 && replayer_has(r, MACHINE_CPUID_TRAP))
        err = zygote_call(r, pid, SYS_arch_prctl, ARCH_SET_CPUID, 0, 0, 0, 0, 0);
    return (int)err;
}

/* From here on whatever runs in it, or in a clone of it, can do no harm. */
static int close_sandbox(struct replayer *r, pid_t pid)
{
    int64_t err = zygote_call(r, pid, SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
    if (err >= 0)
        err = zygote_call(r, pid, SYS_seccomp, SECCOMP_SET_MODE_FILTER, SANDBOX_SECCOMP_FLAGS,
                          FILTER_ADDR, 0, 0, 0);
    if (err < 0)
        return err_sys(r->err, (int)-err,
                       "a replay keeps the program in a sandbox made by seccomp, which is not to "
                       "be had here");
    r->is_sandboxed = true;
    return 0;
}

/* Where tasks run injected calls: what is put there the clone has as well. */
static int map_code(void)
{
    void *page = mmap((void *)STUB_ADDR, CODE_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED)
        return -errno;
    memcpy(page, real_call_code, sizeof real_call_code);
    size_t fast_size = (size_t)(__stop_fast_stub - __start_fast_stub);
    assert(fast_size <= FAST_QUEUE - FAST_CODE);
    memcpy((char *)page + (FAST_CODE - STUB_ADDR), __start_fast_stub, fast_size);
    struct sandbox_program program;
    sandbox_program_init(&program, FILTER_ADDR);
    memcpy((char *)page + (FILTER_ADDR - STUB_ADDR), &program, sizeof program);
    if (mprotect(page, CODE_SIZE, PROT_READ | PROT_EXEC) < 0)
        return -errno;
    return 0;
}

/* A child with nothing but its memory and the channel, before it is emptied. */
static int make_child(struct replayer *r, pid_t *ret_pid)
{
    int ready[2], channel[2];
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    int ready_in SCOPE_CLOSE = ready[0];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, channel) < 0) {
        int err = -errno;
        close(ready[1]);
        return err;
    }
    pid_t self = getpid(), pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    int err = errno;
    if (pid == 0) {
        die_with_parent(self);
        setsid(); /* the terminal's signals are for the replayer */
        lift_limits();
        offer_to_oom_killer();
        unregister_rseq();
        wait_to_be_seized(channel[1]);
    }
    close(ready[1]);
    close(channel[1]);
    r->channel = channel[0];
    if (pid < 0)
        return -err;
    *ret_pid = pid;
    char c;
    while (read(ready_in, &c, 1) < 0 && errno == EINTR)
        ;
    return 0;
}

static int seize(pid_t pid)
{
    int status;
    int err =
        tracee_seize(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE |
                              PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACESECCOMP);
    if (err == 0)
        err = tracee_interrupt(pid);
    if (err == 0)
        err = tracee_wait(pid, &status);
    return err == 0 && !WIFSTOPPED(status) ? -ECHILD : err;
}

int zygote_start(struct replayer *r)
{
    int err = map_code();
    if (err < 0)
        return err;
    err = make_child(r, &r->zygote);
    munmap((void *)STUB_ADDR, CODE_SIZE);
    if (err == 0)
        err = seize(r->zygote);
    if (err == 0)
        err = arm_traps(r, r->zygote);
    if (err == 0)
        err = empty_memory(r, r->zygote);
    return err < 0 ? err : close_sandbox(r, r->zygote);
}

void zygote_end(struct replayer *r)
{
    zygote_kill(r->zygote);
    r->zygote = 0;
    if (r->channel >= 0)
        close(r->channel);
    r->channel = -1;
}

int zygote_clone(struct replayer *r, pid_t pid, bool share_memory, pid_t *ret_pid)
{
    const uint64_t flags = CLONE_PARENT | CLONE_FILES | SIGCHLD | (share_memory ? CLONE_VM : 0);
    const struct real_call call = {.nr = SYS_clone, .args = {flags}};
    int64_t result;
    pid_t child;
    int err = real_call_make(r, pid, &call, &result, &child);
    if (err < 0 || child == 0)
        return err < 0 ? err : result < 0 ? (int)result : -ECHILD;
    *ret_pid = child;
    return 0;
}

int zygote_fork(struct replayer *r, pid_t *ret_pid)
{
    return zygote_clone(r, r->zygote, false, ret_pid);
}

void zygote_kill(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGKILL);
    int status;
    while (tracee_wait(pid, &status) == 0 && WIFSTOPPED(status))
        ;
}
