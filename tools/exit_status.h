/* The exit statuses of reprise, and how it ends the way another program ended. */
#ifndef REPRISE_TOOLS_EXIT_STATUS_H
#define REPRISE_TOOLS_EXIT_STATUS_H

enum exit_status {
    EXIT_TROUBLE = 1,          /* check: the trace is damaged or cannot be replayed here */
    EXIT_DIVERGED = 122,       /* replay: what happened is not what was recorded */
    EXIT_TORN = 123,           /* replay: the trace ends before the program did */
    EXIT_REPRISE = 125,        /* reprise itself failed, or was called wrongly */
    EXIT_CANNOT_EXECUTE = 126, /* record: the program cannot be executed */
    EXIT_NOT_FOUND = 127,      /* record: there is no such program */
};

/* Turns a wait status into the exit status to return. A fatal signal is raised again instead, so
 * that our parent sees the same; no second core is dumped. */
int exit_status_as(int wait_status);

#endif
