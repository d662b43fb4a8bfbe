/* The states of a recorded task, and which leads to which.
 *
 *                     has the token        has it not
 *   runs user code    USER
 *   in the kernel     USER, IN_EXEC        IN_CALL
 *   stopped           NEW, USER, READY     NEW, READY, HELD
 *
 * A task that has the token and is READY is about to do what is due. */
#ifndef REPRISE_RECORDER_TASK_STATE_H
#define REPRISE_RECORDER_TASK_STATE_H

#include <stdbool.h>

enum task_state {
    TASK_NEW,     /* its birth is not logged yet */
    TASK_USER,    /* runs user code, or a call that it keeps the token for */
    TASK_IN_CALL, /* in the kernel without the token */
    TASK_IN_EXEC, /* between the event of its exec and the exit stop of that */
    TASK_READY,   /* stopped, waits for the token */
    TASK_HELD,    /* stopped for its own tracer or by job control, without the token */
    TASK_DYING,   /* past its exit stop */
    TASK_LEFT,    /* goes on unrecorded */
};
#define N_TASK_STATES (TASK_LEFT + 1)

/* Whether a task may come from one state to the other. From each to itself it may. */
bool task_state_may_follow(enum task_state from, enum task_state to);
/* As messages name it. */
const char *task_state_name(enum task_state state);

#endif
