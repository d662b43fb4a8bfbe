/* Owns the search for the shortest edit between two sequences of keys. Knows nothing of what the
 * keys stand for. */
#include "diff/myers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* How far each diagonal reaches, by the number of edits so far. Diagonal k holds the points with
 * x - y = k; reach[k] is the greatest x on it, or -1. */
struct front {
    int32_t *reach; /* indexed by diagonal, from -limit - 1 to limit + 1 */
    int32_t low, high;
};

struct search {
    const uint64_t *a, *b;
    uint32_t *to;
    int32_t *memory;
    int32_t limit;
    struct front forward, backward;
};

struct point {
    int32_t x, y;
};

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The point that edit number d can reach on diagonal k before it follows equal keys; -1: none. */
static int32_t step(const struct front *f, int32_t k, int32_t n, int32_t m)
{
    int32_t best = -1;
    if (k + 1 <= f->high && f->reach[k + 1] >= 0 && f->reach[k + 1] - k <= m)
        best = f->reach[k + 1];
    if (k - 1 >= f->low && f->reach[k - 1] >= 0 && f->reach[k - 1] + 1 <= n)
        best = most(best, f->reach[k - 1] + 1);
    return best;
}

/* Makes edit number d from one end. `back` walks both sequences from their ends. True, with the
 * point in *ret, when the fronts meet. */
static bool advance(struct search *s, const struct align_box *box, int32_t d, bool back,
                    struct point *ret)
{
    int32_t n = (int32_t)(box->a_to - box->a_from), m = (int32_t)(box->b_to - box->b_from);
    struct front *own = back ? &s->backward : &s->forward;
    const struct front *other = back ? &s->forward : &s->backward;
    int32_t low = -d + 2 * most(0, d - m), high = d - 2 * most(0, d - n);
    for (int32_t k = low; k <= high; k += 2) {
        int32_t x = d == 0 ? 0 : step(own, k, n, m);
        if (x >= 0) {
            int32_t y = x - k;
            while (x < n && y < m &&
                   (back ? s->a[box->a_to - 1 - (uint32_t)x] == s->b[box->b_to - 1 - (uint32_t)y]
                         : s->a[box->a_from + (uint32_t)x] == s->b[box->b_from + (uint32_t)y])) {
                x++;
                y++;
            }
        }
        own->reach[k] = x;
        int32_t across = n - m - k; /* the same diagonal, seen from the other end */
        if (x >= 0 && across >= other->low && across <= other->high &&
            ((across - other->low) & 1) == 0 && other->reach[across] >= 0 &&
            x + other->reach[across] >= n) {
            *ret = back ? (struct point){n - x, m - (x - k)} : (struct point){x, x - k};
            return true;
        }
    }
    own->low = low;
    own->high = high;
    return false;
}

/* Diagonals between those of this round still hold the round before, which step() needs; those
 * beyond are unset. */
static void open_front(struct front *f)
{
    f->low = 1;
    f->high = 0;
}

/* The furthest point of the forward search: where to cut when the search became too dear. */
static struct point furthest(const struct search *s)
{
    struct point best = {0, 0};
    const struct front *f = &s->forward;
    for (int32_t k = f->low; k <= f->high; k += 2)
        if (f->reach[k] >= 0 && 2 * f->reach[k] - k > best.x + best.y)
            best = (struct point){f->reach[k], f->reach[k] - k};
    return best;
}

/* A point on a shortest way through the box, not at its corners unless the way has no edit. */
static struct point middle(struct search *s, const struct align_box *box)
{
    struct point at;
    open_front(&s->forward);
    open_front(&s->backward);
    for (int32_t d = 0; d <= s->limit; d++)
        if (advance(s, box, d, false, &at) || advance(s, box, d, true, &at))
            return at;
    return furthest(s);
}

static void trim(struct search *s, struct align_box *box)
{
    while (box->a_from < box->a_to && box->b_from < box->b_to &&
           s->a[box->a_from] == s->b[box->b_from])
        s->to[box->a_from++] = box->b_from++;
    while (box->a_from < box->a_to && box->b_from < box->b_to &&
           s->a[box->a_to - 1] == s->b[box->b_to - 1])
        s->to[--box->a_to] = --box->b_to;
}

/* The left half is at most half as dear as the box, so the depth of the recursion is small. */
static void align_box(struct search *s, struct align_box box)
{
    for (;;) {
        trim(s, &box);
        if (box.a_from == box.a_to || box.b_from == box.b_to)
            return;
        struct point at = middle(s, &box);
        struct align_box left = {box.a_from, box.a_from + (uint32_t)at.x, box.b_from,
                                 box.b_from + (uint32_t)at.y};
        align_box(s, left);
        box.a_from = left.a_to;
        box.b_from = left.b_to;
    }
}

int myers_align(const uint64_t *a, const uint64_t *b, struct align_box box, uint32_t max_cost,
                uint32_t *to)
{
    uint64_t length = (uint64_t)(box.a_to - box.a_from) + (box.b_to - box.b_from);
    if (length > INT32_MAX / 2)
        return -ENOMEM;
    int32_t limit =
        least((int32_t)length, max_cost < INT32_MAX / 8 ? (int32_t)max_cost + 1 : INT32_MAX / 8);
    size_t width = 2 * (size_t)limit + 3;
    struct search s = {.a = a, .b = b, .to = to, .limit = limit};
    s.memory = calloc(2 * width, sizeof *s.memory);
    if (s.memory == NULL)
        return -ENOMEM;
    s.forward.reach = s.memory + limit + 1;
    s.backward.reach = s.memory + width + limit + 1;
    align_box(&s, box);
    free(s.memory);
    return 0;
}
