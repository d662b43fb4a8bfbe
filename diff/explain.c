/* Owns the choice among differences. What varies among passing runs is no evidence; of the rest
 * what all failing runs have in common counts most, then what comes first. Only when nothing that
 * counts comes before the act, what is ignored otherwise is suspected, the nearest first. */
#include "diff/explain.h"

#include "base/map64.h"

#include <errno.h>

/* ---- evidence ---- */

static int count(struct map64 *counts, const struct comparison *c, uint16_t run)
{
    for (size_t i = 0; i < c->points.n; i++) {
        uint64_t identity = comparison_identity(c, &c->points.v[i]);
        uintptr_t old = (uintptr_t)map64_get(counts, identity);
        if (old >> 16 == (uintptr_t)run + 1) /* counted for this run already */
            continue;
        uintptr_t n = ((uintptr_t)run + 1) << 16 | ((old & 0xffff) + 1);
        if (map64_put(counts, identity, (void *)n) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int weigh(struct comparison *const *passing, size_t n_passing,
                 struct comparison *const *failing, size_t n_failing)
{
    struct map64 noise = {0}, support = {0};
    int r = 0;
    for (size_t i = 0; i < n_passing && r == 0; i++)
        r = count(&noise, passing[i], (uint16_t)i);
    for (size_t i = 0; i < n_failing && r == 0 && n_failing > 1; i++)
        r = count(&support, failing[i], (uint16_t)i);
    for (size_t i = 0; i < n_failing && r == 0; i++) {
        for (size_t j = 0; j < failing[i]->points.n; j++) {
            struct point *p = &failing[i]->points.v[j];
            uint64_t identity = comparison_identity(failing[i], p);
            p->noise = p->kind != POINT_IGNORED && map64_get(&noise, identity) != NULL;
            uintptr_t n = (uintptr_t)map64_get(&support, identity) & 0xffff;
            p->support = n_failing > 1 ? (uint16_t)n : 1;
        }
    }
    map64_done(&noise);
    map64_done(&support);
    return r;
}

/* ---- the act ---- */

static const struct point *find_act(const struct comparison *c)
{
    const struct point *best = NULL;
    for (size_t i = 0; i < c->points.n; i++) {
        const struct point *p = &c->points.v[i];
        if (point_is_act(p) && !p->weak && !p->noise &&
            (best == NULL || p->support > best->support))
            best = p;
    }
    return best;
}

/* ---- inputs ---- */

struct search {
    const struct comparison *c;
    const struct census *run;
    const struct point *act; /* NULL: none */
    struct explanation *e;
};

static bool precedes(const struct point *p, const struct point *act)
{
    if (act == NULL || p->order < act->order)
        return true;
    /* What ended the task comes before what it did not do any more. */
    return p->order == act->order && (p->flags & ITEM_EXIT) != 0;
}

/* How near a task is to the one that acts. */
enum nearness {
    NEAR_SELF = 0,
    NEAR_RELATED, /* shares its memory, or is an ancestor */
    NEAR_OTHER,
};

static enum nearness nearness_of(const struct search *s, size_t task)
{
    if (s->act == NULL || s->act->task == CENSUS_NONE || task == s->act->task)
        return NEAR_SELF;
    if (task == CENSUS_NONE)
        return NEAR_OTHER;
    for (size_t t = s->act->task; t != CENSUS_NONE; t = s->run->tasks[t].parent)
        if (s->run->tasks[t].leader == s->run->tasks[task].leader)
            return NEAR_RELATED;
    return NEAR_OTHER;
}

static bool is_related(const struct search *s, size_t task)
{
    return nearness_of(s, task) != NEAR_OTHER;
}

static void suspect(struct explanation *e, const struct suspect *s)
{
    if (e->n_inputs < EXPLAIN_INPUTS)
        e->inputs[e->n_inputs++] = *s;
}

/* The first ones with the greatest support, of tasks that near. Arguments and
 * environment, given at the start, differ for many reasons, and come after what is nearer. */
static void add_inputs(struct search *s, bool weak, enum nearness near, bool given_at_start)
{
    uint16_t support = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < s->c->points.n; i++) {
            const struct point *p = &s->c->points.v[i];
            if (!point_is_input(p) || p->noise || p->weak != weak || !precedes(p, s->act) ||
                nearness_of(s, p->task) != near || ((p->flags & ITEM_EXEC) != 0) != given_at_start)
                continue;
            if (pass == 0 && p->support > support)
                support = p->support;
            else if (pass == 1 && p->support == support)
                suspect(s->e, &(struct suspect){.suspicion = weak ? SUSPECT_WEAK : SUSPECT_INPUT,
                                                .point = p,
                                                .related = near != NEAR_OTHER});
        }
    }
}

/* What chance decides, told by waiting: not how often a lock was waited for, which says nothing of
 * who came first. */
static bool is_chance(const struct point *p)
{
    return p->weak && !p->noise && (p->flags & ITEM_SYNCHRONISES) == 0;
}

/* The nearest ignored or weak difference of the tasks that share memory with the one that acts. */
static const struct point *nearest(const struct search *s, const struct point *from, bool dull)
{
    size_t i = from != NULL ? (size_t)(from - s->c->points.v) : s->c->points.n;
    while (i-- > 0) {
        const struct point *p = &s->c->points.v[i];
        bool suspicious = p->kind == POINT_IGNORED ? ((p->flags & ITEM_DULL) != 0) == dull
                                                   : is_chance(p) && !dull;
        if (suspicious && precedes(p, s->act) && is_related(s, p->task))
            return p;
    }
    return NULL;
}

static void add_ignored(struct search *s)
{
    struct suspect order = {.suspicion = SUSPECT_ORDER, .related = true};
    size_t process = s->act->task != CENSUS_NONE ? s->run->tasks[s->act->task].leader : CENSUS_NONE;
    bool switched =
        process != CENSUS_NONE && task_order_find(s->c, process, s->act->order, &order.switched);
    for (int dull = 0; dull < 2; dull++) {
        const struct point *p = NULL;
        while (s->e->n_inputs < EXPLAIN_INPUTS / 2 && (p = nearest(s, p, dull == 1)) != NULL) {
            if (switched && order.switched.earlier.run_number > p->order) {
                suspect(s->e, &order);
                switched = false;
            }
            suspect(s->e, &(struct suspect){.suspicion = p->weak ? SUSPECT_WEAK : SUSPECT_IGNORED,
                                            .point = p,
                                            .related = true});
        }
        if (switched)
            suspect(s->e, &order);
        switched = false;
    }
}

static size_t most_telling(struct comparison *const *failing, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        const struct point *p = find_act(failing[i]), *q = find_act(failing[best]);
        if (p != NULL && (q == NULL || p->support > q->support))
            best = i;
    }
    return best;
}

int explain(struct comparison *const *passing, size_t n_passing, struct comparison *const *failing,
            size_t n_failing, struct explanation *ret)
{
    *ret = (struct explanation){0};
    int r = weigh(passing, n_passing, failing, n_failing);
    if (r < 0)
        return r;
    ret->shown = most_telling(failing, n_failing);
    struct search s = {.c = failing[ret->shown], .run = failing[ret->shown]->census, .e = ret};
    s.act = ret->act = find_act(s.c);
    add_inputs(&s, false, NEAR_SELF, false);
    add_inputs(&s, false, NEAR_RELATED, false);
    add_inputs(&s, false, NEAR_OTHER, false);
    add_inputs(&s, false, NEAR_SELF, true);
    add_inputs(&s, false, NEAR_RELATED, true);
    if (s.act != NULL && ret->n_inputs == 0)
        add_ignored(&s);
    else
        add_inputs(&s, true, NEAR_SELF, false);
    return 0;
}
