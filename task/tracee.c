/* Owns the ptrace requests for control and registers. Knows nothing of recording or replaying. */
#include "task/tracee.h"

#include "task/stop.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif
#ifndef PTRACE_SYSEMU_SINGLESTEP
#define PTRACE_SYSEMU_SINGLESTEP 32
#endif

/* Bytes of xstate: AVX-512 needs 2.7 KiB, AMX 11 KiB. */
#define XSTATE_MAX 16384

/* Intel SDM vol. 1, 13.4 "XSAVE area". */
#define FXSAVE_SIZE       512
#define XSAVE_HEADER_SIZE 64

static int request(int req, pid_t tid, void *addr, void *data)
{
    if (ptrace((enum __ptrace_request)req, tid, addr, data) < 0)
        return -errno;
    return 0;
}

int tracee_seize(pid_t tid, unsigned long options)
{
    return request(PTRACE_SEIZE, tid, NULL, (void *)options);
}

int tracee_set_options(pid_t tid, unsigned long options)
{
    return request(PTRACE_SETOPTIONS, tid, NULL, (void *)options);
}

int tracee_resume(pid_t tid, enum tracee_resume how, int signo)
{
    static const int requests[] = {
        [TRACEE_CONT] = PTRACE_CONT,
        [TRACEE_SYSCALL] = PTRACE_SYSCALL,
        [TRACEE_SYSEMU] = PTRACE_SYSEMU,
        [TRACEE_STEP] = PTRACE_SINGLESTEP,
        [TRACEE_SYSEMU_STEP] = PTRACE_SYSEMU_SINGLESTEP,
        [TRACEE_LISTEN] = PTRACE_LISTEN,
    };
    return request(requests[how], tid, NULL, (void *)(long)signo);
}

int tracee_interrupt(pid_t tid)
{
    return request(PTRACE_INTERRUPT, tid, NULL, NULL);
}

int tracee_detach(pid_t tid, int signo)
{
    return request(PTRACE_DETACH, tid, NULL, (void *)(long)signo);
}

int tracee_wait(pid_t tid, int *ret_status)
{
    for (;;) {
        if (waitpid(tid, ret_status, __WALL) >= 0)
            return 0;
        if (errno != EINTR)
            return -errno;
    }
}

int tracee_leave_call(pid_t tid, int *ret_status)
{
    int r;
    do {
        r = tracee_resume(tid, TRACEE_SYSCALL, 0);
        if (r == 0)
            r = tracee_wait(tid, ret_status);
    } while (r == 0 && stop_decode(*ret_status).kind == STOP_SECCOMP);
    return r;
}

int tracee_get_regs(pid_t tid, struct user_regs_struct *ret)
{
    return request(PTRACE_GETREGS, tid, NULL, ret);
}

int tracee_set_regs(pid_t tid, const struct user_regs_struct *regs)
{
    return request(PTRACE_SETREGS, tid, NULL, (void *)regs);
}

int tracee_get_entry(pid_t tid, struct tracee_entry *ret)
{
    struct __ptrace_syscall_info info;
    int r = request(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof info, &info);
    if (r < 0)
        return r;
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY && info.op != PTRACE_SYSCALL_INFO_SECCOMP)
        return -EINVAL; /* both begin alike: the seccomp stop comes before the call, too */
    *ret = (struct tracee_entry){
        .ip = info.instruction_pointer, .sp = info.stack_pointer, .nr = (int64_t)info.entry.nr};
    memcpy(ret->args, info.entry.args, sizeof ret->args);
    return 0;
}

int tracee_set_reg(pid_t tid, size_t index, uint64_t value)
{
    return request(PTRACE_POKEUSER, tid, (void *)(index * sizeof(uint64_t)), (void *)value);
}

/* A CPU without XSAVE has no NT_X86_XSTATE, only what FXSAVE stores (arch/x86/kernel/fpu/regset.c,
 * xstateregs_get): the same 512 bytes with which an XSAVE area begins. */
static int get_fxsave(pid_t tid, struct buf *ret)
{
    static const uint64_t x87_and_sse = 3;
    struct iovec iov = {.iov_base = ret->data, .iov_len = FXSAVE_SIZE};
    int r = request(PTRACE_GETREGSET, tid, (void *)NT_PRFPREG, &iov);
    if (r < 0)
        return r;
    memset(ret->data + FXSAVE_SIZE, 0, XSAVE_HEADER_SIZE);
    memcpy(ret->data + FXSAVE_SIZE, &x87_and_sse, sizeof x87_and_sse);
    ret->len = FXSAVE_SIZE + XSAVE_HEADER_SIZE;
    return 0;
}

int tracee_get_xstate(pid_t tid, struct buf *ret)
{
    buf_clear(ret);
    int r = buf_reserve(ret, XSTATE_MAX);
    if (r < 0)
        return r;
    struct iovec iov = {.iov_base = ret->data, .iov_len = XSTATE_MAX};
    r = request(PTRACE_GETREGSET, tid, (void *)NT_X86_XSTATE, &iov);
    if (r == -ENODEV)
        return get_fxsave(tid, ret);
    if (r < 0)
        return r;
    ret->len = iov.iov_len;
    return 0;
}

int tracee_set_xstate(pid_t tid, const void *data, size_t len)
{
    struct iovec iov = {.iov_base = (void *)data, .iov_len = len};
    int r = request(PTRACE_SETREGSET, tid, (void *)NT_X86_XSTATE, &iov);
    if (r != -ENODEV || len < FXSAVE_SIZE)
        return r;
    iov.iov_len = FXSAVE_SIZE;
    return request(PTRACE_SETREGSET, tid, (void *)NT_PRFPREG, &iov);
}

int tracee_event_message(pid_t tid, unsigned long *ret)
{
    return request(PTRACE_GETEVENTMSG, tid, NULL, ret);
}

int tracee_get_siginfo(pid_t tid, siginfo_t *ret)
{
    return request(PTRACE_GETSIGINFO, tid, NULL, ret);
}

int tracee_set_siginfo(pid_t tid, const siginfo_t *info)
{
    return request(PTRACE_SETSIGINFO, tid, NULL, (void *)info);
}

int tracee_get_sigmask(pid_t tid, uint64_t *ret)
{
    return ptrace(PTRACE_GETSIGMASK, tid, (void *)sizeof *ret, ret) < 0 ? -errno : 0;
}

int tracee_set_sigmask(pid_t tid, uint64_t mask)
{
    return ptrace(PTRACE_SETSIGMASK, tid, (void *)sizeof mask, &mask) < 0 ? -errno : 0;
}

/* The kernel forces these on who executes an instruction; SIGTRAP ends each step. Were one blocked,
 * the kernel would take its handler away (kernel/signal.c, force_sig_info_to_task). */
#define BIT(signo) (1ull << ((signo)-1))
#define OF_INSTRUCTIONS                                                                            \
    (BIT(SIGTRAP) | BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGILL) | BIT(SIGFPE) | BIT(SIGSYS))

int tracee_block_signals(pid_t tid, uint64_t *ret_before)
{
    int err = tracee_get_sigmask(tid, ret_before);
    uint64_t mask = (*ret_before | ~OF_INSTRUCTIONS) & ~BIT(SIGTRAP);
    return err < 0 ? err : tracee_set_sigmask(tid, mask);
}

/* What waitpid would tell of the tracee, which can be waited for still. 0 or -errno. */
static int look_at_status(pid_t tid, int *ret_status)
{
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)tid, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0)
        if (errno != EINTR)
            return -errno;
    bool stopped = info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED;
    *ret_status = stopped                      ? info.si_status << 8 | 0x7f
                  : info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8
                                               : info.si_status & 0x7f;
    return 0;
}

/* Whether a stop may come while a task runs one call: else it is for others to handle. */
static bool is_on_the_way(struct stop stop)
{
    return stop.kind == STOP_SIGNAL || stop.kind == STOP_SYSCALL || stop.kind == STOP_TRAP ||
           stop.kind == STOP_GROUP || stop.kind == STOP_SECCOMP;
}

/* Runs to the SIGTRAP that ends the call; signals met on the way are handed out. Stepping from a
 * syscall stop traps once before the first instruction (arch/x86/kernel/step.c,
 * SYSCALL_EXIT_TRAP): the call is over when the instruction pointer has moved. */
static int run_over_call(pid_t tid, const struct tracee_syscall *call,
                         struct user_regs_struct *ret_regs, bool *ret_left_group_stop)
{
    enum tracee_resume how = call->quiet ? TRACEE_SYSCALL : TRACEE_STEP;
    for (bool entered = false;;) {
        int status;
        int r = tracee_resume(tid, how, 0);
        if (r < 0)
            return r;
        r = look_at_status(tid, &status);
        if (r < 0)
            return r;
        struct stop stop = stop_decode(status);
        if (!is_on_the_way(stop))
            return -ESRCH;
        r = tracee_wait(tid, &status);
        if (r < 0)
            return r;
        if (stop.kind == STOP_SIGNAL && stop.signo == SIGTRAP) {
            r = tracee_get_regs(tid, ret_regs);
            if (r < 0 || regs_ip(ret_regs) != call->ip)
                return r;
            continue;
        }
        if (stop.kind == STOP_SYSCALL && call->quiet && entered)
            return tracee_get_regs(tid, ret_regs);
        if (stop.kind == STOP_SYSCALL && call->quiet) {
            entered = true;
            continue;
        }
        *ret_left_group_stop = *ret_left_group_stop || stop.kind == STOP_GROUP;
        if (stop.kind == STOP_TRAP || stop.kind == STOP_GROUP || stop.kind == STOP_SECCOMP)
            continue;
        if (stop.kind != STOP_SIGNAL)
            return -EPROTO; /* an exit stop without an entry */
        siginfo_t info;
        r = tracee_get_siginfo(tid, &info);
        if (r < 0)
            return r;
        bool fault = info.si_code > 0 &&
                     (stop.signo == SIGSEGV || stop.signo == SIGILL || stop.signo == SIGBUS);
        if (fault)
            return -EFAULT; /* there is no such instruction */
        if (call->on_signal == NULL)
            return -EINTR;
        call->on_signal(call->ctx, &info);
    }
}

int tracee_run_syscall(pid_t tid, const struct tracee_syscall *call, int64_t *ret_result)
{
    struct user_regs_struct saved, regs;
    int r = tracee_get_regs(tid, &saved);
    if (r < 0)
        return r;
    regs = saved;
    regs_make_call(&regs, call->ip, call->nr, call->args);
    r = tracee_set_regs(tid, &regs);
    if (r < 0)
        return r;
    bool left_group_stop = false;
    r = run_over_call(tid, call, &regs, &left_group_stop);
    if (r < 0)
        return r;
    r = tracee_set_regs(tid, &saved);
    if (r == 0 && left_group_stop) /* it stops there again as it goes on */
        r = tracee_interrupt(tid);
    if (r < 0)
        return r;
    *ret_result = regs_result(&regs);
    return 0;
}
