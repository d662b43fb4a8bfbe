/* Owns how sequences are cut at keys that occur once in both, before the shortest edit is looked
 * for between the cuts: that reads better than the shortest edit of the whole, and takes less time
 * where much differs. */
#include "diff/align.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_COST    512 /* edits in a row for which the shortest way is looked for */
#define MIN_COST    32  /* the same in very long stretches */
#define MAX_STEPS   ((uint64_t)1 << 26) /* of the search in a stretch, unless that would be less */
#define ANCHOR_FROM 64                  /* shorter stretches are not cut */

void align_clear(uint32_t *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = ALIGN_NONE;
}

bool align_next_gap(struct align_walk *walk, struct align_box *ret)
{
    while (walk->a < walk->n && walk->to[walk->a] == walk->b) {
        walk->a++;
        walk->b++;
    }
    if (walk->a >= walk->n && walk->b >= walk->m)
        return false;
    ret->a_from = walk->a;
    ret->b_from = walk->b;
    while (walk->a < walk->n && walk->to[walk->a] == ALIGN_NONE)
        walk->a++;
    walk->b = walk->a < walk->n ? walk->to[walk->a] : walk->m;
    ret->a_to = walk->a;
    ret->b_to = walk->b;
    return true;
}

/* ---- keys that occur once in both ---- */

struct seat {
    uint64_t key;
    uint32_t place;
    bool in_b;
};

static int by_key(const void *x, const void *y)
{
    const struct seat *s = x, *t = y;
    if (s->key != t->key)
        return s->key < t->key ? -1 : 1;
    if (s->in_b != t->in_b)
        return s->in_b ? 1 : -1;
    return s->place < t->place ? -1 : s->place > t->place;
}

struct anchor {
    uint32_t a, b;
    uint32_t before; /* the anchor before it on the longest way, plus 1 */
};

static int by_place(const void *x, const void *y)
{
    const struct anchor *s = x, *t = y;
    return s->a < t->a ? -1 : s->a > t->a;
}

static size_t find_anchors(const uint64_t *a, const uint64_t *b, const struct align_box *box,
                           struct seat *seats, struct anchor *ret)
{
    size_t n = 0, found = 0;
    for (uint32_t i = box->a_from; i < box->a_to; i++)
        seats[n++] = (struct seat){a[i], i, false};
    for (uint32_t i = box->b_from; i < box->b_to; i++)
        seats[n++] = (struct seat){b[i], i, true};
    qsort(seats, n, sizeof *seats, by_key);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && seats[end].key == seats[i].key;)
            end++;
        if (end - i == 2 && !seats[i].in_b && seats[i + 1].in_b)
            ret[found++] = (struct anchor){seats[i].place, seats[i + 1].place, 0};
    }
    qsort(ret, found, sizeof *ret, by_place);
    return found;
}

/* Pairs the longest run of anchors that increases on both sides (patience sorting). `last[l]` is
 * the anchor with the lowest b that ends a run of l + 1. */
static void pair_anchors(struct anchor *anchors, size_t n, uint32_t *last, uint32_t *to)
{
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = longest;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (anchors[last[mid]].b < anchors[i].b)
                low = mid + 1;
            else
                high = mid;
        }
        anchors[i].before = low > 0 ? last[low - 1] + 1 : 0;
        last[low] = (uint32_t)i;
        if (low == longest)
            longest++;
    }
    if (longest == 0)
        return;
    for (uint32_t i = last[longest - 1] + 1; i != 0; i = anchors[i - 1].before)
        to[anchors[i - 1].a] = anchors[i - 1].b;
}

static int cut_box(const uint64_t *a, const uint64_t *b, const struct align_box *box, uint32_t *to)
{
    size_t n = box->a_to - box->a_from, m = box->b_to - box->b_from;
    if (n + m < ANCHOR_FROM)
        return 0;
    struct seat *seats SCOPE_FREE = calloc(n + m, sizeof *seats);
    struct anchor *anchors SCOPE_FREE = calloc(n < m ? n + 1 : m + 1, sizeof *anchors);
    uint32_t *last SCOPE_FREE = calloc(n < m ? n + 1 : m + 1, sizeof *last);
    if (seats == NULL || anchors == NULL || last == NULL)
        return -ENOMEM;
    pair_anchors(anchors, find_anchors(a, b, box, seats, anchors), last, to);
    return 0;
}

/* ---- gaps ---- */

typedef int on_gap(const uint64_t *a, const uint64_t *b, const struct align_box *box, uint32_t *to);

static int each_gap(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m, uint32_t *to,
                    on_gap *on)
{
    struct align_walk walk = {.to = to, .n = n, .m = m};
    struct align_box box;
    while (align_next_gap(&walk, &box)) {
        if (box.a_from == box.a_to || box.b_from == box.b_to)
            continue;
        int r = on(a, b, &box, to);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What both begin and end with needs no search. */
static int trim_box(const uint64_t *a, const uint64_t *b, const struct align_box *box, uint32_t *to)
{
    struct align_box rest = *box;
    while (rest.a_from < rest.a_to && rest.b_from < rest.b_to && a[rest.a_from] == b[rest.b_from])
        to[rest.a_from++] = rest.b_from++;
    while (rest.a_from < rest.a_to && rest.b_from < rest.b_to &&
           a[rest.a_to - 1] == b[rest.b_to - 1])
        to[--rest.a_to] = --rest.b_to;
    return 0;
}

static int edit_box(const uint64_t *a, const uint64_t *b, const struct align_box *box, uint32_t *to)
{
    uint64_t length = (uint64_t)(box->a_to - box->a_from) + (box->b_to - box->b_from);
    uint64_t cost = MAX_STEPS / length;
    if (cost > MAX_COST)
        cost = MAX_COST;
    return myers_align(a, b, *box, cost < MIN_COST ? MIN_COST : (uint32_t)cost, to);
}

int align_gaps(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m, uint32_t *to)
{
    static on_gap *const passes[] = {trim_box, cut_box, edit_box};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        int r = each_gap(a, n, b, m, to, passes[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

uint32_t align_period(const uint64_t *keys, uint32_t n)
{
    if (n < 2)
        return 0;
    /* The length of the longest proper prefix that is a suffix, of each prefix (Knuth, Morris,
     * Pratt): what the whole lacks to its border is its period. */
    uint32_t *border SCOPE_FREE = calloc(n, sizeof *border);
    if (border == NULL)
        return 0;
    for (uint32_t i = 1, k = 0; i < n; i++) {
        while (k > 0 && keys[i] != keys[k])
            k = border[k - 1];
        if (keys[i] == keys[k])
            k++;
        border[i] = k;
    }
    uint32_t period = n - border[n - 1];
    return period <= n / 2 ? period : 0;
}
