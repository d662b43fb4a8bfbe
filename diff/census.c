/* Owns the gathering of tasks from a trace. Who matches whom is census_match.c's. */
#include "diff/census.h"

#include "base/buf.h"
#include "diff/temp_files.h"
#include "diff/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX  80
#define TEMP_TOKEN 0x74656d70u

struct census_task *census_find(const struct census *census, uint32_t serial)
{
    uintptr_t place = (uintptr_t)map64_get(&census->by_serial, serial);
    return place != 0 ? &census->tasks[place - 1] : NULL;
}

/* ---- labels ---- */

static bool label_put(struct buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (b->len >= LABEL_MAX) {
            buf_append(b, "...", 3);
            return false;
        }
        uint8_t c = (uint8_t)text[i];
        char shown = c < 0x20 || c >= 0x7f ? '?' : (char)c;
        if (buf_append(b, &shown, 1) < 0)
            return false;
    }
    return true;
}

static char *make_label(const Reprise__Exec *exec)
{
    struct buf b = {0};
    const char *path = (const char *)exec->path.data;
    const char *slash = exec->path.len > 0 ? memrchr(path, '/', exec->path.len) : NULL;
    const char *name = slash != NULL ? slash + 1 : path;
    bool room = label_put(&b, name, exec->path.len - (size_t)(name - path));
    for (size_t i = 1; i < exec->n_argv && room; i++)
        room = label_put(&b, " ", 1) &&
               label_put(&b, (const char *)exec->argv[i].data, exec->argv[i].len);
    buf_append(&b, "", 1);
    return (char *)b.data;
}

/* ---- events ---- */

static void note_exec(struct census_task *t, const Reprise__Exec *exec, const struct words *temps)
{
    if (t->program != 0)
        return;
    t->program = mix_hash(1, exec->path.data, exec->path.len) | 1;
    struct mixer m = {.norm = t->program};
    for (size_t i = 0; i < exec->n_argv; i++) {
        mixer_plain(&m, exec->argv[i].len);
        words_mix(temps, &m, exec->argv[i].data, exec->argv[i].len, NULL, NULL);
    }
    t->command = m.norm | 1;
    free(t->label);
    t->label = make_label(exec);
}

static int add_task(struct census *c, size_t *cap, const struct walk_task *w)
{
    if (c->n == *cap) {
        size_t more = *cap * 2 + 16;
        struct census_task *v = reallocarray(c->tasks, more, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        c->tasks = v;
        *cap = more;
    }
    struct census_task *t = &c->tasks[c->n];
    *t = (struct census_task){
        .serial = w->serial,
        .tid = w->tid,
        .pid = w->process->pid,
        .parent = CENSUS_NONE,
        .leader = c->n,
        .rank = w->rank,
    };
    const struct census_task *parent = w->parent != NULL ? census_find(c, w->parent->serial) : NULL;
    if (parent != NULL) {
        t->parent = (size_t)(parent - c->tasks);
        t->label = parent->label != NULL ? strdup(parent->label) : NULL;
        if (t->rank > 0)
            t->leader = parent->leader;
    }
    int r = map64_put(&c->by_serial, w->serial, (void *)(uintptr_t)(c->n + 1));
    if (r == 0)
        c->n++;
    return r;
}

/* Signals that nobody took are noise; of calls the end counts. */
bool census_counts(const struct walk_event *ev)
{
    switch (ev->kind) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return ev->call->done;
    case REPRISE__EVENT__BODY_SIGNAL:
        return ev->event->signal->effect != REPRISE__SIGNAL__EFFECT__DROPPED;
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_EXEC:
        return true;
    case REPRISE__EVENT__BODY_EXIT:
        return !ev->event->exit->detached;
    case REPRISE__EVENT__BODY_BIRTH: /* how the trace is made */
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

static int take_event(struct census *c, const struct walk_event *ev, struct words *temps,
                      size_t *cap)
{
    struct census_task *t = census_find(c, ev->task->serial);
    int r = t == NULL ? add_task(c, cap, ev->task) : 0;
    if (r < 0)
        return r;
    t = census_find(c, ev->task->serial);
    c->events++;
    c->end_time = ev->time;
    t->items += census_counts(ev);
    t->items += ev->kind == REPRISE__EVENT__BODY_EXIT && ev->task->in_call;
    if (ev->kind == REPRISE__EVENT__BODY_EXEC)
        note_exec(t, ev->event->exec, temps);
    if (ev->kind == REPRISE__EVENT__BODY_EXIT) {
        t->ended = ev->task->ended && !ev->task->detached;
        t->detached = ev->task->detached;
        t->status = ev->task->status;
    }
    r = ev->call != NULL ? temp_files_note(ev->call, temps, TEMP_TOKEN) : 0;
    return r < 0 ? r : 0;
}

int census_read(struct trace_reader *trace, struct census *ret, struct err *err)
{
    struct census c = {0};
    struct words temps = {0};
    struct trace_walk *walk;
    struct walk_event ev;
    size_t cap = 0;
    int r = trace_walk_open(trace, &walk, err);
    if (r < 0)
        return r;
    while ((r = trace_walk_next(walk, &ev, err)) > 0) {
        r = take_event(&c, &ev, &temps, &cap);
        if (r < 0) {
            err_sys(err, -r, "cannot read the trace");
            break;
        }
    }
    trace_walk_free(walk);
    words_done(&temps);
    if (r < 0)
        census_done(&c);
    else
        *ret = c;
    return r;
}

void census_done(struct census *census)
{
    if (census == NULL)
        return;
    for (size_t i = 0; i < census->n; i++)
        free(census->tasks[i].label);
    free(census->tasks);
    map64_done(&census->by_serial);
    *census = (struct census){0};
}
