/* Owns the running of one replayed task between two events. */
#include "replayer/task_run.h"

#include "replayer/modules.h"
#include "replayer/zygote.h"
#include "task/stop.h"

#include <errno.h>
#include <stdlib.h>

struct rtask *rtask_find(const struct replayer *r, uint32_t serial)
{
    return map64_get(&r->tasks, serial);
}

struct rtask *rtask_new(struct replayer *r, uint32_t serial)
{
    struct rtask *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->serial = serial;
    if (map64_put(&r->tasks, serial, t) < 0) {
        free(t);
        return NULL;
    }
    r->result.tasks++;
    return t;
}

void rtask_free(struct replayer *r, struct rtask *t)
{
    if (t == NULL)
        return;
    map64_take(&r->tasks, t->serial);
    zygote_kill(t->pid);
    zygote_kill(t->born_pid);
    modules_unref(t->modules);
    buf_done(&t->handed_bytes);
    free(t->handed);
    free(t);
}

static bool is_fault(int signo)
{
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
           signo == SIGTRAP;
}

int rtask_arrive(struct replayer *r, struct rtask *t)
{
    if (t->arrival != ARRIVED_NOWHERE)
        return 0;
    if (t->pid == 0)
        return err_set(r->err, EBADMSG, "damaged trace: task %u has an event before its first exec",
                       t->serial);
    for (;;) {
        int status;
        int err = tracee_resume(t->pid, TRACEE_SYSEMU, 0);
        if (err == 0)
            err = tracee_wait(t->pid, &status);
        if (err < 0)
            return err_sys(r->err, -err, "cannot run replayed task %u", t->serial);
        struct stop stop = stop_decode(status);
        if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED) {
            t->pid = 0;
            return err_set(r->err, ECHILD, "replayed task %u was killed from outside", t->serial);
        }
        bool arrived = stop.kind == STOP_SYSCALL ||
                       (stop.kind == STOP_SIGNAL && is_fault(stop.signo));
        if (!arrived)
            continue; /* a signal of the outside world: not for the replayed task */
        err = tracee_get_regs(t->pid, &t->regs);
        if (err == 0 && stop.kind == STOP_SIGNAL)
            err = tracee_get_siginfo(t->pid, &t->fault);
        if (err < 0)
            return err_sys(r->err, -err, "cannot look at replayed task %u", t->serial);
        if (stop.kind == STOP_SIGNAL && t->fault.si_code <= 0)
            continue;
        t->arrival = stop.kind == STOP_SYSCALL ? ARRIVED_CALL : ARRIVED_FAULT;
        return 0;
    }
}

int rtask_leave(struct replayer *r, struct rtask *t)
{
    t->regs.orig_rax = (uint64_t)-1; /* the kernel shall restart nothing */
    int err = tracee_set_regs(t->pid, &t->regs);
    if (err < 0)
        return err_sys(r->err, -err, "cannot set the registers of replayed task %u", t->serial);
    t->arrival = ARRIVED_NOWHERE;
    return 0;
}
