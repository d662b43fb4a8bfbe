/* Owns the list of what differs, and the choice of what is kept of a very long one. */
#include "diff/points.h"

#include "diff/mixer.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define KEPT       ((size_t)1 << 18) /* of each class */
#define KEPT_FIRST ((size_t)1 << 10) /* of the faint ones */

/* ---- adding ---- */

static bool is_faint(const struct point *p)
{
    return p->kind == POINT_IGNORED || p->weak;
}

static enum point_class class_of(const struct point *p)
{
    if (is_faint(p))
        return POINTS_FAINT;
    if (point_is_input(p))
        return POINTS_GIVEN;
    return p->kind == POINT_CALL      ? POINTS_CHANGED
           : p->kind == POINT_MISSING ? POINTS_MISSING
                                      : POINTS_EXTRA;
}

/* Of faint ones the last before the first act may be its cause; the first are examples. */
static void thin_out(struct points *points)
{
    size_t n = 0, met = 0, gone = (KEPT - KEPT_FIRST) / 2;
    for (size_t i = 0; i < points->n; i++) {
        bool faint = is_faint(&points->v[i]);
        met += faint;
        if (!faint || met <= KEPT_FIRST || met > KEPT_FIRST + gone)
            points->v[n++] = points->v[i];
    }
    points->kept[POINTS_FAINT] -= points->n - n;
    points->n = n;
}

static bool has_act(const struct points *points)
{
    return points->kept[POINTS_CHANGED] + points->kept[POINTS_MISSING] +
               points->kept[POINTS_EXTRA] >
           0;
}

int points_add(struct points *points, const struct point *p)
{
    enum point_class class = class_of(p);
    if (points->kept[class] == KEPT) {
        if (class != POINTS_FAINT)
            points->left_out++;
        if (class != POINTS_FAINT || has_act(points))
            return 0;
        thin_out(points);
    }
    if (points->n == points->cap) {
        size_t cap = points->cap + points->cap / 2 + 64;
        struct point *v = reallocarray(points->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        points->v = v;
        points->cap = cap;
    }
    points->v[points->n++] = *p;
    points->kept[class]++;
    return 0;
}

void points_done(struct points *points)
{
    free(points->v);
    *points = (struct points){0};
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

/* Those that are weak already take part: they have a counterpart of their own. */
static long mark_alike(struct points *points, const struct stray *v, size_t n)
{
    size_t missing = 0, extra = 0;
    long marked = 0;
    for (size_t i = 0; i < n; i++)
        *(v[i].extra ? &extra : &missing) += 1;
    size_t both = missing < extra ? missing : extra;
    missing = extra = both;
    for (size_t i = 0; i < n; i++) {
        size_t *left = v[i].extra ? &extra : &missing;
        if (*left == 0 || points->v[v[i].point].weak)
            continue;
        --*left;
        points->v[v[i].point].weak = true;
        marked++;
    }
    return marked;
}

long points_mark_moved(struct points *points)
{
    struct stray *strays SCOPE_FREE = calloc(points->n + 1, sizeof *strays);
    if (strays == NULL)
        return -ENOMEM;
    size_t n = 0;
    for (size_t i = 0; i < points->n; i++) {
        const struct point *p = &points->v[i];
        bool alone = p->kind == POINT_MISSING || p->kind == POINT_EXTRA;
        if (!alone || p->task == CENSUS_NONE || p->ref_task == CENSUS_NONE)
            continue;
        uint64_t key = mix_u64((uint64_t)p->object << 32 | p->call, p->input);
        strays[n++] = (struct stray){mix_u64(key, p->task), i, p->kind == POINT_EXTRA};
    }
    qsort(strays, n, sizeof *strays, by_key);
    long marked = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strays[end].key == strays[i].key;)
            end++;
        marked += mark_alike(points, strays + i, end - i);
    }
    return marked;
}

/* ---- order ---- */

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
    if (p->place != q->place)
        return p->place < q->place ? -1 : 1;
    return p->ref_task < q->ref_task ? -1 : p->ref_task > q->ref_task;
}

/* A missing task is placed where the run's other tasks end: nothing tells when it would have been.
 */
void points_sort(struct points *points)
{
    for (size_t i = 0; i < points->n; i++)
        if (points->v[i].order == 0)
            points->v[i].order = UINT32_MAX;
    if (points->n > 1)
        qsort(points->v, points->n, sizeof *points->v, by_order);
}
