/* Calls that recorded tasks make without a stop (call_stub.h): the recorder's side. */
#ifndef REPRISE_RECORDER_STUB_CALLS_H
#define REPRISE_RECORDER_STUB_CALLS_H

#include "recorder/call_stub.h"
#include "recorder/record_state.h"

/* Whether tasks are to have the stub: not where calls do not stop by the filter, nor where each
 * call is looked at. Call it when that is known. 0 or -ENOMEM. */
int stub_calls_new(struct recorder *r);
void stub_calls_free(struct recorder *r);

/* A fresh program has the memory mapped, code and data writable: fills it. False: it is gone. */
bool stub_calls_fill(struct recorder *r, struct task *t);

/* The task has run user code up to where it is stopped: logs the calls and clock reads that it has
 * made. Call it before anything else of the task is logged. It may also run still: then those that
 * it has made so far. True: there were calls. */
bool stub_calls_log(struct recorder *r, struct task *t);
/* The same for all tasks that run, without stopping them, so that little is lost if the recorder
 * is killed. */
void stub_calls_sweep(struct recorder *r);

/* At an entry stop, all that the stub has noted being logged: a call that came from the stub looks
 * as if it came from the program's own instruction, in *regs and in the task. True: it was one. */
bool stub_calls_at_entry(struct task *t, struct user_regs_struct *regs);
/* The call at whose exit stop the task is was interrupted, and the kernel will make it again by the
 * instruction before rip. If that leads to the stub, which others may be using, it is to be another
 * one; whatever is about to be seen of the task, rip is to be right again. */
void stub_calls_restart_elsewhere(struct task *t, struct user_regs_struct *regs);
bool stub_calls_restarts_here(struct task *t, struct user_regs_struct *regs);
/* Before the task runs user code: tells the stub what it has to know. */
void stub_calls_before_run(struct recorder *r, struct task *t);
/* The task's next call is to stop, though it runs. */
void stub_calls_stop_next(struct task *t);
/* No call of this address space is to be made by the stub any more. */
void stub_calls_turn_off(struct task *t);

/* A call is about to do something to a range of addresses: code there becomes what it was, and if
 * the stub is there, the space does without from now on. */
void stub_calls_touch(struct task *t, uint64_t addr, uint64_t len);

/* The task has just read from, or written to, the descriptor by a call that stopped. */
void stub_calls_know_fd(struct recorder *r, struct task *t, uint64_t fd, bool written);
/* All descriptors may lead elsewhere now; or those that the task's call, which ends, has changed.
 */
void stub_calls_forget_fds(struct task *t);
void stub_calls_fds_changed(struct task *t);
/* A file was mapped for the first time: those that are written to may be of it. At once, for the
 * tasks run. */
void stub_calls_forget_mapped(struct recorder *r);

/* At a stop of PTRACE_SYSCALL: whether it is a call that the stub makes without telling. */
bool stub_calls_is_silent_call(const struct task *t);
/* Whether the stub, or something that leads to it, is at the address. */
bool stub_calls_has_code_at(const struct task *t, uint64_t ip);
/* Memory that is the stub's own and no state of the program. */
static inline bool stub_calls_owns(const struct task *t, uint64_t addr)
{
    return t->space->stub.mapped && addr - CALL_DATA < CALL_DATA_SIZE;
}

/* Whether the stub makes calls of this number. */
bool stub_calls_make(const struct recorder *r, int64_t nr);
/* Logs a call that the stub has made and not noted whole: its record begins at `at` and has `len`
 * bytes of what went in. What it wrote is read from the task. */
void stub_calls_log_made(struct recorder *r, struct task *t, uint32_t at, uint32_t len,
                         int64_t result);

#endif
