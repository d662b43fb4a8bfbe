/* Owns the events for what a call writes long before it ends. */
#include "recorder/early_writes.h"

#include "recorder/call_facts.h"
#include "recorder/poke.h"
#include "task/call_filter.h"
#include "task/proc.h"

#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define TRIES 100000 /* yields of the core: far more than any call computes before it waits */

/* Behind the entry stop of PTRACE_SYSCALL our filter stops the call once more
 * (kernel/entry/common.c, syscall_trace_enter). */
static bool pass_filter(const struct task *t)
{
    const int seccomp_stop = PTRACE_EVENT_SECCOMP << 8 | SIGTRAP;
    siginfo_t info = {0};
    unsigned long data;
    int status;
    return waitid(P_PID, (id_t)t->tid, &info, WSTOPPED | WNOHANG | WNOWAIT | __WALL) == 0 &&
           info.si_pid == t->tid && info.si_status == seccomp_stop &&
           tracee_event_message(t->tid, &data) == 0 && data == CALL_FILTER_DATA &&
           waitpid(t->tid, &status, __WALL | WNOHANG) == t->tid &&
           tracee_resume(t->tid, TRACEE_SYSCALL, 0) == 0;
}

bool early_writes_await_sleep(const struct task *t)
{
    for (int i = 0; i < TRIES; i++) {
        char state = proc_state(t->tid);
        if (state == 'S')
            return true;
        if (state == 't' && pass_filter(t))
            continue;
        if (state != 'R' && state != 'D')
            return false;
        sched_yield(); /* we share the core */
    }
    return true;
}

void early_writes_log(struct recorder *r, struct task *t, int64_t result)
{
    struct call *c = &t->call;
    struct syscall_memory m = call_memory(t);
    struct syscall_ranges ranges = {0};
    int64_t before = c->call.result;
    c->call.result = result;
    if (syscall_written(&c->call, &m, &ranges) == 0)
        for (size_t i = 0; i < ranges.n; i++)
            poke_memory(r, t, ranges.v[i].addr, ranges.v[i].len);
    c->call.result = before;
    syscall_ranges_done(&ranges);
}

bool early_writes_log_when_waiting(struct recorder *r, struct task *t)
{
    if (!early_writes_await_sleep(t))
        return false;
    early_writes_log(r, t, 0);
    return true;
}
