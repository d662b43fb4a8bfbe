/* Owns the end of tasks: at their exit stop, when they are gone, and by an exec of another thread.
 */
#include "recorder/ending.h"

#include "recorder/agenda.h"
#include "recorder/births.h"
#include "recorder/call_entry.h"
#include "recorder/call_exit.h"
#include "recorder/emit.h"
#include "recorder/exit_writes.h"
#include "recorder/group.h"
#include "recorder/output_turn.h"
#include "recorder/ptrace_let_go.h"
#include "recorder/ptrace_show.h"
#include "recorder/ptrace_stops.h"
#include "recorder/relay.h"
#include "recorder/stub_leave.h"
#include "recorder/task_control.h"
#include "recorder/tasks.h"

#include <sys/wait.h>

static void log_exit(struct recorder *r, struct task *t, int status, bool killed)
{
    Reprise__Exit x = REPRISE__EXIT__INIT;
    x.status = status;
    x.killed = killed;
    struct emit_list out = {0};
    exit_writes_add(r, t, &out);
    x.out = (Reprise__Range **)out.v;
    x.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    emit_event(r, t, &e);
}

/* Others see what the kernel writes as a task ends: they must be at boundaries then. False: it has
 * to wait for the token. */
static bool may_end_now(struct recorder *r, struct task *t)
{
    struct task *holder = t->group->holder;
    if (holder == t || holder == NULL || holder->state != TASK_USER || !exit_writes_are_seen(t))
        return true;
    if (!holder->call.active || births_is_forking(holder))
        return false;
    call_log_entry(r, holder); /* it may be waiting for this very end, as exec does */
    return true;
}

void ending_die(struct recorder *r, struct task *t)
{
    unsigned long status;
    if (!task_event_message(r, t, &status))
        return;
    log_exit(r, t, (int)status, WIFSIGNALED((int)status));
    output_turn_end(r, t);
    task_set_state(r, t, TASK_DYING);
    group_unqueue(t);
    (void)tracee_resume(t->tid, TRACEE_CONT, 0);
    exit_writes_await(r, t);
    group_release_token(r, t);
}

void ending_unseen(struct recorder *r, struct task *t, int status)
{
    log_exit(r, t, status, true);
    output_turn_end(r, t);
    task_set_state(r, t, TASK_DYING);
    group_release_token(r, t);
}

void ending_end(struct recorder *r, struct task *t)
{
    if (may_end_now(r, t))
        ending_die(r, t);
    else
        group_wait_for_token(r, t, DUE_DEATH);
}

void ending_at_exit(struct recorder *r, struct task *t)
{
    unsigned long status;
    if (task_runs_user_code(t))
        (void)stub_leave(r, t, false); /* logs the call that it had just made there */
    call_log_last_write(r, t);
    group_unqueue(t); /* whatever else was due is so no longer */
    t->due = DUE_NOTHING;
    births_find_lost(r, t);
    if (t->traced != NULL && t->traced->leaving)
        ptrace_unlink(r, t);
    bool held =
        t->traced != NULL && task_event_message(r, t, &status) && ptrace_at_exit(r, t, (int)status);
    if (!held)
        ending_end(r, t);
}

static void leave_recording(struct recorder *r, struct task *t)
{
    group_leave(r, t);
    task_forget(r, t);
    agenda_bury(r, t);
}

void ending_at_death(struct recorder *r, struct task *t, int status)
{
    if (t->state != TASK_DYING)
        log_exit(r, t, status, true);
    output_turn_end(r, t);
    if (t->tid == r->root_tid) {
        r->root_status = status;
        r->root_gone = true;
        relay_program_gone(r->relay);
    }
    if (r->ptrace != NULL)
        ptrace_task_gone(r, t, status);
    leave_recording(r, t);
}

struct task *ending_take_over(struct recorder *r, struct task *leader)
{
    unsigned long former;
    leader->tid_before_exec = leader->tid;
    if (!task_event_message(r, leader, &former) || (pid_t)former == leader->tid)
        return leader;
    struct task *t = task_find(r, (pid_t)former);
    if (t == NULL)
        return leader;
    if (leader->state != TASK_DYING)
        log_exit(r, leader, 0, true);
    output_turn_end(r, leader);
    pid_t tid = leader->tid;
    t->tid_before_exec = t->tid;
    ptrace_took_over(r, leader, t);
    leave_recording(r, leader);
    task_rename(r, t, tid);
    return t;
}
