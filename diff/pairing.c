/* Owns the comparison of two sequences of events: what is to be said of events with and without
 * partner, and how far the events at hand can be judged before the rest is known. */
#include "diff/pairing.h"

#include "diff/item_keys.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define IN_STEP 16 /* calls in a row that are alike: both run on from the same place */

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
        (struct partners){p->a->v[a].number, p->b->v[b].number, (uint32_t)p->task};
    return 0;
}

/* ---- points ---- */

/* Of an event at hand; beyond those: 0. */
static uint32_t number_at(const struct sequence *s, uint32_t place)
{
    return place < s->n ? s->v[place].number : 0;
}

/* A call that a signal interrupted: the number of the signal; else 0. */
static uint32_t interrupted_by(const struct sequence *s, uint32_t place)
{
    if (place + 1 >= s->n || (s->v[place].flags & ITEM_RETRY) == 0)
        return 0;
    return (s->v[place + 1].flags & ITEM_SIGNAL) != 0 ? s->v[place + 1].number : 0;
}

/* Where in both sequences, and what it is about. */
struct spot {
    uint32_t a, b; /* either may be beyond the end */
    const struct item *about;
};

static int add(struct pairing *p, enum point_kind kind, const struct spot *at, bool weak,
               uint16_t ignored)
{
    bool has_a = kind != POINT_EXTRA, has_b = kind != POINT_MISSING, given = kind == POINT_INPUT;
    bool counts = (p->strict & IGNORED_BIT(IGNORED_SCHEDULE)) != 0;
    uint32_t a = number_at(p->a, at->a), b = number_at(p->b, at->b);
    if (weak && !counts)
        p->c->ignored[IGNORED_SCHEDULE]++;
    return points_add(&p->c->points, &(struct point){
                                         .task = p->task,
                                         .ref_task = p->ref_task,
                                         .place = p->a->from + at->a,
                                         .run_place = p->b->from + at->b,
                                         .order = b != 0 ? b : p->b->last_number,
                                         .ref_number = has_a ? a : 0,
                                         .run_number = has_b ? b : 0,
                                         .ref_other = given   ? interrupted_by(p->a, at->a)
                                                      : has_a ? 0
                                                              : a,
                                         .run_other = given   ? interrupted_by(p->b, at->b)
                                                      : has_b ? 0
                                                              : b,
                                         .object = at->about->object,
                                         .call = at->about->call,
                                         .input = at->about->input,
                                         .kinds = ignored,
                                         .kind = (uint8_t)kind,
                                         .flags = at->about->flags,
                                         .weak = weak && !counts,
                                     });
}

static int add_ignored(struct pairing *p, const struct spot *at, uint16_t kinds)
{
    for (size_t i = 0; i < IGNORED_COUNT; i++)
        p->c->ignored[i] += (kinds >> i) & 1;
    if ((kinds & ~IGNORED_NAMES) == 0) /* names are no cause: counted, that is all */
        return 0;
    return add(p, POINT_IGNORED, at, false, kinds);
}

static bool is_first(const struct pairing *p, uint32_t a, uint32_t b)
{
    return p->is_root && p->a->from + a == 0 && p->b->from + b == 0;
}

static int compare_partners(struct pairing *p, uint32_t a, uint32_t b)
{
    const struct item *x = &p->a->v[a], *y = &p->b->v[b];
    struct spot at = {a, b, y};
    /* A number in text may be one that a task happens to have in one of the runs. */
    bool same_call = (x->object == y->object && x->call == y->call) ||
                     (x->nr == y->nr && x->call_literal == y->call_literal);
    bool same_input = x->input == y->input || x->input_literal == y->input_literal;
    bool waits = (y->flags & (ITEM_SYNCHRONISES | ITEM_WAITS | ITEM_CHILD)) != 0;
    if (!same_call && is_first(p, a, b)) /* arguments are given to the first program */
        return add(p, POINT_INPUT, &at, false, 0);
    if (!same_call)
        return add(p, POINT_CALL, &at, waits, 0);
    if (!same_input)
        return add(p, POINT_INPUT, &at, waits, 0);
    p->c->same++;
    uint16_t kinds = x->kinds | y->kinds;
    if (x->values == y->values)
        kinds &= IGNORED_NAMES;
    if (x->names == y->names)
        kinds &= (uint16_t)~IGNORED_NAMES;
    return kinds != 0 ? add_ignored(p, &at, kinds) : 0;
}

static int take_partners(struct pairing *p, uint32_t a, uint32_t b)
{
    int r = keep_partners(p, a, b);
    return r == 0 ? compare_partners(p, a, b) : r;
}

/* How often a program waits, is told that a child ended, or draws random bytes until it likes them,
 * is up to chance. */
static bool is_weak(const struct item *i)
{
    return (i->flags & (ITEM_SYNCHRONISES | ITEM_RETRY | ITEM_WAITS | ITEM_CHILD | ITEM_POLLS)) !=
               0 ||
           syscall_traits(i->nr)->random;
}

static int compare_gap(struct pairing *p, const struct align_box *gap)
{
    /* How far a thread came until its process ended is up to chance. */
    bool cut = p->is_thread &&
               ((gap->a_from == gap->a_to && p->a->cut) || (gap->b_from == gap->b_to && p->b->cut));
    int r = 0;
    for (uint32_t a = gap->a_from; a < gap->a_to && r == 0; a++) {
        const struct item *i = &p->a->v[a];
        r = add(p, POINT_MISSING, &(struct spot){a, gap->b_to, i}, cut || is_weak(i), 0);
    }
    for (uint32_t b = gap->b_from; b < gap->b_to && r == 0; b++) {
        const struct item *i = &p->b->v[b];
        r = add(p, POINT_EXTRA, &(struct spot){gap->a_to, b, i}, cut || is_weak(i), 0);
    }
    return r;
}

/* Says all that is to be said of the first n and m events, and drops them. */
static int settle(struct pairing *p, const uint32_t *to, uint32_t n, uint32_t m)
{
    struct align_walk walk = {.to = to, .n = n, .m = m};
    struct align_box gap;
    uint32_t a = 0;
    int r = 0;
    for (bool more = true; more && r == 0;) {
        more = align_next_gap(&walk, &gap);
        uint32_t end = more ? gap.a_from : n;
        for (; a < end && r == 0; a++)
            r = take_partners(p, a, to[a]);
        if (more && r == 0)
            r = compare_gap(p, &gap);
        if (more)
            a = gap.a_to;
    }
    sequence_drop(p->a, n);
    sequence_drop(p->b, m);
    return r;
}

/* ---- what is at hand ---- */

static int settle_alone(struct pairing *p, uint32_t n, uint32_t m)
{
    struct align_box all = {0, n, 0, m};
    int r = compare_gap(p, &all);
    sequence_drop(p->a, n);
    sequence_drop(p->b, m);
    return r;
}

int pairing_follow(struct pairing *p)
{
    struct sequence *a = p->a, *b = p->b;
    if (p->task == CENSUS_NONE || p->ref_task == CENSUS_NONE)
        return settle_alone(p, a->n, b->n);
    uint32_t n = 0;
    int r = 0;
    while (n < a->n && n < b->n && item_is_same(&a->v[n], &b->v[n]) && r == 0) {
        r = take_partners(p, n, n);
        n++;
    }
    if (n > 0) {
        sequence_drop(a, n);
        sequence_drop(b, n);
    }
    return r;
}

/* Events that wait for the other run to come that far cannot be judged. */
uint32_t pairing_ready(const struct pairing *p)
{
    const struct sequence *a = p->a, *b = p->b;
    if (a->ended || b->ended)
        return a->ended ? b->n : a->n;
    return a->n < b->n ? a->n : b->n;
}

/* Behind the last place where both did the same for a while, so that what follows is likely to be
 * the same, too; 0, 0: they did not. */
static void find_step(const struct pairing *p, const uint32_t *to, uint32_t *ret_n, uint32_t *ret_m)
{
    uint32_t run = 0;
    *ret_n = *ret_m = 0;
    for (uint32_t i = p->a->n; i-- > 0;) {
        bool alike = to[i] != ALIGN_NONE && item_is_same_call(&p->a->v[i], &p->b->v[to[i]]);
        if (!alike || (run > 0 && to[i] + 1 != to[i + 1]))
            run = 0;
        run += alike;
        if (run < IN_STEP)
            continue;
        *ret_n = i + IN_STEP;
        *ret_m = to[i] + IN_STEP;
        return;
    }
}

/* What one did alone for very long is its own: the one that has more before it is behind. When
 * neither is, nothing tells what belongs together but the alignment. */
static int give_up_some(struct pairing *p, const uint32_t *to)
{
    uint32_t n = p->a->n, m = p->b->n;
    uint64_t a_left = sequence_left(p->a), b_left = sequence_left(p->b);
    if (n > 0 && a_left >= b_left + n)
        return settle_alone(p, n, 0);
    if (m > 0 && b_left >= a_left + m)
        return settle_alone(p, 0, m);
    return settle(p, to, n, m);
}

static int flush(struct pairing *p, bool in_step)
{
    uint32_t *to SCOPE_FREE = calloc((size_t)p->a->n + 1, sizeof *to);
    uint32_t n = 0, m = 0;
    int r = to != NULL ? item_align(p->a, p->b, true, to) : -ENOMEM;
    if (r < 0)
        return r;
    if (in_step)
        find_step(p, to, &n, &m);
    r = n > 0 ? settle(p, to, n, m) : give_up_some(p, to);
    return r == 0 ? pairing_follow(p) : r;
}

int pairing_flush(struct pairing *p)
{
    uint32_t ready = pairing_ready(p);
    int r = flush(p, true);
    /* An alignment takes time, and is not made for few events. */
    if (r == 0 && pairing_ready(p) > ready - ready / 8)
        r = flush(p, false);
    return r;
}

int pairing_finish(struct pairing *p)
{
    if (p->a->n + p->b->n == 0)
        return 0;
    uint32_t *to SCOPE_FREE = calloc((size_t)p->a->n + 1, sizeof *to);
    int r = to != NULL ? item_align(p->a, p->b, false, to) : -ENOMEM;
    return r == 0 ? settle(p, to, p->a->n, p->b->n) : r;
}
