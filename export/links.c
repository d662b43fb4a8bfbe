/* Owns the finding of cause and effect between tasks: by parent, by pid, by signal number. Bytes
 * are left to traffic.c. */
#include "export/links.h"

#include "base/map64.h"
#include "export/traffic.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 64 /* signals that have come before the call that sent them was told */

/* What is remembered of a process. */
struct process {
    struct link_end sent; /* its last call that sent a signal; task NULL: none */
    uint32_t signo;
    struct link_end gone; /* its last exit */
    bool waited;          /* somebody has been told of it */
};

struct pending {
    int32_t sender;
    uint32_t signo;
    struct link_end to;
};

struct links {
    int (*emit)(void *ctx, const struct link *link);
    void *ctx;
    struct map64 processes; /* by number: struct process */
    struct map64 by_pid;    /* the walk_process that has the pid now */
    struct pending pending[PENDING_MAX];
    size_t n_pending;
    struct traffic traffic;
};

static const char *const kind_names[] = {
    [LINK_FORK] = "fork",     [LINK_EXEC] = "exec", [LINK_WAIT] = "wait",
    [LINK_SIGNAL] = "signal", [LINK_PIPE] = "pipe", [LINK_SOCKET] = "socket",
};

const char *link_kind_name(enum link_kind kind)
{
    return kind_names[kind];
}

int links_new(const struct conversations *conversations,
              int (*emit)(void *ctx, const struct link *link), void *ctx, struct links **ret)
{
    struct links *l = calloc(1, sizeof *l);
    if (l == NULL)
        return -ENOMEM;
    l->emit = emit;
    l->ctx = ctx;
    l->traffic = (struct traffic){.emit = emit, .ctx = ctx, .conversations = conversations};
    *ret = l;
    return 0;
}

void links_free(struct links *l)
{
    if (l == NULL)
        return;
    size_t pos = 0;
    for (void *p; (p = map64_next(&l->processes, &pos)) != NULL;)
        free(p);
    map64_done(&l->processes);
    map64_done(&l->by_pid);
    traffic_done(&l->traffic);
    free(l);
}

static struct process *process_of(struct links *l, const struct walk_process *p)
{
    struct process *found = map64_get(&l->processes, p->number);
    if (found != NULL)
        return found;
    found = calloc(1, sizeof *found);
    if (found != NULL && map64_put(&l->processes, p->number, found) < 0) {
        free(found);
        found = NULL;
    }
    return found;
}

static struct process *process_by_pid(struct links *l, int32_t pid)
{
    const struct walk_process *p = map64_get(&l->by_pid, (uint32_t)pid);
    return p != NULL ? process_of(l, p) : NULL;
}

static int emit(struct links *l, enum link_kind kind, struct link_end from, struct link_end to)
{
    struct link link = {.kind = kind, .from = from, .to = to};
    if (from.task == NULL || to.task == NULL || from.time > to.time)
        return 0;
    return l->emit(l->ctx, &link);
}

/* ---- tasks ---- */

static int note_birth(struct links *l, const struct walk_event *event)
{
    const struct walk_task *task = event->task, *parent = task->parent;
    if (task->rank == 0 && map64_put(&l->by_pid, (uint32_t)task->process->pid, task->process) < 0)
        return -ENOMEM;
    if (parent == NULL || !parent->in_call || parent->call.start >= event->time)
        return 0;
    return emit(l, LINK_FORK, (struct link_end){parent, parent->call.start + 1},
                (struct link_end){task, event->time + 1});
}

static int note_exec(struct links *l, const struct walk_event *event)
{
    if (event->call == NULL || event->call->start >= event->time)
        return 0;
    return emit(l, LINK_EXEC, (struct link_end){event->task, event->call->start + 1},
                (struct link_end){event->task, event->time + 1});
}

static int note_exit(struct links *l, const struct walk_event *event)
{
    struct process *p = process_of(l, event->task->process);
    if (p == NULL)
        return -ENOMEM;
    p->gone = (struct link_end){event->task, event->time - (event->time > 0)};
    return 0;
}

/* ---- signals ---- */

struct info {
    int32_t signo, error, code, pad;
    int32_t pid;
};

static bool is_kill(int64_t nr)
{
    return syscall_traits(nr)->signal == SIGNAL_SENT;
}

static uint32_t signo_of_kill(const struct walk_call *call)
{
    return (uint32_t)call->args[syscall_arg_of_kind(syscall_traits(call->nr), ARG_SIGNO)];
}

static int note_signal(struct links *l, const struct walk_event *event)
{
    const ProtobufCBinaryData *siginfo = &event->event->signal->siginfo;
    struct info info;
    if (siginfo->len < sizeof info)
        return 0;
    memcpy(&info, siginfo->data, sizeof info);
    bool of_child = info.signo == SIGCHLD && info.code >= CLD_EXITED && info.code <= CLD_DUMPED;
    bool sent = info.code == SI_USER || info.code == SI_QUEUE || info.code == SI_TKILL;
    if (info.pid <= 0 || (!of_child && !sent))
        return 0;
    struct process *p = process_by_pid(l, info.pid);
    struct link_end to = {event->task, event->time - (event->time > 0)};
    if (p == NULL || of_child)
        return p != NULL ? emit(l, LINK_SIGNAL, p->gone, to) : 0;
    if (p->sent.task != NULL && p->signo == (uint32_t)info.signo)
        return emit(l, LINK_SIGNAL, p->sent, to);
    if (l->n_pending < PENDING_MAX)
        l->pending[l->n_pending++] =
            (struct pending){.sender = info.pid, .signo = (uint32_t)info.signo, .to = to};
    return 0;
}

/* The sender's call may be told only after what it led to. */
static int resolve_pending(struct links *l, const struct walk_process *sender, struct link_end from,
                           uint32_t signo)
{
    int r = 0;
    for (size_t i = 0; i < l->n_pending && r == 0;) {
        struct pending *p = &l->pending[i];
        if (p->sender != sender->pid || p->signo != signo) {
            i++;
            continue;
        }
        r = emit(l, LINK_SIGNAL, from, p->to);
        *p = l->pending[--l->n_pending];
    }
    return r;
}

static int note_kill(struct links *l, const struct walk_event *event)
{
    const struct walk_call *call = event->call;
    struct process *p = process_of(l, event->task->process);
    if (p == NULL)
        return -ENOMEM;
    p->signo = signo_of_kill(call);
    p->sent = (struct link_end){event->task, call->start + 1};
    return resolve_pending(l, event->task->process, p->sent, p->signo);
}

/* ---- calls ---- */

static int32_t pid_waited_for(const struct walk_call *call)
{
    const struct syscall_row *row = syscall_traits(call->nr);
    if (row->answer == ANSWER_WAIT4)
        return call->result > 0 ? (int32_t)call->result : 0;
    struct call_bytes bytes;
    struct info info;
    call_bytes_out(call, call->args[syscall_arg_of_type(row, TYPE_SIGINFO)], sizeof info, &bytes);
    bool told = call->result == 0 && bytes.range != NULL &&
                call_bytes_read(&bytes, NULL, 0, &info, sizeof info) == (long)sizeof info;
    return told ? info.pid : 0;
}

static int note_wait(struct links *l, const struct walk_event *event)
{
    int32_t pid = pid_waited_for(event->call);
    struct process *p = pid > 0 ? process_by_pid(l, pid) : NULL;
    if (p == NULL || p->gone.task == NULL || p->waited)
        return 0;
    p->waited = true;
    return emit(l, LINK_WAIT, p->gone, (struct link_end){event->task, event->time - 1});
}

static int note_call(struct links *l, const struct trace_view *view, const struct walk_event *event)
{
    const struct walk_call *call = event->call;
    if (!call->done && call->entered && is_kill(call->nr))
        return note_kill(l, event);
    if (!call->done || call->start >= event->time)
        return 0;
    if (is_kill(call->nr) && call->result >= 0)
        return note_kill(l, event);
    if (syscall_traits(call->nr)->waits_for == WAITS_FOR_CHILD)
        return note_wait(l, event);
    return traffic_event(&l->traffic, view, event);
}

int links_event(struct links *l, const struct trace_view *view, const struct walk_event *event)
{
    switch (event->kind) {
    case REPRISE__EVENT__BODY_BIRTH:
        return note_birth(l, event);
    case REPRISE__EVENT__BODY_EXEC:
        return note_exec(l, event);
    case REPRISE__EVENT__BODY_EXIT:
        return note_exit(l, event);
    case REPRISE__EVENT__BODY_SIGNAL:
        return note_signal(l, event);
    case REPRISE__EVENT__BODY_SYSCALL:
        return note_call(l, view, event);
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}
