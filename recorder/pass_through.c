/* Owns the program's tasks after the recording was given up: sees them to their end, records
 * nothing. */
#include "recorder/pass_through.h"

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
    relay_clear_stop(r->relay);
    while (r->filters_calls || !r->root_gone) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid > 0)
            pass_on(r, tid, status);
        else if (errno != EINTR)
            return; /* nobody is left */
        else if (r->root_gone && relay_stop_requested(r->relay))
            return;
    }
}
