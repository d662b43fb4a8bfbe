/* Owns the way from a trace to sequences of keys. */
#include "diff/sequence.h"

#include "diff/normal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>

static int push(struct sequence *s, const struct item *item)
{
    if (s->n == s->cap) {
        uint32_t cap = s->cap + s->cap / 2 + 16;
        struct item *v = reallocarray(s->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        s->v = v;
        s->cap = cap;
    }
    s->ended = (item->flags & ITEM_EXIT) != 0;
    s->cut = s->ended && s->last_number != 0 && syscall_traits(s->last_nr)->task != TASK_EXIT;
    s->last_number = item->number;
    s->last_nr = item->nr;
    s->v[s->n++] = *item;
    return 0;
}

void sequence_drop(struct sequence *s, uint32_t n)
{
    s->from += n;
    s->n -= n;
    if (s->n > 0) {
        memmove(s->v, s->v + n, s->n * sizeof *s->v);
    } else if (s->ended) { /* of many tasks few are alive at a time */
        free(s->v);
        s->v = NULL;
        s->cap = 0;
    }
}

uint32_t sequence_left(const struct sequence *s)
{
    return s->total > s->from && s->total - s->from > s->n ? s->total - s->from : s->n;
}

/* errno.h of the kernel: ERESTARTSYS and its kin, which a program never sees. */
static bool is_retry(int64_t result)
{
    return result == -EINTR || result == -EAGAIN || (result <= -512 && result >= -516);
}

/* The allocator of libc draws eight bytes at the start of any program; times of files, the use of
 * the machine and the numbers of children differ all the time. */
static bool is_dull(const struct walk_call *c)
{
    const struct syscall_row *row = syscall_traits(c->nr);
    if (row->random)
        return c->n_args > 2 && c->args[1] == 8 && c->args[2] == GRND_NONBLOCK;
    return row->varies;
}

static uint16_t flags_of_call(const struct model *m, const struct walk_call *c)
{
    uint16_t flags = is_dull(c) ? ITEM_DULL : 0;
    if (field_rules_synchronises(m->rules, c->nr))
        flags |= ITEM_SYNCHRONISES;
    enum syscall_waits_for what = syscall_traits(c->nr)->waits_for;
    if (what == WAITS_FOR_CHILD)
        flags |= ITEM_WAITS;
    if (what == WAITS_FOR_FDS)
        flags |= ITEM_POLLS;
    if (!c->done)
        return flags | ITEM_UNENDED;
    if (c->result < 0 && c->result >= -4095)
        flags |= ITEM_ERROR;
    if (is_retry(c->result))
        flags |= ITEM_RETRY;
    return flags;
}

static uint16_t flags_of(const struct model *m)
{
    switch (m->event.kind) {
    case REPRISE__EVENT__BODY_SIGNAL:
        return m->event.event->signal->signo == SIGCHLD ? ITEM_SIGNAL | ITEM_CHILD | ITEM_DULL
                                                        : ITEM_SIGNAL;
    case REPRISE__EVENT__BODY_TRAP: /* ld.so measures itself */
        return ITEM_DULL;
    case REPRISE__EVENT__BODY_EXIT:
        return ITEM_EXIT;
    case REPRISE__EVENT__BODY_EXEC:
        return ITEM_EXEC;
    case REPRISE__EVENT__BODY_SYSCALL:
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return m->event.call != NULL ? flags_of_call(m, m->event.call) : 0;
}

static struct item make_item(const struct model *m, const struct normal *n)
{
    const struct walk_call *c = m->event.call;
    int64_t nr = c != NULL ? c->nr : -1;
    uint64_t kind = nr >= 0 ? (uint64_t)nr : (uint64_t)m->event.kind << 32;
    return (struct item){
        .object = (uint32_t)mix_u64(n->object, kind),
        .call = (uint32_t)n->call.norm,
        .input = (uint32_t)n->input.norm,
        .call_literal = (uint32_t)n->call.literal,
        .input_literal = (uint32_t)n->input.literal,
        .values = (uint32_t)mix_u64(n->call.values, n->input.values),
        .names = (uint32_t)mix_u64(n->call.names, n->input.names),
        .number = (uint32_t)m->event.number,
        .kinds = (uint16_t)(n->call.kinds | n->input.kinds),
        .nr = nr >= INT16_MIN && nr <= INT16_MAX ? (int16_t)nr : -1,
        .flags = flags_of(m),
    };
}

static int add_event(struct model *m, uint16_t strict, struct sequence *s)
{
    struct normal n = {0};
    normal_call(m, strict, &n);
    int r = model_apply(m);
    if (r < 0)
        return r;
    normal_input(m, &n);
    struct item item = make_item(m, &n);
    return push(s, &item);
}

/* The call in which a task ended: exit_group, or one that a signal cut short. */
static int add_last_call(struct model *m, uint16_t strict, struct sequence *s)
{
    struct walk_event event = m->event;
    if (!event.task->in_call || event.kind != REPRISE__EVENT__BODY_EXIT)
        return 0;
    m->event.call = &event.task->call;
    m->event.kind = REPRISE__EVENT__BODY_SYSCALL;
    struct normal n;
    normal_call(m, strict, &n);
    struct item item = make_item(m, &n);
    m->event = event;
    return push(s, &item);
}

static int take_event(struct sequence_reader *r)
{
    struct model *m = &r->model;
    const struct model_task *t = model_task_of(m, &m->event);
    if (t == NULL)
        return 0;
    struct sequence *s = &r->tasks[t->index];
    int result = add_last_call(m, r->strict, s);
    if (result < 0)
        return result;
    return census_counts(&m->event) ? add_event(m, r->strict, s) : model_apply(m);
}

int sequence_reader_open(struct trace_reader *trace, const struct census *census,
                         const struct field_rules *rules, uint16_t strict,
                         struct sequence_reader *ret, struct err *err)
{
    struct sequence_reader r = {.strict = strict, .n = census->n};
    if (census->events > UINT32_MAX)
        return err_set(err, EFBIG, "the trace has more events than diff can compare");
    int result = model_open(trace, census, rules, &r.model, err);
    if (result < 0)
        return result;
    r.tasks = calloc(census->n + 1, sizeof *r.tasks);
    if (r.tasks == NULL) {
        model_done(&r.model);
        return err_sys(err, ENOMEM, "cannot compare");
    }
    for (size_t i = 0; i < r.n; i++)
        r.tasks[i].total = census->tasks[i].items;
    *ret = r;
    return 0;
}

int sequence_reader_read(struct sequence_reader *r, size_t events, struct err *err)
{
    for (size_t i = 0; i < events; i++) {
        int result = model_next(&r->model, err);
        if (result <= 0)
            return result;
        result = take_event(r);
        if (result < 0)
            return err_sys(err, -result, "cannot compare");
    }
    return 1;
}

void sequence_reader_done(struct sequence_reader *r)
{
    if (r == NULL)
        return;
    model_done(&r->model);
    for (size_t i = 0; r->tasks != NULL && i < r->n; i++)
        free(r->tasks[i].v);
    free(r->tasks);
    *r = (struct sequence_reader){0};
}
