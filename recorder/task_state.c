/* Owns the table of states. */
#include "recorder/task_state.h"

#define TO(state) (1u << TASK_##state)

static const struct {
    const char *name;
    unsigned leads_to;
} states[N_TASK_STATES] = {
    [TASK_NEW] = {"new", TO(USER) | TO(READY) | TO(HELD) | TO(DYING) | TO(LEFT)},
    [TASK_USER] = {"running",
                   TO(IN_CALL) | TO(IN_EXEC) | TO(READY) | TO(HELD) | TO(DYING) | TO(LEFT)},
    [TASK_IN_CALL] = {"in a call", TO(USER) | TO(READY) | TO(DYING) | TO(LEFT)},
    [TASK_IN_EXEC] = {"in an exec", TO(USER) | TO(DYING) | TO(LEFT)},
    [TASK_READY] = {"ready", TO(USER) | TO(HELD) | TO(DYING) | TO(LEFT)},
    [TASK_HELD] = {"held", TO(USER) | TO(READY) | TO(DYING) | TO(LEFT)},
    [TASK_DYING] = {"dying", TO(LEFT)},
    [TASK_LEFT] = {"unrecorded", 0},
};

bool task_state_may_follow(enum task_state from, enum task_state to)
{
    return from == to || (states[from].leads_to >> to & 1) != 0;
}

const char *task_state_name(enum task_state state)
{
    return states[state].name;
}
