/* What the programs share that trace a child of their own. */
#ifndef REPRISE_TESTS_TRACER_H
#define REPRISE_TESTS_TRACER_H

#include "check.h"

#include <sys/ptrace.h>
#include <sys/user.h>

/* A program whose child cannot be traced is told to skip, as inside some containers. */
static inline void trace_me(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        SKIP("a child cannot be traced here (errno %d)", errno);
}

/* Waits for a stop and returns its signal. */
static inline int wait_for_stop(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, __WALL) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        _exit(77);
    CHECK(WIFSTOPPED(status));
    return WSTOPSIG(status);
}

#endif
