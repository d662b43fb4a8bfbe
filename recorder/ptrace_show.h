/* Tasks that are traced by others, and what these are shown. */
#ifndef REPRISE_RECORDER_PTRACE_SHOW_H
#define REPRISE_RECORDER_PTRACE_SHOW_H

#include "recorder/ptrace_state.h"

/* Makes `tracer` the tracer of a task that has none. */
void ptrace_attach(struct recorder *r, struct task *t, struct task *tracer, bool seized);
/* Undoes it; the task stays as it is. */
void ptrace_unlink(struct recorder *r, struct task *t);
/* The parent is at its fork event: the child may be traced from birth. */
void ptrace_child_born(struct recorder *r, struct task *parent, struct task *child);
/* A thread that execs is about to get the tid of its process's leader, which vanishes. */
void ptrace_took_over(struct recorder *r, struct task *leader, struct task *t);
/* Puts the right siginfo at the delivery stop of a SIGCHLD that the recorder sent. */
void ptrace_fix_sigchld(struct recorder *r, struct task *t, siginfo_t *info);
/* Replay will find the traced task where it is: a signal handler was entered, or an instruction
 * was carried out by the recorder. Under PTRACE_SINGLESTEP that is the step. */
void ptrace_did_step(struct task *t);
void ptrace_world_free(struct recorder *r);

/* ---- for the files of ptrace_*.h ---- */

#define EVENT_STATUS(event, signo) ((event) << 16 | (signo) << 8 | 0x7f)

struct ptrace_stop ptrace_event_stop(const struct task *t, int event, int signo,
                                     unsigned long message);
struct ptrace_stop ptrace_made_up_stop(const struct task *t, int signo, int code);
/* To be shown before the task runs on. */
void ptrace_enqueue(struct task *t, struct ptrace_stop s);
/* Whether the tracer has set this PTRACE_O_*. */
bool ptrace_wants(const struct traced *d, uint32_t option);
/* The tracer sees the task in this stop from now on. At a boundary others of the group may run
 * meanwhile. */
void ptrace_show(struct recorder *r, struct task *t, const struct ptrace_stop *s, bool at_boundary);
bool ptrace_is_child(const struct task *t, const struct task *tracer);
void ptrace_send_sigchld(struct recorder *r, const struct task *t, const siginfo_t *info);

#endif
