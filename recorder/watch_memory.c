/* Owns how the recorder gets at the userfaultfd of a recorded program: the program makes it, and
 * has it no longer when it goes on. */
#include "recorder/watch_memory.h"

#include "recorder/signals.h"
#include "task/memory_watch.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static bool is_syscall_instruction(const struct task *t, uint64_t ip)
{
    uint8_t code[2];
    return ip != 0 && tracee_read_all(t->tid, ip, code, 2) == 0 && code[0] == 0x0f &&
           code[1] == 0x05;
}

/* 0: there is none known. */
static uint64_t find_syscall_instruction(const struct task *t)
{
    if (t->space->has_vdso && is_syscall_instruction(t, CLOCK_SILENT_CALL))
        return CLOCK_SILENT_CALL;
    return is_syscall_instruction(t, t->last_syscall_ip) ? t->last_syscall_ip : 0;
}

static void hold_signal(void *ctx, const siginfo_t *info)
{
    signals_hold(ctx, info);
}

static int64_t run(struct task *t, uint64_t ip, int64_t nr, uint64_t arg)
{
    struct tracee_syscall call = {
        .ip = ip, .nr = nr, .args = {arg}, .on_signal = hold_signal, .ctx = t};
    int64_t result;
    int err = tracee_run_syscall(t->tid, &call, &result);
    return err < 0 ? err : result;
}

/* A descriptor of ours for the task's, or -errno. */
static int take_descriptor(const struct task *t, int64_t fd)
{
    long process = syscall(SYS_pidfd_open, t->pid, 0);
    if (process < 0)
        return -errno;
    long ours = syscall(SYS_pidfd_getfd, process, (int)fd, 0);
    int err = errno;
    close((int)process);
    return ours >= 0 ? (int)ours : -err;
}

/* A descriptor of ours, or -errno. */
static int make_userfaultfd(struct task *t, uint64_t ip)
{
    int64_t theirs = run(t, ip, SYS_userfaultfd, MEMORY_WATCH_FLAGS);
    if (theirs < 0)
        return (int)theirs;
    int ours = take_descriptor(t, theirs);
    int64_t closed = run(t, ip, SYS_close, (uint64_t)theirs);
    if (closed < 0 && ours >= 0) {
        close(ours);
        ours = (int)closed;
    }
    return ours;
}

void watch_memory(struct recorder *r, struct task *t)
{
    if (!memory_watch_is_wanted(t->space->watch, t->tid))
        return;
    uint64_t ip = find_syscall_instruction(t), mask;
    /* a filter of its own might kill it for the call */
    bool allowed =
        !t->filtered && !t->strict && r->ptrace == NULL && ip != 0 && signals_allow_traps(t);
    if (!allowed || tracee_block_signals(t->tid, &mask) < 0) {
        memory_watch_start(t->space->watch, -EPERM);
        return;
    }
    int fd = make_userfaultfd(t, ip);
    (void)tracee_set_sigmask(t->tid, mask);
    memory_watch_start(t->space->watch, fd);
}
