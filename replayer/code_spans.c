/* Owns the list of code that a trace's programs had mapped, each stretch once. */
#include "replayer/code_spans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

static void span_free(struct code_span *span)
{
    if (span != NULL)
        free(span->name);
    free(span);
}

void code_spans_done(struct code_spans *s)
{
    for (size_t i = 0; s != NULL && i < s->n; i++)
        span_free(s->v[i]);
    if (s == NULL)
        return;
    free(s->v);
    map64_done(&s->known);
    *s = (struct code_spans){0};
}

static int add(struct code_spans *s, uint64_t key, struct code_span *span)
{
    if (s->n == s->cap) {
        size_t cap = s->cap > 0 ? s->cap * 2 : 64;
        struct code_span **v = reallocarray(s->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        s->v = v;
        s->cap = cap;
    }
    if (map64_put(&s->known, key, span) < 0)
        return -ENOMEM;
    s->v[s->n++] = span;
    return 0;
}

static struct code_span *new_span(const struct code_span *like, const ProtobufCBinaryData *name)
{
    struct code_span *span = malloc(sizeof *span);
    if (span == NULL)
        return NULL;
    *span = *like;
    span->name = strndup((const char *)name->data, name->len);
    if (span->name == NULL) {
        free(span);
        return NULL;
    }
    return span;
}

static bool is_known(const struct code_spans *s, const struct code_span *span, uint64_t *ret_key)
{
    struct {
        struct blob_id id;
        uint64_t start, end, ahead;
    } key = {span->id, span->start, span->end, span->ahead};
    *ret_key = XXH3_64bits(&key, sizeof key);
    return map64_get(&s->known, *ret_key) != NULL;
}

static int note(struct code_spans *s, const Reprise__Mapping *m)
{
    struct code_span span = {.start = m->blob_offset, .ahead = m->file_offset - m->blob_offset};
    uint64_t key;
    if ((m->prot & PROT_EXEC) == 0 || m->blob.len != BLOB_ID_SIZE ||
        m->file_offset < m->blob_offset ||
        __builtin_add_overflow(m->blob_offset, m->len, &span.end))
        return 0;
    memcpy(span.id.bytes, m->blob.data, BLOB_ID_SIZE);
    if (is_known(s, &span, &key))
        return 0;
    struct code_span *kept = new_span(&span, &m->name);
    int r = kept != NULL ? add(s, key, kept) : -ENOMEM;
    if (r < 0)
        span_free(kept);
    return r;
}

static int note_ops(struct code_spans *s, size_t n, Reprise__MapOp *const *ops)
{
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        if (ops[i]->op == REPRISE__MAP_OP__OP__MAP && ops[i]->mapping != NULL)
            r = note(s, ops[i]->mapping);
    return r;
}

static int note_image(struct code_spans *s, const Reprise__Image *image)
{
    int r = 0;
    for (size_t i = 0; image != NULL && i < image->n_mappings && r == 0; i++)
        r = note(s, image->mappings[i]);
    return r;
}

int code_spans_event(struct code_spans *s, const Reprise__Event *event)
{
    switch (event->body_case) {
    case REPRISE__EVENT__BODY_SYSCALL:
        return note_ops(s, event->syscall->n_map, event->syscall->map);
    case REPRISE__EVENT__BODY_POKE:
        return note_ops(s, event->poke->n_map, event->poke->map);
    case REPRISE__EVENT__BODY_FETCH:
        return note_ops(s, event->fetch->n_map, event->fetch->map);
    case REPRISE__EVENT__BODY_EXEC:
        return note_image(s, event->exec->image);
    case REPRISE__EVENT__BODY_SIGNAL:
    case REPRISE__EVENT__BODY_TRAP:
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY_EXIT:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

int code_spans_collect(struct code_spans *s, struct trace_reader *trace)
{
    struct trace_cursor *cursor;
    struct trace_event event;
    int r = trace_cursor_open(trace, TRACE_ALL_STREAMS, &cursor, NULL);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    while ((r = trace_cursor_next(cursor, &event, NULL)) > 0 &&
           (r = code_spans_event(s, event.event)) == 0)
        ;
    trace_cursor_free(cursor);
    return r == -ENOMEM ? r : 0;
}

static int by_place(const void *a, const void *b)
{
    const struct code_span *x = *(struct code_span *const *)a, *y = *(struct code_span *const *)b;
    int order = memcmp(&x->id, &y->id, sizeof x->id);
    if (order != 0 || x->ahead != y->ahead)
        return order != 0 ? order : x->ahead < y->ahead ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

void code_spans_sort(struct code_spans *s)
{
    if (s->n > 0)
        qsort(s->v, s->n, sizeof s->v[0], by_place);
}

size_t code_spans_same(const struct code_spans *s, size_t i)
{
    size_t end = i + 1;
    while (end < s->n && memcmp(&s->v[i]->id, &s->v[end]->id, sizeof s->v[i]->id) == 0 &&
           s->v[i]->ahead == s->v[end]->ahead)
        end++;
    return end - i;
}
