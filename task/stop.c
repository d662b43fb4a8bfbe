/* Owns the meaning of wait statuses. PTRACE_O_TRACESYSGOOD is assumed. */
#include "task/stop.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static enum stop_kind kind_of_event(int event, int signo)
{
    switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        return STOP_FORK;
    case PTRACE_EVENT_VFORK_DONE:
        return STOP_VFORK_DONE;
    case PTRACE_EVENT_EXEC:
        return STOP_EXEC;
    case PTRACE_EVENT_EXIT:
        return STOP_EXIT;
    case PTRACE_EVENT_SECCOMP:
        return STOP_SECCOMP;
    case PTRACE_EVENT_STOP:
        return signo == SIGTRAP ? STOP_TRAP : STOP_GROUP;
    default:
        return STOP_TRAP;
    }
}

struct stop stop_decode(int status)
{
    if (WIFEXITED(status))
        return (struct stop){.kind = STOP_EXITED};
    if (WIFSIGNALED(status))
        return (struct stop){.kind = STOP_KILLED, .signo = WTERMSIG(status)};
    int signo = WSTOPSIG(status);
    int event = status >> 16;
    if (signo == (SIGTRAP | 0x80))
        return (struct stop){.kind = STOP_SYSCALL};
    if (event != 0)
        return (struct stop){.kind = kind_of_event(event, signo), .signo = signo, .event = event};
    return (struct stop){.kind = STOP_SIGNAL, .signo = signo};
}

bool stop_ends_step(int si_code, uint64_t from, uint64_t ip)
{
    return si_code == TRAP_TRACE || (si_code == TRAP_BRKPT && ip != from);
}
