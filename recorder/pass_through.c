/* Owns the program's tasks after the recording was given up: sees them to their end, records
 * nothing. */
#include "recorder/pass_through.h"

#include "recorder/keeper.h"
#include "recorder/relay.h"
#include "task/stop.h"
#include "task/tracee.h"

#include <errno.h>
#include <sys/wait.h>

static void resume(pid_t tid, const struct stop *stop)
{
    switch (stop->kind) {
    case STOP_SIGNAL:
        (void)tracee_resume(tid, TRACEE_CONT, stop->signo);
        break;
    case STOP_GROUP:
        (void)tracee_resume(tid, TRACEE_LISTEN, 0);
        break;
    case STOP_SYSCALL:
    case STOP_TRAP:
    case STOP_FORK: /* the child is traced, too */
    case STOP_VFORK_DONE:
    case STOP_EXEC:
    case STOP_EXIT:
    case STOP_SECCOMP:
        (void)tracee_resume(tid, TRACEE_CONT, 0);
        break;
    case STOP_EXITED:
    case STOP_KILLED:
        break;
    }
}

void pass_on(struct recorder *r, pid_t tid, int status)
{
    struct stop stop = stop_decode(status);
    resume(tid, &stop);
    if (tid == r->root_tid && (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)) {
        r->root_status = status;
        r->root_gone = true;
        relay_program_gone(r->relay);
    }
}

void pass_through(struct recorder *r)
{
    bool insisted = r->root_gone && relay_stop_requested(r->relay);
    relay_clear_stop(r->relay);
    while (!insisted && (r->filters_calls || !r->root_gone)) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid > 0)
            pass_on(r, tid, status);
        else if (errno != EINTR)
            return; /* nobody is left */
        else
            insisted = r->root_gone && relay_stop_requested(r->relay);
    }
    if (r->filters_calls && keeper_take_over() < 0)
        recorder_warn(r, "the processes that are left cannot go on without the recorder");
}

void pass_through_all(void)
{
    int status;
    for (;;) {
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno != EINTR)
            return;
        struct stop stop = stop_decode(status);
        if (tid > 0)
            resume(tid, &stop);
    }
}
