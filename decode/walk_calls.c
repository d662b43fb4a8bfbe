/* Owns calls in progress: what an ENTRY told is kept until the EXIT comes. */
#include "decode/walk_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What all entries kept may take; beyond it only numbers and arguments are kept. Honest traces
 * have a buffer of a few KiB for each task that waits. */
#define KEPT_BYTES_MAX ((size_t)64 << 20)

void walk_call_forget(struct walk_model *m, struct walk_task *t)
{
    if (t->kept == NULL)
        return;
    reprise__syscall__free_unpacked(t->kept, NULL);
    m->kept_bytes -= t->kept_bytes;
    t->kept = NULL;
    t->kept_bytes = 0;
}

static void take_entry(struct walk_call *c, const Reprise__Syscall *s)
{
    c->nr = s->nr;
    c->row = syscall_row(s->nr);
    c->entered = true;
    c->entry = s;
    c->ip = s->ip;
    c->n_args = s->n_args < SYSCALL_MAX_ARGS ? s->n_args : SYSCALL_MAX_ARGS;
    for (size_t i = 0; i < c->n_args; i++) /* there is no array of none */
        c->args[i] = s->args[i];
    c->in = s->in;
    c->n_in = s->n_in;
}

static void take_exit(struct walk_call *c, const Reprise__Syscall *s)
{
    c->done = true;
    c->exit = s;
    c->result = s->result;
    c->duration = s->duration;
    c->out = s->out;
    c->n_out = s->n_out;
}

/* A copy that outlives the event. */
static int keep_entry(struct walk_model *m, struct walk_task *t, const Reprise__Syscall *s)
{
    size_t len = reprise__syscall__get_packed_size(s);
    struct walk_call *c = &t->call;
    /* A range's struct takes more than its fewest bytes in a message. */
    size_t bytes = len * 8 + sizeof *s;
    if (bytes > KEPT_BYTES_MAX - m->kept_bytes) {
        c->entry = NULL;
        c->in = NULL;
        c->n_in = 0;
        return 0;
    }
    uint8_t *packed = malloc(len + 1);
    if (packed == NULL)
        return -ENOMEM;
    reprise__syscall__pack(s, packed);
    t->kept = reprise__syscall__unpack(NULL, len, packed);
    free(packed);
    if (t->kept == NULL)
        return -ENOMEM;
    t->kept_bytes = bytes;
    m->kept_bytes += bytes;
    take_entry(c, t->kept);
    return 0;
}

static int begin(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    const Reprise__Syscall *s = ev->event->syscall;
    walk_call_forget(m, t);
    t->call = (struct walk_call){.start = ev->time, .entry_number = ev->number};
    t->in_call = true;
    take_entry(&t->call, s);
    return keep_entry(m, t, s);
}

/* An EXIT without its ENTRY, or of another call, is one whose entry nobody knows. */
static void end(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    const Reprise__Syscall *s = ev->event->syscall;
    if (!t->in_call || t->call.nr != s->nr) {
        walk_call_forget(m, t);
        t->call = (struct walk_call){
            .nr = s->nr,
            .row = syscall_row(s->nr),
            .start = ev->time - (s->duration < ev->time ? s->duration : ev->time),
            .entry_number = ev->number,
        };
    }
    t->in_call = false;
    take_exit(&t->call, s);
}

static void whole(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    const Reprise__Syscall *s = ev->event->syscall;
    walk_call_forget(m, t);
    t->in_call = false;
    t->call = (struct walk_call){
        .start = ev->time - (s->duration < ev->time ? s->duration : ev->time),
        .entry_number = ev->number,
    };
    take_entry(&t->call, s);
    take_exit(&t->call, s);
}

/* The event stays valid until it is given again, for its end. */
static void start_whole(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    walk_call_forget(m, t);
    t->in_call = true;
    t->call = (struct walk_call){.start = ev->time};
    take_entry(&t->call, ev->event->syscall);
}

/* An exec that went well has no EXIT: the Exec event stands for it. */
static void end_exec(struct walk_task *t, const struct walk_event *ev)
{
    t->in_call = false;
    t->call.done = true;
    t->call.result = 0;
    t->call.duration = ev->time - t->call.start;
}

int walk_call_event(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    if (ev->kind == REPRISE__EVENT__BODY_EXEC) {
        if (t->in_call)
            end_exec(t, ev);
        return 0;
    }
    if (ev->begins) {
        start_whole(m, t, ev);
        return 0;
    }
    switch (ev->event->syscall->phase) {
    case REPRISE__SYSCALL__PHASE__ENTRY:
        return begin(m, t, ev);
    case REPRISE__SYSCALL__PHASE__EXIT:
        end(m, t, ev);
        return 0;
    case REPRISE__SYSCALL__PHASE__WHOLE:
    case _REPRISE__SYSCALL__PHASE_IS_INT_SIZE:
        break;
    }
    whole(m, t, ev);
    return 0;
}
