/* Owns what wait4 and waitid tell about tasks that the caller traces. The kernel takes the recorder
 * for their tracer: it tells the caller of children that end, but never of stops, and denies that
 * there is anything to wait for when a tracee is no child. */
#include "recorder/ptrace_wait.h"

#include "recorder/call_facts.h"
#include "recorder/scratch.h"
#include "task/made_calls.h"
#include "task/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUSAGE_BYTES  144
#define SIGINFO_BYTES 28 /* as far as si_status */

enum whom { FOR_NOBODY, FOR_ANY, FOR_PID, FOR_GROUP };

struct wait {
    enum whom whom;
    pid_t id;
    bool nohang, keep, ends;
    uint64_t status, info, usage; /* addresses, or 0 */
};

static pid_t pid_of_fd(const struct task *p, uint64_t fd)
{
    return (pid_t)proc_number(proc_fdinfo(p->tid, (int)fd), "Pid", 10);
}

static struct wait decode_wait4(const struct task *p, const uint64_t *args)
{
    pid_t pid = (pid_t)args[0];
    struct wait w = {.ends = true, .status = args[1], .usage = args[3]};
    w.whom = pid == -1 ? FOR_ANY : pid > 0 ? FOR_PID : FOR_GROUP;
    w.id = pid > 0 ? pid : pid == 0 ? getpgid(p->pid) : -pid;
    w.nohang = (args[2] & WNOHANG) != 0;
    return w;
}

static struct wait decode_waitid(const struct task *p, const uint64_t *args)
{
    struct wait w = {.id = (pid_t)args[1], .info = args[2], .usage = args[4]};
    w.whom = args[0] == P_ALL                         ? FOR_ANY
             : args[0] == P_PGID                      ? FOR_GROUP
             : args[0] == P_PID || args[0] == P_PIDFD ? FOR_PID
                                                      : FOR_NOBODY;
    if (args[0] == P_PIDFD)
        w.id = pid_of_fd(p, args[1]);
    else if (args[0] == P_PGID && w.id == 0)
        w.id = getpgid(p->pid);
    w.nohang = (args[3] & WNOHANG) != 0;
    w.keep = (args[3] & WNOWAIT) != 0;
    w.ends = (args[3] & WEXITED) != 0;
    return w;
}

static struct wait decode(const struct task *p)
{
    const struct syscall_call *c = &p->call.call;
    return p->call.row->answer == ANSWER_WAIT4 ? decode_wait4(p, c->args)
                                               : decode_waitid(p, c->args);
}

static bool concerns(const struct wait *w, pid_t tid)
{
    switch (w->whom) {
    case FOR_NOBODY:
        return false;
    case FOR_ANY:
        return true;
    case FOR_PID:
        return w->id == tid;
    case FOR_GROUP:
        return getpgid(tid) == w->id;
    }
    return false;
}

static bool is_tracee_of(const struct task *t, const struct task *p)
{
    return t->traced != NULL && t->traced->tracer != NULL && !t->traced->leaving &&
           t->traced->tracer->pid == p->pid;
}

/* ---- what there is to tell ---- */

static struct task *find_stop(struct recorder *r, const struct task *p, const struct wait *w,
                              bool *ret_any)
{
    struct task *found = NULL;
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        if (!is_tracee_of(t, p) || !concerns(w, t->tid))
            continue;
        *ret_any = true;
        const struct traced *d = t->traced;
        if (d->stop.kind != PTRACE_STOP_NONE && !d->reported &&
            (found == NULL || d->stop_number < found->traced->stop_number))
            found = t;
    }
    return found;
}

static struct ptrace_death **find_death(struct recorder *r, const struct task *p,
                                        const struct wait *w)
{
    struct ptrace_death **at = &r->ptrace->deaths;
    for (; w->ends && *at != NULL; at = &(*at)->next)
        if ((*at)->tracer_pid == p->pid && (concerns(w, (*at)->tid) || w->whom == FOR_GROUP))
            return at;
    return NULL;
}

static void write_info(struct task *p, const struct wait *w, pid_t pid, int status)
{
    siginfo_t info = {.si_signo = SIGCHLD};
    if (WIFEXITED(status)) {
        info.si_code = CLD_EXITED;
        info.si_status = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        info.si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
        info.si_status = WTERMSIG(status);
    } else {
        info.si_code = CLD_TRAPPED;
        info.si_status = status >> 8;
    }
    info.si_pid = pid;
    info.si_uid = getuid();
    scratch_write(p, w->info, &info, SIGINFO_BYTES);
}

/* Returns the result of the call. */
static int64_t tell(struct task *p, const struct wait *w, pid_t pid, int status)
{
    static const uint8_t no_usage[RUSAGE_BYTES];
    if (w->status != 0)
        scratch_write(p, w->status, &status, sizeof status);
    if (w->info != 0)
        write_info(p, w, pid, status);
    if (w->usage != 0)
        scratch_write(p, w->usage, no_usage, sizeof no_usage);
    return p->call.row->answer == ANSWER_WAIT4 ? pid : 0;
}

/* True, with the result, if something was found and told. */
static bool look(struct recorder *r, struct task *p, const struct wait *w, bool *ret_any,
                 int64_t *ret_result)
{
    *ret_any = false;
    struct ptrace_death **at = find_death(r, p, w);
    if (at != NULL) {
        struct ptrace_death *d = *at;
        *ret_result = tell(p, w, d->tid, d->status);
        if (!w->keep) {
            *at = d->next;
            free(d);
        }
        return true;
    }
    struct task *t = find_stop(r, p, w, ret_any);
    if (t == NULL)
        return false;
    t->traced->reported = !w->keep;
    *ret_result = tell(p, w, t->tid, t->traced->stop.status);
    return true;
}

/* ---- the call ---- */

void ptrace_wait_at_entry(struct recorder *r, struct task *p)
{
    struct wait w = decode(p);
    bool any;
    int64_t result;
    if (look(r, p, &w, &any, &result))
        call_nullify(p, result);
    else if (p->call.waits_in_pause)
        tracee_set_reg(p->tid, REGS_NUMBER, NR_PAUSE);
}

/* The kernel has nobody to wait for: the call is made again, as a pause. */
static void wait_in_pause(struct task *p, struct user_regs_struct *regs)
{
    struct call *c = &p->call;
    c->waits_in_pause = true;
    c->restarting = true;
    c->active = false;
    regs_rewind(regs, c->call.nr);
    scratch_interrupted(p, regs);
    if (tracee_set_regs(p->tid, regs) == 0)
        (void)tracee_resume(p->tid, TRACEE_SYSCALL, 0);
}

bool ptrace_wait_at_exit(struct recorder *r, struct task *p, struct user_regs_struct *regs)
{
    struct call *c = &p->call;
    int64_t result = regs_result(regs), told;
    struct wait w = decode(p);
    bool interrupted = call_is_restart(result), none = result == -ECHILD, any;
    if (c->answered || (!interrupted && !none && !(w.nohang && result == 0)))
        return true;
    if (look(r, p, &w, &any, &told)) {
        c->answered = true;
        c->answer = told;
        regs_set_result(regs, told);
    } else if (c->waits_in_pause && interrupted) {
        regs_set_result(regs, -512); /* ERESTARTSYS, as of a wait */
    } else if (none && any && w.nohang) {
        if (w.info != 0)
            scratch_write(p, w.info, (const uint8_t[SIGINFO_BYTES]){0}, SIGINFO_BYTES);
        regs_set_result(regs, 0);
    } else if (none && any) {
        wait_in_pause(p, regs);
        return false;
    } else {
        return true;
    }
    regs_set_number(regs, c->call.nr);
    return tracee_set_regs(p->tid, regs) == 0;
}

/* ---- waking ---- */

static void wake(struct recorder *r, pid_t tracer_pid, pid_t tid)
{
    size_t pos = 0;
    for (struct task *p; (p = map64_next(&r->tasks, &pos)) != NULL;) {
        const struct call *c = &p->call;
        if (p->pid != tracer_pid || !c->active || c->answered || c->row == NULL ||
            c->row->waits_for != WAITS_FOR_CHILD)
            continue;
        struct wait w = decode(p);
        if (w.nohang || p->kicked || !concerns(&w, tid))
            continue;
        p->kicked = tracee_interrupt(p->tid) == 0;
    }
}

void ptrace_wait_wake(struct recorder *r, const struct task *t)
{
    wake(r, t->traced->tracer->pid, t->tid);
}

void ptrace_wait_wake_for_death(struct recorder *r, const struct ptrace_death *d)
{
    wake(r, d->tracer_pid, d->tid);
}
