/* Owns the comparison of two runs task by task: the alignment with keys that get coarser, and what
 * is to be said of events with and without partner. */
#include "diff/compare.h"

#include "diff/align.h"
#include "diff/mixer.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define FOREIGN (1ull << 63) /* a key that nothing else has */

/* ---- keys, finest first ---- */

static uint64_t key_whole(const struct item *i)
{
    return mix_u64((uint64_t)i->object << 32 | i->call, i->input);
}

static uint64_t key_call(const struct item *i)
{
    return (uint64_t)i->object << 32 | i->call;
}

static uint64_t key_object(const struct item *i)
{
    return i->object;
}

static uint64_t key_name(const struct item *i)
{
    return (uint64_t)(uint16_t)i->nr << 8 | (i->flags & (ITEM_EXIT | ITEM_EXEC));
}

static uint64_t (*const keys[])(const struct item *) = {key_whole, key_call, key_object, key_name};
#define N_KEYS (sizeof keys / sizeof keys[0])

/* By its number alone no signal is another one. */
static void fill_keys(const struct sequence *s, size_t level, uint64_t side, uint64_t *ret)
{
    for (uint32_t i = 0; i < s->n; i++) {
        bool alone = level + 1 == N_KEYS && (s->v[i].flags & ITEM_SIGNAL) != 0;
        ret[i] = alone ? FOREIGN | side << 62 | i : keys[level](&s->v[i]);
    }
}

static int align(const struct sequence *a, const struct sequence *b, uint32_t *to)
{
    uint64_t *a_keys SCOPE_FREE = calloc((size_t)a->n + 1, sizeof *a_keys);
    uint64_t *b_keys SCOPE_FREE = calloc((size_t)b->n + 1, sizeof *b_keys);
    if (a_keys == NULL || b_keys == NULL)
        return -ENOMEM;
    align_clear(to, a->n);
    for (size_t level = 0; level < N_KEYS; level++) {
        fill_keys(a, level, 0, a_keys);
        fill_keys(b, level, 1, b_keys);
        int r = align_gaps(a_keys, a->n, b_keys, b->n, to);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- points ---- */

struct pairing {
    struct comparison *c;
    const struct sequence *a, *b; /* the reference's and the run's */
    size_t ref_task, task;
    uint64_t token;
    uint16_t strict;
    bool is_thread; /* not the first of its process */
    bool is_root;   /* nothing of the recording started it */
    bool keep_partners;
    uint32_t process;
};

static int keep_partners(struct pairing *p, uint32_t a, uint32_t b)
{
    struct comparison *c = p->c;
    if (!p->keep_partners ||
        (p->b->v[b].flags & (ITEM_SYNCHRONISES | ITEM_WAITS | ITEM_EXIT | ITEM_UNENDED)) != 0)
        return 0;
    if (c->n_partners == c->cap_partners) {
        size_t cap = c->cap_partners + c->cap_partners / 2 + 64;
        struct partners *v = reallocarray(c->partners, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        c->partners = v;
        c->cap_partners = cap;
    }
    c->partners[c->n_partners++] =
        (struct partners){p->a->v[a].number, p->b->v[b].number, (uint32_t)p->task, p->process};
    return 0;
}

static int push(struct comparison *c, const struct point *p)
{
    if (c->n == c->cap) {
        size_t cap = c->cap + c->cap / 2 + 64;
        struct point *v = reallocarray(c->points, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        c->points = v;
        c->cap = cap;
    }
    c->points[c->n++] = *p;
    return 0;
}

/* `a` or `b` may be beyond the end; `i` is the event that the point is about. */
static int add(struct pairing *p, enum point_kind kind, uint32_t a, uint32_t b,
               const struct item *i, bool weak)
{
    bool has_a = kind != POINT_EXTRA, has_b = kind != POINT_MISSING;
    uint64_t what = kind == POINT_EXTRA ? key_call(i) : 0;
    uint32_t follows = b < p->b->n   ? p->b->v[b].number
                       : p->b->n > 0 ? p->b->v[p->b->n - 1].number
                                     : 0;
    if (weak && (p->strict & IGNORED_BIT(IGNORED_SCHEDULE)) == 0)
        p->c->ignored[IGNORED_SCHEDULE]++;
    return push(p->c, &(struct point){
                          .identity = mix_u64(mix_u64(mix_u64(p->token, (uint64_t)kind), a), what),
                          .task = p->task,
                          .ref_task = p->ref_task,
                          .place = a,
                          .run_place = b,
                          .order = has_b ? p->b->v[b].number : follows,
                          .ref_number = has_a ? p->a->v[a].number : 0,
                          .run_number = has_b ? p->b->v[b].number : 0,
                          .object = i->object,
                          .kind = (uint8_t)kind,
                          .flags = i->flags,
                          .weak = weak && (p->strict & IGNORED_BIT(IGNORED_SCHEDULE)) == 0,
                      });
}

static int add_ignored(struct pairing *p, uint32_t a, uint32_t b, uint16_t kinds)
{
    for (size_t i = 0; i < IGNORED_COUNT; i++)
        p->c->ignored[i] += (kinds >> i) & 1;
    if ((kinds & ~IGNORED_NAMES) == 0) /* names are no cause: counted, that is all */
        return 0;
    int r = add(p, POINT_IGNORED, a, b, &p->b->v[b], false);
    if (r == 0)
        p->c->points[p->c->n - 1].kinds = kinds;
    return r;
}

static int compare_partners(struct pairing *p, uint32_t a, uint32_t b)
{
    const struct item *x = &p->a->v[a], *y = &p->b->v[b];
    /* A number in text may be one that a task happens to have in one of the runs. */
    bool same_call = (x->object == y->object && x->call == y->call) ||
                     (x->nr == y->nr && x->call_literal == y->call_literal);
    bool same_input = x->input == y->input || x->input_literal == y->input_literal;
    bool waits = (y->flags & (ITEM_SYNCHRONISES | ITEM_WAITS | ITEM_CHILD)) != 0;
    if (!same_call && p->is_root && a == 0 && b == 0) /* arguments are given to the first program */
        return add(p, POINT_INPUT, a, b, y, false);
    if (!same_call)
        return add(p, POINT_CALL, a, b, y, waits);
    if (!same_input)
        return add(p, POINT_INPUT, a, b, y, waits);
    p->c->same++;
    uint16_t kinds = x->kinds | y->kinds;
    if (x->values == y->values)
        kinds &= IGNORED_NAMES;
    if (x->names == y->names)
        kinds &= (uint16_t)~IGNORED_NAMES;
    return kinds != 0 ? add_ignored(p, a, b, kinds) : 0;
}

/* How often a program waits, is told that a child ended, or draws random bytes until it likes them,
 * is up to chance. */
static bool is_weak(const struct item *i)
{
    return (i->flags & (ITEM_SYNCHRONISES | ITEM_RETRY | ITEM_WAITS | ITEM_CHILD | ITEM_POLLS)) !=
               0 ||
           i->nr == SYS_getrandom;
}

/* Whether a thread was cut off by the end of its process, rather than ending itself. */
static bool is_cut(const struct sequence *s)
{
    return s->n >= 2 && (s->v[s->n - 1].flags & ITEM_EXIT) != 0 && s->v[s->n - 2].nr != SYS_exit;
}

static int compare_gap(struct pairing *p, const struct align_box *gap)
{
    /* How far a thread came until then is up to chance. */
    bool cut = p->is_thread && ((gap->a_from == gap->a_to && is_cut(p->a)) ||
                                (gap->b_from == gap->b_to && is_cut(p->b)));
    int r = 0;
    for (uint32_t a = gap->a_from; a < gap->a_to && r == 0; a++)
        r = add(p, POINT_MISSING, a, gap->b_to, &p->a->v[a], cut || is_weak(&p->a->v[a]));
    for (uint32_t b = gap->b_from; b < gap->b_to && r == 0; b++)
        r = add(p, POINT_EXTRA, gap->a_to, b, &p->b->v[b], cut || is_weak(&p->b->v[b]));
    return r;
}

/* ---- what is there in both, at another place ---- */

struct stray {
    uint64_t key;
    size_t point;
    bool extra;
};

static int by_key(const void *x, const void *y)
{
    const struct stray *s = x, *t = y;
    if (s->key != t->key)
        return s->key < t->key ? -1 : 1;
    return s->point < t->point ? -1 : s->point > t->point;
}

static void mark_moved(struct comparison *c, struct stray *v, size_t n)
{
    size_t missing = 0, extra = 0;
    for (size_t i = 0; i < n; i++)
        *(v[i].extra ? &extra : &missing) += 1;
    size_t both = missing < extra ? missing : extra;
    missing = extra = both;
    for (size_t i = 0; i < n; i++) {
        size_t *left = v[i].extra ? &extra : &missing;
        if (*left == 0 || c->points[v[i].point].weak)
            continue;
        --*left;
        c->points[v[i].point].weak = true;
        c->ignored[IGNORED_SCHEDULE]++;
    }
}

static int find_moved(struct pairing *p, size_t first)
{
    struct comparison *c = p->c;
    if ((p->strict & IGNORED_BIT(IGNORED_SCHEDULE)) != 0 || first == c->n)
        return 0;
    struct stray *strays SCOPE_FREE = calloc(c->n - first, sizeof *strays);
    if (strays == NULL)
        return -ENOMEM;
    size_t n = 0;
    for (size_t i = first; i < c->n; i++) {
        const struct point *q = &c->points[i];
        if (q->kind == POINT_MISSING)
            strays[n++] = (struct stray){key_whole(&p->a->v[q->place]), i, false};
        else if (q->kind == POINT_EXTRA)
            strays[n++] = (struct stray){key_whole(&p->b->v[q->run_place]), i, true};
    }
    qsort(strays, n, sizeof *strays, by_key);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strays[end].key == strays[i].key;)
            end++;
        mark_moved(c, strays + i, end - i);
    }
    return 0;
}

/* ---- tasks ---- */

static int compare_aligned(struct pairing *p, const uint32_t *to)
{
    struct align_walk walk = {.to = to, .n = p->a->n, .m = p->b->n};
    struct align_box gap;
    uint32_t a = 0;
    int r = 0;
    for (bool more = true; more && r == 0;) {
        more = align_next_gap(&walk, &gap);
        uint32_t end = more ? gap.a_from : p->a->n;
        for (; a < end && r == 0; a++) {
            r = keep_partners(p, a, to[a]);
            if (r == 0)
                r = compare_partners(p, a, to[a]);
        }
        if (more && r == 0)
            r = compare_gap(p, &gap);
        if (more)
            a = gap.a_to;
    }
    return r;
}

static int compare_tasks(struct pairing *p)
{
    size_t first = p->c->n;
    uint32_t *to SCOPE_FREE = calloc((size_t)p->a->n + 1, sizeof *to);
    if (to == NULL)
        return -ENOMEM;
    int r = align(p->a, p->b, to);
    if (r == 0)
        r = compare_aligned(p, to);
    return r == 0 ? find_moved(p, first) : r;
}

/* A task that only one of them has: all that it did. */
static int compare_alone(struct pairing *p)
{
    struct align_box all = {0, p->a->n, 0, p->b->n};
    if (p->task == CENSUS_NONE)
        p->c->ref_alone++;
    else
        p->c->alone++;
    return compare_gap(p, &all);
}

static int by_run_number(const void *x, const void *y)
{
    const struct partners *p = x, *q = y;
    return p->run_number < q->run_number ? -1 : p->run_number > q->run_number;
}

static int by_order(const void *x, const void *y)
{
    const struct point *p = x, *q = y;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    if (p->task != q->task)
        return p->task < q->task ? -1 : 1;
    /* In a gap what the run was given comes before what it did not do any more. */
    bool p_missing = p->kind == POINT_MISSING, q_missing = q->kind == POINT_MISSING;
    if (p_missing != q_missing)
        return p_missing ? -1 : 1;
    return p->place < q->place ? -1 : p->place > q->place;
}

/* A missing task is placed where the run's other tasks end: nothing tells when it would have been.
 */
static int compare_all(const struct side *reference, const struct side *run, uint16_t strict,
                       struct map64 *by_token, bool *seen, bool *threaded, struct comparison *c)
{
    static const struct sequence none = {0};
    int r = 0;
    for (size_t i = 0; i < run->census->n; i++)
        if (run->census->tasks[i].leader != i)
            threaded[run->census->tasks[i].leader] = true;
    for (size_t j = 0; j < reference->census->n && r == 0; j++)
        r = map64_put(by_token, reference->census->tasks[j].token, (void *)(uintptr_t)(j + 1));
    for (size_t i = 0; i < run->census->n && r == 0; i++) {
        struct pairing p = {.c = c, .strict = strict, .task = i, .b = &run->sequences->tasks[i]};
        p.token = run->census->tasks[i].token;
        p.process = (uint32_t)run->census->tasks[i].leader;
        p.is_thread = run->census->tasks[i].rank > 0;
        p.is_root = run->census->tasks[i].parent == CENSUS_NONE;
        p.keep_partners = threaded[p.process];
        uintptr_t place = (uintptr_t)map64_get(by_token, p.token);
        p.ref_task = place != 0 && !seen[place - 1] ? place - 1 : CENSUS_NONE;
        p.a = p.ref_task != CENSUS_NONE ? &reference->sequences->tasks[p.ref_task] : &none;
        if (p.ref_task != CENSUS_NONE)
            seen[p.ref_task] = true;
        r = p.ref_task != CENSUS_NONE ? compare_tasks(&p) : compare_alone(&p);
    }
    for (size_t j = 0; j < reference->census->n && r == 0; j++) {
        struct pairing p = {
            .c = c, .strict = strict, .task = CENSUS_NONE, .ref_task = j, .b = &none};
        p.token = reference->census->tasks[j].token;
        p.a = &reference->sequences->tasks[j];
        if (!seen[j])
            r = compare_alone(&p);
    }
    return r;
}

int comparison_make(const struct side *reference, const struct side *run, uint16_t strict,
                    struct comparison *ret)
{
    struct comparison c = {.ref_items = reference->sequences->n_items,
                           .items = run->sequences->n_items};
    struct map64 by_token = {0};
    bool *seen SCOPE_FREE = calloc(reference->census->n + 1, sizeof *seen);
    bool *threaded SCOPE_FREE = calloc(run->census->n + 1, sizeof *threaded);
    int r = -ENOMEM;
    if (seen != NULL && threaded != NULL)
        r = compare_all(reference, run, strict, &by_token, seen, threaded, &c);
    map64_done(&by_token);
    if (r < 0) {
        comparison_done(&c);
        return r;
    }
    for (size_t i = 0; i < c.n; i++)
        if (c.points[i].order == 0)
            c.points[i].order = UINT32_MAX;
    if (c.n > 1)
        qsort(c.points, c.n, sizeof *c.points, by_order);
    if (c.n_partners > 1)
        qsort(c.partners, c.n_partners, sizeof *c.partners, by_run_number);
    *ret = c;
    return 0;
}

void comparison_done(struct comparison *c)
{
    if (c == NULL)
        return;
    free(c->points);
    free(c->partners);
    *c = (struct comparison){0};
}
