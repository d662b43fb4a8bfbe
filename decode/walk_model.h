/* The tasks and processes of a trace, as its events tell of them. Private to decode/. */
#ifndef REPRISE_DECODE_WALK_MODEL_H
#define REPRISE_DECODE_WALK_MODEL_H

#include "base/map64.h"
#include "decode/trace_walk.h"

struct walk_model {
    struct walk_task **tasks;
    size_t n_tasks, cap_tasks;
    struct walk_process **processes;
    size_t n_processes, cap_processes;
    struct map64 by_serial;
    size_t argv_bytes; /* of all programs that are alive */
    size_t kept_bytes; /* of all entries that await their exits */
};

void walk_model_done(struct walk_model *m);

/* Takes the event in; *ret_task is whose it is. 0 or -ENOMEM. */
int walk_model_event(struct walk_model *m, const struct walk_event *ev,
                     struct walk_task **ret_task);

/* ---- calls (walk_calls.c) ---- */

/* A syscall event, or an exec that ends a call. 0 or -ENOMEM. */
int walk_call_event(struct walk_model *m, struct walk_task *t, const struct walk_event *ev);
void walk_call_forget(struct walk_model *m, struct walk_task *t);

#endif
