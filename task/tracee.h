/* The ptrace layer: one noun, a dozen verbs. A tracee is named by its tid; all calls but wait need
 * it to be stopped. 0 or positive on success, -errno on failure; -ESRCH means that the tracee is
 * gone or dying, which is an event and not an error. */
#ifndef REPRISE_TASK_TRACEE_H
#define REPRISE_TASK_TRACEE_H

#include "base/buf.h"
#include "task/regs.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

enum tracee_resume {
    TRACEE_CONT,
    TRACEE_SYSCALL,     /* to the next syscall entry or exit */
    TRACEE_SYSEMU,      /* to the next syscall entry, whose call does not run */
    TRACEE_STEP,        /* one instruction; over a syscall instruction: the whole call */
    TRACEE_SYSEMU_STEP, /* one instruction; at a syscall instruction: to its entry, as above */
    TRACEE_LISTEN,      /* stay in the group stop, but wake for SIGCONT */
};

/* Starts tracing a running task with PTRACE_SEIZE and the PTRACE_O_* options. */
int tracee_seize(pid_t tid, unsigned long options);
int tracee_set_options(pid_t tid, unsigned long options);
int tracee_resume(pid_t tid, enum tracee_resume how, int signo);
int tracee_interrupt(pid_t tid);
int tracee_detach(pid_t tid, int signo);

/* Waits for this tracee. Returns 0 with the status, or -errno (-ECHILD: no such child). */
int tracee_wait(pid_t tid, int *ret_status);

/* From the stop before a call to the stop that follows, which is mostly the syscall-exit stop:
 * resumes by PTRACE_SYSCALL, and once more where a filter's stop comes between. */
int tracee_leave_call(pid_t tid, int *ret_status);

int tracee_get_regs(pid_t tid, struct user_regs_struct *ret);
int tracee_set_regs(pid_t tid, const struct user_regs_struct *regs);
/* The call that the task is about to make, at a syscall-entry or seccomp stop. Cheaper than all
 * registers. */
struct tracee_entry {
    uint64_t ip; /* behind the syscall instruction */
    uint64_t sp;
    int64_t nr;
    uint64_t args[6];
};
int tracee_get_entry(pid_t tid, struct tracee_entry *ret);
/* One word of struct user_regs_struct, by number. */
int tracee_set_reg(pid_t tid, size_t index, uint64_t value);

/* FPU and vector registers, in the standard format of XSAVE, on CPUs without XSAVE, too. Replaces
 * the content of ret. */
int tracee_get_xstate(pid_t tid, struct buf *ret);
int tracee_set_xstate(pid_t tid, const void *data, size_t len);

int tracee_event_message(pid_t tid, unsigned long *ret);
int tracee_get_siginfo(pid_t tid, siginfo_t *ret);
int tracee_set_siginfo(pid_t tid, const siginfo_t *info);
/* The set of blocked signals, signal n as bit n - 1. 0 or -errno. */
int tracee_get_sigmask(pid_t tid, uint64_t *ret);
int tracee_set_sigmask(pid_t tid, uint64_t mask);
/* Blocks all signals but those that instructions raise, which stay as they are, and SIGTRAP, which
 * ends steps: it is let through. *ret_before: what was blocked before. 0 or -errno. */
int tracee_block_signals(pid_t tid, uint64_t *ret_before);

/* Reads up to len bytes; returns how many could be read, short where memory ends, or -errno when
 * none. Reads what the task itself could not (PROT_NONE) too. */
long tracee_read(pid_t tid, uint64_t addr, void *dst, size_t len);
/* All of it, or -EFAULT. */
int tracee_read_all(pid_t tid, uint64_t addr, void *dst, size_t len);
/* Reads several stretches, one behind the other, in one go: true if all of `total` bytes came.
 * Else nothing is known, and each has to be read by itself. At most TRACEE_MANY of them. */
#define TRACEE_MANY 64
bool tracee_read_many(pid_t tid, const struct iovec *remote, size_t n, void *dst, size_t total);
/* Writes all of it, also into read-only pages, or -EFAULT. */
int tracee_write(pid_t tid, uint64_t addr, const void *src, size_t len);

/* The same where the program itself could write: -EFAULT in read-only pages, too. */
int tracee_write_user(pid_t tid, uint64_t addr, const void *src, size_t len);

/* Runs one syscall in the task by the syscall instruction at `ip`, and restores all registers.
 * The task may be at any stop but a syscall entry. Returns 0 with the call's result (-errno style)
 * in *ret_result, or -errno if the task could not be made to run it; -ESRCH: it has come to its
 * end, which can be waited for as if nobody had run anything. A signal that is to be delivered
 * meanwhile is given to `on_signal` and not delivered; without it, signals are an error
 * (-EINTR). */
struct tracee_syscall {
    uint64_t ip;
    bool quiet; /* no SIGTRAP is raised, which the kernel would force on the task: a stop more */
    int64_t nr;
    uint64_t args[6];
    void (*on_signal)(void *ctx, const siginfo_t *info);
    void *ctx;
};
int tracee_run_syscall(pid_t tid, const struct tracee_syscall *call, int64_t *ret_result);

#endif
