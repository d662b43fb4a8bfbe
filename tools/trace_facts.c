/* Owns the gathering of facts: counts by kind, by system call and by chunk. */
#include "tools/trace_facts.h"

#include "format/chunk.h"
#include "syscalls/syscalls.h"
#include "tools/fact_task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* While events are read: counts by number, compacted at the end. */
struct tally {
    uint64_t events[EVENT_KINDS];
    uint64_t *syscalls; /* by number; the last one: numbers that the table lacks */
};

static void tally_syscall(struct tally *tally, const Reprise__Syscall *call)
{
    if (call->phase == REPRISE__SYSCALL__PHASE__EXIT)
        return; /* counted at its ENTRY */
    size_t unknown = syscall_count();
    tally->syscalls[syscall_row(call->nr) != NULL ? (size_t)call->nr : unknown]++;
}

static int tally_event(struct trace_facts *facts, struct tally *tally, const Reprise__Event *event)
{
    tally->events[event_kind_info(event->body_case)->kind]++;
    facts->events_total++;
    if (event->body_case == REPRISE__EVENT__BODY_SYSCALL)
        tally_syscall(tally, event->syscall);
    int r = code_spans_event(&facts->code, event);
    return r == 0 ? fact_task_event(facts, event) : r;
}

/* Damage is a fact, too: it ends the walk and is noted. */
static int walk_events(struct trace_reader *trace, struct trace_facts *facts, struct tally *tally)
{
    struct trace_cursor *cursor = NULL;
    struct trace_event event;
    struct err damage = {0};
    int r = trace_cursor_open(trace, TRACE_ALL_STREAMS, &cursor, &damage);
    if (r == 0)
        r = 1;
    while (r > 0) {
        r = trace_cursor_next(cursor, &event, &damage);
        if (r <= 0)
            break;
        int failed = tally_event(facts, tally, event.event);
        if (failed < 0) {
            trace_cursor_free(cursor);
            return failed;
        }
    }
    trace_cursor_free(cursor);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        facts->state = FACT_DAMAGED;
        facts->damage = damage;
    }
    return 0;
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct fact_count *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int list_counts(struct trace_facts *facts, const struct tally *tally)
{
    for (size_t i = 0; i < EVENT_KINDS; i++)
        if (tally->events[i] > 0)
            facts->events[facts->n_events++] =
                (struct fact_count){event_kind_at((enum event_kind)i)->name, tally->events[i]};
    size_t unknown = syscall_count();
    facts->syscalls = calloc(unknown + 1, sizeof *facts->syscalls);
    if (facts->syscalls == NULL)
        return -ENOMEM;
    for (size_t nr = 0; nr <= unknown; nr++) {
        if (tally->syscalls[nr] == 0)
            continue;
        const char *name = nr < unknown ? syscall_row((int64_t)nr)->name : "unknown";
        facts->syscalls[facts->n_syscalls++] = (struct fact_count){name, tally->syscalls[nr]};
        facts->syscalls_total += tally->syscalls[nr];
    }
    qsort(facts->syscalls, facts->n_syscalls, sizeof *facts->syscalls, most_frequent_first);
    return 0;
}

static void count_chunks(const struct trace_reader *trace, struct trace_facts *facts)
{
    struct fact_chunks kinds[FACT_CHUNK_KINDS] = {0};
    for (size_t i = 0; i < trace_reader_chunk_count(trace); i++) {
        const Reprise__IndexEntry *chunk = trace_reader_chunk(trace, i);
        if (chunk->kind >= FACT_CHUNK_KINDS)
            continue;
        struct fact_chunks *c = &kinds[chunk->kind];
        c->kind = chunk->kind;
        c->n++;
        c->stored += chunk_size(chunk->stored_len);
        c->raw += chunk->raw_len;
    }
    for (size_t i = 0; i < FACT_CHUNK_KINDS; i++)
        if (kinds[i].n > 0)
            facts->chunks[facts->n_chunks++] = kinds[i];
}

int trace_facts_read(struct trace_reader *trace, struct trace_facts *ret, struct err *err)
{
    const Reprise__Summary *summary = trace_reader_summary(trace);
    *ret = (struct trace_facts){.first_root = FACT_TASK_NONE, .last_root = FACT_TASK_NONE};
    if (trace_reader_is_torn(trace))
        ret->state = FACT_TORN;
    else if (summary != NULL && summary->incomplete)
        ret->state = FACT_INCOMPLETE;
    count_chunks(trace, ret);
    struct tally tally = {.syscalls = calloc(syscall_count() + 1, sizeof(uint64_t))};
    int r = tally.syscalls != NULL ? walk_events(trace, ret, &tally) : -ENOMEM;
    if (r == 0)
        r = list_counts(ret, &tally);
    free(tally.syscalls);
    if (r < 0)
        trace_facts_done(ret);
    return r < 0 ? err_sys(err, -r, "cannot read the trace") : 0;
}

void trace_facts_done(struct trace_facts *facts)
{
    if (facts == NULL)
        return;
    fact_task_done(facts);
    code_spans_done(&facts->code);
    free(facts->syscalls);
    *facts = (struct trace_facts){0};
}

const char *trace_facts_state_name(enum fact_state state)
{
    switch (state) {
    case FACT_COMPLETE:
        return "complete";
    case FACT_INCOMPLETE:
        return "incomplete";
    case FACT_TORN:
        return "torn";
    case FACT_DAMAGED:
        return "damaged";
    }
    return "?";
}

size_t trace_facts_next_task(const struct trace_facts *facts, size_t i, unsigned *depth)
{
    if (facts->tasks[i].first_child != FACT_TASK_NONE) {
        ++*depth;
        return facts->tasks[i].first_child;
    }
    while (i != FACT_TASK_NONE && facts->tasks[i].next_sibling == FACT_TASK_NONE) {
        i = facts->tasks[i].up;
        if (*depth > 0)
            --*depth;
    }
    return i != FACT_TASK_NONE ? facts->tasks[i].next_sibling : FACT_TASK_NONE;
}
