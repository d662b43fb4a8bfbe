/* Owns the making of processes. A clone of the replayer that shares its descriptors is emptied of
 * all memory but the pages from STUB_ADDR on; replayed tasks are clones of that or of each other.
 * They are all children of the replayer (CLONE_PARENT), so that it alone reaps them. */
#include "replayer/zygote.h"

#include "base/die_with_parent.h"
#include "base/scope.h"
#include "task/stop.h"
#include "task/vsyscall.h"

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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_O_EXITKILL
#define PTRACE_O_EXITKILL (1 << 20)
#endif

#define FILTER_ADDR (STUB_ADDR + 64ull)

#define CODE_SIZE (FAST_QUEUE - STUB_ADDR)

static const uint8_t stub[] = {0x0f, 0x05, 0xcc}; /* syscall; int3 */

int64_t zygote_call(struct replayer *r, pid_t pid, int64_t nr, uint64_t a, uint64_t b, uint64_t c,
                    uint64_t d, uint64_t e, uint64_t f)
{
    struct tracee_syscall call = {
        .ip = STUB_ADDR, .int3 = true, .nr = nr, .args = {a, b, c, d, e, f}};
    int64_t result;
    int err = tracee_run_syscall(pid, &call, &result);
    r->result.executed++;
    return err < 0 ? err : result;
}

static _Noreturn void wait_to_be_seized(int ready)
{
    (void)!write(ready, "", 1);
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

int zygote_start(struct replayer *r)
{
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -errno;
    int ready_in SCOPE_CLOSE = ready[0], ready_out SCOPE_CLOSE = ready[1];
    void *page = mmap((void *)STUB_ADDR, CODE_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED)
        return -errno;
    memcpy(page, stub, sizeof stub);
    size_t fast_size = (size_t)(__stop_fast_stub - __start_fast_stub);
    assert(fast_size <= FAST_QUEUE - FAST_CODE);
    memcpy((char *)page + (FAST_CODE - STUB_ADDR), __start_fast_stub, fast_size);
    struct vsyscall_program program;
    vsyscall_program_init(&program, FILTER_ADDR);
    memcpy((char *)page + (FILTER_ADDR - STUB_ADDR), &program, sizeof program);
    if (mprotect(page, CODE_SIZE, PROT_READ | PROT_EXEC) < 0)
        return -errno;
    pid_t self = getpid(), pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    int err = errno;
    if (pid == 0) {
        die_with_parent(self);
        setsid(); /* the terminal's signals are for the replayer */
        lift_limits();
        unregister_rseq();
        wait_to_be_seized(ready[1]);
    }
    munmap(page, CODE_SIZE);
    if (pid < 0)
        return -err;
    r->zygote = pid;
    char c;
    if (read(ready_in, &c, 1) != 1)
        return -ECHILD;
    (void)ready_out;
    int e = tracee_seize(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE |
                                  PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACESECCOMP);
    int status;
    if (e == 0)
        e = tracee_interrupt(pid);
    if (e == 0)
        e = tracee_wait(pid, &status);
    if (e == 0 && !WIFSTOPPED(status))
        e = -ECHILD;
    if (e == 0)
        e = arm_traps(r, pid);
    if (e == 0)
        e = empty_memory(r, pid);
    return e;
}

/* Runs clone at the stub: a stop for the event, one for the child, one behind the instruction. */
int zygote_clone(struct replayer *r, pid_t pid, bool share_memory, pid_t *ret_pid)
{
    struct user_regs_struct saved, regs;
    int status, err = tracee_get_regs(pid, &saved);
    if (err < 0)
        return err;
    regs = saved;
    regs.rip = STUB_ADDR;
    regs.rax = SYS_clone;
    regs.orig_rax = (uint64_t)-1;
    regs.rdi = CLONE_PARENT | CLONE_FILES | SIGCHLD | (share_memory ? CLONE_VM : 0);
    regs.rsi = regs.rdx = regs.r10 = regs.r8 = 0;
    unsigned long child = 0;
    err = tracee_set_regs(pid, &regs);
    if (err == 0)
        err = tracee_resume(pid, TRACEE_CONT, 0);
    if (err == 0)
        err = tracee_wait(pid, &status);
    if (err < 0)
        return err;
    if (stop_decode(status).kind != STOP_FORK) { /* clone failed: at the int3 already */
        err = tracee_get_regs(pid, &regs);
        return err < 0 ? err : (int64_t)regs.rax < 0 ? (int)regs.rax : -ECHILD;
    }
    err = tracee_event_message(pid, &child);
    if (err == 0)
        err = tracee_resume(pid, TRACEE_CONT, 0);
    if (err == 0)
        err = tracee_wait(pid, &status);
    if (err == 0)
        err = tracee_wait((pid_t)child, &status);
    if (err == 0)
        err = tracee_set_regs(pid, &saved);
    if (err < 0)
        return err;
    r->result.executed++;
    *ret_pid = (pid_t)child;
    return 0;
}

int zygote_fork(struct replayer *r, pid_t *ret_pid)
{
    return zygote_clone(r, r->zygote, false, ret_pid);
}

int zygote_watch_vsyscalls(struct replayer *r, pid_t pid)
{
    int64_t err =
        zygote_call(r, pid, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, FILTER_ADDR, 0, 0, 0);
    if (err == -EACCES && zygote_call(r, pid, SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) == 0)
        err = zygote_call(r, pid, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, FILTER_ADDR, 0, 0, 0);
    return (int)err;
}

void zygote_kill(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGKILL);
    int status;
    while (waitpid(pid, &status, __WALL) >= 0 && WIFSTOPPED(status))
        ;
}
